"""What a box holds, read only."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kernel.db import TRADING, reading
from kernel.errors import NotFound, Problem
from kernel.proofs import dsse
from kernel.proofs.setup import Setup, read_setup


@dataclass(frozen=True, slots=True)
class BoxView:
    """One lot's box as it stands; hashes are hex SHA-256, empty until there is such a thing."""

    case: UUID
    tender: str
    lot: str
    region: str
    purchaser: UUID
    mode: str
    stages: tuple[dict[str, str], ...]
    minimum: int
    window_minutes: int
    fallback_minutes: int
    rehearsal: bool
    state: str
    setup: str
    ready_at: datetime | None
    notice: str
    deadline: str
    deadline_at: datetime | None
    deadline_signed: bool
    sealing_open: bool
    close: str
    closed_at: datetime | None
    countersigned_at: datetime | None
    reveal_until: datetime | None
    fallback_until: datetime | None
    cure_until: datetime | None
    turn: int
    report: str
    going_on: tuple[str, ...] | None

    @property
    def due(self) -> list[str]:
        """The stages whose turn it is to be opened; the later ones wait for the signed report."""
        return [stage["id"] for stage in self.stages if bool(stage.get("later")) == (self.turn > 1)]

    @property
    def ready(self) -> bool:
        """Sealing is open: the set-up is signed by all, and the first deadline by the purchaser.

        A deadline moved later stops nobody while it waits for its signature; the close waits for it.
        """
        return self.state == "ready" and self.sealing_open


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message of a box."""

    id: UUID
    kind: str
    role: str
    stage: str
    author: str
    sha256: str
    body: bytes
    envelope: bytes
    at: datetime

    @property
    def signed(self) -> dsse.Signed:
        return dsse.read(self.envelope)


@dataclass(frozen=True, slots=True)
class HolderView:
    """An officer who may hold a share of the boxes of his region (or of his organisation)."""

    id: UUID
    person: UUID
    name: str
    role: str
    organisation: UUID
    public_key: bytes
    recipient: str
    away_until: datetime | None = None

    def away(self, at: datetime) -> bool:
        """离岗: he is not to be counted on at this instant."""
        return self.away_until is not None and at < self.away_until

    @property
    def keyid(self) -> str:
        return dsse.keyid_of(self.public_key)


@dataclass(frozen=True, slots=True)
class BidView:
    """One message of a bidder's chain. Never shown to anybody but him before the opening."""

    id: UUID
    case: UUID
    bidder: str
    organisation: UUID
    public_key: bytes
    bid_id: str
    seq: int
    kind: str
    sha256: str
    body: bytes
    envelope: bytes
    receipt: bytes
    event: UUID
    received: datetime


BID = (
    "select b.id, b.case, c.bidder, c.organisation, c.public_key, c.bid_id, b.seq, b.kind, b.sha256, b.body,"
    " b.envelope, b.receipt, b.event, b.received from box.bid b join box.chain c on c.id = b.chain"
)
HOLDER = "select id, person, name, role, organisation, public_key, recipient, away_until from box.holder"
_MESSAGE = "select m.id, m.kind, m.role, m.stage, m.author, m.sha256, m.body, m.envelope, m.at from box.message m"


async def box(case: UUID) -> BoxView:
    """The box of a lot; `NotFound` when it has none yet."""
    async with reading(TRADING) as connection:
        row = await connection.fetchrow('select * from box.box where "case" = $1', case)
    if row is None:
        raise NotFound(Problem("no_box", "这个标段还没有设置电子标箱", "项目受理后自动设置"))
    return view_of(row)


async def boxes(*states: str) -> list[BoxView]:
    """All boxes in one of these states."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch('select * from box.box where state = any($1) order by "case"', list(states))
    return [view_of(row) for row in rows]


async def messages(case: UUID, *kinds: str, stage: str | None = None) -> list[MessageView]:
    """The verified messages of these kinds, oldest first."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            f"{_MESSAGE} join box.taken t on t.message = m.id and t.refused = ''"
            " where m.case = $1 and m.kind = any($2) and ($3::text is null or m.stage = $3) order by m.at, m.id",
            case,
            list(kinds),
            stage,
        )
    return [MessageView(**dict(row)) for row in rows]


async def untaken(case: UUID) -> list[MessageView]:
    """What the other side has put in and nobody has verified yet."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            f"{_MESSAGE} left join box.taken t on t.message = m.id"
            " where m.case = $1 and t.message is null order by m.at, m.id",
            case,
        )
    return [MessageView(**dict(row)) for row in rows]


async def merged(case: UUID, kind: str, sha256: str) -> dsse.Signed | None:
    """The document of this SHA-256 with every signature that its verified messages carry; None when there is none."""
    parts = [m for m in await messages(case, kind) if m.sha256 == sha256]
    signatures = {s.keyid: s for m in parts for s in m.signed.signatures}
    if not parts:
        return None
    return dsse.Signed(parts[0].body, dsse.PAYLOAD_TYPE, tuple(signatures[k] for k in sorted(signatures)))


async def holder_by_keyid(box: BoxView, keyid: str) -> HolderView | None:
    """The holder of this box whose signing key has this number."""
    return next((h for h in await holders(box) if h.keyid == keyid), None)


async def holders_in_force(role: str) -> list[HolderView]:
    """Every holder of this role, wherever he sits: what a side publishes of its own."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(f"{HOLDER} where until is null and role = $1 order by region, name, id", role)
    return [HolderView(**dict(row)) for row in rows]


