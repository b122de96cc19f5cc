"""查阅: what a party may see of his own case; reading changes nothing and leaves no event."""

import json
from uuid import UUID

from bidding import records
from bidding.case import check_reader, check_stage
from bidding.records import LotRow
from bidding.views import OwnReceipt
from kernel.box import records as box_records
from kernel.box.records import BidView, BoxView
from kernel.box.submit import STALE
from kernel.clock import CHINA
from kernel.db import HOME
from kernel.errors import NotFound, Problem
from kernel.identity import Actor
from kernel.log_proofs import is_cosigned
from kernel.proofs.bid import sealed_size
from kernel.proofs.canonical import to_base64
from kernel.refusals import on_record


async def read_lot(act: str, actor: Actor, case: UUID) -> LotRow:
    """A lot for one who may take this act on it; a stranger's does not exist."""
    lot = await records.lot(case)
    await check_reader(act, actor, lot)
    return lot


async def lot_for(act: str, actor: Actor, case: UUID) -> LotRow:
    """The same, now that the act may be taken; `WrongStage` when the lot stands elsewhere."""
    lot = await read_lot(act, actor, case)
    check_stage(act, lot)
    return lot


async def public_lot_for(act: str, actor: Actor, case: UUID) -> LotRow:
    """The same for a bidder, who knows of published lots only."""
    await records.public_lot(case)
    return await lot_for(act, actor, case)


async def read_project(actor: Actor, project: UUID, act: str = "read_case") -> list[LotRow]:
    """The lots of one's own project, or of one in an official's region; `NotFound` when there are none."""
    lots = await records.lots_of(project)
    if not lots:
        raise NotFound(Problem("no_project", "没有这个项目", "请从工作台进入"))
    for lot in lots:
        await check_reader(act, actor, lot)
    return lots


async def own_chain(actor: Actor, case: UUID) -> list[BidView]:
    """The bidder's own messages in one box, oldest first."""
    return await box_records.chain(case, actor.organisation_code)


async def own_message(actor: Actor, case: UUID, seq: int) -> BidView:
    """The message of this number in the bidder's own chain; anybody else's does not exist."""
    for view in await own_chain(actor, case):
        if view.seq == seq:
            return view
    raise NotFound(Problem("no_receipt", "没有这份回执", "请从工作台的“我的投标”进入"))


async def own_receipt(actor: Actor, event: UUID) -> BidView:
    """The message whose receipt this event is; anybody else's does not exist."""
    view = await box_records.bid_of_event(event)
    async with on_record("read_receipt", actor, view.case):
        if view.bidder != actor.organisation_code:
            raise NotFound(Problem("no_receipt", "没有这份回执", "请核对回执编号"))
    return view


async def receipt_of(box: BoxView, view: BidView) -> OwnReceipt:
    """One's own message as its receipt confirms it."""
    return OwnReceipt(
        tender=box.tender,
        lot=box.lot,
        bidder=view.bidder,
        kind=view.kind,
        seq=view.seq,
        sha256=view.sha256,
        size=sealed_size(view.body),
        received=view.received.astimezone(CHINA).isoformat(timespec="milliseconds"),
        receipt=to_base64(view.receipt),
        event=view.event,
        envelope=to_base64(view.envelope),
        final=await is_cosigned(HOME, view.event),
        warnings=[STALE] if view.kind == "bid" and json.loads(view.body)["notice"] != box.notice else [],
    )
