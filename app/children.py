"""Keeps the processes of one house running: starts them, restarts one that dies, stops them together."""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from app.forked import Forked, ForkServer

_SETTLED = 10.0  # seconds after which a death is no longer counted as a failed start
_LONGEST_PAUSE = 30.0


@dataclass(frozen=True, slots=True)
class Child:
    """One process: a subcommand of `yangguang` and the whole environment it gets."""

    command: str
    environment: Mapping[str, str]


class Children:
    """The processes and the server that makes them, which begins to import the moment the block is entered."""

    def __init__(self, commands: Sequence[str], *, grace: float) -> None:
        self._commands = commands
        self._grace = grace
        self._stopping = asyncio.Event()

    def __enter__(self) -> Self:
        self._server = ForkServer(self._commands)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    async def run(self, *children: Child) -> None:
        """Keep them all alive until `stop`; returns when the last has ended."""
        await asyncio.gather(*(self._keep(child) for child in children))

    def stop(self) -> None:
        self._stopping.set()

    async def _keep(self, child: Child) -> None:
        pause = 0.5
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await self._live(child)
            if self._stopping.is_set():
                return
            pause = 0.5 if time.monotonic() - started > _SETTLED else min(pause * 2, _LONGEST_PAUSE)
            print(f"{child.command} 意外退出（{code}），{pause:.0f} 秒后重启", file=sys.stderr)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _live(self, child: Child) -> int:
        """One life, to its exit code."""
        if self._server.gone:
            self._server.close()
            self._server = ForkServer(self._commands)
        try:
            process = await self._server.make(child.command, child.environment)
        except ConnectionError:
            return -signal.SIGHUP
        return await self._until_dead_or_stopped(process)

    async def _until_dead_or_stopped(self, process: Forked) -> int:
        told = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait((process.ended, told), return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not process.ended.done():
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(asyncio.shield(process.ended), self._grace)
            except TimeoutError:
                process.send_signal(signal.SIGKILL)
        return await process.ended
