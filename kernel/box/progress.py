"""What a box does next by itself: take what the other side posted, and walk on as far as time and parties allow."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.acts import Beat
from kernel.box import (
    checking,
    close,
    contest,
    desk,
    listed,
    messages,
    open,
    outage,
    readiness,
    records,
    setup,
    witness,
)
from kernel.box.close import LIST_MINUTES
from kernel.box.damage import Digest
from kernel.box.open import Fetch
from kernel.box.records import BoxView, MessageView
from kernel.db import TRADING, transaction
from kernel.errors import Refusal, Unavailable
from kernel.proofs.errors import ProofError

LONGEST_SILENCE = timedelta(hours=24)
"""After the windows of an opening."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The box before and after, so that the duty can move its own stage."""

    before: str
    after: str


async def advance(
    beat: Beat,
    *,
    regulator: bytes,
    fetch: Fetch,
    digest: Digest | None = None,
    witnessed: bool = False,
    steady: bool = False,
) -> Progress:
    """Take waiting messages, then close, open or fail as is due. Safe to call at any time, any number of times.

    `regulator` is the public key of the regulator's process, which countersigns the close. `witnessed`: the close has
    also to be seen by the log's witness; until then the countersignature waits where it lies. `steady`: the log is
    signed every minute, so that minutes without a signature are an outage of the platform, and are given back.
    `digest` reads what is stored: a rehearsal stores nothing.
    """
    before = (await records.box(beat.case)).state
    box = await records.box(beat.case)
    waits = witnessed and box.state == "closed" and not await witness.look(beat, box)
    for message in await records.untaken(beat.case):
        if not (waits and message.kind == "countersign"):
            await _take(beat, message, regulator)
    await setup.assemble(beat, await records.box(beat.case))
    await setup.complete(beat, await records.box(beat.case))
    box = await records.box(beat.case)
    await readiness.ask(beat, box)
    await close.list_standing(beat, box)
    box = await records.box(beat.case)
    over = box.deadline_at is not None and beat.at >= box.deadline_at + timedelta(minutes=LIST_MINUTES)
    if box.state == "listed" and over and await close.fix(beat, box) and digest is not None:
        await checking.begin(beat.connection, beat.case, turn=1)
    box = await records.box(beat.case)
    if box.state == "opening":
        if steady:
            await outage.give_back(beat, box)
        if await _may_be_judged(beat, await records.box(beat.case), witnessed, steady):
            await _judge(beat, fetch, digest)
    return Progress(before, (await records.box(beat.case)).state)


async def _judge(beat: Beat, fetch: Fetch, digest: Digest | None) -> None:
    """Open and judge, unless the store is away: what was given in this act stands, and a later turn opens.

    Else whoever gives the last seed would be refused until the window ends, and be judged for keeping it back.
    """
    known = len(beat.events)
    try:
        async with transaction(TRADING):
            await open.resolve(beat, await records.box(beat.case), fetch, digest)
    except Unavailable:
        del beat.events[known:]


async def _may_be_judged(beat: Beat, box: BoxView, witnessed: bool, steady: bool) -> bool:
    """Not while nobody outside has seen what opened the second turn, nor while bidders find no page to reveal on.

    That the pages are silent is the operator's own word: it holds a box shut for a day after its windows, no longer.
    """
    if witnessed and box.turn > 1 and not await witness.look_again(beat, box):
        return False
    ends = max((at for at in (box.reveal_until, box.fallback_until) if at is not None), default=beat.at)
    silent = steady and beat.at < ends + LONGEST_SILENCE and await outage.is_silent(beat.case)
    return not (silent and await listed.unrevealed(box))


async def _take(beat: Beat, message: MessageView, regulator: bytes) -> None:
    box = await records.box(beat.case)
    try:
        if message.kind == "countersign":
            await close.take_countersignature(beat, box, message.signed, regulator)
        elif message.kind == "audit":
            await contest.take_audit(beat, box, message.signed, message.stage, regulator, message.at)
        else:
            holder = await records.holder_by_keyid(box, message.author)
            if holder is None or holder.role != message.role:
                await messages.refuse(beat, message, "not_a_holder")
                return
            await desk.take(beat, box, holder, message.kind, message.signed, message.stage)
    except (Refusal, ProofError) as refused:
        await messages.refuse(beat, message, refused.code)


def due(box: BoxView) -> list[datetime]:
    """The moments at which time alone will do something to this box."""
    moments = {
        "ready": [readiness.due(box), box.deadline_at],
        "listed": [box.deadline_at and box.deadline_at + timedelta(minutes=LIST_MINUTES)],
        "closed": [witness.patience_ends(box)],
        "opening": [box.reveal_until, box.cure_until, box.fallback_until],
    }
    return [moment for moment in moments.get(box.state, []) if moment is not None]
