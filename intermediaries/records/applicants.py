"""Who applied for requests: for everybody after the close, for an agency its own at any time. Read only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from intermediaries.records.requests import RequestRow, requests_by
from kernel.clock import CHINA
from kernel.db import TRADING, reading


@dataclass(frozen=True, slots=True)
class Applicant:
    """An agency that applied; `shut` says why it does not take part, `record` is what a draw's list holds of it."""

    id: UUID
    request: UUID
    agency: UUID
    organisation: UUID
    code: str
    name: str
    controller: str
    record: bytes
    says: str
    applied_at: datetime
    shut: str


async def applicants(case: UUID) -> list[Applicant]:
    """Who applied and did not leave, in order of coming; nobody as long as applications are open.

    Reads a view that holds no row of an open request, whoever asks.
    """
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select id, request, agency, organisation, code, name, controller, record, says, applied_at, shut"
            " from intermediaries.applicant where request = $1 order by applied_at, id",
            case,
        )
    return [Applicant(**{**dict(row), "applied_at": row["applied_at"].astimezone(CHINA)}) for row in rows]


async def refusals(project: UUID) -> set[UUID]:
    """Organisations that were selected in any announcement of this project and did not take it."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select s.organisation from intermediaries.selection s join intermediaries.request r on r.id = s.request"
            " where r.project = $1 and s.answer in ('declined', 'lapsed')", project,
        )  # fmt: skip
    return {row["organisation"] for row in rows}


async def own_application(case: UUID, organisation: UUID | None) -> tuple[datetime, bool] | None:
    """(when this organisation applied, whether it still stands): for its own eyes."""
    async with reading(TRADING) as connection:
        row = await connection.fetchrow(
            "select applied_at, left_at is null as stands from intermediaries.application"
            " where request = $1 and organisation = $2", case, organisation,
        )  # fmt: skip
    return (row["applied_at"].astimezone(CHINA), row["stands"]) if row else None


async def applied_by(organisation: UUID, limit: int = 100) -> list[RequestRow]:
    """The requests this organisation has applied for, the newest first: for its own eyes."""
    return await requests_by(
        "exists (select from intermediaries.application a where a.request = r.id and a.organisation = $1"
        " and a.left_at is null) order by r.published_at desc, r.id limit $2", organisation, limit,
    )  # fmt: skip


async def to_tell(case: UUID) -> list[UUID]:
    """The organisations that applied and did not leave, before the close too: for a message to each of them alone."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select organisation from intermediaries.application where request = $1 and left_at is null order by id",
            case,
        )
    return [row["organisation"] for row in rows]
