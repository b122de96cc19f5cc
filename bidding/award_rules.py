"""What is judged after the report: publicity, award, contract, the end of a case; pure, all problems at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from bidding.stages import TERMINATED
from kernel.errors import Problem
from kernel.law import Fact, LawInForce
from kernel.limits import Limit
from kernel.workdays import in_chinese, local_date, midnight

Stretch = tuple[datetime, datetime]
"""[since, until) for which a case stood suspended."""

PASSED_OVER = {
    "waived": "放弃中标",
    "force_majeure": "因不可抗力不能履行合同",
    "no_bond": "不按照招标文件要求提交履约保证金",
    "unlawful": "被查实存在影响中标结果的违法行为",
}
"""Why a better ranked candidate may be passed over (实施条例 55): nothing else is a reason."""
ARTICLES = {
    "rank": {"A": "招标投标法实施条例第五十五条", "D": "政府采购法实施条例第四十三条"},
    "same": {"A": "招标投标法实施条例第五十七条", "D": "政府采购货物和服务招标投标管理办法第七十一条"},
    "sign": {"A": "招标投标法第四十六条", "D": "政府采购法第四十六条"},
    "refund": {"A": "招标投标法实施条例第五十七条", "D": "政府采购法实施条例第三十三条"},
}
"""What a rule rests on, by the category's letter: rank order, the contract as awarded, its signing, deposits back."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A lawful reason to end a case, and the article behind it by the category's letter.

    `before` holds the articles by which it may be ended before its opening; empty where it may not.
    """

    says: str
    articles: Mapping[str, str]
    before: Mapping[str, str] = field(default_factory=dict)


GROUNDS = {
    "all_rejected": Ground("所有投标被否决", {"A": "招标投标法第四十二条", "D": "政府采购法第三十六条"}),
    "too_few": Ground(
        "有效投标不足三个，明显缺乏竞争", {"A": "评标委员会和评标方法暂行规定第二十七条", "D": "政府采购法第三十六条"}
    ),
    "no_winner": Ground(
        "没有能够中标的候选人，依法重新招标", {"A": "招标投标法实施条例第五十五条", "D": "政府采购法实施条例第四十九条"}
    ),
    "unlawful": Ground(
        "违反法律规定，对中标结果造成实质性影响且不能纠正",
        {"A": "招标投标法实施条例第八十一条", "D": "政府采购法第三十六条"},
    ),
    "terminated": Ground(
        TERMINATED,
        {"A": "招标投标法实施条例第三十一条", "D": "政府采购法第三十六条"},
        {"A": "招标投标法实施条例第三十一条", "D": "政府采购货物和服务招标投标管理办法第二十九条"},
    ),
}
"""Why a purchaser may end a case."""
RETURNS = {
    "A": "已经收取的资格预审文件、招标文件的费用，以及投标保证金及银行同期存款利息，由招标人及时退还",
    "D": "已经收取的招标文件费用和投标保证金及其孳息，由采购人或者采购代理机构在终止后5个工作日内退还",
}
"""What the notice of a case ended before its opening promises, by the category's letter (the articles of `before`)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is awarded or contracted; price in yuan, period in calendar days."""

    price: Decimal
    period_days: int
    quality: str


