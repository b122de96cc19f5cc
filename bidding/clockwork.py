"""What time will do to a lot, as (moment, act); and doing it when it is due."""

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from bidding import damage, judging, records
from bidding.case import Tools
from bidding.detours import rehearse, remind, suspend
from bidding.records import LotRow
from bidding.stages import RECORDED, Stage
from bidding.steps import archive, evaluate, record
from bidding.steps.open import Unmoved, advance
from kernel.box import records as box_records
from kernel.box import rehearsal, waiting_records
from kernel.box.checking import PART
from kernel.box.progress import due as box_due
from kernel.clock import now
from kernel.errors import Directed, Refusal, WrongStage
from kernel.identity import clockwork

WATCHED = (Stage.ACCEPTED, Stage.ANNOUNCED, Stage.CLOSED, Stage.OPENING)
AFTER = tuple(stage for stage in Stage if stage in RECORDED | {Stage.FAILED} and stage != Stage.ARCHIVED)
"""After the opening nothing closes by itself, but orders are carried out, panels walked on and packages made."""
ACTOR = clockwork("bidding")
_log = logging.getLogger("yangguang.bidding")


async def due(case: UUID) -> list[tuple[datetime, str]]:
    """The moments at which something will happen to this lot by itself, earliest first."""
    lot = await records.lot(case)
    if lot.stage not in WATCHED or lot.stage == Stage.ACCEPTED:
        return []
    moments = [(at, "advance_box") for at in box_due(await box_records.box(case))]
    if lot.stage == Stage.OPENING and lot.session_until is not None:
        moments.append((lot.session_until, "conclude_opening"))
    return sorted(moments)


async def turn(tools: Tools, case: UUID) -> None:
    """Do what is due for one lot, or for the rehearsal of one; safe at any time, any number of times."""
    if await rehearsal.is_one(case):
        await rehearse.go_on(tools, case)
        return
    await suspend.carry_out(tools, ACTOR, case)
    await remind.ask_to_correct(case)
    if (await records.lot(case)).stage in WATCHED:
        with suppress(Unmoved):
            await advance(tools, ACTOR, case)
    lot = await records.lot(case)
    if lot.stage == Stage.OPENING and lot.opened_at is not None:
        await _conclude(tools, case)
    await _evaluate(lot)
    await archive.archive_when_due(tools, ACTOR, case)


async def run(tools: Tools, payload: Mapping[str, Any]) -> None:
    """The job `lot`: a moment of one lot has come. A standing directive stops the clock too."""
    try:
        await turn(tools, UUID(payload["lot"]))
    except Directed:
        return


async def check_stored(tools: Tools, payload: Mapping[str, Any], part: int = PART) -> None:
    """The job `box_check`: a part (bytes) of a closed box is read; after the last the opening need wait no longer."""
    if await damage.read_part(tools, payload, part):
        with suppress(Directed):
            await turn(tools, UUID(payload["case"]))


async def sweep(tools: Tools) -> None:
    """Look at every lot on the road: heals a lost job, and takes what the regulator's side has posted."""
    lots = await records.lots_where(stages=(*WATCHED, *AFTER), limit=10_000)
    await _turn_each(tools, [lot.id for lot in lots])


async def take_posted(tools: Tools) -> None:
    """Look only at the lots whose box holds something of the regulator's side that nobody has taken; one query."""
    await _turn_each(tools, await waiting_records.cases_with_untaken())


async def _turn_each(tools: Tools, cases: Iterable[UUID]) -> None:
    """One lot's trouble is written down and keeps no other lot waiting."""
    for case in cases:
        try:
            await turn(tools, case)
        except Refusal:
            continue
        except Exception:
            _log.exception("lot %s could not be turned and is tried again", case)


async def _evaluate(lot: LotRow) -> None:
    """A panel that is there begins; one that sits goes as far as its members have brought it."""
    if lot.stage == Stage.OPENED and await judging.lawful(lot.id):
        with suppress(WrongStage):
            await evaluate.begin_evaluation(ACTOR, lot.id)
    if lot.stage == Stage.EVALUATING:
        with suppress(evaluate.Unmoved):
            await evaluate.advance_evaluation(ACTOR, lot.id)


async def _conclude(tools: Tools, case: UUID) -> None:
    """The session's time is over and every objection answered: the record makes itself."""
    if any(o.answered_at is None for o in await records.objections(case)):
        return
    moment = await now()
    if any(at <= moment for at, act in await due(case) if act == "conclude_opening"):
        await record.conclude_opening(tools, ACTOR, case)
