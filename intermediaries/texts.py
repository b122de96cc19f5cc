"""The letters people sign and the exact bytes that are kept of them."""

from datetime import datetime
from uuid import UUID

from kernel.clock import iso
from kernel.proofs.canonical import encode

AGENCY_COMMITMENT = (
    "所填信息和上传的证书真实、有效，没有伪造、变造、出租、出借。",
    "未被列入失信被执行人、严重违法失信名单。",
    "与所承接事项的审批部门没有隶属、主管关系（优化营商环境条例第四十三条）；需要回避的业主已经全部申报。",
    "按承诺的价格和天数服务，不转包、不违法分包，不与其他机构串通报价。",
    "证书到期、变更或者人员变动的，及时更新；接受项目业主评价和监督检查。",
)
OWNER_COMMITMENT = (
    "发布的需求真实，资金已经落实，不将同一需求拆分以规避限额。",
    "自主选择机构，不接受任何部门指定；与所选机构有关联的，主动申报回避。",
    "按合同付款，如实评价服务；不以不合理条件排斥机构。",
)
VERSION = "2026-1"
"""Of both letters: what was signed stays readable when the wording changes."""


def commitment(party: str, code: str, name: str, person: UUID | None, at: datetime) -> bytes:
    """The letter as it was signed: canonical JSON with its full wording; `party` is agency or owner."""
    lines = AGENCY_COMMITMENT if party == "agency" else OWNER_COMMITMENT
    return encode({
        "type": "market.commitment/1", "version": VERSION, "party": party, "code": code, "name": name,
        "person": str(person or ""), "says": list(lines), "at": iso(at),
    })  # fmt: skip
