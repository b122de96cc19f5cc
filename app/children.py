"""Keeps the processes of one house running: starts them, restarts one that dies, stops them together."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from app.lifeline import VARIABLE

_SETTLED = 10.0  # seconds after which a death is no longer counted as a failed start
_LONGEST_PAUSE = 30.0


@dataclass(frozen=True, slots=True)
class Child:
    """One process: a subcommand of `yangguang` and the whole environment it gets."""

    command: str
    environment: Mapping[str, str]


class Children:
    """The processes and the pipe that ties their lives to this one's."""

    def __init__(self, *, grace: float) -> None:
        self._grace = grace
        self._stopping = asyncio.Event()
        self._read_end, self._write_end = os.pipe()

    async def run(self, *children: Child) -> None:
        """Keep them all alive until `stop`; returns when the last has ended."""
        try:
            await asyncio.gather(*(self._keep(child) for child in children))
        finally:
            os.close(self._read_end)
            os.close(self._write_end)

    def stop(self) -> None:
        self._stopping.set()

    async def _keep(self, child: Child) -> None:
        pause = 0.5
        while not self._stopping.is_set():
            started = time.monotonic()
            process = await self._start(child)
            await self._until_dead_or_stopped(process)
            if self._stopping.is_set():
                return
            pause = 0.5 if time.monotonic() - started > _SETTLED else min(pause * 2, _LONGEST_PAUSE)
            print(f"{child.command} 意外退出（{process.returncode}），{pause:.0f} 秒后重启", file=sys.stderr)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _start(self, child: Child) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.cli",
            child.command,
            env={**child.environment, VARIABLE: str(self._read_end)},
            pass_fds=(self._read_end,),
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C goes to the parent alone, which stops them in order
        )

    async def _until_dead_or_stopped(self, process: asyncio.subprocess.Process) -> None:
        dead = asyncio.create_task(process.wait())
        told = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({dead, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not dead.done():
            process.terminate()
            try:
                await asyncio.wait_for(asyncio.shield(dead), self._grace)
            except TimeoutError:
                process.kill()
        await dead
