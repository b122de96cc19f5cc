"""Where supervision looks: each duty's cases, facts, roads and waiting decisions, by their read-only modules alone."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any
from uuid import UUID

from kernel.db import TRADING, reading
from kernel.watched import Fact, Waiting, WatchedCase
from supervision.judging import SUSPENDED

Facts = dict[UUID, dict[str, Fact]]
PAGE = 500
"""Cases looked at together."""
DUTY_NAMES = {"bidding": "招标采购", "intermediaries": "中介超市", "entries": "中介机构入驻", "complaints": "投诉"}
_CASES = {
    "bidding": "bidding.facts",
    "intermediaries": "intermediaries.records.watched",
    "entries": "intermediaries.records.entering",
    "complaints": "supervision.complaints.facts",
}
"""Duty → the module that has `watched(after, limit)` of its cases."""
_FACTS = {
    "bidding": ("bidding.facts", "bidding.observed", "experts.records"),
    "intermediaries": ("intermediaries.records.watched",),
    "entries": ("intermediaries.records.entering",),
    "complaints": ("supervision.complaints.facts",),
}
"""Duty → the modules that have `facts(cases)`; what several know of one case is put together."""
_DECIDED = ("experts.records", "intermediaries.records.watched")
"""Modules whose `waiting_decisions()` and `removable(words, limit)` a regulator decides on."""
_ORDERS = """
select d."case", d.kind, d.posted_at, d.until, (select min(r.posted_at) from kernel.directive r where r.lifts = d.id)
    as lifted, kernel.law_now() as now
from kernel.directive d where d."case" = any($1) and d.kind in ('suspend', 'correct') order by d.posted_at
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A case with what is known of it."""

    case: WatchedCase
    facts: dict[str, Fact]


async def every_case() -> AsyncIterator[list[Seen]]:
    """Every case of every duty with its facts, so many at a time."""
    for duty, name in _CASES.items():
        module = _module(name)
        if module is None or not hasattr(module, "watched"):
            continue
        after: UUID | None = None
        while found := await module.watched(after, PAGE):
            facts = await facts_of(duty, [case.id for case in found])
            yield [Seen(case, facts.get(case.id, {})) for case in found]
            after = found[-1].id


async def facts_of(duty: str, cases: Sequence[UUID]) -> Facts:
    """What is known of these cases of one duty, orders to them included."""
    found: Facts = defaultdict(dict)
    for name in _FACTS[duty]:
        module = _module(name)
        if module is not None and hasattr(module, "facts"):
            for case, facts in (await module.facts(cases)).items():
                found[case] |= facts
    for case, facts in (await _orders(cases)).items():
        found[case] |= facts
    return found


async def laws_of(duty: str, cases: Sequence[UUID]) -> dict[UUID, str]:
    """The limits fixed for these cases, where the duty gives them apart."""
    module = _module(_CASES[duty])
    return dict(await module.laws(cases)) if cases and module is not None and hasattr(module, "laws") else {}


async def timeline(duty: str, case: UUID) -> list[dict[str, Any]]:
    """The road of a case as its duty tells it; empty where it tells none."""
    module = _module(_CASES[duty])
    return list(await module.timeline(case)) if module is not None and hasattr(module, "timeline") else []


async def waiting() -> list[Waiting]:
    """Everything that waits for a regulator's decision, the oldest first."""
    found = [each for ask in _asking("waiting_decisions") for each in await ask()]
    return sorted(found, key=lambda each: each.since)


async def removable(words: str, limit: int = 20) -> list[Waiting]:
    """What stands and can be suspended, withdrawn or cleared, found by name or code."""
    return [each for ask in _asking("removable") for each in await ask(words, limit)]


def _asking(name: str) -> list[Callable[..., Awaitable[list[Waiting]]]]:
    modules = [module for each in _DECIDED if (module := _module(each)) is not None]
    return [getattr(module, name) for module in modules if hasattr(module, name)]


@cache
def _module(name: str) -> ModuleType | None:
    """The module, or None in a house without that duty."""
    try:
        return import_module(name) if find_spec(name) else None
    except ModuleNotFoundError:
        return None


async def _orders(cases: Sequence[UUID]) -> Facts:
    """The stretches a case stood suspended, and its newest order to correct with a term."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(_ORDERS, list(cases))
    found: Facts = defaultdict(dict)
    for row in rows:
        facts = found[row["case"]]
        if row["kind"] == "suspend":
            end = min(moment for moment in (row["until"], row["lifted"], row["now"]) if moment is not None)
            line = f"{row['posted_at'].isoformat()}/{end.isoformat()}"
            facts[SUSPENDED] = "\n".join(filter(None, (str(facts.get(SUSPENDED, "")), line)))
        elif row["until"] is not None:
            facts |= {"correction_ordered": row["posted_at"], "correction_until": row["until"]}
            facts.pop("correction_done", None)
            if row["lifted"] is not None:
                facts["correction_done"] = row["lifted"]
    return found
