"""The rows of the table, how two things are measured in turn, and how it all is printed."""

import statistics
import sys
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

HEAD = ("what", "ours", "peer or limit", "ratio", "goal", "met?")


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured of one thing: one value a round."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float]) -> "Sample":
        return cls(tuple(values))

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def text(self, unit: str, scale: float = 1.0) -> str:
        """The median, and the lowest and highest behind it: what is noise is seen."""
        low, middle, high = (_short(v * scale) for v in (min(self.values), self.median, max(self.values)))
        return f"{middle} {unit} ({low}..{high})" if low != high else f"{middle} {unit}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what, ours, the peer or limit, their ratio, the goal, and whether it is met (None: no peer)."""

    what: str
    ours: str
    peer: str
    ratio: str
    goal: str
    met: bool | None

    @classmethod
    def lacking(cls, what: str, ours: str, why: str, goal: str) -> "Row":
        """Nothing is claimed where there is nothing to compare with."""
        return cls(what, ours, why, "-", goal, None)

    @classmethod
    def at_least(cls, what: str, ours: str, peer: str, ratio: float, goal: float) -> "Row":
        return cls(what, ours, peer, f"{ratio:.2f}", f">= {goal:g}", ratio >= goal)

    @classmethod
    def at_most(cls, what: str, ours: str, peer: str, ratio: float, goal: float) -> "Row":
        return cls(what, ours, peer, f"{ratio:.2f}", f"<= {goal:g}", ratio <= goal)


async def in_turn(acts: Sequence[Callable[[], Awaitable[float]]], rounds: int, *, name: str = "") -> list[Sample]:
    """One sample an act: all of them once a round, each round beginning with the next one."""
    found: list[list[float]] = [[] for _ in acts]
    for turn in range(rounds):
        for i in range(len(acts)):
            which = (turn + i) % len(acts)
            found[which].append(await acts[which]())
        if name:
            say(f"{name}: round {turn + 1} of {rounds}")
    return [Sample.of(values) for values in found]


def say(text: str) -> None:
    """Progress, apart from the table."""
    print(text, file=sys.stderr, flush=True)


def printed(rows: Sequence[Row]) -> str:
    """The table as text."""
    lines = [HEAD, *((r.what, r.ours, r.peer, r.ratio, r.goal, _met(r.met)) for r in rows)]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(HEAD))]
    text = [" | ".join(_padded(cell, w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([text[0], "-|-".join("-" * w for w in widths), *text[1:]])


def _met(met: bool | None) -> str:
    return "-" if met is None else ("yes" if met else "NO")


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
