"""Whether an agency may come in, what it may serve, and for whom: all problems at once, each with its remedy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

from intermediaries.catalogue import QUALIFICATIONS, Need, ServiceItem, need_name
from kernel.codes import check_credit_code
from kernel.errors import Problem
from kernel.limits import Limit
from kernel.workdays import CHINA, local_date

ARTICLE_43 = "优化营商环境条例第四十三条"
CLOSES = time(18, 0)
"""The centre's office hours end then: a period of working days of its own ends with the last day's hours."""
WARNING = timedelta(days=30)
"""How long before a certificate ends its agency is told."""


class Paper(Protocol):
    """A certificate as the rules look at it; `ends` is the first instant it no longer holds."""

    @property
    def kind(self) -> str: ...
    @property
    def grade(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def usable(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Applicant:
    """What an agency says of itself. `lines`: departments it stands under, declared or known of its controller."""

    code: str
    name: str
    legal_rep: str
    office: str
    phone: str
    bank_account: str
    committed: bool
    lines: frozenset[str]


@dataclass(frozen=True, slots=True)
class Party:
    """An owner or an agency, as far as ties between them matter; `controller` is its own code when nobody else is."""

    code: str
    controller: str
    name: str = ""


def entry_problems(
    applicant: Applicant, papers: Sequence[Paper], offered: Sequence[ServiceItem], at: datetime
) -> list[Problem]:
    """Everything that keeps an agency out (一次性告知)."""
    wrong = check_credit_code(applicant.code, "code")
    problems = [wrong] if wrong else []
    problems += _missing(applicant)
    if not offered:
        says, remedy = "还没有选择服务事项", "请至少选择一项，并写明承诺的价格和天数"
        problems.append(Problem("nothing_offered", says, remedy, field="promises"))
    for paper in papers:
        problems += paper_problems(paper, at)
    for item in offered:
        problems += offer_problems(item, papers, applicant.lines, at)
    return problems


def _missing(applicant: Applicant) -> list[Problem]:
    wanted = {"legal_rep": "法定代表人", "office": "办公地址", "phone": "联系电话", "bank_account": "基本账户"}
    problems = [
        Problem("entry_incomplete", f"缺少{label}", "请在机构信息中填写", field=name)
        for name, label in wanted.items()
        if not getattr(applicant, name).strip()
    ]
    if not applicant.committed:
        problems.append(Problem("commitment_missing", "没有签署信用承诺书", "请阅读并签署", field="commitment"))
    return problems


def paper_problems(paper: Paper, at: datetime) -> list[Problem]:
    """Whether a certificate is one, and holds at this moment."""
    kind = QUALIFICATIONS.get(paper.kind)
    if kind is None:
        return [Problem("certificate_unknown", "没有这种资质证书", "请从列表中选择", field="kind")]
    if kind.grades and paper.grade not in kind.grades:
        says = f"{kind.name}应写明等级：{'、'.join(kind.grades)}"
        return [Problem("certificate_grade", says, "请按证书填写等级", kind.law, "grade")]
    if paper.expires_at is not None and paper.expires_at <= at:
        last = local_date(paper.expires_at - timedelta(microseconds=1))
        says = f"{kind.name}（{paper.number}）已于 {last.year}年{last.month}月{last.day}日 期满失效"
        return [Problem("certificate_expired", says, "请换领新证书后再提交", kind.law, "expires_on")]
    return []


def offer_problems(item: ServiceItem, papers: Sequence[Paper], lines: frozenset[str], at: datetime) -> list[Problem]:
    """Whether an agency with these papers may serve this item at all."""
    problems = []
    for need in item.needs:
        if not any(holds(paper, need, at) for paper in papers):
            says = f"“{item.name}”要求{need_name(need)}，没有有效的证书"
            law = QUALIFICATIONS[need.kind].law
            problems.append(Problem("qualification_missing", says, "请补充证书，或不选这一事项", law, "promises"))
    if item.approval_department in lines:
        says = f"“{item.name}”由{item.approval_department}部门审批，该部门所属或主管的单位不得承接"
        remedy = "请由与审批部门没有隶属关系的机构承接"
        problems.append(Problem("under_approving_department", says, remedy, ARTICLE_43, "promises"))
    return problems


def holds(paper: Paper, need: Need, at: datetime) -> bool:
    """Whether this certificate meets a need at this moment."""
    kind = QUALIFICATIONS.get(need.kind)
    fits = kind is not None and paper.kind == need.kind and kind.reaches(paper.grade, need.least)
    return fits and paper.usable and (paper.expires_at is None or paper.expires_at > at)


def tie_problems(agency: Party, owner: Party, avoided: Sequence[str] = ()) -> list[Problem]:
    """Whether agency and owner are too near each other; `avoided` are the codes either has named."""
    if agency.code == owner.code or agency.controller == owner.controller:
        says = "机构与项目业主由同一控制人控制，或者就是同一单位"
        return [Problem("same_controller", says, "请由没有控股、管理关系的机构承接", "招标投标法实施条例第三十四条")]
    if owner.code in avoided or agency.code in avoided:
        return [Problem("avoidance_declared", "已申报与项目业主应当回避", "请选择其他项目或机构")]
    return []


def one_of_a_group(parties: Sequence[Party]) -> list[tuple[Party, Party]]:
    """Pairs under one controller: of these only the first to come may stay."""
    seen: dict[str, Party] = {}
    pairs = []
    for party in parties:
        first = seen.setdefault(party.controller, party)
        if first is not party:
            pairs.append((first, party))
    return pairs


def office_deadline(limit: Limit, start: datetime) -> datetime:
    """When the centre's period from `start` ends: the close of business of its last day."""
    last = local_date(limit.deadline(start) - timedelta(microseconds=1))
    return datetime.combine(last, CLOSES, CHINA)
