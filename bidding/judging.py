"""What is known of an evaluation under way, read only: sittings, what members wrote, questions to bidders."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from bidding import results
from bidding.panel_rules import PURCHASER, Asked, Sitting
from experts import records as experts
from experts.records import Panel, Seat
from kernel.db import TRADING, reading
from kernel.identity import Actor


@dataclass(frozen=True, slots=True)
class Round:
    """One sitting; `basis` is what it judges (canonical JSON, hashed as it stands)."""

    id: UUID
    round: int
    panel: UUID
    body: bytes
    sha256: str
    ground: str
    says: str
    at: datetime

    @property
    def basis(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass(frozen=True, slots=True)
class Question:
    """What the panel asked a bidder, and his answer; `seat` is the member who asked, shown to nobody outside."""

    id: UUID
    bidder: str
    organisation: UUID
    kind: str
    text: str
    asked_at: datetime
    until: datetime
    answer: str
    confirms: bool | None
    answered_at: datetime | None
    seat: UUID

    def waits(self, at: datetime) -> bool:
        """Whether an answer may still come."""
        return self.answered_at is None and at < self.until


@dataclass(frozen=True, slots=True)
class Sheet:
    """One member's marks as he gave them: exact bytes and their SHA-256 (hex)."""

    seat: UUID
    round: int
    body: bytes
    sha256: str
    at: datetime

    @property
    def marks(self) -> dict[str, dict[str, str]]:
        return dict(json.loads(self.body)["scores"])


async def seat_of(actor: Actor, lot: UUID) -> Seat | None:
    """The seat this person sits on in this lot's panel, by whatever door he signed in."""
    async with reading(TRADING) as connection:
        return await experts.seat_of(connection, actor, lot)


async def panel_of(lot: UUID) -> Panel | None:
    """The lot's panel, once there is one."""
    async with reading(TRADING) as connection:
        return await experts.panel_of(connection, lot)


async def members(lot: UUID) -> list[Seat]:
    """The live, signed-in seats, by number."""
    async with reading(TRADING) as connection:
        return sorted(await experts.members(connection, lot), key=lambda seat: seat.number)


async def lawful(lot: UUID) -> bool:
    """Whether the lot has a panel whose live members may sit now."""
    panel = await panel_of(lot)
    return panel is not None and not experts.is_lawful(panel)


async def last_round(lot: UUID) -> Round | None:
    """The sitting that counts, or None before the first."""
    rows = await fetch(
        "select id, round, panel, basis as body, sha256, ground, says, at from bidding.evaluation"
        " where lot = $1 order by round desc limit 1",
        lot,
    )
    return Round(**rows[0]) if rows else None


async def sitting(lot: UUID, found: Round, seats: Sequence[Seat], at: datetime) -> Sitting:
    """The sitting as it stands at this moment: reviews of all rounds, marks of this one alone."""
    basis = found.basis
    asked = [Asked(q.bidder, q.kind, q.waits(at), q.confirms) for q in await questions(lot)]
    return Sitting(
        evaluation=basis["evaluation"],
        bids=basis["bids"],
        seats=[str(seat.id) for seat in seats],
        reviews=await _reviews(lot),
        asked=asked,
        sheets={str(sheet.seat): sheet.marks for sheet in await marks_of(lot, found)},
    )


async def review_of(lot: UUID, seat: UUID | None) -> dict[str, dict[str, Any]]:
    """One's own newest review, bidder → item → {passed, reason}."""
    rows = await fetch(
        "select distinct on (bidder) bidder, body from bidding.review where lot = $1 and seat is not distinct from $2"
        " order by bidder, n desc",
        lot,
        seat,
    )
    return {row["bidder"]: json.loads(row["body"])["findings"] for row in rows}


async def _reviews(lot: UUID) -> dict[str, dict[str, dict[str, bool]]]:
    rows = await fetch(
        "select distinct on (seat, bidder) seat, bidder, body from bidding.review where lot = $1"
        " order by seat, bidder, n desc",
        lot,
    )
    found: dict[str, dict[str, dict[str, bool]]] = {}
    for row in rows:
        said = json.loads(row["body"])["findings"]
        seat = PURCHASER if row["seat"] is None else str(row["seat"])
        found.setdefault(seat, {})[row["bidder"]] = {item: bool(one["passed"]) for item, one in said.items()}
    return found


async def opinions(lot: UUID) -> list[dict[str, Any]]:
    """Every review as it was written, oldest first: {seat, bidder, findings, sha256}; for the report."""
    rows = await fetch("select seat, bidder, body, sha256 from bidding.review where lot = $1 order by n", lot)
    return [{**row, "findings": json.loads(row.pop("body"))["findings"]} for row in rows]


async def questions(lot: UUID, bidder: str = "") -> list[Question]:
    """The questions to the bidders, or to one of them, oldest first."""
    rows = await fetch(
        "select id, bidder, organisation, kind, text, asked_at, until, answer, confirms, answered_at, seat"
        " from bidding.clarification where lot = $1 and ($2 = '' or bidder = $2) order by asked_at, id",
        lot,
        bidder,
    )
    stood_still = await results.suspended(lot)
    return [Question(**{**row, "until": moved(row["asked_at"], row["until"], stood_still)}) for row in rows]


def moved(start: datetime, until: datetime, stood_still: Sequence[tuple[datetime, datetime]]) -> datetime:
    """The end of a term that began at `start`, later by as long as the lot stood suspended within it."""
    for since, resumed in sorted(stood_still):
        if since < until and resumed > start:
            until += resumed - max(since, start)
    return until


async def sheets(lot: UUID, round_: int | None = None) -> list[Sheet]:
    """Every member's newest marks in a sitting; without a number all that were ever given, oldest first."""
    if round_ is None:
        rows = await fetch(
            "select seat, round, body, sha256, at from bidding.score_sheet where lot = $1 order by n", lot
        )
    else:
        rows = await fetch(
            "select distinct on (seat) seat, round, body, sha256, at from bidding.score_sheet"
            " where lot = $1 and round = $2 order by seat, n desc",
            lot,
            round_,
        )
    return [Sheet(**row) for row in rows]


async def marks_of(lot: UUID, found: Round) -> list[Sheet]:
    """Every member's newest marks that count in a sitting: the second envelope's goes by those of the first's."""
    earlier = found.basis.get("marks_of")
    given = {sheet.seat: sheet for sheet in await sheets(lot, earlier)} if earlier else {}
    return list((given | {sheet.seat: sheet for sheet in await sheets(lot, found.round)}).values())


async def voids(lot: UUID) -> list[dict[str, Any]]:
    """The seats whose work is void: {seat, number, sheets: [sha256], at}."""
    rows = await fetch("select seat, number, sheets, at from bidding.void_seat where lot = $1 order by at, seat", lot)
    return [{**row, "sheets": json.loads(row["sheets"])} for row in rows]


async def fetch(sql: str, *values: Any) -> list[dict[str, Any]]:
    """The rows of one query as plain dictionaries."""
    async with reading(TRADING) as connection:
        rows: list[asyncpg.Record] = await connection.fetch(sql, *values)
    return [dict(row) for row in rows]
