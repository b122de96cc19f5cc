"""Tells at the terminal how far long work has come, and how fast."""

import sys
import time
from typing import TextIO

MIB = 1024 * 1024


def amount(size: float) -> str:
    """A number of bytes as people read it."""
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.2f} GB"


class Meter:
    """One line that is written over; on something that is no terminal only the last line is written."""

    _EVERY = 0.2  # seconds

    def __init__(self, verb: str, total: int, out: TextIO | None = None) -> None:
        self.verb, self.total = verb, total
        self._out = out or sys.stderr
        self._started = self._told = time.monotonic()
        self._files: dict[str, int] = {}

    def __call__(self, name: str, done: int) -> None:
        """`done` bytes of the file `name` are through."""
        self._files[name] = done
        if self._out.isatty() and time.monotonic() - self._told >= self._EVERY:
            self._told = time.monotonic()
            self._out.write(f"\r{self.verb} {name}：{amount(self.done)} / {amount(self.total)}，{self.speed}   ")
            self._out.flush()

    @property
    def done(self) -> int:
        return sum(self._files.values())

    @property
    def speed(self) -> str:
        return f"{amount(self.done / max(time.monotonic() - self._started, 0.001))}/秒"

    def finish(self) -> None:
        """The last line: how much, how long, how fast."""
        seconds = time.monotonic() - self._started
        start = "\r" if self._out.isatty() else ""
        self._out.write(f"{start}{self.verb}完成：{amount(self.done)}，用时 {seconds:.1f} 秒，{self.speed}        \n")
