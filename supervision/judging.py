"""Judges one case by one supervision point: how grave it is at this moment, and when that will change. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from kernel import regions, workdays
from kernel.errors import LawRefuses
from kernel.law import LawInForce
from kernel.limits import Limit
from kernel.watched import ENDED, Fact
from kernel.workdays import in_chinese, midnight
from supervision.points import LEVELS, Level, Point, Threshold

Facts = Mapping[str, Fact]
SUSPENDED = "suspended"
"""Fact of any case: the stretches it stood still, as ``since/until`` moments, one a line; they count in no period."""
EXCLUDED = "excluded:"
"""Prefix of a fact: so many units of the period that ends with this measure do not count."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a point says of a case. `level` is empty while nothing is due soon, or when it was done in time.

    `due`: the first instant that is late; `done`: the act happened or the number is fixed; `occasion` tells one
    lateness of a point from the next in the same case; `changes`: when, by time alone, the level will rise.
    """

    point: Point
    level: Level | None
    due: datetime | None
    done: bool
    says: str
    article: str
    occasion: str
    changes: datetime | None = None


def judge(
    point: Point, procedure: str, region: str, law: LawInForce | None, facts: Facts, now: datetime
) -> Judged | None:
    """None where the point does not bind this case, or its facts are not known yet.

    A year whose holidays nobody has announced is not guessed: nothing is said.
    """
    bound = not point.procedures or procedure in point.procedures
    if not bound or (point.region and not regions.within(region, point.region)):
        return None
    try:
        found = _judged(point, law, facts, now)
        return _lapsed(point, law, facts, found) if found is not None and not found.done else found
    except LawRefuses:
        return None


def gravest(found: list[Judged]) -> Level | None:
    """The gravest level among these, or None."""
    levels = [each.level for each in found if each.level]
    return max(levels, key=LEVELS.index, default=None)


def _judged(point: Point, law: LawInForce | None, facts: Facts, now: datetime) -> Judged | None:
    if point.kind == "relation":
        return _relation(point, facts)
    if point.due:
        return _by_moment(point, facts, now)
    limit = _limit(point, law)
    if limit is None:
        return None
    return _period(point, limit, facts, now) if point.kind == "time" else _number(point, limit, facts)


def _lapsed(point: Point, law: LawInForce | None, facts: Facts, found: Judged) -> Judged | None:
    """What waits in a case that came to nothing is waited for no more; what was late by then stays late."""
    ended, start = facts.get(ENDED), facts.get(point.measures[0])
    if point.outlives or not isinstance(ended, datetime) or not isinstance(start, datetime) or start >= ended:
        return found
    then = _judged(point, law, facts, ended)
    return replace(then, done=True, changes=None) if then is not None and then.level == "red" else None


def _period(point: Point, limit: Limit, facts: Facts, now: datetime) -> Judged | None:
    start, end = facts.get(point.measures[0]), facts.get(point.measures[1])
    if not isinstance(start, datetime):
        return None
    if limit.at_most is None:
        return _least(point, limit, start, end)
    done = end if isinstance(end, datetime) else None
    until = done or now
    excluded = _excluded(point, limit, facts, start, until)
    due = limit.deadline(start, excluded=excluded)
    if done is not None:
        late = limit.check(start, done, excluded=excluded) is not None
        says = f"{point.names[1]}（{in_chinese(done)}）已超过期限，最迟应为{last_in_time(due)}" if late else ""
        return Judged(point, "red" if late else None, due, True, says, limit.citation, _key(start))
    return _pending(point, start, due, now, limit.citation)


def _least(point: Point, limit: Limit, start: datetime, end: Fact | None) -> Judged | None:
    if not isinstance(end, datetime):
        return None
    problem = limit.check(start, end)
    says = f"{problem.says}。{problem.remedy}" if problem else ""
    return Judged(point, point.level if problem else None, None, True, says, limit.citation, _key(start))


def _by_moment(point: Point, facts: Facts, now: datetime) -> Judged | None:
    start, due, end = (facts.get(name) for name in (point.measures[0], point.due, point.measures[1]))
    if not isinstance(start, datetime) or not isinstance(due, datetime):
        return None
    if isinstance(end, datetime):
        late = end >= due
        says = f"{point.names[1]}（{in_chinese(end)}）已超过期限" if late else ""
        return Judged(point, "red" if late else None, due, True, says, point.article, _key(start))
    return _pending(point, start, due, now, point.article)


def _pending(point: Point, start: datetime, due: datetime, now: datetime, article: str) -> Judged:
    remind, yellow = (_reached(each, start, due) for each in (point.remind, point.yellow))
    moments: list[tuple[datetime, Level]] = [(min(remind, yellow), "remind"), (yellow, "yellow"), (due, "red")]
    level = max((each for at, each in moments if at <= now), key=LEVELS.index, default=None)
    changes = min((at for at, _ in moments if at > now), default=None)
    state = "已逾期" if now >= due else "期限将至" if level else "期限内"
    says = f"自{point.names[0]}（{in_chinese(start)}）起，最迟应在{last_in_time(due)}{point.names[1]}，现{state}"
    return Judged(point, level, due, False, says, article, _key(start), changes)


def _reached(threshold: Threshold, start: datetime, due: datetime) -> datetime:
    """When a level begins: never before the period itself, never after its end."""
    moments = [due]
    if threshold.share is not None:
        moments.append(start + (due - start) * float(threshold.share))
    if threshold.workdays is not None:
        moments.append(_days_left(due, threshold.workdays))
    return max(start, min(moments))


def _days_left(due: datetime, n: int) -> datetime:
    """00:00 of the day from which on n working days are left before `due`, that day counted."""
    day = (due - timedelta(microseconds=1)).astimezone(workdays.CHINA).date()
    while n > 1 or not workdays.is_workday(day):
        n -= workdays.is_workday(day)
        day -= timedelta(days=1)
    return midnight(day)


def _number(point: Point, limit: Limit, facts: Facts) -> Judged | None:
    values = [facts.get(measure) for measure in point.measures]
    amounts = [Decimal(value) for value in values if isinstance(value, Decimal | int)]
    if len(amounts) != len(values):
        return None
    problem = limit.check_amount(amounts[-1], amounts[0] if limit.unit == "ratio" else None)
    says = f"{problem.says}；{problem.remedy}" if problem else ""
    occasion = "/".join(str(amount.normalize()) for amount in amounts)
    return Judged(point, point.level if problem else None, None, True, says, limit.citation, occasion)


def _relation(point: Point, facts: Facts) -> Judged | None:
    values = [facts.get(measure) for measure in point.measures]
    if any(value is None for value in values):
        return None
    holds = _holds(point, [value for value in values if value is not None])
    shown = "，".join(f"{name}为{_shown(value)}" for name, value in zip(point.names, values, strict=True))
    occasion = "/".join(_key(value) for value in values)
    says = "" if holds else f"{point.title}：{shown}"
    return Judged(point, None if holds else point.level, None, True, says, point.article, occasion)


def _holds(point: Point, values: list[Fact]) -> bool:
    first, second = values[0], values[-1]
    if point.relation == "equals":
        return first == second
    if point.relation in ("is", "is_not"):
        return (str(first) == point.value) == (point.relation == "is")
    if isinstance(first, datetime) and isinstance(second, datetime):
        return first >= second if point.relation == "not_before" else first <= second
    if isinstance(first, Decimal | int) and isinstance(second, Decimal | int):
        return Fraction(first) >= Fraction(point.value) * Fraction(second)
    return True


def _excluded(point: Point, limit: Limit, facts: Facts, start: datetime, until: datetime) -> int:
    """Units of the period that do not count: what the facts exclude, and the stretches the case stood suspended."""
    apart = facts.get(EXCLUDED + point.measures[1], 0)
    found = apart if isinstance(apart, int) else 0
    for line in str(facts.get(SUSPENDED, "")).splitlines():
        since, to = (datetime.fromisoformat(moment) for moment in line.split("/"))
        found += _lost(limit.unit, max(since, start), min(to, until))
    return found


def _lost(unit: str, since: datetime, to: datetime) -> int:
    """Whole units of a stretch, a begun one counted: who could not act has not lost it."""
    if to <= since:
        return 0
    if unit == "hour":
        return -(-(to - since) // timedelta(hours=1))
    if unit == "workday":
        return max(1, workdays.between(since, to, "workday"))
    return -(-(to - since) // timedelta(days=1))


def _limit(point: Point, law: LawInForce | None) -> Limit | None:
    if not point.limit:
        return _own_limit(point)
    return law[point.limit] if law is not None and point.limit in law else None


@lru_cache(maxsize=512)
def _own_limit(point: Point) -> Limit:
    """The point's own bounds as a limit, so that both are judged and worded alike."""
    unit = point.unit or ("ratio" if len(point.measures) == 2 and point.kind == "number" else "count")
    return Limit(
        id=point.id, title=point.title, law="", article=point.article, says=point.title, paraphrase=True,
        measures=point.measures, names=point.names, at_least=point.at_least, at_most=point.at_most, unit=unit,
        rolls=point.rolls, cap=point.cap, since=date.min, until=None, region=regions.NATION, procedures=("any",),
        see=(),
    )  # fmt: skip


def last_in_time(due: datetime) -> str:
    """The last day in time as people say it: the day before a midnight, or the moment itself."""
    here = due.astimezone(workdays.CHINA)
    return in_chinese((here - timedelta(days=1)).date()) if here == midnight(here.date()) else in_chinese(here)


def _key(value: Fact | None) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _shown(value: Fact | None) -> str:
    return in_chinese(value) if isinstance(value, datetime) else str(value)