def suspended_days(stretches: Iterable[Stretch], start: datetime, end: datetime) -> int:
    """Whole days, rounded up, that [start, end] lost to suspensions: they count in no limit."""
    lost, reached = timedelta(0), start
    for since, until in sorted(stretches):
        lost += max(timedelta(0), min(until, end) - max(since, reached))
        reached = max(reached, until)
    return -(-lost // timedelta(days=1))


def period_of(form: Mapping[str, object]) -> int:
    """The days of work a bid offers, as far as its form says them in figures."""
    said = str(form.get("period_days", ""))
    return int(said) if said.isdecimal() else 0


def publicity_ends(last_day: date) -> datetime:
    """The first instant after the publicity's last day: an objection of that instant is late."""
    return midnight(last_day + timedelta(days=1))


def shortest_publicity(law: LawInForce, start: datetime, days: int) -> date:
    """The first day that may be the publicity's last one; `days` are the procedure's, where no limit says."""
    ends = [limit.earliest_end(start) for limit in _between(law, "publicity_started", "publicity_ended")]
    found = [local_date(end) for end in ends if end is not None]
    return max([*found, local_date(start) + timedelta(days=days)])


def publicity_problems(law: LawInForce, *, started: datetime, last_day: date, candidates: int) -> list[Problem]:
    """Too short a publicity, too many candidates."""
    facts: dict[str, Fact] = {"publicity_started": started, "publicity_ended": last_day, "candidates": candidates}
    return law.problems(facts)


def lateness(law: LawInForce, start: Fact, end: Fact, measures: tuple[str, str], lost: int) -> list[Problem]:
    """What is late about an act that the law wants soon after another; `lost` days of suspension do not count."""
    excluded = {limit.id: lost for limit in law}
    return law.problems(dict(zip(measures, (start, end), strict=True)), excluded=excluded)


def due(law: LawInForce, start: datetime | date | None, measures: tuple[str, str], lost: int = 0) -> datetime | None:
    """The first instant at which `measures[1]` is overdue after `start`; None where no limit says, or no start."""
    if start is None:
        return None
    found = [limit.deadline(start, excluded=lost) for limit in _between(law, *measures) if limit.at_most is not None]
    return min(found, default=None)


def article_of(law: LawInForce, measures: tuple[str, str]) -> str:
    """The article behind the limit between these two facts, or empty."""
    return next((limit.citation for limit in _between(law, *measures)), "")


def article(rule: str, category: str) -> str:
    """The article of `ARTICLES` for a case of this category; that of tendering where it has none of its own."""
    return ARTICLES[rule].get(category[:1], ARTICLES[rule]["A"])


def refund_article(category: str, failure: str) -> str:
    """Why deposits go back: the contract is signed, or the purchaser ended the case; empty for one that failed."""
    if failure.startswith(TERMINATED):
        return GROUNDS["terminated"].before.get(category[:1], "")
    return "" if failure else article("refund", category)


def wants_report(law: LawInForce) -> bool:
    """Whether a written report is due after the award (招标投标法 47): the law of procurement asks for none."""
    return bool(article_of(law, ("winner_fixed", "report_filed")))


def award_problems(
    ranked: Sequence[str], chosen: str, reasons: Mapping[str, str], category: str = "A"
) -> list[Problem]:
    """Whether `chosen` may win: rank one must, unless every better one has a lawful reason (bidder → ground)."""
    if chosen not in ranked:
        remedy = f"中标候选人：{'、'.join(ranked) or '无'}"
        return [Problem("not_a_candidate", "只能从中标候选人中确定中标人", remedy, article("rank", category), "bidder")]
    better = ranked[: ranked.index(chosen)]
    problems = [
        Problem(
            "better_ranked",
            f"{bidder} 排名在前，没有说明其不能中标的法定情形",
            f"应当确定排名第一的中标候选人；确有下列情形的逐一说明并附证明：{'、'.join(PASSED_OVER.values())}",
            article("rank", category),
            "passed_over",
        )
        for bidder in better
        if bidder not in reasons
    ]
    for bidder in reasons:
        if bidder not in better:
            says = f"{bidder} 并不排在所选中标人之前"
            lawful = article("rank", category)
            problems.append(Problem("not_better_ranked", says, "请删去这一项", lawful, "passed_over"))
    return problems


def contract_problems(
    law: LawInForce,
    awarded: Terms,
    signed: Terms,
    *,
    bond: Decimal,
    notified: datetime,
    signed_on: date,
    today: date,
    category: str = "A",
) -> list[Problem]:
    """Where a contract departs from the award, or was signed when it could not be; the bond's ceiling."""
    problems = [
        _differs("price", "合同价", f"{awarded.price} 元", f"{signed.price} 元", category),
        _differs("period_days", "工期（履行期限）", f"{awarded.period_days} 日", f"{signed.period_days} 日", category),
        _differs("quality", "质量标准", awarded.quality, signed.quality, category),
    ]
    found = [problem for problem in problems if problem is not None]
    if not local_date(notified) <= signed_on <= today:
        says = f"签订日期应在中标通知书发出之日（{in_chinese(local_date(notified))}）至今天之间"
        remedy, lawful = "请按合同载明的日期填写", article("sign", category)
        found.append(Problem("signing_day_wrong", says, remedy, lawful, "signed_on"))
    return found + law.problems({"contract_price": signed.price, "performance_bond": bond})


def end_grounds(category: str, *, recorded: bool) -> dict[str, tuple[str, str]]:
    """{code: (its name, its article)} of the grounds on which a case of this category may be ended.

    `recorded`: its opening record is published.
    """
    found = {code: (one.says, one.articles if recorded else one.before) for code, one in GROUNDS.items()}
    letter = category[:1]
    return {code: (says, articles[letter]) for code, (says, articles) in found.items() if letter in articles}


def end_problems(ground: str, category: str, *, recorded: bool) -> list[Problem]:
    """Whether a case of this category may be ended on this ground."""
    grounds = end_grounds(category, recorded=recorded)
    if ground in grounds:
        return []
    known = "、".join(says for says, _ in grounds.values())
    return [Problem("end_ground_unknown", "没有这种法定终止情形", f"请选择：{known}", field="ground")]


def beside(problem: Problem, field: str) -> Problem:
    """The same problem, shown at this field of the form."""
    return replace(problem, field=field)


def _differs(field: str, name: str, awarded: str, signed: str, category: str) -> Problem | None:
    if awarded == signed:
        return None
    says = f"{name}为{signed}，与中标结果（{awarded}）不一致"
    remedy = "合同的主要条款应当与招标文件和中标人的投标文件的内容一致，不得订立背离合同实质性内容的其他协议"
    return Problem(f"contract_{field}_differs", says, remedy, article("same", category), field)


def _between(law: LawInForce, first: str, last: str) -> list[Limit]:
    return [limit for limit in law if limit.measures == (first, last)]
