"""Does something again and again: every few seconds, and at once when the database hints that there is work.

A notification only shortens the wait; none is ever relied on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import asyncpg

from kernel.alone import rest
from kernel.db import Engine

_log = logging.getLogger("yangguang.hints")


async def on_hint(
    db: Engine, channel: str, act: Callable[[], Awaitable[object]], stop: asyncio.Event, *, pause: float
) -> None:
    """Do `act` until `stop` is set: at the start, after a NOTIFY on `channel`, and every `pause` seconds.

    A failure is written down and tried again; a lost connection is made anew.
    """
    wake = asyncio.Event()
    listener: asyncpg.Connection | None = None
    while not stop.is_set():
        try:
            if listener is None or listener.is_closed():
                listener = await db.get_new_connection()
                await listener.add_listener(channel, lambda *_: wake.set())
            wake.clear()
            await act()
            await _until(wake, stop, pause)
        except Exception:  # whatever it was, the next round finds it again
            _log.exception("what %s hints at failed and is tried again", channel)
            await rest(stop, pause)
    if listener is not None and not listener.is_closed():
        await listener.close(timeout=5)


async def _until(wake: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    waits = [asyncio.ensure_future(wake.wait()), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
