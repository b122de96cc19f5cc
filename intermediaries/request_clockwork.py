"""What time, the draw and the regulator's decisions do to a request; and doing it when it is due."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from intermediaries import damage
from intermediaries.case import Tools
from intermediaries.records import requests as records
from intermediaries.records import services
from intermediaries.request_case import Unmoved
from intermediaries.stages import Stage
from intermediaries.steps.archive import archive_request
from intermediaries.steps.close import close_request, end_void_draw, fix_list, open_quotes
from intermediaries.steps.confirm import lapse_selection
from intermediaries.steps.rate import rate_by_default, rate_by_department
from intermediaries.steps.resume import resume_request
from intermediaries.steps.select import select_agency
from intermediaries.steps.suspend import suspend_request
from kernel.box import waiting_records
from kernel.clock import now
from kernel.db import TRADING, reading, transaction
from kernel.decisions import untaken
from kernel.directives import suspensions
from kernel.errors import Directed, Refusal
from kernel.identity import Actor, clockwork
from kernel.toss.news import news as toss_news
from kernel.toss.news import take_news

ACTOR = clockwork("intermediaries")
Turn = Callable[[Tools, Actor, UUID], Awaitable[None]]
_log = logging.getLogger("yangguang.intermediaries")


async def _rate(tools: Tools, actor: Actor, case: UUID) -> None:
    await rate_by_default(actor, case)


TURNS: Mapping[Stage, tuple[Turn, ...]] = {
    Stage.OPEN: (close_request, end_void_draw, fix_list),
    Stage.CLOSED: (end_void_draw, open_quotes, fix_list, select_agency),
    Stage.SELECTED: (lapse_selection,),
    Stage.COMPLETED: (_rate, archive_request),
    Stage.FAILED: (archive_request,),
    Stage.WITHDRAWN: (archive_request,),
}
"""Stage → what may be due in it, in this order; each does nothing when it is not."""


async def turn(tools: Tools, case: UUID) -> None:
    """Do what is due for one request; safe at any time, any number of times."""
    async with reading(TRADING) as connection:
        was_stopped = bool(await suspensions(connection, case))
    if was_stopped:
        with suppress(Unmoved):
            await suspend_request(ACTOR, case)
        with suppress(Unmoved):
            await resume_request(tools, ACTOR, case)
    row = await records.request(case)
    for act in TURNS.get(row.stage, ()):
        with suppress(Unmoved):
            await act(tools, ACTOR, case)


async def run_request(tools: Tools, payload: Mapping[str, Any]) -> None:
    """The job `request`: a moment of one request has come. A standing directive stops the clock too."""
    with suppress(Directed):
        await turn(tools, UUID(payload["request"]))


async def check_stored(tools: Tools, payload: Mapping[str, Any]) -> None:
    """The job `box_check`: a part of a request's closed box is read; with the last the opening need wait no longer."""
    if await damage.read_part(tools, payload):
        with suppress(Directed):
            await turn(tools, UUID(payload["case"]))


async def sweep_requests(tools: Tools) -> None:
    """Look at every request on the road, stopped, or ended without a package: heals a lost job."""
    on_the_road = await records.requests_where(stages=[Stage.OPEN, Stage.CLOSED, Stage.SELECTED], limit=10_000)
    cases = [row.id for row in on_the_road] + await records.stopped()
    cases += await services.unrated(await now()) + await records.unpacked()
    await _turn_each(tools, dict.fromkeys(cases))


async def take_posted(tools: Tools) -> None:
    """Look at what the regulator's side has posted: seen closes, news of draws, ratings by departments."""
    async with transaction(TRADING) as connection:
        news = await toss_news(connection, "agency")
        decided = await untaken(connection, "rate_result", key=tools.regulator)
    for one in news:
        async with transaction(TRADING) as connection:
            await take_news(connection, one.id)
    waiting = await records.on_the_market(await waiting_records.cases_with_untaken())
    await _turn_each(tools, dict.fromkeys([*(one.case for one in news), *waiting]))
    for decision in decided:
        with suppress(Unmoved, Directed):
            await rate_by_department(tools, ACTOR, decision)


async def _turn_each(tools: Tools, cases: Iterable[UUID]) -> None:
    """One request's trouble is written down and keeps no other waiting."""
    for case in cases:
        try:
            await turn(tools, case)
        except Refusal:
            continue
        except Exception:
            _log.exception("request %s could not be turned and is tried again", case)
