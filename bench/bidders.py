"""Bidders in any number: known to the accounts in one statement each, their bids sealed and their files sent."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import road
from road import DEADLINE, REGION, Bidder, County

from bench.house import House
from bidding.case import Tools
from bidding.schemas import SubmitBid
from bidding.steps.submit import submit_bid
from kernel.box import records as box_records
from kernel.identity import Actor
from kernel.ids import new_id

AT_ONCE = 8
_ORGANISATION = (
    "insert into accounts.organisation (id, code, name, region, kind, created_at)"
    " values ($1, $2, $3, $4, 'enterprise', $5)"
)
_PERSON = (
    "insert into accounts.person (id, id_hash, id_sealed, name, phone, side, created_at)"
    " values ($1, $2, 'x', $3, '13800000000', 'trade', $4)"
)


@dataclass(frozen=True, slots=True)
class Ready:
    """A bid that only has to be submitted: sealed, and its files received."""

    actor: Actor
    command: SubmitBid


@dataclass
class Lot:
    """One lot that takes bids, and how many were ever made ready for it."""

    tools: Tools
    id: UUID
    county: County
    firms: int = 0
    ready: list[Ready] = field(default_factory=list)

    async def prepare(self, count: int) -> None:
        """Make so many more bids ready, each of a bidder of its own."""
        actors = await _firms(self.id, self.firms, count)
        self.firms += count
        gate = asyncio.Semaphore(AT_ONCE)
        setup, notice = await self.county.setup(self.id), (await box_records.box(self.id)).notice

        async def one(actor: Actor) -> None:
            async with gate:
                bidder = Bidder(actor, self.county.folder / f"{self.id}-{actor.organisation_code}")
                await bidder.seal(setup, notice, "38000000.00", fallback=False)
                self.ready.append(Ready(actor, await bidder.command(self.tools, self.id)))

        await asyncio.gather(*(one(actor) for actor in actors))

    async def submit(self) -> None:
        """The next one comes in."""
        bid = self.ready.pop()
        await submit_bid(self.tools, bid.actor, self.id, bid.command, None)

    async def submit_all(self, at_once: int) -> None:
        """All that are ready come in, so many at a time."""
        waiting = self.ready
        self.ready = []

        async def bidder() -> None:
            while waiting:
                bid = waiting.pop()
                await submit_bid(self.tools, bid.actor, self.id, bid.command, None)

        await asyncio.gather(*(bidder() for _ in range(at_once)))


@asynccontextmanager
async def county(house: House) -> AsyncIterator[County]:
    """The county's officials and holders."""
    folder = house.folder / "county"
    folder.mkdir()
    made = await County.make(folder, house.databases)
    yield made
    await made.tools.store.close()


async def lot_of(county: County, bids: int = 0) -> Lot:
    """A new lot in the mode that needs no holder, with so many bids received."""
    lot = Lot(county.tools, await county.announced("bidder-only"), county)
    if bids:
        await lot.prepare(bids)
        await lot.submit_all(AT_ONCE)
    return lot


async def _firms(lot: UUID, first: int, count: int) -> Sequence[Actor]:
    actors = [_firm(lot, n) for n in range(first, first + count)]
    connection = await asyncpg.connect(road.ADMIN)
    try:
        await connection.executemany(
            _ORGANISATION,
            [(a.organisation, a.organisation_code, a.organisation_name, REGION, DEADLINE) for a in actors],
        )
        await connection.executemany(
            _PERSON, [(a.person, hashlib.sha256(a.person.bytes).digest(), a.name, DEADLINE) for a in actors if a.person]
        )
    finally:
        await connection.close()
    return actors


def _firm(lot: UUID, n: int) -> Actor:
    code = f"91{lot.hex[-10:]}{n:06}".upper()
    return Actor(
        role="bidder",
        person=new_id(),
        name=f"第{n}号投标人",
        organisation=new_id(),
        organisation_code=code,
        organisation_name=f"浙江第{n}建设有限公司",
        region=REGION,
        door="api",
    )
