"""Reads credit.toml: what costs an agency credit, and what a level of credit brings."""

import tomllib
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

APPEAL, TAKEN_BACK = "appeal", "appeal_upheld"
APPEALS = {APPEAL: "申诉", TAKEN_BACK: "申诉成立，扣分撤销", "appeal_rejected": "申诉不成立，扣分维持"}
"""Rows beside a deduction, which their `case` names: what became of it."""
APPEALING = "平台服务承诺第三条"
"""What gives the right to appeal (law.toml M03)."""


@dataclass(frozen=True, slots=True)
class CreditEvent:
    """What costs `points` for `months`; `at_once`: an authority has decided, no appeal waits."""

    id: str
    name: str
    points: int
    months: int
    source: str
    at_once: bool


@dataclass(frozen=True, slots=True)
class Level:
    """A level from a score on: `compared` in 择优 lists, `drawn` in random draws."""

    id: str
    name: str
    least: int
    compared: bool
    drawn: bool


@dataclass(frozen=True, slots=True)
class Credit:
    """The whole table; levels from the highest down."""

    start: int
    events: Mapping[str, CreditEvent]
    levels: tuple[Level, ...]

    def level(self, score: int) -> Level:
        """The level a score reaches."""
        return next(level for level in self.levels if score >= level.least)

    def score(self, points: Iterable[int]) -> int:
        """What is left of the starting score; never below nought."""
        return max(0, self.start - sum(points))

    def least(self, use: str) -> int:
        """The least score of the levels that are `compared` or `drawn`."""
        return min(level.least for level in self.levels if getattr(level, use))


def months_later(at: datetime, months: int) -> datetime:
    """The same day and time so many months on; the last day of a shorter month."""
    years, month = divmod(at.month - 1 + months, 12)
    year, month = at.year + years, month + 1
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))


def read(text: str) -> Credit:
    """The table of credit.toml; ValueError when its levels do not reach down to nought."""
    table = tomllib.loads(text)
    events = {
        name: CreditEvent(name, e["name"], e["points"], e["months"], e["source"], e.get("at_once", False))
        for name, e in table["event"].items()
    }
    rows = sorted(table["level"], key=lambda row: -row["from"])
    levels = tuple(Level(row["id"], row["name"], row["from"], row["compared"], row["drawn"]) for row in rows)
    if not levels or levels[-1].least != 0:
        raise ValueError("the lowest level begins at nought")
    return Credit(table["start"], MappingProxyType(events), levels)


CREDIT = read((Path(__file__).parent / "credit.toml").read_text("utf-8"))
