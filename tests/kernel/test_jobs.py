"""What is due is done once, by whoever comes first, and never forgotten."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from conftest import START, TestClock
from house_databases import Databases

from kernel.clock import set_forward, wall
from kernel.db import HOME, spawn, transaction
from kernel.jobs import TRIES, Duty, cancel, run_one, schedule, work

ROOT = Path(__file__).resolve().parents[2]
TABLE = """
create schema work; create table work.done (n int);
grant usage on schema work to trading; grant all on work.done to trading
"""


@pytest.fixture
async def effects(house: Databases) -> AsyncIterator[None]:
    """A table of their own for what the jobs of a test do."""
    owner = await asyncpg.connect(house.owner)
    try:
        await owner.execute(TABLE)
        yield
        await owner.execute("drop schema work cascade")
    finally:
        await owner.close()


async def note(payload: Mapping[str, Any]) -> None:
    async with transaction(HOME) as connection:
        await connection.execute("insert into work.done (n) values ($1)", payload["n"])


async def done() -> list[int]:
    async with transaction(HOME) as connection:
        return [row["n"] for row in await connection.fetch("select n from work.done order by n")]


async def put(n: int, kind: str = "note", **options: Any) -> None:
    async with transaction(HOME) as connection:
        await schedule(connection, kind, {"n": n}, **options)


async def job() -> asyncpg.Record:
    async with transaction(HOME) as connection:
        return await connection.fetchrow("select *, not_before - clock_timestamp() as rests from kernel.job")


async def states() -> list[str]:
    """Of all jobs, in the order of their names."""
    async with transaction(HOME) as connection:
        return [row["state"] for row in await connection.fetch("select state from kernel.job order by state")]


async def let_pause_end(house: Databases) -> None:
    async with transaction(HOME) as connection:
        await connection.execute("update kernel.job set not_before = clock_timestamp()")


NOTE = {"note": Duty(note)}


async def test_a_job_exists_only_if_its_act_commits(effects: None) -> None:
    async def fails() -> None:
        async with transaction(HOME):
            await put(1)
            raise LookupError

    with pytest.raises(LookupError):
        await fails()
    assert not await run_one(HOME, NOTE)


async def test_what_is_due_is_done_once(effects: None) -> None:
    await put(1)
    assert await run_one(HOME, NOTE)
    assert not await run_one(HOME, NOTE)
    assert await done() == [1]
    assert (await job())["state"] == "done"


async def test_a_job_of_the_laws_clock_waits_for_the_laws_clock(effects: None, clock: TestClock) -> None:
    await put(1, run_at=START + timedelta(hours=1))
    await clock.freeze(START + timedelta(minutes=59, seconds=59))
    assert not await run_one(HOME, NOTE)
    await clock.freeze(START + timedelta(hours=1))
    assert await run_one(HOME, NOTE)


async def test_a_machines_job_does_not_mind_the_laws_clock(effects: None, clock: TestClock) -> None:
    await put(1, run_at=await wall() + timedelta(hours=1), law_time=False)
    await clock.freeze(await wall() + timedelta(days=400))
    assert not await run_one(HOME, NOTE)
    await put(2, run_at=await wall(), law_time=False)
    await clock.freeze(START)
    assert await run_one(HOME, NOTE)
    assert await done() == [2]


async def test_the_earliest_is_done_first(effects: None, clock: TestClock) -> None:
    for n in (3, 1, 2):
        await put(n, run_at=START + timedelta(minutes=n))
    await clock.freeze(START + timedelta(hours=1))
    order = []
    while await run_one(HOME, NOTE):
        order.append(set(await done()))
    assert order == [{1}, {1, 2}, {1, 2, 3}]


async def test_scheduling_the_same_again_moves_it(effects: None, clock: TestClock) -> None:
    await put(1, run_at=START, dedup="close lot 1")
    await put(2, run_at=START + timedelta(hours=1), dedup="close lot 1")
    assert not await run_one(HOME, NOTE)
    await clock.freeze(START + timedelta(hours=1))
    assert await run_one(HOME, NOTE)
    await put(3, run_at=START, dedup="close lot 1")
    assert not await run_one(HOME, NOTE)
    assert await done() == [2]


async def test_what_is_no_longer_wanted_is_not_done(effects: None) -> None:
    await put(1, dedup="a")
    async with transaction(HOME) as connection:
        await cancel(connection, "a")
    assert not await run_one(HOME, NOTE)


async def test_a_failure_undoes_its_writes_and_is_tried_again_later(house: Databases, effects: None) -> None:
    async def fails(payload: Mapping[str, Any]) -> None:
        await note(payload)
        raise LookupError("not yet")

    await put(1)
    for tries in (1, 2, 3):
        assert await run_one(HOME, {"note": Duty(fails)})
        assert not await run_one(HOME, NOTE)
        row = await job()
        assert (row["attempts"], row["state"]) == (tries, "ready")
        assert "not yet" in row["last_error"]
        assert timedelta(0) < row["rests"] <= timedelta(seconds=2 ** (tries - 1))
        await let_pause_end(house)
    assert await done() == []
    assert await run_one(HOME, NOTE)
    assert await done() == [1]


async def test_after_its_last_try_a_job_is_dead_and_stays(house: Databases, effects: None) -> None:
    await put(1, kind="nobody does this")
    for _ in range(TRIES):
        assert await run_one(HOME, NOTE)
        await let_pause_end(house)
    assert not await run_one(HOME, NOTE)
    assert (await job())["state"] == "dead"


async def test_a_failing_job_does_not_keep_the_others_waiting(effects: None, clock: TestClock) -> None:
    await put(0, kind="nobody does this", run_at=START - timedelta(days=1))
    await put(1)
    assert await run_one(HOME, NOTE)
    assert await run_one(HOME, NOTE)
    assert await done() == [1]


async def test_a_job_whose_commit_fails_counts_as_a_try(house: Databases, effects: None) -> None:
    owner = await asyncpg.connect(house.owner)
    try:
        await owner.execute("alter table work.done add unique (n) deferrable initially deferred")
    finally:
        await owner.close()
    await put(1)
    await put(1)
    assert await run_one(HOME, NOTE)
    assert await run_one(HOME, NOTE)
    assert await done() == [1]
    async with transaction(HOME) as connection:
        states = await connection.fetch("select state, attempts from kernel.job order by state")
    assert [tuple(row) for row in states] == [("done", 1), ("ready", 1)]


async def test_leased_work_holds_no_transaction_and_no_one_else_takes_it(effects: None) -> None:
    async def outside(payload: Mapping[str, Any]) -> None:
        assert HOME.current_transaction.get() is None
        assert not await spawn(run_one(HOME, duties))
        await note(payload)

    duties = {"note": Duty(outside, lease=timedelta(minutes=1))}
    await put(1)
    assert await run_one(HOME, duties)
    assert await done() == [1]
    assert (await job())["state"] == "done"


async def test_a_lease_that_ran_out_is_taken_by_another(house: Databases, effects: None) -> None:
    async def killed(payload: Mapping[str, Any]) -> None:
        raise asyncio.CancelledError

    await put(1)
    with pytest.raises(asyncio.CancelledError):
        await run_one(HOME, {"note": Duty(killed, lease=timedelta(minutes=1))})
    assert not await run_one(HOME, NOTE)
    await let_pause_end(house)
    assert await run_one(HOME, NOTE)
    assert await done() == [1]


async def test_work_that_kills_its_process_each_time_dies(house: Databases, effects: None) -> None:
    async def killed(payload: Mapping[str, Any]) -> None:
        raise asyncio.CancelledError

    await put(1)
    for _ in range(TRIES):
        with pytest.raises(asyncio.CancelledError):
            await run_one(HOME, {"note": Duty(killed, lease=timedelta(minutes=1))})
        await let_pause_end(house)
    assert await run_one(HOME, NOTE)
    assert (await job())["state"] == "dead"
    assert await done() == []


async def test_many_workers_do_each_job_once(effects: None) -> None:
    for n in range(60):
        await put(n)

    async def worker() -> None:
        while await run_one(HOME, NOTE):
            continue

    await asyncio.gather(*(spawn(worker()) for _ in range(6)))
    assert await done() == list(range(60))


@asynccontextmanager
async def working() -> AsyncIterator[None]:
    """The loop, so idle that only a notification can wake it in time."""
    stop = asyncio.Event()
    loop = spawn(work(HOME, NOTE, stop, max_idle=600))
    try:
        yield
    finally:
        stop.set()
        await loop


async def until_done(expected: list[int]) -> None:
    async with asyncio.timeout(20):
        while await done() != expected:  # noqa: ASYNC110, another process does it
            await asyncio.sleep(0.01)


async def test_the_loop_wakes_for_a_new_job(effects: None) -> None:
    async with working():
        await put(1)
        await until_done([1])
        await put(2)
        await until_done([1, 2])
    assert await states() == ["done", "done"]


async def test_the_loop_wakes_when_the_clock_is_set_forward(effects: None, clock: TestClock) -> None:
    await put(1, run_at=START + timedelta(days=20))
    async with working():
        await put(0)
        await until_done([0])
        assert await states() == ["done", "ready"], "it is not time yet"
        await set_forward(START + timedelta(days=20), frozen=True)
        await until_done([0, 1])
    assert await states() == ["done", "done"]


async def test_the_loop_sleeps_no_longer_than_to_the_next_job(effects: None) -> None:
    async with working():
        due = await wall() + timedelta(milliseconds=200)
        await put(0, run_at=due, law_time=False)
        await until_done([0])
    assert (await job())["done_at"] >= due, "and no sooner"


WORKER = """
import asyncio, os
from kernel.db import HOME, connected, transaction
from kernel.jobs import Duty, work
async def note(payload):
    async with transaction(HOME) as connection:
        await connection.execute("insert into work.done (n) values ($1)", payload["n"])
        await connection.execute("select pg_sleep(0.002)")
async def main():
    async with connected(os.environ["DATABASE_URL"]):
        await work(HOME, {"note": Duty(note)}, asyncio.Event())
asyncio.run(main())
"""


async def test_a_worker_killed_midway_leaves_nothing_undone_and_nothing_doubled(
    house: Databases, effects: None
) -> None:
    for n in range(80):
        await put(n)
    for _ in range(2):
        before = len(await done())
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WORKER, cwd=ROOT, env=os.environ | {"DATABASE_URL": house.trading}
        )
        async with asyncio.timeout(20):
            while len(await done()) == before:  # noqa: ASYNC110, another process does it
                await asyncio.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    async with asyncio.timeout(20):
        while len(await done()) < 80:
            await run_one(HOME, NOTE)
    assert await done() == list(range(80))
