"""How one process of many does a thing alone: a session's advisory lock on a connection of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from kernel.db import Engine


@asynccontextmanager
async def alone(db: Engine, lock: int) -> AsyncIterator[asyncpg.Connection | None]:
    """A connection that holds this lock as long as it lives, or None while another process has it.

    The server releases the lock when the session ends, however the process did. Whatever must never run twice
    is done on this very connection: then it cannot outlive the lock.
    """
    connection = await db.get_new_connection()
    try:
        held = await connection.fetchval("select pg_try_advisory_lock($1)", lock)
        yield connection if held else None
    finally:
        if not connection.is_closed():
            await asyncio.shield(connection.close(timeout=5))


async def rest(stop: asyncio.Event, seconds: float) -> None:
    """Wait that long, or until `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
