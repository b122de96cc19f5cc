"""Judgements about experts and panels: who must avoid, who may be admitted, whether a panel is lawful; pure.

A test of avoidance.toml is a predicate here, by its name in `TESTS`: over plain values, one small function each.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from experts.avoidance import Ground, Table
from experts.professions import Professions
from kernel.errors import Problem

ADMISSION = "评标专家和评标专家库管理办法第六条"
OLDEST = 70
"""Years of age from which nobody is drawn any more (政府采购评审专家管理办法 art. 6; 渝 art. 27)."""
LEAST_YEARS = 8
"""Years of work in the field before admission."""
TITLES = {"senior": "高级职称或同等专业水平", "intermediate": "中级职称"}
ARTICLES = {
    "make_up": {"A": "招标投标法第三十七条", "D": "政府采购货物和服务招标投标管理办法第四十七条"},
    "vacant": {"A": "招标投标法实施条例第四十八条", "D": "政府采购货物和服务招标投标管理办法第四十九条"},
    "interest": {"A": "招标投标法第三十七条", "D": "政府采购法第十二条"},
    "few": {"A": "评标专家和评标专家库管理办法第十六条", "D": "政府采购评审专家管理办法第十三条"},
}
"""What the rules of a panel rest on, by the letter of the trade's category: who sits, who is missing, whose side he is
on, and a pool too small to draw from."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A relation of an expert to a unit; `since` and `until` None: as long as he knows, and still today."""

    kind: str
    code: str
    name: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on an expert's record: a punishment, a dismissal, an office."""

    kind: str
    on: date


@dataclass(frozen=True, slots=True)
class Party:
    """A party to the trade. `group` are the credit codes of its controller and of whom it controls."""

    role: str
    code: str
    name: str
    group: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Judged:
    """What the grounds are judged by: one person, the parties as far as they are known, the day."""

    ties: Sequence[Tie]
    marks: Sequence[Mark]
    parties: Sequence[Party]
    day: date


def tied(judged: Judged, ground: Ground) -> bool:
    """A tie of the ground's kinds with one of its parties, in force within its years."""
    against = [party for party in judged.parties if party.role in ground.against]
    ties = [tie for tie in judged.ties if tie.kind in ground.kinds and _lasts(tie, ground.years, judged.day)]
    return any(_meets(tie, party, ground.group) for tie in ties for party in against)


def marked(judged: Judged, ground: Ground) -> bool:
    """A mark of the ground's kinds, within its years; 0 years: whenever it was made, it still holds."""
    return any(
        mark.kind in ground.kinds and (ground.years <= 0 or years_before(judged.day, ground.years) <= mark.on)
        for mark in judged.marks
    )


def declared(judged: Judged, ground: Ground) -> bool:
    """Never known from data: he says so himself when he takes his seat."""
    return False


TESTS: Mapping[str, Callable[[Judged, Ground], bool]] = {"tied": tied, "marked": marked, "declared": declared}


def avoided(judged: Judged, grounds: Iterable[Ground]) -> str:
    """The code of the first ground that holds, or the empty string."""
    return next((ground.code for ground in grounds if TESTS[ground.test](judged, ground)), "")


def years_before(day: date, years: int) -> date:
    """The same day so many years ago; the last of February where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def age(born: date, day: date) -> int:
    """Completed years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _lasts(tie: Tie, years: int, day: date) -> bool:
    """Whether it was in force on the day, or ended less than so many years before; -1: ever."""
    if tie.since is not None and tie.since > day:
        return False
    return years < 0 or tie.until is None or tie.until > years_before(day, years)


def _meets(tie: Tie, party: Party, group: bool) -> bool:
    if tie.code and (tie.code == party.code or (group and tie.code in party.group)):
        return True
    return bool(tie.name) and tie.name == party.name


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who asks to be admitted, as far as the rules look."""

    title: str
    years: int
    born: date
    professions: tuple[str, ...]
    evidence: int
    committed: bool = True


def admission_problems(asked: Candidate, day: date, known: Professions) -> list[Problem]:
    """All that keeps somebody out of the pool (财库〔2016〕198号 art. 6, 令 26 art. 6)."""
    found = []
    if asked.title not in TITLES:
        found.append(
            Problem("title_lacking", "没有中级以上职称或同等专业水平", "请上传职称证书", ADMISSION, "title_level")
        )
    if asked.years < LEAST_YEARS:
        says = f"从事相关专业工作 {asked.years} 年，不满 {LEAST_YEARS} 年"
        found.append(Problem("years_lacking", says, "满年限后再申请", ADMISSION, "years"))
    if age(asked.born, day) >= OLDEST:
        found.append(Problem("too_old", f"已满 {OLDEST} 周岁", "年满七十周岁的专家退出专家库", ADMISSION, "identity"))
    unknown = [code for code in asked.professions if code not in known]
    found += [_profession(f"没有代码为 {code} 的专业", "profession_unknown") for code in unknown]
    if not asked.professions:
        found.append(_profession("没有选择评审专业", "profession_missing"))
    if len(asked.professions) > 3:
        found.append(_profession("评审专业超过三个", "professions_many"))
    if not asked.evidence:
        found.append(Problem("evidence_missing", "没有上传证明材料", "请上传职称证书和工作证明", ADMISSION, "evidence"))
    if not asked.committed:
        found.append(Problem("not_committed", "没有承诺", "请阅读并勾选利益冲突和保密承诺", ADMISSION, "committed"))
    return found


def _profession(says: str, code: str) -> Problem:
    return Problem(code, says, "请从国家评标专家专业分类中选择一至三个专业", ADMISSION, "professions")


@dataclass(frozen=True, slots=True)
class Asked:
    """A panel as it is asked for: members in all, the owner's own, the quota of each profession."""

    size: int
    owners: int
    quotas: Mapping[str, int]
    spares: Mapping[str, int]
    least: int
    share: Fraction
    category: str = "A"


