"""开标演练: a whole opening rehearsed beforehand; it touches nothing of the tender."""

from datetime import datetime
from uuid import UUID

from bidding.case import Tools, lot_act
from kernel.box import records as box_records
from kernel.box import rehearsal
from kernel.clock import iso
from kernel.identity import Actor


async def rehearse_opening(actor: Actor, lot: UUID, opens_at: datetime) -> UUID:
    """Rehearse this lot's opening with its own holders, closing at `opens_at`; the rehearsal's own case."""
    async with lot_act("rehearse_opening", actor, lot) as case:
        begun = await rehearsal.begin(case.beat, await box_records.box(lot), opens_at)
        await case.beat.record(str(begun), facts={"opens_at": iso(opens_at)})
    return begun


async def go_on(tools: Tools, case: UUID) -> None:
    """The clockwork's turn of a rehearsal."""
    await rehearsal.turn(case, regulator=tools.regulator, receipts=tools.receipts, origin=tools.origin)
