"""The page on which a bidder proves his envelopes well made after a holder has called them bad (举证)."""

from typing import Any

from litestar import Response, get

from bidding import desk
from bidding.pages.forms import AnyRequest, LotId, of_lot, tools_of
from bidding.steps.look import own_chain, public_lot_for
from kernel import clock
from kernel.box import contest
from kernel.box import records as box_records
from kernel.box.records import BidView, BoxView
from kernel.errors import Problem, WrongStage
from kernel.proofs.anchored import TITLES
from kernel.proofs.opening import read_cure
from kernel.proofs.setup import ROLES
from kernel.web.auth import actor_of
from kernel.web.door import page


@get("/lots/{lot:uuid}/cure", opt={"act": "answer_cure", "quiet": True}, include_in_schema=False)
async def cure_page(request: AnyRequest, lot: LotId) -> Response[str]:
    actor = actor_of(request)
    row = await public_lot_for("answer_cure", actor, lot)
    box, chain = await box_records.box(lot), await own_chain(actor, lot)
    if not chain or chain[-1].kind != "bid":
        raise WrongStage(Problem("no_bid_to_prove", "您在本标段没有有效的标书", "请从工作台核对"))
    return await page(
        request,
        "bidding/cure.html",
        last=chain[-1],
        box=box,
        waiting=await _waiting(box, chain[-1]),
        proved=await _proved(box, chain[-1]),
        origin=tools_of(request).origin,
        bidder=actor.organisation_code,
        **await of_lot(row),
    )


async def _waiting(box: BoxView, bid: BidView) -> list[dict[str, Any]]:
    """Whose word waits for an answer: {stage, role, count}, each a name to show; `count` holders say it."""
    found = (await contest.open_bids(box, await clock.now())).get(bid.sha256, []) if box.state == "opening" else []
    return [_said(stage, ruling.role, len(ruling.kids)) for stage, ruling in found]


async def _proved(box: BoxView, bid: BidView) -> list[dict[str, Any]]:
    """What this bidder has proved already."""
    if not box.close:
        return []
    found: dict[tuple[str, str], int] = {}
    for message in await box_records.messages(box.case, "cure"):
        cure = read_cure(message.body, close=box.close, stage=message.stage)
        if cure.bid == bid.sha256:
            place = (message.stage, ROLES[cure.x - 1])
            found[place] = found.get(place, 0) + 1
    return [_said(stage, role, count) for (stage, role), count in found.items()]


def _said(stage: str, role: str, count: int) -> dict[str, Any]:
    return {"stage": desk.STAGE_NAMES.get(stage, stage), "role": TITLES[role], "count": count}


HANDLERS = [cure_page]
