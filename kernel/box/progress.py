"""What a box does next by itself: take what the other side posted, and walk on as far as time and parties allow."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.acts import Beat
from kernel.box import close, desk, messages, open, records, setup
from kernel.box.close import LIST_MINUTES
from kernel.box.open import Fetch
from kernel.box.records import BoxView, MessageView
from kernel.errors import Refusal
from kernel.proofs.errors import ProofError


@dataclass(frozen=True, slots=True)
class Progress:
    """The box before and after, so that the duty can move its own stage."""

    before: str
    after: str


async def advance(beat: Beat, *, regulator: bytes, fetch: Fetch) -> Progress:
    """Take waiting messages, then close, open or fail as is due. Safe to call at any time, any number of times.

    `regulator` is the public key of the regulator's process, which countersigns the close.
    """
    before = (await records.box(beat.case)).state
    for message in await records.untaken(beat.case):
        await _take(beat, message, regulator)
    await setup.assemble(beat, await records.box(beat.case))
    await setup.complete(beat, await records.box(beat.case))
    box = await records.box(beat.case)
    await close.list_standing(beat, box)
    box = await records.box(beat.case)
    if box.state == "listed" and box.deadline_at and beat.at >= box.deadline_at + timedelta(minutes=LIST_MINUTES):
        await close.fix(beat, box)
    box = await records.box(beat.case)
    if box.state == "opening":
        await open.resolve(beat, box, fetch)
    return Progress(before, (await records.box(beat.case)).state)


async def _take(beat: Beat, message: MessageView, regulator: bytes) -> None:
    box = await records.box(beat.case)
    try:
        if message.kind == "countersign":
            await close.take_countersignature(beat, box, message.signed, regulator)
        else:
            holder = await records.holder_by_keyid(box, message.author)
            if holder is None or holder.role != message.role:
                await messages.refuse(beat, message.id, message.sha256, "not_a_holder")
                return
            await desk.take(beat, box, holder, message.kind, message.signed, message.stage)
    except (Refusal, ProofError) as refused:
        await messages.refuse(beat, message.id, message.sha256, refused.code)


def due(box: BoxView) -> list[datetime]:
    """The moments at which time alone will do something to this box."""
    moments = {
        "ready": [box.deadline_at],
        "listed": [box.deadline_at and box.deadline_at + timedelta(minutes=LIST_MINUTES)],
        "opening": [box.reveal_until, box.fallback_until],
    }
    return [moment for moment in moments.get(box.state, []) if moment is not None]
