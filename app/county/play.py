"""The county's weeks, played: every story goes on when its moment has come, until today, on one set clock."""

import heapq
import itertools
import logging
import tomllib
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from app.county import judges, market
from app.county.market import Asked
from app.county.tenders import Plan, tender
from app.county.world import World
from app.demo_people import HOLDERS
from app.migrate import DEMO_START
from app.officer.home import Home
from kernel.box import desk
from kernel.clock import CHINA
from kernel.errors import Refusal
from kernel.identity import Actor
from kernel.proofs import age

Story = AsyncIterator[datetime]
MORNING = time(9, 30)
"""When the office begins; before it the people, the judges and the market come in."""
_log = logging.getLogger("yangguang.county")


def read_plan() -> tuple[list[Plan], list[Asked], datetime]:
    """The rows of plan.toml, and the morning on which the county is found."""
    text = tomllib.loads((Path(__file__).parent / "plan.toml").read_text(encoding="utf-8"))
    return (
        [Plan(**_at_nine(row)) for row in text["tender"]],
        [Asked(**{"agencies": 3, **_at_nine(row)}) for row in text["request"]],
        datetime.combine(text["today"], MORNING, CHINA),
    )


async def play(world: World) -> None:
    """Live the weeks; afterwards the clocks run on from today."""
    tenders, requests, today = read_plan()
    await world.forward(DEMO_START + timedelta(minutes=5))
    for login in HOLDERS:
        await world.turn("supervision" if world.people[login].role == "regulator" else "trading")
        await _register(world.people[login], world.player.holders[login])
    await world.turn("trading")
    await judges.admit_pool(world)
    await market.open_market(world)
    stories = [(plan.begin, tender(world, plan), plan.name) for plan in tenders]
    stories += [(asked.begin, market.request(world, asked), asked.name) for asked in requests]
    await live(world, stories, today)
    await world.wake()


async def live(world: World, stories: Sequence[tuple[datetime, Story, str]], today: datetime) -> None:
    """Each story is woken at its moment, the earliest first; between them, evenings pass with nothing but clockwork."""
    order = itertools.count()
    waiting = [(begin, next(order), story, name) for begin, story, name in stories]
    waiting += [(evening, next(order), _nothing(), "") for evening in _evenings(waiting[0][0], today)]
    heapq.heapify(waiting)
    while waiting and waiting[0][0] < today:
        moment, _, story, name = heapq.heappop(waiting)
        await world.forward(moment)
        following = await _go_on(story, name) if name else None
        if not name:
            await world.go_round()
        if following is not None:
            heapq.heappush(waiting, (max(following, moment), next(order), story, name))
    await world.forward(today)
    await world.go_round()


async def _go_on(story: Story, name: str) -> datetime | None:
    try:
        return await anext(story)
    except StopAsyncIteration:
        return None
    except Refusal as refused:
        # A story that the law stops is a story too, but not one that was planned: it is told, and the others go on.
        _log.warning("%s: %s", name, [(p.code, p.says) for p in refused.problems])
        return None


async def _nothing() -> Story:
    """An evening: nobody acts, the clockwork does."""
    none: tuple[datetime, ...] = ()
    for moment in none:
        yield moment


def _evenings(first: datetime, today: datetime) -> list[datetime]:
    days = (today - first).days
    return [first.replace(hour=18, minute=30) + timedelta(days=n) for n in range(days + 1)]


def _at_nine(row: dict[str, Any]) -> dict[str, Any]:
    begin: date = row["begin"]
    return row | {"begin": datetime.combine(begin, MORNING, CHINA)}


async def _register(actor: Actor, holder: Home) -> UUID:
    return await desk.register(actor, holder.card.public_key, age.recipient_of(holder.officer.master))
