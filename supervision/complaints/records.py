"""What is known of complaints, read only."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from kernel.clock import CHINA
from kernel.db import HOME, reading
from kernel.errors import NotFound, Problem
from supervision.complaints.stages import NAMES, OPEN, Stage
from supervision.complaints.tracks import Track, tracks, workdays_of

MOST = 500
_SCOPE = (
    "select * from complaints.complaint where region like $1 || '%' and (cardinality($2::text[]) = 0 or department"
    " = any($2)) and stage = any($3) order by filed_at desc limit $4"
)


@dataclass(frozen=True, slots=True)
class ComplaintView:
    """One complaint as stored."""

    id: UUID
    number: str
    case: UUID
    case_code: str
    case_title: str
    region: str
    department: str
    track: Track
    topic: str
    respondent: str
    claims: str
    grounds: str
    cause_known: date
    objected: date | None
    replied: date | None
    doubts: list[dict[str, str]]
    person: UUID | None
    name: str
    organisation_code: str
    organisation_name: str
    phone: str
    door: str
    entered_by: UUID | None
    code_digest: bytes
    filed_at: datetime
    stage: Stage
    admitted_at: datetime | None
    first: UUID | None
    first_name: str
    second: UUID | None
    second_name: str
    drafted_by: UUID | None
    outcome: str
    decision: str

    @property
    def stage_name(self) -> str:
        return NAMES[self.stage]

    @property
    def open(self) -> bool:
        return self.stage in OPEN

    @property
    def topic_name(self) -> str:
        topic = self.track.topic(self.topic)
        return topic.name if topic else self.topic

    @property
    def complainant(self) -> str:
        return self.organisation_name or self.name


@dataclass(frozen=True, slots=True)
class EntryView:
    """One thing that was done with it."""

    act: str
    person: UUID | None
    name: str
    says: str
    facts: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper, without its bytes."""

    id: UUID
    kind: str
    label: str
    media: str
    sha256: str
    size: int
    at: datetime


async def complaint(id: UUID) -> ComplaintView:
    """One complaint; `NotFound` for none."""
    async with reading(HOME) as connection:
        row = await connection.fetchrow("select * from complaints.complaint where id = $1", id)
    if row is None:
        raise NotFound(Problem("no_complaint", "没有这件投诉", "请核对投诉编号"))
    return _view(row)


async def of_number(number: str, code: str) -> ComplaintView:
    """The complaint of that number, for whoever knows the code given at filing; else `NotFound`, the same for both."""
    async with reading(HOME) as connection:
        row = await connection.fetchrow(
            "select * from complaints.complaint where number = $1 and code_digest = $2", number, digest_of(code)
        )
    if row is None:
        raise NotFound(Problem("query_code_wrong", "投诉编号或查询码不对", "请核对受理回执上的编号和查询码"))
    return _view(row)


async def in_scope(
    region: str, departments: Sequence[str], stages: Sequence[Stage] = OPEN, limit: int = MOST
) -> list[ComplaintView]:
    """The complaints of a region and below, of these departments (none: all), at these stages; newest first."""
    async with reading(HOME) as connection:
        rows = await connection.fetch(_SCOPE, _stem(region), list(departments), [str(s) for s in stages], limit)
    return [_view(row) for row in rows]


async def of_case(case: UUID) -> list[ComplaintView]:
    """The complaints about one case, the oldest first."""
    async with reading(HOME) as connection:
        rows = await connection.fetch('select * from complaints.complaint where "case" = $1 order by filed_at', case)
    return [_view(row) for row in rows]


async def entries(id: UUID) -> list[EntryView]:
    """What was done with a complaint, the oldest first."""
    async with reading(HOME) as connection:
        rows = await connection.fetch("select * from complaints.entry where complaint = $1 order by at, id", id)
    return [
        EntryView(r["act"], r["person"], r["name"], r["says"], json.loads(r["facts"]), r["at"].astimezone(CHINA))
        for r in rows
    ]


async def papers(id: UUID) -> list[PaperView]:
    """The papers of a complaint, the oldest first."""
    async with reading(HOME) as connection:
        rows = await connection.fetch(
            "select id, kind, label, media, sha256, length(body) as size, at from complaints.paper"
            " where complaint = $1 order by at, id",
            id,
        )
    return [PaperView(**dict(row)) for row in rows]


async def paper(complaint: UUID, id: UUID) -> tuple[PaperView, bytes]:
    """One paper of a complaint and its bytes; `NotFound` for none."""
    async with reading(HOME) as connection:
        row = await connection.fetchrow(
            "select *, length(body) as size from complaints.paper where complaint = $1 and id = $2", complaint, id
        )
    if row is None:
        raise NotFound(Problem("no_paper", "没有这份文书", "请从投诉页面进入"))
    names = ("id", "kind", "label", "media", "sha256", "size", "at")
    return PaperView(**{name: row[name] for name in names}), row["body"]


async def excluded_days(id: UUID) -> int:
    """Working days that do not count: every stretch of tests, expert opinions or corrections, a day never twice."""
    stretches = [e.facts for e in await entries(id) if e.act == "exclude"]
    days = {day for s in stretches for day in _between(date.fromisoformat(s["from"]), date.fromisoformat(s["until"]))}
    return sum(workdays_of(day, day) for day in days)


async def facts(cases: Sequence[UUID]) -> dict[UUID, dict[str, datetime]]:
    """Complaint → the moments the supervision points look at, of every complaint about these cases."""
    async with reading(HOME) as connection:
        rows = await connection.fetch(
            "select c.id, c.filed_at, c.admitted_at, min(e.at) filter (where e.act in ('admit', 'refuse')) as said,"
            " min(e.at) filter (where e.act = 'confirm') as decided from complaints.complaint c"
            ' left join complaints.entry e on e.complaint = c.id where c."case" = any($1) group by c.id',
            list(cases),
        )
    names = {
        "filed_at": "complaint_received",
        "said": "complaint_accepted",
        "admitted_at": "complaint_admitted",
        "decided": "complaint_decided",
    }
    return {row["id"]: {names[k]: row[k].astimezone(CHINA) for k in names if row[k] is not None} for row in rows}


def digest_of(code: str) -> bytes:
    """SHA-256 of the code by which a complainant asks after his complaint; case and blanks do not matter."""
    return hashlib.sha256(b"complaint code\0" + "".join(code.upper().split()).encode()).digest()


def _stem(region: str) -> str:
    """330000 → 33, 330100 → 3301: so that a region finds all below it."""
    whole = next((n for n in (2, 4) if region[n:] == "0" * (6 - n)), 6)
    return region[:whole]


def _between(first: date, last: date) -> list[date]:
    return [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]


def _view(row: asyncpg.Record) -> ComplaintView:
    value = {name: row[name] for name in ComplaintView.__slots__}
    value |= {"track": tracks()[row["track"]], "stage": Stage(row["stage"]), "doubts": json.loads(row["doubts"])}
    value["filed_at"] = row["filed_at"].astimezone(CHINA)
    value["admitted_at"] = row["admitted_at"] and row["admitted_at"].astimezone(CHINA)
    return ComplaintView(**value)
