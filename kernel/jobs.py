"""What is due: scheduled with the act that makes it due, leased, done once, by any number of processes.

No rule may depend on a job having run: reads compare the recorded moment with now themselves.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from kernel.alone import rest
from kernel.db import LOST, Engine, transaction
from kernel.ids import new_id

CHANNEL = "job"
TRIES = 12
LONGEST_PAUSE = timedelta(hours=1)

_SCHEDULE = """
insert into kernel.job (id, kind, dedup, payload, law_time, run_at, attempts, state)
values ($1, $2, $3, $4, $5,
    coalesce($6, case when $5 then kernel.law_now() else clock_timestamp() end), 0, 'ready')
on conflict (dedup) do update
set kind = excluded.kind, payload = excluded.payload, law_time = excluded.law_time, run_at = excluded.run_at,
    attempts = 0, not_before = null
where job.state = 'ready'
"""
_CLOCK = "with clock as materialized (select kernel.law_now() as law, clock_timestamp() as wall)"
# Each instant is asked for once, as a value: then the index gives the due rows in order, however many wait.
_DUE = f"""{_CLOCK}
select id, kind, payload, attempts + 1 as tries from kernel.job
where state = 'ready' and run_at <= (select greatest(law, wall) from clock)
    and run_at <= case when law_time then (select law from clock) else (select wall from clock) end
    and (not_before is null or not_before <= (select wall from clock))
order by run_at limit 1 for update skip locked
"""  # noqa: S608
_NEXT = f"""{_CLOCK}
select extract(epoch from min(greatest(
    run_at - case when law_time then law else wall end, not_before - wall)))::float8
from kernel.job, clock where state = 'ready'
"""  # noqa: S608
_DONE = """
update kernel.job set state = 'done', attempts = $2, done_at = clock_timestamp()
where id = $1 and state = 'ready'
"""
# Whoever outlived his lease has nothing to say about the try of the next one.
_FAILED = """
update kernel.job set attempts = $2, last_error = $3, state = $4, not_before = clock_timestamp() + $5
where id = $1 and state = 'ready' and attempts <= $2
"""
_log = logging.getLogger("yangguang.jobs")


@dataclass(frozen=True, slots=True)
class Duty:
    """How a kind of job is done.

    Without a lease it runs inside the job's own transaction, where `transaction(HOME)` nests: its effects
    come exactly once. It must be short and touch no network. With a lease it runs outside any transaction,
    at least once: it must bear repetition and be done before the lease ends.
    """

    run: Callable[[Mapping[str, Any]], Awaitable[None]]
    lease: timedelta | None = None


@dataclass(frozen=True, slots=True)
class _Job:
    id: UUID
    kind: str
    payload: Mapping[str, Any]
    tries: int


async def schedule(
    connection: asyncpg.Connection,
    kind: str,
    payload: Mapping[str, Any],
    *,
    run_at: datetime | None = None,
    dedup: str | None = None,
    law_time: bool = True,
) -> None:
    """Inside the act's transaction on HOME: the job exists only if the act commits.

    `run_at` (None: at once) is an instant of the law's clock where `law_time`, else of the server's. The same
    `dedup` again moves the waiting job; one that is done stays done.
    """
    await connection.execute(_SCHEDULE, new_id(), kind, dedup, json.dumps(dict(payload)), law_time, run_at)
    await connection.execute("select pg_notify($1, '')", CHANNEL)


async def schedule_all(
    connection: asyncpg.Connection,
    kind: str,
    payloads: Mapping[str, Mapping[str, Any]],
    *,
    run_at: datetime | None = None,
    law_time: bool = True,
) -> None:
    """`schedule` for many jobs of one kind, dedup → payload, sent in one go."""
    wanted = [(new_id(), kind, key, json.dumps(dict(given)), law_time, run_at) for key, given in payloads.items()]
    await connection.executemany(_SCHEDULE, wanted)
    await connection.execute("select pg_notify($1, '')", CHANNEL)


async def cancel(connection: asyncpg.Connection, dedup: str) -> None:
    """Inside the act's transaction: a waiting job that is no longer wanted."""
    await connection.execute("delete from kernel.job where dedup = $1 and state = 'ready'", dedup)


