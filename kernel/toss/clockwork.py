"""The operator's process in draws: takes what the others said, says what is due of it, computes the order in time."""

import logging
from uuid import UUID

import asyncpg

from kernel.acts import Beat, acting
from kernel.db import TRADING, transaction
from kernel.errors import Refusal
from kernel.identity import clockwork
from kernel.jobs import schedule
from kernel.log_proofs import is_cosigned
from kernel.proofs.draw_role import Party
from kernel.proofs.draw_state import Ceremony
from kernel.publishing import PUBLISH
from kernel.toss import progress
from kernel.toss.intake import take_untaken
from kernel.toss.messages import put, story
from kernel.toss.tables import Toss

ACTOR = clockwork("toss")
_log = logging.getLogger("yangguang.toss")

_WAITING = """
select t.id, t."case" from toss.toss t
where t.restless or t.due_by <= kernel.law_now() and t.stage in ('begun', 'sealed', 'listed')
    or exists (select from toss.message m where m.toss = t.id
        and not exists (select from toss.taken x where x.message = m.id))
order by t.id limit 500
"""
_EVENTS = """
select x.event from toss.message m join toss.taken x on x.message = m.id
where m.toss = $1 and m.kind in ('commit', 'seal', 'ready', 'list', 'leaves') and x.refused = ''
"""
_ANY_WITNESS = "select exists (select from kernel.log_cosignature)"


class _Idle(Exception):
    """Leaves the act without an event."""


async def turn(hand: Party) -> int:
    """Do what is to be done in every draw that waits for this side; how many moved. Safe at any time, any number."""
    async with transaction(TRADING) as connection:
        rows = await connection.fetch(_WAITING)
    moved = 0
    for row in rows:
        try:
            moved += await turn_one(hand, row["id"], row["case"])
        except Refusal as refused:
            _log.info("draw %s waits: %s", row["id"], refused)
        except Exception:
            _log.exception("draw %s could not be turned and is tried again", row["id"])
    return moved


async def sweep() -> None:
    """Look at every draw under way again: heals a hint that was lost."""
    async with transaction(TRADING) as connection:
        await connection.execute(
            "update toss.toss set restless = true where not restless and stage in ('begun', 'sealed', 'listed')"
        )


async def turn_one(hand: Party, toss: UUID, case: UUID) -> bool:
    """The same for one draw; whether something happened."""
    try:
        async with acting("turn_draw", ACTOR, case) as beat:
            await advance(beat, hand, toss)
            if not beat.events:
                raise _Idle
    except _Idle:
        await _rest(toss)
        return False
    return True


async def advance(beat: Beat, hand: Party, toss: UUID) -> None:
    """Everything that can be done for one draw now, inside the case's lock."""
    await take_untaken(beat, toss)
    while True:
        ceremony = (await story(beat.connection, toss)).ceremony
        # Nothing sealed is opened before everything sealed is on the log: nobody can answer to what he has seen.
        if ceremony.due(hand.role) in ("ready", "show") and not await _settled_in_log(beat.connection, toss):
            break
        said = hand.next(ceremony)
        if said is None:
            break
        await put(beat, toss, said)
    await _mark(beat, hand, toss, ceremony)


async def _mark(beat: Beat, hand: Party, toss: UUID, ceremony: Ceremony) -> None:
    """Bring the draw's row up to what its messages say."""
    row = await Toss.select(Toss.stage, Toss.due_by).where(Toss.id == toss).first()
    assert row is not None
    stage = row["stage"]
    if stage in ("ordered", "walked", "void"):
        if stage != "void":
            await progress.settle_walk(beat, toss)
        return
    if await _voided(beat, hand, toss, ceremony, late=row["due_by"] is not None and row["due_by"] <= beat.at):
        return
    await _forward(beat, toss, ceremony, stage)


async def _forward(beat: Beat, toss: UUID, ceremony: Ceremony, stage: str) -> None:
    attended = ceremony.begin.value["attended"]
    steps = ["begun", "listed", "sealed"] if attended else ["begun", "sealed", "listed"]
    reached = {"begun": True, "sealed": ceremony.sealed, "listed": ceremony.listed}
    for step in steps[steps.index(stage) + 1 :]:
        if not reached[step]:
            return
        if step == "sealed":
            await progress.mark_sealed(beat, toss)
        else:
            await progress.mark_listed(beat, toss, ceremony)
    if ceremony.drawn is not None:
        await progress.mark_ordered(beat, toss, ceremony)


async def _voided(beat: Beat, hand: Party, toss: UUID, ceremony: Ceremony, *, late: bool) -> bool:
    """Whether there will be no draw: the list was refused, somebody called it off, lied at D2, or is missing."""
    said = ceremony.void
    if said is not None:
        refused = said.kind == "refuse"
        why, missing = said.value["says" if refused else "why"], said.value.get("missing", "")
        code = said.value["code"] if refused else "void"
        await progress.mark_void(beat, toss, why, missing, "refused" if refused else "void", code)
        return True
    missing = ceremony.missing()
    if ceremony.drawn is not None or not missing or not (late or ceremony.wrong):
        return False
    why = "一方封存的片段与其承诺不符" if ceremony.wrong else "一方未在规定时间内完成应做的步骤"
    ended = hand.say(ceremony, "void", why=why, missing=missing)
    await put(beat, toss, ended)
    ceremony.add((await story(beat.connection, toss)).ceremony.of_kind("void")[-1])
    if ceremony.void is None:
        return False
    await progress.mark_void(beat, toss, why, missing)
    return True


async def _settled_in_log(connection: asyncpg.Connection, toss: UUID) -> bool:
    """D2's messages are on the log, and under a cosigned checkpoint wherever this log has a witness."""
    if not await connection.fetchval(_ANY_WITNESS):
        return True
    return all([await is_cosigned(TRADING, row["event"]) for row in await connection.fetch(_EVENTS, toss)])


async def _rest(toss: UUID) -> None:
    """Nothing to do: look again when somebody says something. What waits for the witness stays restless."""
    async with transaction(TRADING) as connection:
        if await _settled_in_log(connection, toss):
            await connection.execute("update toss.toss set restless = false where id = $1 and restless", toss)
        else:
            count = len(await connection.fetch(_EVENTS, toss))
            await schedule(connection, PUBLISH, {}, dedup=f"{PUBLISH}:draw:{toss}:{count}")
