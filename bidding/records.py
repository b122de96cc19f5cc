"""What is known of tenders, read only: views for pages, the API and supervision."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from bidding.stages import PUBLIC, Stage, shown
from kernel.db import TRADING, reading
from kernel.errors import NotFound, Problem

_LOT = (
    "select l.*, p.code as project_code, p.name as project_name, p.category, p.region, p.department, p.purchaser,"
    " p.purchaser_name, p.agent, p.agent_name, p.approval, p.investment_code, p.funding, p.scope, p.registered_at"
    " from bidding.lot l join bidding.project p on p.id = l.project"
)


@dataclass(frozen=True, slots=True)
class LotRow:
    """One lot with its project, as stored."""

    id: UUID
    project: UUID
    code: str
    number: str
    name: str
    procedure: str
    mode: str
    stage: Stage
    estimate: Decimal
    ceiling: Decimal | None
    deposit: Decimal
    window_minutes: int
    returned: list[dict[str, str]] | None
    law: str | None
    law_day: date | None
    published_at: datetime | None
    documents_until: datetime | None
    deadline: datetime | None
    place: str
    tries: int
    opened_at: datetime | None
    session_until: datetime | None
    publicity_from: datetime | None
    publicity_until: datetime | None
    failure: str
    project_code: str
    project_name: str
    category: str
    region: str
    department: str
    purchaser: UUID
    purchaser_name: str
    agent: UUID | None
    agent_name: str
    approval: str
    investment_code: str
    funding: str
    scope: str
    registered_at: datetime

    @property
    def stage_name(self) -> str:
        return shown(self.stage, self.failure)[1]


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A published text: its exact bytes and their SHA-256 (hex)."""

    n: int
    kind: str
    title: str
    body: bytes
    sha256: str
    published_at: datetime

    @property
    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A file of the tender documents."""

    id: UUID
    lot: UUID
    notice: int
    label: str
    media: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ObjectionView:
    """An objection to the opening or to the result."""

    id: UUID
    organisation: UUID
    organisation_name: str
    text: str
    raised_at: datetime
    answer: str
    answered_at: datetime | None


async def lot(case: UUID) -> LotRow:
    """One lot; `NotFound` when there is none."""
    found = await _lots("l.id = $1", case)
    if not found:
        raise NotFound(Problem("no_lot", "没有这个标段", "请核对编号或从公告列表进入"))
    return found[0]


async def public_lot(case: UUID) -> LotRow:
    """One lot that the public knows of; unknown and unpublished look the same."""
    found = await lot(case)
    if found.stage not in PUBLIC:
        raise NotFound(Problem("no_lot", "没有这个标段", "请核对编号或从公告列表进入"))
    return found


async def lots_of(project: UUID) -> list[LotRow]:
    """The lots of a project in their order."""
    return await _lots("p.id = $1 order by l.number", project)


async def lots_where(
    *,
    purchaser: UUID | None = None,
    region: str = "",
    stages: Sequence[Stage] = (),
    departments: Sequence[str] = (),
    limit: int = 200,
    offset: int = 0,
) -> list[LotRow]:
    """Lots of a purchaser (or his agent), or of a region and below, in some stages or departments; newest first."""
    return await _lots(
        "($1::uuid is null or p.purchaser = $1 or p.agent = $1) and ($2 = '' or p.region like $2 || '%')"
        " and (cardinality($3::text[]) = 0 or l.stage = any($3)) and (cardinality($4::text[]) = 0 or p.department ="
        " any($4)) order by p.registered_at desc, l.number limit $5 offset $6",
        *(purchaser, _stem(region), [str(s) for s in stages], list(departments), limit, offset),
    )


async def search(filters: Mapping[str, str], *, page: int = 1, size: int = 20) -> tuple[list[LotRow], int]:
    """Published lots by words, category, region, stage and days of publication; (page of rows, how many in all)."""
    where = (
        "l.stage = any($1) and ($2 = '' or l.name ilike '%' || $2 || '%' or p.name ilike '%' || $2 || '%'"
        " or l.code = $2 or p.purchaser_name ilike '%' || $2 || '%') and ($3 = '' or p.category like $3 || '%')"
        " and ($4 = '' or p.region like $4 || '%') and ($5 = '' or l.stage = $5)"
        " and ($6::date is null or l.published_at >= $6) and ($7::date is null or l.published_at < $7::date + 1)"
    )
    values = (
        [str(s) for s in PUBLIC],
        _words(filters.get("q", "")),
        filters.get("category", ""),
        _stem(filters.get("region", "")),
        filters.get("stage", ""),
        _day(filters.get("from")),
        _day(filters.get("to")),
    )
    async with reading(TRADING) as connection:
        total = await connection.fetchval(
            f"select count(*) from bidding.lot l join bidding.project p on p.id = l.project where {where}",  # noqa: S608
            *values,
        )
        rows = await connection.fetch(
            f"{_LOT} where {where} order by l.published_at desc, l.id limit {size} offset {(max(page, 1) - 1) * size}",
            *values,
        )
    return [_row(r) for r in rows], int(total)


async def facets() -> dict[str, list[tuple[str, int]]]:
    """How many published lots each category, region and stage has."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select 'category' as facet, left(p.category, 1) as value, count(*) as n from bidding.lot l"
            " join bidding.project p on p.id = l.project where l.stage = any($1) group by 2"
            " union all select 'region', p.region, count(*) from bidding.lot l"
            " join bidding.project p on p.id = l.project where l.stage = any($1) group by 2"
            " union all select 'stage', l.stage, count(*) from bidding.lot l where l.stage = any($1) group by 2"
            " order by 1, 2",
            [str(s) for s in PUBLIC],
        )
    found: dict[str, list[tuple[str, int]]] = {"category": [], "region": [], "stage": []}
    for row in rows:
        found[row["facet"]].append((row["value"], row["n"]))
    return found