async def run_one(db: Engine, duties: Mapping[str, Duty]) -> bool:
    """Do one job that is due, or put its failure on record; False when nothing is due."""
    job: _Job | None = None
    try:
        async with transaction(db) as connection:
            job = await _take(connection)
            if job is None:
                return False
            leased = await _begin(db, connection, job, duties.get(job.kind))
        if leased is not None:
            await _do_leased(db, job, leased)
    except Exception as wrong:
        if job is None:
            raise
        # The commit failed or the connection went: nothing was done, and that counts as a try as well.
        await _failed(db, job, wrong)
    return True


async def work(db: Engine, duties: Mapping[str, Duty], stop: asyncio.Event, *, max_idle: float = 5.0) -> None:
    """Do what is due until `stop` is set. A notification only shortens the wait: none is ever relied on."""
    wake = asyncio.Event()
    listener: asyncpg.Connection | None = None
    while not stop.is_set():
        try:
            if listener is None or listener.is_closed():
                listener = await db.get_new_connection()
                await listener.add_listener(CHANNEL, lambda *_: wake.set())
            wake.clear()
            while not stop.is_set() and await run_one(db, duties):
                continue
            await _idle(wake, stop, min(max_idle, await _until_next(db)))
        except LOST:
            _log.exception("the jobs lost their database")
            await rest(stop, 1.0)
    if listener is not None and not listener.is_closed():
        await listener.close(timeout=5)


async def _take(connection: asyncpg.Connection) -> _Job | None:
    row = await connection.fetchrow(_DUE)
    return row and _Job(row["id"], row["kind"], json.loads(row["payload"]), row["tries"])


async def _begin(db: Engine, connection: asyncpg.Connection, job: _Job, duty: Duty | None) -> Duty | None:
    """Do it here and now, or lease it and give its duty back to be done after the commit."""
    if job.tries > TRIES:
        await _failed(db, job, TimeoutError("its process ended before it did, each time"))
    elif duty is None:
        await _failed(db, job, LookupError(f"nobody does {job.kind}"))
    elif duty.lease is None:
        await _do_within(db, connection, job, duty)
    else:
        # The try counts from now on: whoever is killed at it has used it up.
        await connection.execute(
            "update kernel.job set attempts = $2, not_before = clock_timestamp() + $3 where id = $1",
            job.id, job.tries, duty.lease,
        )  # fmt: skip
        return duty
    return None


async def _do_within(db: Engine, connection: asyncpg.Connection, job: _Job, duty: Duty) -> None:
    """The duty's writes in a savepoint, and whether it is done, in one commit."""
    try:
        async with transaction(db):
            await duty.run(job.payload)
    except Exception as wrong:
        await _failed(db, job, wrong)
    else:
        await connection.execute(_DONE, job.id, job.tries)


async def _do_leased(db: Engine, job: _Job, duty: Duty) -> None:
    await duty.run(job.payload)
    async with transaction(db) as connection:
        await connection.execute(_DONE, job.id, job.tries)


async def _failed(db: Engine, job: _Job, wrong: Exception) -> None:
    """Rest 1, 2, 4 … seconds of the server's clock; after the last try leave it to be looked at."""
    _log.error("job %s %s, try %d", job.kind, job.id, job.tries, exc_info=wrong)
    pause = min(LONGEST_PAUSE, timedelta(seconds=2 ** (job.tries - 1)))
    state = "dead" if job.tries >= TRIES else "ready"
    async with transaction(db) as connection:
        await connection.execute(_FAILED, job.id, job.tries, repr(wrong)[:2000], state, pause)


async def _until_next(db: Engine) -> float:
    """Seconds until something may be due, as far as is known now."""
    async with transaction(db) as connection:
        seconds = await connection.fetchval(_NEXT)
    return 3600.0 if seconds is None else max(0.05, seconds)


async def _idle(wake: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    waits = [asyncio.ensure_future(wake.wait()), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
