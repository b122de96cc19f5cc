"""What is known of a service after the selection, read only: contract, results, ratings, return visits."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from kernel.clock import CHINA
from kernel.db import TRADING, reading


@dataclass(frozen=True, slots=True)
class ContractView:
    """A contract as one side filed it; price in yuan, days are working days."""

    id: UUID
    n: int
    filed_by: str
    price: Decimal
    service_days: int
    signed_on: date
    sha256: str
    size: int
    label: str
    filed_at: datetime
    confirmed_at: datetime | None
    refused: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A result handed over; `days` are the working days the service took, `outcome` accepted, returned or empty."""

    id: UUID
    n: int
    says: str
    files: Sequence[Mapping[str, Any]]
    delivered_at: datetime
    outcome: str
    reasons: str
    decided_at: datetime | None
    days: int | None
    late: bool


@dataclass(frozen=True, slots=True)
class RatingView:
    """A rating with the agency's answer and the return visit it called for."""

    id: UUID
    request: UUID
    rater: str
    by_default: bool
    stars: int
    items: Mapping[str, bool]
    says: str
    sha256: str
    at: datetime
    answer: str
    answered_at: datetime | None
    due_at: datetime | None
    visit: str
    rectified: bool | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class History:
    """One finished service of an agency, as its page shows it."""

    request: UUID
    code: str
    name: str
    item_name: str
    owner_name: str
    stars: int | None
    by_default: bool
    days: int | None
    late: bool
    finished_at: datetime


_RATING = (
    "select g.id, g.request, g.rater, g.by_default, g.stars, g.items, g.says, g.sha256, g.at,"
    " coalesce(a.says, '') as answer, a.at as answered_at, f.due_at, coalesce(f.visit, '') as visit, f.rectified,"
    " f.done_at from intermediaries.rating g left join intermediaries.rating_answer a on a.rating = g.id"
    " left join intermediaries.follow_up f on f.rating = g.id"
)


async def contracts(case: UUID) -> list[ContractView]:
    """The contracts filed for a request, in order; at most the last one counts."""
    rows = await _fetch(
        "select id, n, filed_by, price, service_days, signed_on, sha256, size, label, filed_at, confirmed_at, refused"
        " from intermediaries.service_contract where request = $1 order by n", case,
    )  # fmt: skip
    return [ContractView(**_local(row)) for row in rows]


async def deliveries(case: UUID) -> list[DeliveryView]:
    """The results handed over, in order."""
    rows = await _fetch(
        "select id, n, says, files, delivered_at, outcome, reasons, decided_at, days, late"
        " from intermediaries.delivery where request = $1 order by n", case,
    )  # fmt: skip
    return [DeliveryView(**{**_local(row), "files": json.loads(row["files"])}) for row in rows]


async def ratings(case: UUID) -> list[RatingView]:
    """The ratings of a request: the owner's, the department's."""
    return [_rating(row) for row in await _fetch(f"{_RATING} where g.request = $1 order by g.at, g.id", case)]


async def ratings_of(agency: UUID, limit: int = 50) -> list[RatingView]:
    """The ratings of an agency, the newest first: nothing is ever taken out."""
    rows = await _fetch(f"{_RATING} where g.agency = $1 order by g.at desc, g.id limit $2", agency, limit)
    return [_rating(row) for row in rows]


async def visits_due(region: str, limit: int = 200) -> list[RatingView]:
    """Bad ratings of a region (LIKE pattern) whose return visit is not done, the most urgent first."""
    where = f"{_RATING} where f.id is not null and f.done_at is null and f.region like $1 order by f.due_at limit $2"
    return [_rating(row) for row in await _fetch(where, region, limit)]


async def history(agency: UUID, limit: int = 50) -> list[History]:
    """The finished services of an agency, the newest first, with their real delivery days."""
    rows = await _fetch(
        "select r.id as request, r.code, r.name, r.item_name, r.owner_name, g.stars,"
        " coalesce(g.by_default, false) as by_default, d.days, coalesce(d.late, false) as late, r.finished_at"
        " from intermediaries.request r"
        " left join intermediaries.rating g on g.request = r.id and g.rater = 'owner'"
        " left join intermediaries.delivery d on d.request = r.id and d.outcome = 'accepted'"
        " where r.agency = $1 and r.finished_at is not null order by r.finished_at desc limit $2", agency, limit,
    )  # fmt: skip
    return [History(**_local(row)) for row in rows]


async def unrated(before: datetime, limit: int = 200) -> list[UUID]:
    """Finished requests without their owner's rating whose result was accepted before this moment."""
    rows = await _fetch(
        "select r.id from intermediaries.request r where r.stage = 'completed' and r.finished_at < $1"
        " and not exists (select from intermediaries.rating g where g.request = r.id and g.rater = 'owner')"
        " order by r.finished_at limit $2", before, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def _fetch(sql: str, *values: Any) -> list[asyncpg.Record]:
    async with reading(TRADING) as connection:
        return list(await connection.fetch(sql, *values))


def _rating(row: asyncpg.Record) -> RatingView:
    return RatingView(**{**_local(row), "items": json.loads(row["items"])})


def _local(row: asyncpg.Record) -> dict[str, Any]:
    return {k: v.astimezone(CHINA) if isinstance(v, datetime) else v for k, v in row.items()}