def article(rule: str, category: str) -> str:
    """The article of `ARTICLES` for a trade of this category; that of tendering where it has none of its own."""
    return ARTICLES[rule].get(category[:1], ARTICLES[rule]["A"])


def panel_problems(asked: Asked, known: Professions) -> list[Problem]:
    """All that is wrong with the make-up: odd, large enough, two thirds experts of all members, quotas that add up."""
    found, lawful = [], article("make_up", asked.category)
    if asked.size % 2 == 0:
        found.append(Problem("panel_even", f"评标委员会 {asked.size} 人，不是单数", "成员人数应为单数", lawful, "size"))
    if asked.size < asked.least:
        says = f"评标委员会 {asked.size} 人，少于 {asked.least} 人"
        found.append(Problem("panel_too_small", says, f"本项目至少 {asked.least} 人", lawful, "size"))
    experts = asked.size - asked.owners
    if experts < least_experts(asked.size, asked.share):
        says = f"专家 {experts} 人，少于成员总数的三分之二"
        remedy = f"{asked.size} 人的评标委员会至少有专家 {least_experts(asked.size, asked.share)} 人"
        found.append(Problem("experts_too_few", says, remedy, lawful, "owners"))
    if sum(asked.quotas.values()) != experts:
        says = f"各专业人数合计 {sum(asked.quotas.values())}，应为 {experts}"
        found.append(Problem("quotas_wrong", says, "各专业人数之和等于专家人数", field="professions"))
    found += [
        _profession(f"没有代码为 {code} 的专业", "profession_unknown") for code in asked.quotas if code not in known
    ]
    return found


def attendance_problems(attended: str, *, key: bool) -> list[Problem]:
    """Whether the procedure wants somebody to attend the draw (`always`), lets him (`asked`), or does not (`never`)."""
    if attended == "always" and not key:
        says, remedy = "本交易方式的抽取须有招标人到场", "请由招标人登记一把密钥，到场参加抽取"
        return [Problem("attendance_wanted", says, remedy, field="purchaser_key")]
    if attended == "never" and key:
        remedy = "请不要填写招标人密钥，抽取由系统自动完成"
        return [Problem("attendance_unknown", "本交易方式的抽取无人到场", remedy, field="purchaser_key")]
    return []


def least_experts(size: int, share: Fraction) -> int:
    """Two thirds of five are four, of seven five, of nine six."""
    return -(-size * share.numerator // share.denominator)


def employer_cap(size: int) -> int:
    """Members that one employer may have: a third of all at most, one at least."""
    return max(1, size // 3)


@dataclass(frozen=True, slots=True)
class Live:
    """A panel by who sits now."""

    size: int
    least: int
    share: Fraction
    experts: int
    owners: int
    category: str = "A"


def lawful_problems(live: Live) -> list[Problem]:
    """All that keeps the members present from sitting as the panel."""
    present = live.experts + live.owners
    found, lawful = [], article("make_up", live.category)
    if present < live.size:
        says = f"评标委员会应到 {live.size} 人，在席 {present} 人"
        found.append(
            Problem("panel_incomplete", says, "缺席的成员补齐、签到后才能评审", article("vacant", live.category))
        )
    if present % 2 == 0:
        found.append(Problem("panel_even", f"在席成员 {present} 人，不是单数", "补齐后才能评审", lawful))
    if present < live.least:
        found.append(Problem("panel_too_small", f"在席成员少于 {live.least} 人", "补齐后才能评审", lawful))
    if live.experts < least_experts(max(present, 1), live.share):
        found.append(Problem("experts_too_few", "在席专家少于成员总数的三分之二", "补齐后才能评审", lawful))
    return found


def owner_problems(count: int, wanted: int, bidders: Collection[str], category: str = "A") -> list[Problem]:
    """The purchaser's own members: as many as asked for, none from a bidder."""
    found, lawful = [], article("interest", category)
    if count > wanted:
        says = f"招标人代表 {count} 人，超过申请时的 {wanted} 人"
        found.append(Problem("owners_too_many", says, f"至多 {wanted} 人", lawful, "owners"))
    found += [
        Problem("owner_of_bidder", f"{name}同时代表本标段的投标人", "请另派代表", lawful, "owners") for name in bidders
    ]
    return found


def assigned(found: Mapping[str, Collection[str]], order: Sequence[str]) -> dict[str, str]:
    """Who could be drawn in several professions is on one list: that with the fewest, then the first asked for.

    `found`: profession → ids. The same for everybody who computes it.
    """
    scarce = sorted(order, key=lambda profession: (len(found.get(profession, ())), order.index(profession)))
    given: dict[str, str] = {}
    for profession in scarce:
        given = dict.fromkeys(found.get(profession, ()), profession) | given
    return given


def overlaps(since: datetime, until: datetime, other_since: datetime, other_until: datetime) -> bool:
    """Whether two half-open stretches of time have an instant in common."""
    return since < other_until and other_since < until


def desk_opens(evaluation: datetime) -> datetime:
    """From when the desk takes slips: two hours before the evaluation."""
    return evaluation - timedelta(hours=2)


def unknown_ties(kinds: Iterable[str], table: Table) -> list[str]:
    """Kinds of tie that the table of grounds does not know."""
    return [kind for kind in kinds if kind not in table.ties]