async def wraps(case: UUID) -> dict[str, bytes]:
    """kid → the wrapped private half of a stage key, while the lot is not retired."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch('select kid, wrapped from box.wrap where "case" = $1', case)
    return {row["kid"]: row["wrapped"] for row in rows}


async def setup(box: BoxView) -> Setup:
    """The fixed set-up; `NotFound` until every holder's key is in."""
    for message in await messages(box.case, "setup"):
        if message.role == "platform" and message.sha256 == box.setup:
            return read_setup(message.body)
    raise NotFound(Problem("no_setup", "持钥人的密钥还没有到齐", "请等待交易中心、监督部门、招标人的持钥人办理"))


async def holders(box: BoxView) -> list[HolderView]:
    """Who is to hold a share of this box: the active holders of its region, and of its purchaser."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            f"{HOLDER} where until is null and ((role = 'purchaser' and organisation = $1)"
            " or (role <> 'purchaser' and region = $2)) order by role, name, id",
            box.purchaser,
            box.region,
        )
    return [HolderView(**dict(row)) for row in rows]


async def standing(case: UUID) -> tuple[list[BidView], list[BidView]]:
    """(bids that stand, chains that were withdrawn): the last message of every chain, by SHA-256."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(  # the only thing put in is a constant of this file
            f"select distinct on (chain) x.* from ({BID.replace('select ', 'select b.chain, ', 1)}"  # noqa: S608
            " where b.case = $1) x order by chain, seq desc",
            case,
        )
    last = sorted((_bid(row) for row in rows), key=lambda bid: bid.sha256)
    return [b for b in last if b.kind == "bid"], [b for b in last if b.kind == "withdraw"]


async def bid(sha256: str) -> BidView:
    """The bid or withdrawal of this SHA-256."""
    async with reading(TRADING) as connection:
        row = await connection.fetchrow(f"{BID} where b.sha256 = $1", sha256)
    if row is None:
        raise NotFound(Problem("no_bid", "没有这份标书", "请核对回执上的 SHA-256"))
    return _bid(row)


async def bid_of_event(event: UUID) -> BidView:
    """The bid or withdrawal that this event of the log records."""
    async with reading(TRADING) as connection:
        row = await connection.fetchrow(f"{BID} where b.event = $1", event)
    if row is None:
        raise NotFound(Problem("no_receipt", "没有这份回执", "请核对回执编号"))
    return _bid(row)


async def chain(case: UUID, bidder: str) -> list[BidView]:
    """All messages of one bidder in one box, in order."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(f"{BID} where c.case = $1 and c.bidder = $2 order by b.seq", case, bidder)
    return [_bid(row) for row in rows]


async def cases_of(organisation: UUID) -> list[UUID]:
    """The boxes in which this organisation has a chain: its own, for its own eyes."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch('select "case" from box.chain where organisation = $1', organisation)
    return [row["case"] for row in rows]


async def seeded(case: UUID) -> dict[tuple[str, str], str]:
    """(bid SHA-256, stage) → the way its seed came, without the seeds: for both sites."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch('select bid, stage, way from box.seed where "case" = $1', case)
    return {(row["bid"], row["stage"]): row["way"] for row in rows}


async def seeds(case: UUID) -> dict[tuple[str, str], tuple[bytes, str]]:
    """(bid SHA-256, stage) → (seed, way it came)."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch('select bid, stage, seed, way from box.seed where "case" = $1', case)
    return {(row["bid"], row["stage"]): (row["seed"], row["way"]) for row in rows}


async def verdicts(case: UUID) -> list[dict[str, Any]]:
    """What was found of every bid, stage by stage."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select bid, stage, outcome, culprit, code, says, index from box.verdict"
            ' where "case" = $1 order by bid, stage',
            case,
        )
    return [{**dict(row), "index": json.loads(row["index"]) if row["index"] else None} for row in rows]


def view_of(row: asyncpg.Record) -> BoxView:
    """A whole row of box.box."""
    going_on = tuple(json.loads(row["going_on"])) if row["going_on"] is not None else None
    return BoxView(**{**dict(row), "stages": tuple(json.loads(row["stages"])), "going_on": going_on})


def _bid(row: asyncpg.Record) -> BidView:
    values = dict(row)
    values.pop("chain", None)
    return BidView(**values)
