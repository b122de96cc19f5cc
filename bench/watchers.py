"""Hundreds of people in one opening hall: how long until the last of them sees a change, beside a bare event stream.

Both are measured from the first watcher who has the change to the last: ours looks once a second for all of them, and
that second is in the other row, from the act to the last watcher, which has no peer.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from road import DEADLINE, PROCESS, County

from bench.bidders import county
from bench.house import House
from bench.load import Page
from bench.serving import served
from bench.table import Row, in_turn, say
from bidding.detours.rooms import book_room, give_back_room
from kernel.clock import now
from kernel.db import connected
from kernel.proofs.anchors import build_anchors
from kernel.rooms import records as rooms
from kernel.rooms.schemas import AddRoom, BookRoom
from kernel.rooms.steps import add_room

GOAL = 3.0
"""How many times the bare stream's spread ours may take: a piece of the page each, instead of one short line."""
LIMIT = 3.0
"""Seconds from an act in the hall until the last of all who watch has it."""


@dataclass
class Watchers:
    """People who listen to one stream; `seen` are the moments at which each had the change that is waited for."""

    page: Page
    count: int
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    all_have: asyncio.Event = field(default_factory=asyncio.Event)

    async def come(self) -> None:
        """All of them take their places and see what is there."""
        self.tasks = [asyncio.create_task(self._listen()) for _ in range(self.count)]
        await self.wait()

    async def wait(self) -> None:
        """Until everybody has the next change; a broken line is an error."""
        there = asyncio.create_task(self.all_have.wait())
        done, _ = await asyncio.wait([there, *self.tasks], timeout=60, return_when=asyncio.FIRST_COMPLETED)
        if there not in done:
            raise RuntimeError(f"{len(self.seen)} of {self.count} watchers had the change")

    async def timed(self, change: Callable[[], Awaitable[object]]) -> tuple[float, float]:
        """(seconds from the first who sees the change to the last, from the act to the last)."""
        self.seen.clear()
        self.all_have.clear()
        begun = time.perf_counter()
        await change()
        await self.wait()
        return max(self.seen) - min(self.seen), max(self.seen) - begun

    async def go(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.page.port)
        try:
            writer.write(f"GET {self.page.path} HTTP/1.1\r\nhost: 127.0.0.1:{self.page.port}\r\n\r\n".encode())
            while line := await reader.readline():
                if line.strip() == b"event: stage":
                    self._note()
        finally:
            writer.close()

    def _note(self) -> None:
        self.seen.append(time.perf_counter())
        if len(self.seen) == self.count:
            self.all_have.set()


async def rows(house: House, *, quick: bool) -> list[Row]:
    """Seconds until the last of 500 (quick: 300) sees a change."""
    count, rounds = (300, 3) if quick else (500, 7)
    async with connected(house.databases.trading), county(house) as made:
        lot = await made.announced()
        anchors = build_anchors(issuer="bench", issued=await now(), officers=[], processes=[PROCESS.public])
        (house.folder / "anchors.json").write_bytes(anchors)
        ask = AddRoom(name="开标一室", use="opening", place="政务中心三楼", seats=60)
        number = await add_room(made.operator, ask)
        async with (
            _watched("app.asgi:create", house, "/health", f"/lots/{lot}/hall/stream", count) as ours,
            _watched("bench.bare_stream:create", house, "/ready", "/stream", count) as bare,
        ):
            delays: list[float] = []
            mine, theirs = await in_turn(
                [_ours(ours, made, lot, number, delays), lambda: _bare(bare)], rounds, name="watchers"
            )
    return [
        Row.at_most(
            f"hall, {count} watchers: first to last", mine.text("ms", 1000),
            f"bare stream: {theirs.text('ms', 1000)}", mine.median / theirs.median, GOAL,
        ),
        Row.at_most(
            f"hall, {count} watchers: act to last", f"{max(delays):.2f} s at worst", f"{LIMIT:g} s",
            max(delays) / LIMIT, 1.0,
        ),
    ]  # fmt: skip


def _ours(
    watchers: Watchers, made: County, lot: UUID, room: int, delays: list[float]
) -> Callable[[], Awaitable[float]]:
    async def change() -> None:
        booked = await rooms.booked(lot)
        if booked:
            await give_back_room(made.operator, lot, booked[0].id)
        else:
            hour = timedelta(hours=1)
            await book_room(made.operator, lot, BookRoom(room=room, begins=DEADLINE - hour, ends=DEADLINE + hour))

    async def timed() -> float:
        spread, delay = await watchers.timed(change)
        delays.append(delay)
        return spread

    return timed


async def _bare(watchers: Watchers) -> float:
    async def push() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", watchers.page.port)
        body = b"x" * 900  # about what a piece of the hall's page weighs
        head = f"POST /push HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    return (await watchers.timed(push))[0]


@asynccontextmanager
async def _watched(site: str, house: House, ready: str, stream: str, count: int) -> AsyncIterator[Watchers]:
    async with served(site, house, ready) as page:
        watchers = Watchers(Page(page.port, stream), count)
        try:
            begun = time.perf_counter()
            await watchers.come()
            say(f"{site}: {count} watchers sit after {time.perf_counter() - begun:.1f} s")
            yield watchers
        finally:
            await watchers.go()
