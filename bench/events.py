"""How many events a second are written and put into the tree, beside bare inserts of as many bytes in the same run.

Three rows: events written each with its act while the sequencer runs, beside one committed insert each; the same in
one case only, where each waits for the one before it; and the sequencer alone, which takes them in batches, beside a
COPY of the bare entries.
"""

import asyncio
import os
import time

import asyncpg

from bench.house import House
from bench.table import Row, in_turn
from kernel.clock import now
from kernel.db import HOME, TRADING, connected, spawn, transaction
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.log import record
from kernel.sequencer import run, sequence

WRITTEN, ONE_CASE, SEQUENCED = 0.15, 0.05, 0.01
"""Goals, as parts of what the peer does in the same time. One case cannot share a flush of the disk: each of its
events waits for the commit of the one before it."""

BIDDER = Actor(role="bidder", name="李四", organisation_code="91440300MA5EXAMPLE", address="192.0.2.7")
BODY = os.urandom(900)  # an event's row with its salts and its private half
PEER = (
    "create table if not exists public.peer (id uuid primary key, body bytea not null);"
    " grant usage on schema public to trading; grant all on public.peer to trading"
)


async def rows(house: House, *, quick: bool) -> list[Row]:
    """Events a second, three ways."""
    count, writers, rounds = (400, 16, 3) if quick else (3000, 16, 5)
    owner = await asyncpg.connect(house.databases.admin)
    try:
        await owner.execute(PEER)
    finally:
        await owner.close()
    async with connected(house.databases.trading, size=writers + 3):
        many, one, bare = await in_turn(
            [
                lambda: _ours(count, writers, writers * 4),
                lambda: _ours(count, writers, 1),
                lambda: _bare(count, writers),
            ],
            rounds,
            name="events",
        )
        alone, copied = await in_turn([lambda: _sequenced(count, writers), lambda: _copied(count)], rounds, name="tree")
    peer, rate = f"bare insert commits: {bare.text('/s')}", bare.median
    return [
        Row.at_least("events/s, written and sequenced", many.text("/s"), peer, many.median / rate, WRITTEN),
        Row.at_least("events/s, the same in one case", one.text("/s"), peer, one.median / rate, ONE_CASE),
        Row.at_least(
            "events/s, the sequencer's batches alone", alone.text("/s"), f"COPY of entries: {copied.text('/s')}",
            alone.median / copied.median, SEQUENCED,
        ),
    ]  # fmt: skip


async def _ours(count: int, writers: int, cases: int) -> float:
    stop = asyncio.Event()
    sequencer = spawn(run(HOME, stop, pause=0.05))
    begun = time.perf_counter()
    await _write(count, writers, cases)
    while await _pending():  # noqa: ASYNC110, the sequencer empties it
        await asyncio.sleep(0.005)
    spent = time.perf_counter() - begun
    stop.set()
    await sequencer
    return count / spent


async def _write(count: int, writers: int, cases: int) -> None:
    at, prefix = await now(), new_id()

    async def writer(first: int) -> None:
        for i in range(first, count, writers):
            async with transaction(TRADING) as connection:
                await record(
                    connection, case_key=f"{prefix} {i % cases}", act="submit_bid", actor=BIDDER,
                    subject="lot 1", at=at, hashes={"bid": "ab" * 32}, facts={"seq": i},
                )  # fmt: skip

    await asyncio.gather(*(spawn(writer(i)) for i in range(writers)))


async def _pending() -> bool:
    async with transaction(HOME) as connection:
        return bool(await connection.fetchval("select exists (select from kernel.log_pending)"))


async def _bare(count: int, writers: int) -> float:
    async def writer(first: int) -> None:
        for _ in range(first, count, writers):
            async with transaction(TRADING) as connection:
                await connection.execute("insert into public.peer values ($1, $2)", new_id(), BODY)

    begun = time.perf_counter()
    await asyncio.gather(*(spawn(writer(i)) for i in range(writers)))
    return count / (time.perf_counter() - begun)


async def _sequenced(count: int, writers: int) -> float:
    await _write(count, writers, writers * 4)
    begun = time.perf_counter()
    while await sequence(HOME):
        continue
    return count / (time.perf_counter() - begun)


async def _copied(count: int) -> float:
    rows = [(new_id(), os.urandom(32)) for _ in range(count)]
    begun = time.perf_counter()
    async with transaction(HOME) as connection:
        await connection.copy_records_to_table("peer", schema_name="public", records=rows)
    return count / (time.perf_counter() - begun)