async def openings(since: datetime, until: datetime) -> list[LotRow]:
    """Published lots whose deadline, which is the opening, falls in [since, until)."""
    return await _lots(
        "l.stage = any($1) and l.deadline >= $2 and l.deadline < $3 order by l.deadline, l.code",
        *([str(s) for s in PUBLIC], since, until),
    )


async def notices(case: UUID) -> list[NoticeView]:
    """All published texts of a lot, oldest first."""
    rows = await _fetch(
        "select n, kind, title, body, sha256, published_at from bidding.notice where lot = $1 order by n", case
    )
    return [NoticeView(**dict(r)) for r in rows]


async def documents(case: UUID) -> list[DocumentView]:
    """All files of the tender documents, in the order of publication."""
    rows = await _fetch(
        "select id, lot, notice, label, media, size, sha256 from bidding.document where lot = $1"
        " order by notice, label",
        case,
    )
    return [DocumentView(**dict(r)) for r in rows]


async def document(case: UUID, number: UUID) -> DocumentView:
    """One file of a lot's documents; `NotFound` when it is not one."""
    for found in await documents(case):
        if found.id == number:
            return found
    raise NotFound(Problem("no_document", "没有这个文件", "请从公告页面下载"))


async def objections(case: UUID, about: str = "opening") -> list[ObjectionView]:
    """The objections to the opening (raised in its session) or to the `result`, oldest first."""
    rows = await _fetch(
        "select id, organisation, organisation_name, text, raised_at, answer, answered_at from bidding.objection"
        " where lot = $1 and about = $2 order by raised_at, id",
        *(case, about),
    )
    return [ObjectionView(**dict(r)) for r in rows]


async def opening(case: UUID, which: str = "newest") -> tuple[dict[str, Any], str] | None:
    """(the newest opening record, or the "first" of two envelopes; its SHA-256), or None before there is one."""
    rows = await _fetch(f"select body, sha256 from bidding.{which}_opening where lot = $1", case)  # noqa: S608 - ours
    return (dict(json.loads(rows[0]["body"])), rows[0]["sha256"]) if rows else None


async def opening_bytes(case: UUID) -> bytes | None:
    """The opening record's exact bytes."""
    rows = await _fetch("select body, sha256 from bidding.newest_opening where lot = $1", case)
    return bytes(rows[0]["body"]) if rows else None


async def archive(case: UUID) -> dict[str, Any] | None:
    """Where the two evidence packages lie, or None before they are made."""
    rows = await _fetch("select * from bidding.archive where lot = $1", case)
    return dict(rows[0]) if rows else None


async def contacts(case: UUID) -> list[bytes]:
    """The sealed addresses of those who want to be told of changes."""
    return [bytes(r["sealed"]) for r in await _fetch("select sealed from bidding.contact where lot = $1", case)]


async def _lots(where: str, *values: Any) -> list[LotRow]:
    return [_row(r) for r in await _fetch(f"{_LOT} where {where}", *values)]


async def _fetch(sql: str, *values: Any) -> list[asyncpg.Record]:
    async with reading(TRADING) as connection:
        return list(await connection.fetch(sql, *values))


def _row(row: asyncpg.Record) -> LotRow:
    values = dict(row)
    values["stage"] = Stage(values["stage"])
    values["returned"] = json.loads(values["returned"]) if values["returned"] else None
    return LotRow(**values)


def _stem(region: str) -> str:
    """330000 → 33, 330100 → 3301: so that a region finds all below it."""
    for digits in (2, 4):
        if region[digits:] == "0" * (6 - digits):
            return region[:digits]
    return region


def _words(text: str) -> str:
    return text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")[:80]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
