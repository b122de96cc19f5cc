"""A bidder whose envelopes a role calls bad: what is said of his bid, and his proof that they are well made."""

from datetime import datetime

from litestar import get, post
from litestar.params import JSONBody

from bidding.api.shared import LARGEST, AnyRequest, LotId, tools_of
from bidding.schemas import RevealBid
from bidding.steps.look import own_chain, public_lot_for
from bidding.steps.open import answer_cure
from bidding.views import View
from kernel.box import contest
from kernel.box import records as box_records
from kernel.clock import now
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

TAGS = ["投标"]


class Contested(View):
    """One of one's own envelopes that a role calls bad."""

    stage: str
    role: str
    kids: list[str]


class ContestedShown(View):
    """All of them; `until` is the end of the time to answer."""

    until: datetime | None
    close: str
    contested: list[Contested]


@get(
    "/api/v1/lots/{lot:uuid}/cures",
    opt={"act": "answer_cure", "quiet": True},
    tags=TAGS,
    summary="本单位标书中被持钥人称有误的密封件",
    responses=refusals(404, 409),
)
async def contested(request: AnyRequest, lot: LotId) -> ContestedShown:
    actor = actor_of(request)
    await public_lot_for("answer_cure", actor, lot)
    box, chain = await box_records.box(lot), await own_chain(actor, lot)
    found = (await contest.open_bids(box, await now())).get(chain[-1].sha256, []) if chain and box.close else []
    listed = [Contested(stage=stage, role=one.role, kids=list(one.kids)) for stage, one in found]
    return ContestedShown(until=box.cure_until, close=box.close, contested=listed)


@post(
    "/api/v1/lots/{lot:uuid}/cures",
    opt={"act": "answer_cure", "quiet": True},
    status_code=200,
    tags=TAGS,
    summary="证明被称有误的密封件无误（不交出种子）",
    request_max_body_size=LARGEST,
    responses=refusals(404, 409, 413, 423),
)
async def cure(request: AnyRequest, lot: LotId, data: JSONBody[RevealBid], key: RequestId = None) -> dict[str, int]:
    actor = actor_of(request)

    async def do() -> dict[str, int]:
        return {"proved": await answer_cure(tools_of(request), actor, lot, data)}

    return await once("answer_cure", actor, key, {"lot": str(lot), **data.model_dump()}, do)


HANDLERS = [contested, cure]
