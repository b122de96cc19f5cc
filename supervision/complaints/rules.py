"""What the law asks of a complaint and of those who handle it: judgements that return all problems at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from kernel.errors import Problem
from kernel.workdays import midnight
from supervision.complaints.tracks import Track


@dataclass(frozen=True, slots=True)
class Filing:
    """What a complaint says of its own standing and time, as far as the rules look at it.

    `objected` and `replied`: when an objection was raised and answered, None if it was not.
    """

    topic: str
    cause_known: date
    objected: date | None
    replied: date | None


class Avoided(Protocol):
    """A ground on which an officer must not handle a complaint, as far as it is told."""

    @property
    def code(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def article(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Clock:
    """The days on which a complaint must have been decided on: admission, and the decision itself."""

    accept_by: date
    decide_by: date | None


def doubts(track: Track, filing: Filing, at: datetime) -> list[Problem]:
    """Why the complaint may not be admitted; said to him who files, put before him who decides, never a wall."""
    return [*_too_late(track, filing, at), *_objection(track, filing)]


def last_day_to_file(track: Track, filing: Filing) -> date:
    """The last day on which it may be filed; the time in which an objection waited for its answer is not counted.

    工程: from the day the cause was known (实施条例 60); 政府采购: from the day the reply was due or given (采购法 55).
    """
    if track.first == "质疑":
        return track.file.last_day(filing.replied or filing.objected or filing.cause_known)
    waited = (filing.replied - filing.objected).days if filing.objected and filing.replied else 0
    return track.file.last_day(filing.cause_known, waited=waited)


def clock(track: Track, filed: datetime, admitted: datetime | None, excluded: int = 0) -> Clock:
    """The days by which to admit and to decide; `excluded` working days of tests and opinions do not count."""
    start = admitted if track.decide_from == "admitted" else filed
    decide = track.decide.last_day(start, excluded) if start is not None else None
    return Clock(track.accept.last_day(filed), decide)


def lapses(day: date) -> datetime:
    """The first instant after that day: what is done then is late."""
    return midnight(day + timedelta(days=1))


def must_avoid(declared: str, grounds: Sequence[Avoided]) -> list[Problem]:
    """Why an officer who declares this of himself keeps his hands off the complaint; nothing where he declares none."""
    if declared == "none":
        return []
    found = next((ground for ground in grounds if ground.code == declared), None)
    if found is None:
        return [Problem("avoidance_unknown", "没有这种回避情形", "请从所列情形中选择", field="avoids")]
    says = f"您{found.reason}，应当回避"
    return [Problem("must_avoid", says, "请由与当事人没有利害关系的监督人员办理", found.article, "avoids")]


def _too_late(track: Track, filing: Filing, at: datetime) -> list[Problem]:
    last = last_day_to_file(track, filing)
    if at < lapses(last):
        return []
    says = f"投诉期限至{last.year}年{last.month}月{last.day}日止，现已超过"
    return [Problem("complaint_late", says, "有正当理由的请在投诉事项中说明", track.file.article, "cause_known")]


def _objection(track: Track, filing: Filing) -> list[Problem]:
    topic = track.topic(filing.topic)
    if topic is None:
        names = "、".join(each.name for each in track.topics)
        return [Problem("topic_unknown", "没有选定投诉事项的类别", f"请从中选择：{names}", field="topic")]
    if not topic.objection_first or filing.objected is not None:
        return []
    says = f"就{topic.name}投诉，应当先提出{track.first}"
    return [Problem("objection_first", says, f"请先提出{track.first}并附其答复", track.standing_article, "objected")]
