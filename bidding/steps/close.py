"""截标: the box closes by itself; within five minutes a bidder may have an omitted bid restored."""

from uuid import UUID

from bidding.case import Tools, lot_act
from bidding.schemas import SignedObject, decoded
from kernel.box import close as box_close
from kernel.box import records as box_records
from kernel.errors import BadInput, Forbidden, Problem
from kernel.identity import Actor
from kernel.proofs import dsse
from kernel.proofs.close import read_receipt


async def restore_bid(tools: Tools, actor: Actor, lot: UUID, command: SignedObject) -> None:
    """A bidder shows our own receipt for a bid that the published list omits."""
    async with lot_act("restore_bid", actor, lot) as case:
        signed = dsse.read(decoded(command.envelope))
        receipt = read_receipt(dsse.require(signed, [tools.receipts.public]))
        if receipt.bidder != actor.organisation_code:
            raise Forbidden(Problem("receipt_of_another", "回执不是您单位的", "请出示本单位的回执"))
        bid = await box_records.bid(receipt.sha256)
        if bid.case != lot:
            raise BadInput(Problem("receipt_of_another_lot", "回执属于另一个标段", "请核对标段"))
        await box_close.restore(case.beat, await box_records.box(lot), signed, bid)
