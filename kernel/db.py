"""The two database engines and the one transaction manager: all or nothing, safe to nest.

TRADING is the trading database. HOME is the process's own: the same as TRADING in the trading site, the
supervision database in the supervision site (sessions, jobs, its own log). Tables name the one they live in.

Piccolo's own transactions leak a connection when a commit fails, and a nested one undoes nothing; both are
replaced here (https://github.com/piccolo-orm/piccolo, 1.38: `PostgresTransaction.__aexit__`).
"""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from piccolo.engine.postgres import PostgresEngine

SERVER_SETTINGS = {
    "lock_timeout": "5000",
    "statement_timeout": "15000",
    "idle_in_transaction_session_timeout": "30000",
    "timezone": "Asia/Shanghai",
}


LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a loop that must go on takes for its database being away; the last is a cut that asyncpg stumbles over."""


@dataclass(slots=True)
class _Open:
    """The running transaction: Piccolo reads `.connection`; the owner keeps spawned tasks out."""

    connection: Any
    owner: asyncio.Task[Any] | None
    after: list[Callable[[], Awaitable[None]]] = field(default_factory=list)


class Engine(PostgresEngine):
    """A Piccolo engine that opens no connection before `start`."""

    def __init__(self, name: str) -> None:
        super().__init__(config={"database": name})

    async def check_version(self) -> None:  # the base class connects at import
        return None

    async def prep_database(self) -> None:
        return None

    async def start(self, url: str, *, size: int = 10) -> None:
        """Open the pool on `url`; refuses when the server is away."""
        self.config = {"dsn": url}
        self.pool = await asyncpg.create_pool(
            url,
            min_size=min(2, size),
            max_size=size,
            server_settings=SERVER_SETTINGS,
            timeout=10,
            connect=_reach,
            reset=_as_it_is,
        )

    async def stop(self) -> None:
        if self.pool is not None:
            pool, self.pool = self.pool, None
            await pool.close()

    def share(self, other: "Engine") -> None:
        """Become a second name of `other`: same pool, same running transaction."""
        self.config, self.pool, self.current_transaction = other.config, other.pool, other.current_transaction


async def _reach(*where: Any, **how: Any) -> asyncpg.Connection:
    """A new connection; a server that has taken its socket's file with it refuses like any other that is away."""
    try:
        return await asyncpg.connect(*where, **how)
    except FileNotFoundError as gone:
        raise ConnectionRefusedError("there is no server at this socket") from gone


async def _as_it_is(connection: Any) -> None:
    """Nothing is undone when a connection goes back: no session keeps a state (`set local`, locks of transactions).

    The driver would else send one statement more for every transaction, a third of all that cross the line.
    Whoever needs a session's lock or setting takes `get_new_connection`, or ends the session if he cannot undo it.
    """


TRADING = Engine("trading")
HOME = Engine("home")


@asynccontextmanager
async def connected(trading_url: str, home_url: str | None = None, *, size: int = 10) -> AsyncIterator[None]:
    """Both engines open for the life of a process; without `home_url` HOME is TRADING."""
    await TRADING.start(trading_url, size=size)
    own = HOME.current_transaction
    try:
        if home_url is None:
            HOME.share(TRADING)
        else:
            await HOME.start(home_url, size=size)
        yield
    finally:
        if home_url is None:
            HOME.pool, HOME.current_transaction = None, own
        await HOME.stop()
        await TRADING.stop()


@asynccontextmanager
async def transaction(
    db: Engine = TRADING, *, readonly: bool = False, isolation: str | None = None
) -> AsyncIterator[asyncpg.Connection]:
    """One transaction: commits on leaving, undoes everything on any error; nested, it is a savepoint.

    Yields the asyncpg connection for what Piccolo cannot say. Piccolo queries inside use it by themselves.
    """
    current: Any = db.current_transaction.get()
    if current is not None and current.owner is asyncio.current_task():
        async with current.connection.transaction():
            yield current.connection
        return
    assert db.pool is not None, "the engine is not started"
    running: Any = _Open(None, asyncio.current_task())
    try:
        async with (
            db.pool.acquire(timeout=10) as connection,
            connection.transaction(isolation=isolation, readonly=readonly),
        ):
            running.connection = connection
            token = db.current_transaction.set(running)
            try:
                yield connection
            finally:
                db.current_transaction.reset(token)
    finally:
        for work in running.after:
            await work()


async def afterwards(db: Engine, work: Callable[[], Awaitable[None]]) -> None:
    """Do `work` now, or once the running transaction has ended, whichever way: what must outlive its failure.

    By then its connection is back, so that nobody holds one while he waits for a second. `work` may not fail.
    """
    current: Any = db.current_transaction.get()
    if current is not None and current.owner is asyncio.current_task():
        current.after.append(work)
    else:
        await work()


@asynccontextmanager
async def reading(db: Engine = TRADING) -> AsyncIterator[asyncpg.Connection]:
    """A connection to read by single statements: inside the running transaction when there is one, else none is begun.

    Never for writes: a nested failure would not be undone alone, and outside each statement commits by itself.
    """
    current: Any = db.current_transaction.get()
    if current is not None and current.owner is asyncio.current_task():
        yield current.connection
        return
    assert db.pool is not None, "the engine is not started"
    async with db.pool.acquire(timeout=10) as connection:
        yield connection


async def lock_case(connection: asyncpg.Connection, case: UUID, *, exclusive: bool) -> None:
    """Take the case's advisory lock until the transaction ends.

    Shared for what many do at once (submit, replace, withdraw); exclusive for what moves the stage and for
    posting a directive, so that no act straddles either. Read the clock only after this returns.
    """
    function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    await connection.execute(f"select {function}($1)", lock_number(case))


def lock_number(case: UUID) -> int:
    """The signed 64-bit number that stands for a case among advisory locks."""
    return int.from_bytes(case.bytes[8:], "big", signed=True)


def spawn(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Start a task that does not inherit the running transaction."""
    return asyncio.create_task(work, context=contextvars.Context())
