"""What is known of requests, read only: views for pages, the API and supervision. Applicants only after the close."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from intermediaries.modes import funds_of
from intermediaries.stages import NAMES, Stage
from kernel import regions
from kernel.clock import CHINA
from kernel.db import TRADING, reading
from kernel.errors import NotFound, Problem
from kernel.law import LawInForce

_REQUEST = "select r.* from intermediaries.request r"
_NO_REQUEST = Problem("no_request", "没有这项采购需求", "请核对编号或从采购公告进入")
_MOMENTS = ("published_at", "apply_until", "closed_at", "signed_at", "finished_at")


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request as stored. `terms` is what the notice says beside the columns; `rule` the selection mode's row."""

    id: UUID
    code: str
    name: str
    stage: Stage
    owner: UUID
    owner_code: str
    owner_name: str
    owner_controller: str
    by_agent: UUID | None
    region: str
    department: str
    item: UUID
    item_code: str
    item_name: str
    item_version: int
    item_row: Mapping[str, Any]
    mode: str
    mode_row: Mapping[str, Any]
    fiscal_percent: int
    amount: Decimal | None
    amount_says: str
    lowest: Decimal | None
    highest: Decimal | None
    terms: Mapping[str, Any]
    service_days: int
    complaints_phone: str
    law: str
    published_at: datetime
    apply_until: datetime | None
    closed_at: datetime | None
    toss: UUID | None
    agency: UUID | None
    agency_name: str
    signed_at: datetime | None
    finished_at: datetime | None
    failure: str
    project: UUID

    @property
    def stage_name(self) -> str:
        return NAMES[self.stage]

    @property
    def funds(self) -> str:
        return funds_of(self.fiscal_percent)

    @property
    def limits(self) -> LawInForce:
        return LawInForce.from_json(self.law)

    @property
    def region_name(self) -> str:
        return regions.full_name(self.region)


@dataclass(frozen=True, slots=True)
class TextView:
    """A published text of a request: its exact bytes and their SHA-256 (hex)."""

    n: int
    kind: str
    title: str
    body: bytes
    sha256: str
    at: datetime

    @property
    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass(frozen=True, slots=True)
class SelectionView:
    """The n-th agency asked and its answer; price in yuan where there is one."""

    id: UUID
    request: UUID
    n: int
    agency: UUID
    organisation: UUID
    code: str
    name: str
    price: Decimal | None
    text_sha256: str
    at: datetime
    answer_until: datetime
    answer: str
    reason: str
    answered_at: datetime | None


async def request(case: UUID) -> RequestRow:
    """One request; `NotFound` when there is none. Every request is public from its notice on."""
    found = await requests_by("r.id = $1", case)
    if not found:
        raise NotFound(_NO_REQUEST)
    return found[0]


async def request_by_code(code: str) -> RequestRow:
    """The same by its public code."""
    found = await requests_by("r.code = $1", code)
    if not found:
        raise NotFound(_NO_REQUEST)
    return found[0]


async def requests_of_project(project: UUID) -> list[RequestRow]:
    """Every announcement of a project, by the number of its first; the oldest first."""
    return await requests_by("r.project = $1 order by r.published_at, r.id", project)


async def requests_where(
    *, owner: UUID | None = None, agency: UUID | None = None, region: str = "", stages: Sequence[Stage] = (),
    limit: int = 200,
) -> list[RequestRow]:  # fmt: skip
    """Requests of an owner (or his agent), won by an agency (organisation), or of a region and below; newest first."""
    return await requests_by(
        "($1::uuid is null or r.owner = $1 or r.by_agent = $1)"
        " and ($2::uuid is null or exists (select from intermediaries.selection s where s.request = r.id"
        " and s.organisation = $2))"
        " and ($3 = '' or r.region like $3) and ($4::text[] = '{}' or r.stage = any($4))"
        " order by r.published_at desc, r.id limit $5",
        owner, agency, _prefix(region), [str(stage) for stage in stages], limit,
    )  # fmt: skip


