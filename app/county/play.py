"""The county's weeks, played: every story goes on when its moment has come, until today, on one set clock."""

import heapq
import itertools
import logging
import tomllib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from app.county import judges, market, oversight
from app.county.oversight import NEVER
from app.county.player import paper
from app.county.requests import Asked, request
from app.county.tenders import Plan, tender
from app.county.world import World
from app.demo_people import HOLDERS
from app.migrate import DEMO_START
from app.officer.home import Home
from kernel import clock
from kernel.accounts.mandates import MANDATABLE, give_mandate
from kernel.accounts.schemas import GiveMandate
from kernel.box import desk
from kernel.clock import CHINA
from kernel.errors import Refusal
from kernel.identity import Actor
from kernel.proofs import age

PLAN = Path(__file__).parent / "plan.toml"
MORNING = time(9, 30)
"""When the office begins; before it the people, the judges and the market come in."""
NIGHT = time(18, 30)
Story = AsyncIterator[datetime]
_log = logging.getLogger("yangguang.county")


@dataclass(frozen=True, slots=True)
class Weeks:
    """What plan.toml says: the rows, how many experts and agencies there are, and the morning of today."""

    tenders: Sequence[Plan]
    requests: Sequence[Asked]
    answers: Sequence[dict[str, Any]]
    experts: int
    agencies: int
    today: datetime


def read_plan(file: Path = PLAN) -> Weeks:
    """The weeks as the file has them; every row's story begins in the morning of its day."""
    text = tomllib.loads(file.read_text(encoding="utf-8"))
    return Weeks(
        [Plan(**_in_the_morning(row)) for row in text["tender"]],
        [Asked(**{"agencies": 3, **_in_the_morning(row)}) for row in text["request"]],
        [_in_the_morning(row) for row in text.get("answer", ())],
        text["experts"], text["agencies"], datetime.combine(text["today"], MORNING, CHINA),
    )  # fmt: skip


async def play(world: World, weeks: Weeks) -> list[str]:
    """Live the weeks; afterwards the clocks run on from today. What the law refused, by story: nothing, if the plan is
    good."""
    await world.forward(DEMO_START + timedelta(minutes=5))
    for login in HOLDERS:
        world.turn("supervision" if world.people[login].role == "regulator" else "trading")
        await _register(world.people[login], world.player.holders[login])
    world.turn("trading")
    await _mandate(world, weeks.today)
    await judges.admit_pool(world, weeks.experts)
    await market.open_market(world, weeks.agencies)
    stories = [(plan.begin, tender(world, plan), plan.name) for plan in weeks.tenders]
    stories += [(asked.begin, request(world, asked, weeks.agencies), asked.name) for asked in weeks.requests]
    stories += [(a["begin"], oversight.answered(world, a["login"], a["text"]), a["login"]) for a in weeks.answers]
    refused = await _live(world, stories, weeks.today)
    await world.wake()
    return refused


async def _live(world: World, stories: Sequence[tuple[datetime, Story, str]], today: datetime) -> list[str]:
    """Each story is woken at its moment, the earliest first; then the workers of both sites do what came of it.

    A story that goes on at the moment at which it stands is woken again after them. Every evening the house looks
    after itself.
    """
    order = itertools.count()
    waiting = [(begin, next(order), story, name) for begin, story, name in stories]
    waiting += [(evening, next(order), _evening(world), "") for evening in _evenings(DEMO_START, today)]
    heapq.heapify(waiting)
    refused: list[str] = []
    while waiting and (moment := waiting[0][0]) < today:
        await world.forward(moment)
        now = []
        while waiting and waiting[0][0] == moment:
            now.append(heapq.heappop(waiting))
        for _, _, story, name in now:
            following = await _go_on(story, f"{name} {moment:%m-%d %H:%M}", refused)
            if following is not None:
                heapq.heappush(waiting, (max(following, moment), next(order), story, name))
        await world.go_round()
    await world.forward(today)
    await world.evening()
    return refused


async def _go_on(story: Story, name: str, refused: list[str]) -> datetime | None:
    """One step of a story; the moment of its next one."""
    try:
        return await anext(story)
    except StopAsyncIteration:
        return None
    except Refusal as stopped:
        refused.append(f"{name}: {[(p.code, p.says) for p in stopped.problems]}")
        _log.warning("%s", refused[-1])
        return None


async def _evening(world: World) -> Story:
    await world.evening()
    for moment in NEVER:
        yield moment


def _evenings(first: datetime, today: datetime) -> list[datetime]:
    days = (today - first).days
    return [datetime.combine(first + timedelta(days=n), NIGHT, CHINA) for n in range(days + 1)]


def _in_the_morning(row: dict[str, Any]) -> dict[str, Any]:
    begin: date = row["begin"]
    return row | {"begin": datetime.combine(begin, MORNING, CHINA)}


async def _register(actor: Actor, holder: Home) -> UUID:
    return await desk.register(actor, holder.card.public_key, age.recipient_of(holder.officer.master))


async def _mandate(world: World, today: datetime) -> None:
    """One owner has an agency do what may be delegated, until the week after today: the end is near."""
    agency = world.people["agent1"].organisation
    assert agency is not None, "he works there"
    contract = sha256(paper("招标代理合同", "招标人委托代理机构办理招标事宜。")).hexdigest()
    since, until = await clock.now(), today + timedelta(days=6)
    command = GiveMandate(agent=agency, acts=MANDATABLE, since=since, until=until, document=contract)
    await give_mandate(world.people["purchaser1"], command)
