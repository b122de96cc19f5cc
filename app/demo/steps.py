"""The steps of a demonstration as they are told and timed, and the table at the end."""

import asyncio
import sys
import time
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.progress import amount

_PAUSE = 0.2  # seconds between two looks
_TITLE = 44  # columns
_RULE = "─" * 100


class DemoFailed(RuntimeError):
    """Something that should have happened by itself did not; says what, in Chinese."""


@dataclass
class Step:
    """One step: its title, what came of it, how long it took."""

    title: str
    facts: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def say(self, fact: str) -> None:
        """Tell it now, and keep it for the table."""
        self.facts.append(fact)
        print(f"    {fact}", flush=True)


@dataclass
class Steps:
    """All steps in their order."""

    done: list[Step] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    @asynccontextmanager
    async def step(self, title: str) -> AsyncIterator[Step]:
        step = Step(title)
        self.done.append(step)
        print(f"▸ {len(self.done):2}. {title}", flush=True)
        started = time.monotonic()
        try:
            yield step
        finally:
            step.seconds = time.monotonic() - started

    def table(self) -> str:
        """Every step with its time, and the whole."""
        lines = [f"    {_wide('步骤', _TITLE)}{'用时':>7}", _RULE]
        for n, step in enumerate(self.done, 1):
            fact = step.facts[-1] if step.facts else ""
            lines.append(f"{n:2}. {_wide(step.title, _TITLE)}{step.seconds:7.1f} 秒  {fact}")
        lines += [_RULE, f"    {_wide('合计', _TITLE)}{time.monotonic() - self.started:7.1f} 秒"]
        return "\n".join(lines)


async def until(what: str, condition: Callable[[], Awaitable[bool]], *, seconds: float = 90.0) -> None:
    """Look again and again until it is so; `DemoFailed` when it takes longer than `seconds`."""
    end = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > end:
            raise DemoFailed(f"等了 {seconds:.0f} 秒，还没有等到：{what}")
        await asyncio.sleep(_PAUSE)


def rate(size: int, seconds: float) -> str:
    """So many bytes in so many seconds."""
    return f"{amount(size)}，{amount(size / max(seconds, 0.001))}/秒"


def complain(says: str) -> None:
    print(says, file=sys.stderr, flush=True)


def _wide(text: str, width: int) -> str:
    """Padded to a width in columns; a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * max(width - taken, 1)
