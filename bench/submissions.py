"""What the n-th bid of one lot costs beside the tenth, and how many a second one lot takes beside bare commits."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from bench.bidders import Lot, county, lot_of
from bench.house import House
from bench.table import Row, Sample, in_turn, say
from kernel.db import TRADING, connected, reading, transaction
from kernel.ids import new_id

GROWTH = 1.5
"""How much longer a late bid may take than the tenth."""
SAME = 1.05
"""Buffers: a few more may be touched where a page is just being split or cleared of dead rows."""
SHARE = 0.02
"""Of what the disk lets through in bare commits, how much one lot's bids reach in one process: each bid is a
signature checked, three files hashed again, a receipt signed and some thirty statements."""

_FLUSH = "select pg_stat_force_next_flush()"
_BUFFERS = "select sum(coalesce(hits, 0) + coalesce(reads, 0))::bigint from pg_stat_get_backend_io($1)"
_PEER = (
    "create table if not exists public.bare (id uuid primary key, body bytea not null);"
    " grant usage on schema public to trading; grant all on public.bare to trading"
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done. `counts`: the bids that three lots hold before theirs is measured."""

    counts: tuple[int, int, int]
    rounds: int
    counted: int
    burst: int
    at_once: int
    bursts: int


FULL = Size(counts=(9, 99, 999), rounds=25, counted=9, burst=160, at_once=16, bursts=5)
QUICK = Size(counts=(9, 39, 119), rounds=7, counted=3, burst=32, at_once=16, bursts=3)


async def rows(house: House, *, quick: bool) -> list[Row]:
    """Time, statements and buffers of a submission, and submissions a second."""
    size = QUICK if quick else FULL
    await _admin(house, _PEER)
    async with connected(house.databases.trading, size=size.at_once + 4), county(house) as made:
        lots = []
        for count in size.counts:
            say(f"submissions: a lot with {count} bids")
            lots.append(await lot_of(made, count))
        for lot in lots:
            await lot.prepare(size.rounds + size.counted + 1)
        times = await in_turn([_timed(lot) for lot in lots], size.rounds, name="submissions")
        rate = await _rate(await lot_of(made), size)
    async with connected(house.databases.trading, size=1):
        work = await _work(house, lots, size.counted)
    return [*_growth(size, times), *_sameness(size, work), rate]


def _timed(lot: Lot) -> Callable[[], Awaitable[float]]:
    async def act() -> float:
        begun = time.perf_counter()
        await lot.submit()
        return time.perf_counter() - begun

    return act


def _growth(size: Size, times: list[Sample]) -> list[Row]:
    first = times[0]
    return [
        Row.at_most(
            f"submit bid {count + 1} of a lot",
            sample.text("ms", 1000),
            f"bid {size.counts[0] + 1}: {first.text('ms', 1000)}",
            sample.median / first.median,
            GROWTH,
        )
        for count, sample in zip(size.counts[1:], times[1:], strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Work:
    """What one lot's submissions asked of the database, one value a submission."""

    statements: Sample
    buffers: Sample


def _sameness(size: Size, work: list[Work]) -> list[Row]:
    first, last = work[0], work[-1]
    what = f"bid {size.counts[-1] + 1} of a lot"
    peer = f"bid {size.counts[0] + 1}: "
    return [
        Row.at_most(
            f"statements, {what}", last.statements.text(""), peer + first.statements.text(""),
            last.statements.median / first.statements.median, 1,
        ),
        Row.at_most(
            f"shared buffers, {what}", last.buffers.text(""), peer + first.buffers.text(""),
            last.buffers.median / first.buffers.median, SAME,
        ),
    ]  # fmt: skip


async def _work(house: House, lots: Sequence[Lot], count: int) -> list[Work]:
    """Statements and buffers of `count` submissions a lot, in turn, after one each that fills the caches."""
    seen: list[str] = []

    def note(record: Any) -> None:
        seen.append(record.query)

    admin = await asyncpg.connect(house.databases.admin)
    try:
        async with reading(TRADING) as pooled:  # the pool has one connection only: every statement goes over it
            pid, connection = pooled.get_server_pid(), pooled._con

        async def one(lot: Lot) -> tuple[int, int]:
            before = await _buffers(admin, pid)
            seen.clear()
            await lot.submit()
            await asyncio.sleep(0)  # the logger hears of a statement one turn of the loop later
            statements = len(seen)
            return statements, await _buffers(admin, pid) - before

        connection.add_query_logger(note)
        rounds = [[await one(lot) for lot in lots] for _ in range(count + 1)][1:]
        connection.remove_query_logger(note)
    finally:
        await admin.close()
    return [
        Work(Sample.of([s for s, _ in mine]), Sample.of([b for _, b in mine])) for mine in zip(*rounds, strict=True)
    ]


async def _buffers(admin: asyncpg.Connection, pid: int) -> int:
    """Shared buffers this backend has hit or read since it began."""
    async with reading(TRADING) as connection:
        await connection.execute(_FLUSH)
    return int(await admin.fetchval(_BUFFERS, pid))


async def _rate(lot: Lot, size: Size) -> Row:
    """Submissions a second with many bidders at once on one lot, beside bare commits by as many connections."""

    async def ours() -> float:
        await lot.prepare(size.burst)
        begun = time.perf_counter()
        await lot.submit_all(size.at_once)
        return size.burst / (time.perf_counter() - begun)

    mine, bare = await in_turn([ours, lambda: _bare(size)], size.bursts, name=f"{size.at_once} bidders at once")
    return Row.at_least(
        f"bids/s, {size.at_once} at once, one lot",
        mine.text("/s"),
        f"bare insert commits: {bare.text('/s')}",
        mine.median / bare.median,
        SHARE,
    )


async def _bare(size: Size) -> float:
    body, left = bytes(2400), size.burst * 10

    async def writer() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            async with transaction(TRADING) as connection:
                await connection.execute("insert into public.bare values ($1, $2)", new_id(), body)

    begun = time.perf_counter()
    await asyncio.gather(*(writer() for _ in range(size.at_once)))
    return size.burst * 10 / (time.perf_counter() - begun)


async def _admin(house: House, sql: str) -> None:
    connection = await asyncpg.connect(house.databases.admin)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
