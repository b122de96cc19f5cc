"""截标: the box closes by itself; within five minutes a bidder may have an omitted bid restored."""

from uuid import UUID

from bidding.case import LotCase, Tools, lot_act
from bidding.schemas import SignedObject
from bidding.stages import Stage
from bidding.steps.publish import set_timer
from bidding.steps.submit import PURPOSE, decoded
from kernel import inbox
from kernel.box import close as box_close
from kernel.box import records as box_records
from kernel.box.progress import due
from kernel.errors import BadInput, Forbidden, Problem
from kernel.identity import Actor
from kernel.proofs import dsse
from kernel.proofs.close import read_receipt
from storage import keeping

FAILED = "截标时有效投标少于 {minimum} 家，依法不得开标，招标人应当重新招标（招标投标法实施条例第四十四条）"


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


async def after_close(tools: Tools, case: LotCase, state: str) -> None:
    """Move the lot with its box: listed or closed → 已截标; failed → 已流标, and everybody concerned is told."""
    if state in ("listed", "closed", "failed") and case.lot.stage == Stage.ANNOUNCED:
        await case.move(Stage.CLOSED)
        await case.beat.record(case.lot.code, act="close_lot")
        await keeping.abandon(case.beat.connection, f"{PURPOSE}:{case.lot.id}")
    if state == "failed" and case.lot.stage == Stage.CLOSED:
        await _fail(case)
    for moment in due(await box_records.box(case.lot.id)):
        await set_timer(case.beat.connection, case.lot.id, moment)


async def _fail(case: LotCase) -> None:
    reason = FAILED.format(minimum=case.procedure.minimum)
    await case.move(Stage.FAILED, failure=reason)
    await case.beat.record(case.lot.code, act="fail_lot", facts={"reason": reason})
    standing, _ = await box_records.standing(case.lot.id)
    counts = {"count": str(len(standing)), "least": str(case.procedure.minimum)}
    link = f"/lots/{case.lot.id}"
    for organisation in [bid.organisation for bid in standing] + [case.lot.purchaser]:
        fields = {"project": case.lot.name, "code": case.lot.code, **counts}
        await inbox.send(
            case.beat.connection, "opening_failed", fields=fields, organisation=organisation, link=link
        )
