"""查阅: what a party may see of his own case; reading changes nothing and leaves no event."""

from uuid import UUID

from bidding import records
from bidding.case import check_actor
from bidding.records import LotRow
from kernel.box import records as box_records
from kernel.box.records import BidView
from kernel.clock import now
from kernel.errors import NotFound, Problem
from kernel.identity import Actor


async def read_lot(act: str, actor: Actor, case: UUID) -> LotRow:
    """A lot for one who may take this act on it; a stranger's does not exist."""
    lot = await records.lot(case)
    await check_actor(act, actor, lot, await now())
    return lot


async def read_project(actor: Actor, project: UUID) -> list[LotRow]:
    """The lots of one's own project, or of one in an official's region."""
    lots = await records.lots_of(project)
    for lot in lots:
        await check_actor("read_case", actor, lot, await now())
    return lots


async def own_chain(actor: Actor, case: UUID) -> list[BidView]:
    """The bidder's own messages in one box, oldest first."""
    return await box_records.chain(case, actor.organisation_code)


async def own_receipt(actor: Actor, event: UUID) -> BidView:
    """The message whose receipt this event is; anybody else's does not exist."""
    view = await box_records.bid_of_event(event)
    if view.bidder != actor.organisation_code:
        raise NotFound(Problem("no_receipt", "没有这份回执", "请核对回执编号"))
    return view
