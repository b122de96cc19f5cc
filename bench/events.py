"""How many events a second are written and put into the tree, beside bare inserts of as many bytes in the same run.

    python bench/events.py [--events N] [--writers N] [--rounds N]

On an embedded server of its own that flushes every commit to disk. Three rows: events written each with its act
while the sequencer runs, beside one committed insert each; the same in one case only, where each waits for the one
before it; and the sequencer alone, beside a COPY of the bare entries. Rounds alternate, medians are compared.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import asyncpg  # noqa: E402
from house_databases import Databases, made_databases  # noqa: E402

from app.embedded import EmbeddedPostgres  # noqa: E402
from kernel.clock import now  # noqa: E402
from kernel.db import HOME, TRADING, connected, spawn, transaction  # noqa: E402
from kernel.identity import Actor  # noqa: E402
from kernel.ids import new_id  # noqa: E402
from kernel.log import record  # noqa: E402
from kernel.sequencer import run, sequence  # noqa: E402

BIDDER = Actor(role="bidder", name="李四", organisation_code="91440300MA5EXAMPLE", address="192.0.2.7")
BODY = os.urandom(900)  # an event's row with its salts and its private half
PEER = "create table public.peer (id uuid primary key, body bytea not null); grant all on public.peer to trading"


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="yg") as folder:
        server = EmbeddedPostgres(folder)
        server.start()
        try:
            with made_databases(server) as databases:
                asyncio.run(_measure(databases, options))
        finally:
            server.stop()


async def _measure(databases: Databases, options: argparse.Namespace) -> None:
    owner = await asyncpg.connect(databases.admin)
    await owner.execute(f"{PEER}; grant usage on schema public to trading")
    await owner.close()
    count, writers = options.events, options.writers
    async with connected(databases.trading, size=writers + 3):
        rows: list[tuple[str, Callable[[], Awaitable[float]], Callable[[], Awaitable[float]]]] = [
            ("written and sequenced", lambda: _ours(count, writers, writers * 4), lambda: _bare(count, writers)),
            ("the same in one case", lambda: _ours(count, writers, 1), lambda: _bare(count, writers)),
            ("sequenced alone", lambda: _sequenced(count, writers), lambda: _copied(count)),
        ]
        for name, ours, peer in rows:
            await _report(name, ours, peer, options.rounds)


async def _report(
    name: str, ours: Callable[[], Awaitable[float]], peer: Callable[[], Awaitable[float]], rounds: int
) -> None:
    pairs = [(await ours(), await peer()) for _ in range(rounds)]
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"{name:<22} | {mine:8,.0f} events/s | peer {theirs:9,.0f} rows/s | {theirs / mine:5.2f} × the peer's time")


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


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=5000)
    parser.add_argument("--writers", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
