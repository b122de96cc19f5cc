"""Counts a period as the law counts it: by days, working days, hours or years from the day after the start.

The start day is never counted (民法典第二百零一条; 财政部令第87号第八十五条). Where the rule applies, a last
day that is a day of rest moves to the first working day after it (民法典第二百零三条): `rolls`. Working days
follow the State Council's yearly notice, exchanged days (调休) included; a year whose notice is not known is
refused, never guessed. `local` adds or removes single days (地方性假日): True is a working day.

Moments are read in China Standard Time; a datetime without a zone is a mistake of the caller (ValueError).
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, timezone
from typing import Final, Literal, overload

import chinese_calendar  # type: ignore[import-untyped]

from kernel.errors import LawRefuses, Problem

CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Fixed +08:00: China has kept one zone without summer time since 1992."""

Unit = Literal["day", "workday", "hour", "year"]
DateUnit = Literal["day", "workday", "year"]
LocalDays = Mapping[date, bool]
UNITS: Final[tuple[Unit, ...]] = ("day", "workday", "hour", "year")

_NONE: Final[LocalDays] = {}
_ONE: Final = timedelta(days=1)


def local_date(moment: date | datetime) -> date:
    """The calendar day in China on which `moment` falls."""
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(CHINA).date()


def midnight(day: date) -> datetime:
    """00:00 of that day in China."""
    return datetime.combine(day, time(), CHINA)


def is_workday(day: date, local: LocalDays = _NONE) -> bool:
    """Whether offices work on that day; `LawRefuses` with `calendar_unknown` for a year without a notice."""
    if day in local:
        return local[day]
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        raise LawRefuses(_unknown(day.year)) from None


def knows(year: int) -> bool:
    """Whether the holidays of that year are known."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@overload
def after(start: date | datetime, n: int, unit: DateUnit, *, rolls: bool = False, local: LocalDays = _NONE) -> date: ...
@overload
def after(
    start: date | datetime, n: int, unit: Literal["hour"], *, rolls: bool = False, local: LocalDays = _NONE
) -> datetime: ...
@overload
def after(
    start: date | datetime, n: int, unit: Unit, *, rolls: bool = False, local: LocalDays = _NONE
) -> date | datetime: ...
def after(
    start: date | datetime, n: int, unit: Unit, *, rolls: bool = False, local: LocalDays = _NONE
) -> date | datetime:
    """The last day of a period of `n` units from `start`; for hours the moment it ends.

    2026-03-02 and 20 days give 2026-03-22; Thursday 2026-04-30 and 3 working days give 2026-05-08.
    """
    if unit == "hour":
        return _moment(start) + timedelta(hours=n)
    first = local_date(start)
    if unit == "workday":
        return _count(first, n, _ONE, local)
    last = _years(first, n) if unit == "year" else _shift(first, n)
    return next_workday(last, local) if rolls else last


@overload
def before(end: date | datetime, n: int, unit: DateUnit, *, local: LocalDays = _NONE) -> date: ...
@overload
def before(end: date | datetime, n: int, unit: Literal["hour"], *, local: LocalDays = _NONE) -> datetime: ...
@overload
def before(end: date | datetime, n: int, unit: Unit, *, local: LocalDays = _NONE) -> date | datetime: ...
def before(end: date | datetime, n: int, unit: Unit, *, local: LocalDays = _NONE) -> date | datetime:
    """The latest start from which at least `n` units lie before `end` (截止之日至少十五日前).

    A deadline on 2026-04-20 and 15 days give 2026-04-05.
    """
    if unit == "hour":
        return _moment(end) - timedelta(hours=n)
    last = local_date(end)
    if unit == "day":
        return _shift(last, -n)
    if unit == "year":
        return _years(last, -n)
    day = last
    for _ in range(n):
        while not is_workday(day, local):
            day = _shift(day, -1)
        day = _shift(day, -1)
    return day


def between(start: date | datetime, end: date | datetime, unit: Unit, *, local: LocalDays = _NONE) -> int:
    """How many whole units lie in the period: the start day not counted, the last day counted.

    Negative when `end` comes first. 2026-03-02 to 2026-03-21 are 19 days.
    """
    if unit == "hour":
        return int((_moment(end) - _moment(start)) / timedelta(hours=1))
    first, last = local_date(start), local_date(end)
    if unit == "day":
        return (last - first).days
    if unit == "year":
        return last.year - first.year - (_years(first, last.year - first.year) > last)
    if last < first:
        return -between(last, first, unit, local=local)
    return sum(is_workday(day, local) for day in _days(first, last))


def next_workday(day: date, local: LocalDays = _NONE) -> date:
    """`day` itself when it is a working day, else the first one after it."""
    while not is_workday(day, local):
        day = _shift(day, 1)
    return day


def deadline(start: date | datetime, n: int, unit: Unit, *, rolls: bool = False, local: LocalDays = _NONE) -> datetime:
    """The first instant that is too late: midnight after the last day, or the end of the last hour."""
    last = after(start, n, unit, rolls=rolls, local=local)
    return last if isinstance(last, datetime) else midnight(_shift(last, 1))


def in_chinese(at: date | datetime) -> str:
    """2026年3月22日, and for a moment 2026年3月22日9时30分, as China reads it."""
    day = local_date(at)
    text = f"{day.year}年{day.month}月{day.day}日"
    if not isinstance(at, datetime):
        return text
    here = at.astimezone(CHINA)
    text += f"{here.hour}时{here.minute:02}分"
    return f"{text}{here.second:02}秒" if here.second else text


def _count(day: date, n: int, step: timedelta, local: LocalDays) -> date:
    left = n
    while left > 0:
        day = _shift(day, step.days)
        left -= is_workday(day, local)
    return day


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day < last:
        day += _ONE
        yield day


def _shift(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise LawRefuses(_unknown(day.year)) from None


def _years(day: date, n: int) -> date:
    """The same day n years on; where there is none, the last day of that month (民法典第二百零二条)."""
    try:
        return day.replace(year=day.year + n)
    except ValueError:
        if not 1 <= day.year + n <= 9999:
            raise LawRefuses(_unknown(day.year + n)) from None
        return date(day.year + n, 2, 28)


def _moment(at: date | datetime) -> datetime:
    if not isinstance(at, datetime):
        return midnight(at)
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at.astimezone(CHINA)


def _unknown(year: int) -> Problem:
    return Problem(
        "calendar_unknown",
        f"系统中没有{year}年的法定节假日安排，无法按工作日计算期限",
        "请把日期改在节假日安排已公布的年份内，或请运维人员在国务院办公厅公布后更新节假日表",
    )
