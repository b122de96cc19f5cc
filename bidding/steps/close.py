"""截标: the box closes by itself; within five minutes a bidder may have an omitted bid restored."""

from uuid import UUID

from bidding.case import Tools, lot_act
from bidding.schemas import SignedObject, decoded
from kernel.box import close as box_close
from kernel.box import records as box_records
from kernel.identity import Actor


async def restore_bid(tools: Tools, actor: Actor, lot: UUID, command: SignedObject) -> None:
    """A bidder shows our own receipt for a bid that the published list omits."""
    async with lot_act("restore_bid", actor, lot) as case:
        envelope, box = decoded(command.envelope), await box_records.box(lot)
        await box_close.restore(case.beat, box, envelope, tools.receipts.public)
