"""The two tracks as values, from `tracks.toml`: a new figure or topic is a line there."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from kernel import workdays

Unit = Literal["day", "workday"]


@dataclass(frozen=True, slots=True)
class Term:
    """A period: so many days or working days, whether its last day moves past a day of rest, and the article."""

    days: int
    unit: Unit
    article: str
    rolls: bool = False

    def last_day(self, start: date | datetime, more: int = 0, waited: int = 0) -> date:
        """The last day of the period from `start`, `waited` of its own units longer, then `more` working days."""
        day = workdays.after(start, self.days + waited, self.unit, rolls=self.rolls)
        return workdays.after(day, more, "workday") if more else day


@dataclass(frozen=True, slots=True)
class Topic:
    """What a complaint may be about, and whether an objection must have come first."""

    id: str
    name: str
    objection_first: bool


@dataclass(frozen=True, slots=True)
class Track:
    """One track: its terms, topics and who may complain. `first` is what an objection is called there."""

    id: str
    name: str
    categories: tuple[str, ...]
    first: str
    file: Term
    accept: Term
    decide: Term
    decide_from: str
    standing: str
    standing_article: str
    conflict: str
    conflict_article: str
    investigators: int
    investigators_article: str
    auto_admit: bool
    topics: tuple[Topic, ...]

    def topic(self, id: str) -> Topic | None:
        """The topic of that id, if the track has it."""
        return next((topic for topic in self.topics if topic.id == id), None)


@cache
def tracks() -> dict[str, Track]:
    """Track id → track."""
    text = (Path(__file__).parent / "tracks.toml").read_text(encoding="utf-8")
    return {id: _track(id, row) for id, row in tomllib.loads(text).items()}


def track_of(category: str) -> Track:
    """The track of a trade's category (`A01`): what is not bought by government procurement goes by the tender's."""
    for track in tracks().values():
        if category[:1] in track.categories:
            return track
    return tracks()["tender"]


def workdays_of(first: date, last: date) -> int:
    """Working days from `first` to `last`, both counted: what an excluded stretch adds to the clock."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return sum(workdays.is_workday(day) for day in days)


def _track(id: str, row: dict[str, Any]) -> Track:
    decide = dict(row["decide"])
    return Track(
        id=id,
        name=row["name"],
        categories=tuple(row["categories"]),
        first=row["first"],
        decide_from=decide.pop("from"),
        file=Term(**row["file"]),
        accept=Term(**row["accept"]),
        decide=Term(**decide),
        standing=row["standing"]["says"],
        standing_article=row["standing"]["article"],
        conflict=row["conflict"]["says"],
        conflict_article=row["conflict"]["article"],
        investigators=row["investigators"]["least"],
        investigators_article=row["investigators"]["article"],
        auto_admit=row["auto_admit"],
        topics=tuple(Topic(**topic) for topic in row["topics"]),
    )
