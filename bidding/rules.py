"""What the steps judge: pure functions that return every problem at once, each with article and remedy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from bidding.procedures import Procedure
from kernel import regions
from kernel.errors import Problem
from kernel.law import Fact, LawInForce
from kernel.trading_codes import check_investment_code
from kernel.workdays import local_date

FIELDS = {"bid_deadline": "deadline", "document_closed": "documents_until", "deposit": ""}
"""What a limit measures → the member of the command it is written in; the deposit was fixed at registration."""


def registration_problems(
    procedure: Procedure | None, category: str, region: str, modes: Sequence[str]
) -> list[Problem]:
    """Whether a project may be registered at all."""
    if procedure is None:
        return [Problem("procedure_unknown", "没有这种交易方式", "请从列表中选择", field="procedure")]
    wrong = regions.check(region)
    problems = [wrong] if wrong is not None else []
    if not category.startswith(procedure.category):
        says = f"{procedure.name}不适用于这类项目"
        problems.append(Problem("category_of_another", says, "请选择与交易方式相符的类别", field="category"))
    for i, mode in enumerate(modes):
        if mode not in procedure.modes:
            says = f"标段 {i + 1} 的解密方式不适用于{procedure.name}"
            problems.append(Problem("mode_unknown", says, "请从列表中选择", field=f"lots.{i}.mode"))
    return problems


def acceptance_problems(facts: Mapping[str, str]) -> list[Problem]:
    """All that is missing before the centre may take a project: looked at for completeness only (一次性告知)."""
    problems = []
    if not facts["approval"]:
        says = "缺少项目审批、核准或备案文号"
        problems.append(Problem("approval_missing", says, "请填写批准文件的文号", "招标投标法第九条", "approval"))
    if not facts["funding"]:
        says = "缺少资金或资金来源的说明"
        problems.append(Problem("funding_missing", says, "请如实载明资金来源和落实情况", "招标投标法第九条", "funding"))
    if not facts["scope"]:
        says = "缺少招标内容、范围和组织形式"
        problems.append(Problem("scope_missing", says, "请按批准的招标范围填写", "招标投标法实施条例第七条", "scope"))
    if facts["category"].startswith("A"):
        wrong = check_investment_code(facts["investment_code"])
        if wrong is not None:
            problems.append(wrong)
    return problems


def publication_problems(
    law: LawInForce,
    *,
    published: datetime,
    documents_until: datetime,
    deadline: datetime,
    estimate: Decimal,
    deposit: Decimal,
) -> list[Problem]:
    """Every statutory limit that a notice can break: T01, T03, T22 and what else is in force that day."""
    facts: dict[str, Fact] = {
        "document_issued": published,
        "document_closed": documents_until,
        "bid_deadline": deadline,
        "estimate": estimate,
        "budget": estimate,
        "deposit": deposit,
    }
    problems = _beside(law.problems(facts))
    if documents_until > deadline:
        says = "文件获取截止时间晚于投标截止时间"
        problems.append(Problem("documents_after_deadline", says, "请提前文件获取截止时间", field="documents_until"))
    return problems


def earliest_deadline(law: LawInForce, published: datetime) -> date | None:
    """The first day a deadline may fall on when the documents go out at this moment; None where no limit says."""
    limits = [limit for limit in law if limit.measures == ("document_issued", "bid_deadline")]
    ends = [end for limit in limits if (end := limit.earliest_end(published)) is not None]
    return max((local_date(end) for end in ends), default=None)


def window_problems(procedure: Procedure, minutes: int) -> list[Problem]:
    """Whether the time for bidders to reveal lies within the procedure's range."""
    low, high = procedure.window_range
    if low <= minutes <= high:
        return []
    says = f"投标人解密时间应为 {low} 至 {high} 分钟"
    return [Problem("window_out_of_range", says, "请按交易规则填写", field="window_minutes")]


def amendment_problems(
    law: LawInForce, *, at: datetime, deadline: datetime, later: datetime | None, affects_bids: bool
) -> list[Problem]:
    """Whether a change comes early enough before the deadline, or moves the deadline far enough (T04)."""
    effective = later or deadline
    problems = []
    if later is not None and later <= deadline:
        says = "截止时间只能延后，不能提前"
        problems.append(
            Problem("deadline_earlier", says, "请填写更晚的时间", "招标投标法实施条例第二十一条", "deadline")
        )
    if affects_bids:
        problems += _beside(law.problems({"document_clarified": at, "bid_deadline": effective}))
    return problems


def _beside(problems: Sequence[Problem]) -> list[Problem]:
    return [replace(problem, field=FIELDS.get(problem.field, problem.field)) for problem in problems]
