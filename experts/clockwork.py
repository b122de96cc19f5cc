"""What time, the regulator and the draw do to experts and panels; done once, by any number of workers."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from experts import records
from experts.case import Tools, Unmoved
from experts.stages import STANDING, Stage
from experts.steps import admit
from experts.steps.announce import know_bidders, open_names
from experts.steps.draw import fix_panel_list
from experts.steps.follow import follow
from kernel.db import TRADING, transaction
from kernel.errors import Refusal
from kernel.identity import clockwork
from kernel.toss.news import news
from kernel.toss.schemas import News

ACTOR = clockwork("experts")
_WAITING = [str(stage) for stage in STANDING]
_log = logging.getLogger("yangguang.experts")


async def turn(tools: Tools) -> int:
    """Decisions of the pool's owner, and what the draws tell; how many were dealt with. Every second or so."""
    async with transaction(TRADING) as connection:
        decided = await admit.waiting(connection, tools.regulator)
        heard = await news(connection, "panel")
    done = 0
    for decision in decided:
        done += await _tried(partial(admit.carry_out, tools, ACTOR, decision), f"decision {decision.id}")
    for one in heard:
        done += await _tried(partial(_hear, tools, one), f"draw {one.toss}")
    return done


async def sweep(tools: Tools) -> None:
    """Every panel under way: lists whose moment has come, bidders that became known, names that may be shown."""
    await _look_at(tools, await records.panels_where(10_000, stages=_WAITING, unfinished=True))


async def run(tools: Tools, payload: Mapping[str, Any]) -> None:
    """The job `panel`: something of one lot's panel is due now, and somebody waits for it."""
    await _look_at(tools, await records.panels_where(lot=UUID(payload["lot"]), stages=_WAITING, unfinished=True))


async def _look_at(tools: Tools, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        await _tried(partial(_look, tools, row), f"panel {row['id']}")


async def _hear(tools: Tools, one: News) -> None:
    if one.what == "sealed":
        rows = await records.panels_where(toss=one.toss)
        if rows and not rows[0]["attended"]:
            with suppress(Unmoved):
                await fix_panel_list(tools, ACTOR, one.case)
    await follow(tools, ACTOR, one)


async def _look(tools: Tools, row: Mapping[str, Any]) -> None:
    facts = await tools.lots(row["lot"])
    if row["stage"] == Stage.REQUESTED and row["attended"] and row["fixed_at"] is None:
        await fix_panel_list(tools, ACTOR, facts.lot)
    if row["bidders_at"] is None and facts.bidders is not None:
        with suppress(Unmoved):
            await know_bidders(tools, ACTOR, facts)
    if facts.result:
        for everyone in (False, True) if facts.over else (False,):
            with suppress(Unmoved):
                await open_names(tools, ACTOR, facts.lot, everyone=everyone)


async def _tried(act: Callable[[], Awaitable[None]], what: str) -> int:
    """One trouble is written down and keeps nothing else waiting; a refusal waits for its time."""
    try:
        await act()
    except Unmoved:
        return 0
    except Refusal as refused:
        _log.info("%s waits: %s", what, refused)
        return 0
    except Exception:
        _log.exception("%s failed and is tried again", what)
        return 0
    return 1