async def search_requests(filters: Mapping[str, str], *, page: int = 1, size: int = 20) -> tuple[list[RequestRow], int]:
    """(one page, how many in all) of requests by words, region, stage, mode and item code; newest first."""
    values = [
        f"%{filters.get('q', '')}%", _prefix(filters.get("region", "")), filters.get("stage", ""),
        filters.get("mode", ""), filters.get("item", ""),
    ]  # fmt: skip
    where = (
        "(r.name ilike $1 or r.owner_name ilike $1 or r.item_name ilike $1 or r.code ilike $1)"
        " and ($2 = '' or r.region like $2) and ($3 = '' or r.stage = $3) and ($4 = '' or r.mode = $4)"
        " and ($5 = '' or r.item_code = $5)"
    )
    async with reading(TRADING) as connection:
        total = await connection.fetchval(f"select count(*) from intermediaries.request r where {where}", *values)  # noqa: S608
    rows = await requests_by(
        f"{where} order by r.published_at desc, r.id limit $6 offset $7", *values, size, (page - 1) * size
    )
    return rows, int(total)


async def texts(case: UUID) -> list[TextView]:
    """What was published of a request, in order."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select n, kind, title, body, sha256, at from intermediaries.request_text where request = $1 order by n",
            case,
        )
    return [TextView(**{**dict(row), "at": row["at"].astimezone(CHINA)}) for row in rows]


async def selections(case: UUID) -> list[SelectionView]:
    """The agencies asked so far, in order."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select id, request, n, agency, organisation, code, name, price, text_sha256, at, answer_until, answer,"
            " reason, answered_at from intermediaries.selection where request = $1 order by n",
            case,
        )
    return [_selection(row) for row in rows]


async def last_selection(case: UUID) -> SelectionView | None:
    """The agency asked last, whatever it has answered; None before the first."""
    found = await selections(case)
    return found[-1] if found else None


async def choices(case: UUID) -> list[dict[str, Any]]:
    """What a chooser saw, whom he picked and why, in order; `body` are the exact bytes."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select n, body, sha256, agency, reason, at from intermediaries.choice where request = $1 order by n", case
        )
    return [dict(row) for row in rows]


async def package(case: UUID) -> tuple[str, int] | None:
    """(SHA-256, size) of the public evidence package, once there is one."""
    async with reading(TRADING) as connection:
        row = await connection.fetchrow(
            "select sha256, size from intermediaries.request_package where request = $1", case
        )
    return (row["sha256"], row["size"]) if row else None


async def unpacked(limit: int = 200) -> list[UUID]:
    """Requests that have ended and have no package yet."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select r.id from intermediaries.request r where r.stage = any($1) and not exists"
            " (select from intermediaries.request_package p where p.request = r.id)"
            " and (r.stage <> 'completed' or exists (select from intermediaries.rating g"
            " where g.request = r.id and g.rater = 'owner')) order by r.published_at limit $2",
            [str(Stage.COMPLETED), str(Stage.FAILED), str(Stage.WITHDRAWN)], limit,
        )  # fmt: skip
    return [row["id"] for row in rows]


async def stopped() -> list[UUID]:
    """Requests that were ever suspended and have no package: what waits in them goes on once its time is given back."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            'select distinct d."case" as id from kernel.directive d join intermediaries.request r on r.id = d."case"'
            " where d.kind = 'suspend' and not exists"
            " (select from intermediaries.request_package p where p.request = r.id)"
        )
    return [row["id"] for row in rows]


async def on_the_market(cases: Sequence[UUID]) -> list[UUID]:
    """Those of these cases that are requests."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch("select id from intermediaries.request where id = any($1)", list(cases))
    return [row["id"] for row in rows]


def _prefix(region: str) -> str:
    """The LIKE pattern of a region and all below; empty for everywhere."""
    significant = {"province": 2, "city": 4, "county": 6, "nation": 0}[regions.level(region)] if region else 0
    return f"{region[:significant]}%" if significant else ""


async def requests_by(where: str, *values: Any) -> list[RequestRow]:
    """Requests by a condition in SQL of this package's own."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(f"{_REQUEST} where {where}", *values)
    return [_row(row) for row in rows]


def _row(row: asyncpg.Record) -> RequestRow:
    values = dict(row)
    values |= {name: values[name] and values[name].astimezone(CHINA) for name in _MOMENTS}
    values |= {name: json.loads(values[name]) for name in ("item_row", "mode_row", "terms")}
    return RequestRow(**{**values, "stage": Stage(values["stage"])})


def _selection(row: asyncpg.Record) -> SelectionView:
    values = dict(row)
    for name in ("at", "answer_until", "answered_at"):
        values[name] = values[name] and values[name].astimezone(CHINA)
    return SelectionView(**values)
