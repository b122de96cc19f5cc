"""在线封装: the page on which a bidder seals his bid in his own browser; the server sees only what comes out."""

from typing import Any

from litestar import Response, get

from bidding import desk
from bidding.pages.forms import AnyRequest, LotId, of_lot, tools_of
from bidding.steps.look import own_chain, public_lot_for
from kernel import clock
from kernel.box import records as box_records
from kernel.web.auth import actor_of
from kernel.web.door import page
from storage.limits import MAX_BID_FILES, MAX_PLAIN_BID, MAX_PLAIN_FILE


# Quiet like all that happens before the deadline: no line of a log and no figure may count bids.
@get("/lots/{lot:uuid}/seal", opt={"act": "submit_bid", "quiet": True}, include_in_schema=False)
async def seal_page(request: AnyRequest, lot: LotId) -> Response[str]:
    actor = actor_of(request)
    row = await public_lot_for("submit_bid", actor, lot)
    box, chain = await box_records.box(lot), await own_chain(actor, lot)
    moment = await clock.now()
    return await page(
        request,
        "bidding/seal.html",
        previous=chain[-1] if chain else None,
        taken=box.ready and box.deadline_at is not None and moment < box.deadline_at,
        stages=[_stage(stage) for stage in box.stages],
        mode=box.mode,
        bidder=actor.organisation_code,
        origin=tools_of(request).origin,
        limits={"file": MAX_PLAIN_FILE, "files": MAX_BID_FILES, "bid": MAX_PLAIN_BID},
        **await of_lot(row),
    )


def _stage(stage: dict[str, str]) -> dict[str, Any]:
    label = desk.STAGE_NAMES.get(stage["id"], stage["id"])
    return {"id": stage["id"], "label": label, "public": stage["to"] == "public"}


HANDLERS = [seal_page]
