"""One statutory limit, and whether a period or an amount keeps it: the answer is a problem with its article.

A limit is one row of a duty's `law.toml`: a least or a greatest length of the time between two facts, or a
least or greatest amount. It says in Chinese what is wrong, and until when it would have been right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, Self, get_args

from kernel import regions, workdays
from kernel.errors import Problem
from kernel.money import figures
from kernel.workdays import LocalDays

AmountUnit = Literal["ratio", "yuan", "count"]
Moment = date | datetime

PERIOD_UNITS: Final[tuple[str, ...]] = workdays.UNITS
AMOUNT_UNITS: Final[tuple[str, ...]] = get_args(AmountUnit)
_NO_LOCAL_DAYS: Final[LocalDays] = {}
_SPOKEN: Final = {"day": "日", "workday": "个工作日", "hour": "小时", "year": "年"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One statutory limit.

    `measures` are the keys of the facts it compares, with their Chinese `names`: from and to for a period,
    base and share for a ratio, a single one for yuan or a count. `until` is the first day no longer in force.
    `rolls`: a last day of rest moves on. `cap` is the highest amount in yuan, whatever the ratio allows.
    `paraphrase`: `says` is not the wording of the article.
    """

    id: str
    title: str
    law: str
    article: str
    says: str
    paraphrase: bool
    measures: tuple[str, ...]
    names: tuple[str, ...]
    at_least: Decimal | None
    at_most: Decimal | None
    unit: str
    rolls: bool
    cap: Decimal | None
    since: date
    until: date | None
    region: str
    procedures: tuple[str, ...]
    see: tuple[str, ...]

    @property
    def citation(self) -> str:
        """招标投标法第二十四条."""
        return self.law + self.article

    @property
    def is_period(self) -> bool:
        return self.unit in PERIOD_UNITS

    def binds(self, day: date, region: str, procedure: str) -> bool:
        """Whether this text is in force there, then, for that procedure."""
        in_time = self.since <= day and (self.until is None or day < self.until)
        return in_time and procedure in self.procedures and regions.within(region, self.region)

    def earliest_end(self, start: Moment, *, local: LocalDays = _NO_LOCAL_DAYS) -> Moment | None:
        """The first allowed end of a period that has a minimum."""
        return self._end(self.at_least, start, 0, local, rolls=self.rolls)

    def latest_end(self, start: Moment, *, excluded: int = 0, local: LocalDays = _NO_LOCAL_DAYS) -> Moment | None:
        """The last allowed end of a period with a maximum; `excluded` units do not count (鉴定、专家评审)."""
        return self._end(self.at_most, start, excluded, local, rolls=self.rolls)

    def latest_start(self, end: Moment, *, local: LocalDays = _NO_LOCAL_DAYS) -> Moment | None:
        """The last day on which the period may begin for its minimum to fit before `end`."""
        if self.at_least is None:
            return None
        return workdays.before(end, int(self.at_least), self._period_unit(), local=local)

    def deadline(self, start: Moment, *, excluded: int = 0, local: LocalDays = _NO_LOCAL_DAYS) -> datetime:
        """The first instant at which an act bound by this maximum is overdue."""
        if self.at_most is None:
            raise ValueError(f"{self.id} has no maximum")
        n = int(self.at_most) + excluded
        return workdays.deadline(start, n, self._period_unit(), rolls=self.rolls, local=local)

    def check(
        self,
        start: Moment,
        end: Moment,
        *,
        excluded: int = 0,
        local: LocalDays = _NO_LOCAL_DAYS,
        field: str = "",
    ) -> Problem | None:
        """None when the period from `start` to `end` keeps the limit, else the problem with the way out."""
        earliest = self.earliest_end(start, local=local)
        if earliest is not None and _comes_before(end, earliest):
            return self._problem(self._too_short(start, end, earliest, local), field)
        # Before rolling: an act in time must not wait for the holidays of a year nobody has announced yet.
        latest = self._end(self.at_most, start, excluded, local, rolls=False)
        if latest is None or not _comes_before(latest, end):
            return None
        latest = self._end(self.at_most, start, excluded, local, rolls=self.rolls)
        if latest is not None and _comes_before(latest, end):
            return self._problem(self._too_long(start, end, latest, excluded), field)
        return None

    def ceiling(self, of: Decimal | None = None) -> Decimal | None:
        """The highest allowed amount: of the base for a ratio, in yuan, never above `cap`."""
        if self.at_most is None:
            return None
        if self.unit != "ratio":
            return self.at_most
        if of is None:
            raise ValueError(f"{self.id} is a share of {self.measures[0]}")
        share = self.at_most * of
        return share if self.cap is None else min(share, self.cap)

    def check_amount(self, amount: Decimal | int, of: Decimal | None = None, *, field: str = "") -> Problem | None:
        """None when the amount (yuan or count; a share of `of` for a ratio) keeps the limit."""
        value, highest, name = Decimal(amount), self.ceiling(of), self.names[-1]
        if highest is not None and value > highest:
            says = f"{name}{self._shown(value)}超过上限{self._shown(highest)}{self._basis(of)}"
            return self._problem((says, f"{name}不得高于{self._shown(highest)}"), field)
        if self.at_least is not None and value < self.at_least:
            least = self._shown(self.at_least)
            return self._problem((f"{name}{self._shown(value)}，少于{least}", f"{name}不得少于{least}"), field)
        return None

    def as_json(self) -> dict[str, Any]:
        """Plain values; numbers and dates as text."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def of_json(cls, row: Mapping[str, Any]) -> Self:
        """The limit of `as_json`."""
        values = dict(row)
        for key in ("at_least", "at_most", "cap"):
            values[key] = None if row[key] is None else Decimal(row[key])
        for key in ("since", "until"):
            values[key] = None if row[key] is None else date.fromisoformat(row[key])
        for key in ("measures", "names", "procedures", "see"):
            values[key] = tuple(row[key])
        return cls(**values)

    def _period_unit(self) -> workdays.Unit:
        for unit in workdays.UNITS:
            if unit == self.unit:
                return unit
        raise ValueError(f"{self.id} measures no period")

    def _end(self, n: Decimal | None, start: Moment, excluded: int, local: LocalDays, *, rolls: bool) -> Moment | None:
        if n is None:
            return None
        return workdays.after(start, int(n) + excluded, self._period_unit(), rolls=rolls, local=local)

    def _too_short(self, start: Moment, end: Moment, earliest: Moment, local: LocalDays) -> tuple[str, str]:
        first, last = self.names
        length = workdays.between(start, end, self._period_unit(), local=local)
        spoken = _SPOKEN[self.unit]
        says = (
            f"{self.title}不得少于{self.at_least}{spoken}：自{first}（{_day(start)}）"
            f"至{last}（{_day(end)}）为{length}{spoken}"
        )
        begin = self.latest_start(end, local=local)
        remedy = f"{last}最早可为{_day(earliest)}"
        return says, f"{remedy}；{last}不变的，{first}最迟应为{_day(begin)}" if begin else remedy

    def _too_long(self, start: Moment, end: Moment, latest: Moment, excluded: int) -> tuple[str, str]:
        first, last = self.names
        spoken = _SPOKEN[self.unit]
        apart = f"（另有{excluded}{spoken}不计入）" if excluded else ""
        says = (
            f"{self.title}不得超过{self.at_most}{spoken}{apart}：自{first}（{_day(start)}）起，"
            f"{last}为{_day(end)}，已超过"
        )
        return says, f"{last}最迟应为{_day(latest)}"

    def _shown(self, value: Decimal) -> str:
        return f"{value}" if self.unit == "count" else f"{figures(value)}元"

    def _basis(self, of: Decimal | None) -> str:
        if self.unit != "ratio" or of is None or self.at_most is None:
            return ""
        percent = f"{(self.at_most * 100).normalize():f}%"
        cap = f"，且最高{figures(self.cap)}元" if self.cap is not None else ""
        return f"（{self.names[0]}{figures(of)}元的{percent}{cap}）"

    def _problem(self, text: tuple[str, str], field: str) -> Problem:
        says, remedy = text
        return Problem(f"law_{self.id.lower()}", says, remedy, self.citation, field or self.measures[-1])


def _comes_before(a: Moment, b: Moment) -> bool:
    """By the instant when both are moments of an hourly limit, else by the day in China."""
    if isinstance(a, datetime) and isinstance(b, datetime):
        return a < b
    return workdays.local_date(a) < workdays.local_date(b)


def _day(at: Moment) -> str:
    return workdays.in_chinese(at)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Decimal) else value
