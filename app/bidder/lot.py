"""lot.json: what a bidder seals for, as the platform gives it out; believed only as far as the anchors go."""

import json
from dataclasses import dataclass, field
from datetime import datetime

from kernel.errors import BadInput, Problem, Refusal
from kernel.proofs import dsse, shape
from kernel.proofs.anchored import check_deadline, check_setup
from kernel.proofs.anchors import Anchors
from kernel.proofs.canonical import from_base64
from kernel.proofs.deadline import BEIJING, Deadline, read_deadline
from kernel.proofs.errors import Malformed
from kernel.proofs.setup import Setup, read_setup
from kernel.proofs.setup_proof import check_setup_proof

UNCHECKED = (
    "没有提供锚点文件（--anchors）：无法核对持钥人的公钥是不是真的。冒充的平台可以借此偷看报价！"
    "请从监督部门网站或书面公布处取得 anchors.json 后再封装"
)

UNWITNESSED = "开标设定还没有见证方的存证证明，不能确认别的投标人看到的是同一份；可稍后再取一次标段文件"


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot, or one request of the supermarket, to seal for: its id on the platform, its set-up and deadline with
    their signatures, its latest notice. `place` is where the platform takes what is sealed: lots or requests."""

    case: str
    place: str
    setup: Setup
    deadline: Deadline
    notice: str
    receipt_key: bytes
    signed_setup: dsse.Signed = field(repr=False)
    signed_deadline: dsse.Signed = field(repr=False)
    data: bytes = field(repr=False)


def read_lot(data: bytes) -> Lot:
    """The lot in these bytes (the answer to GET /lots/{lot}/sealing); `Malformed` or `BadInput`."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise Malformed("not_json", "lot.json 不是 JSON") from None
    if not isinstance(value, dict) or not isinstance(value.get("setup"), str):
        raise Malformed("not_a_lot", "不是 yangguang lot 取得的标段文件")
    if not value["setup"] or not value.get("deadline"):
        raise BadInput(Problem("box_not_ready", "电子标箱尚未就绪", "持钥人签署设定、招标人签署截止时间后再取一次"))
    for name in ("case", "notice", "receipt_key"):
        shape.text(1, 128)(value.get(name), name)
    shape.sha256(value["notice"], "notice")
    place = value.get("place", "lots")
    shape.one_of("lots", "requests")(place, "place")
    signed = dsse.read(from_base64(value["setup"], "setup"))
    until = dsse.read(from_base64(value["deadline"], "deadline"))
    setup, deadline = read_setup(signed.payload), read_deadline(until.payload)
    if (setup.tender, setup.lot) != (deadline.tender, deadline.lot):
        raise Malformed("other_context", "开标设定与截止时间不是同一个标段的")
    key = from_base64(value["receipt_key"], "receipt_key")
    return Lot(value["case"], place, setup, deadline, value["notice"], key, signed, until, data)


def address(lot: Lot) -> str:
    """The lot's own path below /api/v1."""
    return f"/{lot.place}/{lot.case}"


def check_lot(lot: Lot, anchors: Anchors | None, *, now: datetime, rehearsal: bool) -> list[str]:
    """Refuse a lot that must not be sealed for; what the bidder should know before he goes on."""
    if lot.setup.rehearsal != rehearsal:
        says = "这是演练标段，不是真实招标" if lot.setup.rehearsal else "这是真实标段，不是演练"
        raise Refusal(Problem("rehearsal_differs", says, "演练时加 --rehearsal，真实投标时不加"))
    warnings = []
    if anchors is None:
        warnings.append(UNCHECKED)
    else:
        check_setup(lot.signed_setup, anchors, lot.deadline.at)
        check_deadline(lot.signed_deadline, anchors, keyless=lot.place == "requests" and not lot.setup.roles)
        warnings += _check_log(lot, anchors)
    if now >= lot.deadline.at:
        warnings.append("按本机时钟，投标截止时间已过；以平台时钟为准")
    if lot.setup.k == 2:
        warnings.append(f"本标段三方取二即可开启，理由：{lot.setup.reason}")
    return warnings


def _check_log(lot: Lot, anchors: Anchors) -> list[str]:
    """The set-up's place in the witnessed log, where the anchors name a log; a request's set-up has no proof of it."""
    told = json.loads(lot.data)
    if "setup_proof" not in told or not anchors.logs(lot.deadline.at):
        return []
    if not told["setup_proof"]:
        return [UNWITNESSED]
    salt, proof = from_base64(told["setup_salt"], "setup_salt"), from_base64(told["setup_proof"], "setup_proof")
    check_setup_proof(lot.setup, salt, proof, anchors)
    return []


def in_beijing(moment: datetime) -> str:
    """The moment as it is told to people."""
    return f"{moment.astimezone(BEIJING):%Y年%m月%d日 %H:%M:%S}（北京时间）"
