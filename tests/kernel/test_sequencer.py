"""Every committed event gets one place in the tree, whatever dies on the way."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from conftest import START
from house_databases import Databases
from log_acts import BIDDER, act, acts

from kernel import log
from kernel.alone import alone
from kernel.db import HOME, spawn, transaction
from kernel.logcheck import read_back
from kernel.proofs.merkle import root_of
from kernel.sequencer import frontier_of, run, sequence, take_pending

ROOT = Path(__file__).resolve().parents[2]
SEQUENCER = """
import asyncio, os
from kernel.db import HOME, connected
from kernel.sequencer import run
async def main():
    async with connected(os.environ["DATABASE_URL"]):
        await run(HOME, asyncio.Event(), pause=0.001)
asyncio.run(main())
"""


async def leaves() -> list[asyncpg.Record]:
    async with transaction(HOME) as connection:
        return list(
            await connection.fetch(
                'select l."index", l.leaf, l.event, e.case_key, e.n from kernel.log_leaf l'
                ' left join kernel.log_event e on e.id = l.event order by l."index"'
            )
        )


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110, another process does it
            await asyncio.sleep(0.01)


@asynccontextmanager
async def sequencer_process(house: Databases) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = os.environ | {"DATABASE_URL": house.trading}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SEQUENCER, cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def test_what_was_committed_is_in_the_tree_once_and_waits_no_more(house: Databases) -> None:
    await acts({"a": 5, "b": 3})
    assert await sequence(HOME) == 8
    assert await sequence(HOME) == 0
    rows = await leaves()
    assert [row["index"] for row in rows] == list(range(8))
    assert {(row["case_key"], row["n"]) for row in rows} == {
        *(("a", n) for n in range(1, 6)),
        *(("b", n) for n in range(1, 4)),
    }
    assert await read_back(HOME) == []


async def test_the_stored_frontier_is_the_root_of_all_entries(house: Databases) -> None:
    for count in (1, 2, 4, 6):
        await acts({"a": count})
        await sequence(HOME)
    async with transaction(HOME) as connection:
        frontier = await frontier_of(connection)
    assert frontier.size == 13
    assert frontier.root() == root_of([row["leaf"] for row in await leaves()])


async def test_within_a_case_the_tree_keeps_the_order_of_the_events(house: Databases) -> None:
    await asyncio.gather(*(spawn(act(case, i=i)) for i in range(10) for case in ("a", "b")))
    await sequence(HOME)
    rows = await leaves()
    for case in ("a", "b"):
        assert [row["n"] for row in rows if row["case_key"] == case] == list(range(1, 11))


async def test_an_event_committed_late_is_taken_late(house: Databases) -> None:
    slow = await asyncpg.connect(house.trading)
    try:
        open_act = slow.transaction()
        await open_act.start()
        late = await log.record(slow, case_key="late", act="x", actor=BIDDER, subject="", at=START)
        early = await act("other")
        assert await sequence(HOME) == 1
        await open_act.commit()
        assert await sequence(HOME) == 1
    finally:
        await slow.close()
    assert [row["event"] for row in await leaves()] == [early.event_id, late.event_id]
    assert await read_back(HOME) == []


async def test_a_batch_that_fails_leaves_everything_pending(house: Databases) -> None:
    await acts({"a": 3})

    async def fails() -> None:
        async with transaction(HOME) as connection:
            assert await take_pending(connection, 100) == 3
            raise LookupError

    with pytest.raises(LookupError):
        await fails()
    assert await leaves() == []
    assert await sequence(HOME) == 3


async def test_batches_of_two_processes_at_once_never_cross(house: Databases) -> None:
    await acts({"a": 30})
    taken = await asyncio.gather(*(spawn(sequence(HOME, limit=7)) for _ in range(8)))
    assert sum(taken) == 30
    assert await read_back(HOME) == []


async def test_what_one_process_does_alone_no_other_does_meanwhile(house: Databases) -> None:
    async with alone(HOME, 1) as first, alone(HOME, 1) as second, alone(HOME, 2) as elsewhere:
        assert first is not None
        assert second is None
        assert elsewhere is not None
    async with alone(HOME, 1) as after:
        assert after is not None


async def test_of_two_sequencers_one_works_and_the_other_takes_over(house: Databases) -> None:
    async def sequenced(count: int) -> bool:
        return len(await leaves()) == count

    async with sequencer_process(house) as first:
        await act("a")
        await until(lambda: sequenced(1))
        stop = asyncio.Event()
        standby = spawn(run(HOME, stop, pause=0.01))
        first.send_signal(signal.SIGKILL)
        await first.wait()
        await act("a")
        await until(lambda: sequenced(2))
        stop.set()
        await standby
    assert await read_back(HOME) == []


async def test_killed_again_and_again_it_loses_nothing_and_doubles_nothing(house: Databases) -> None:
    writing = spawn(acts({f"case {i}": 20 for i in range(20)}))
    for _ in range(4):
        before = len(await leaves())

        async def grew(size: int = before) -> bool:
            return len(await leaves()) > size or writing.done()

        async with sequencer_process(house):
            await until(grew)
    await writing
    while await sequence(HOME):
        continue
    rows = await leaves()
    assert len(rows) == 400 == len({row["event"] for row in rows})
    assert await read_back(HOME) == []
