"""A bidder's own doors: submit, withdraw, reveal, have an omitted bid restored, read one's own receipts."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from bidding.api.shared import LARGEST, AnyRequest, LotId, tools_of
from bidding.schemas import Receipt, RevealBid, SignedObject, SubmitBid
from bidding.steps.close import restore_bid
from bidding.steps.look import own_chain, own_receipt, receipt_of
from bidding.steps.open import reveal_bid
from bidding.steps.submit import submit_bid, withdraw_bid
from bidding.views import OwnChain
from kernel.box import records as box_records
from kernel.db import HOME
from kernel.log_proofs import proof_of
from kernel.proofs.canonical import to_base64
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import besides, refusals

TAGS = ["投标"]


# Everything before the deadline is quiet: no line of a log and no figure may count bids.
def _opt(act: str) -> dict[str, Any]:
    return {"act": act, "quiet": True}


@post(
    "/api/v1/lots/{lot:uuid}/bids",
    opt=_opt("submit_bid"),
    tags=TAGS,
    summary="递交或替换密封标书，得到回执",
    description="截止时刻本身即已迟到。被拒收的标书不留任何内容。",
    request_max_body_size=LARGEST,
    responses=refusals(404, 409, 413, 423),
)
async def submit(request: AnyRequest, lot: LotId, data: JSONBody[SubmitBid], key: RequestId = None) -> Receipt:
    return await submit_bid(tools_of(request), actor_of(request), lot, data, key)


@post(
    "/api/v1/lots/{lot:uuid}/withdrawals",
    opt=_opt("withdraw_bid"),
    tags=TAGS,
    summary="截止前撤回标书",
    responses=refusals(404, 409, 413, 423),
)
async def withdraw(request: AnyRequest, lot: LotId, data: JSONBody[SignedObject], key: RequestId = None) -> Receipt:
    return await withdraw_bid(tools_of(request), actor_of(request), lot, data, key)


@post(
    "/api/v1/lots/{lot:uuid}/reveals",
    opt=_opt("reveal_bid"),
    status_code=200,
    tags=TAGS,
    summary="在线解密：逐阶段出示自己的种子",
    request_max_body_size=LARGEST,
    responses=refusals(404, 409, 413, 423),
)
async def reveal(request: AnyRequest, lot: LotId, data: JSONBody[RevealBid], key: RequestId = None) -> dict[str, int]:
    actor = actor_of(request)

    async def do() -> dict[str, int]:
        return {"revealed": await reveal_bid(tools_of(request), actor, lot, data)}

    return await once("reveal_bid", actor, key, {"lot": str(lot), **data.model_dump()}, do)


@post(
    "/api/v1/lots/{lot:uuid}/restorations",
    opt=_opt("restore_bid"),
    status_code=200,
    tags=TAGS,
    summary="截标后五分钟内，凭回执恢复名单遗漏的标书",
    responses=refusals(404, 409, 413, 423),
)
async def restore(
    request: AnyRequest, lot: LotId, data: JSONBody[SignedObject], key: RequestId = None
) -> dict[str, str]:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await restore_bid(tools_of(request), actor, lot, data)
        return {"lot": str(lot)}

    return await once("restore_bid", actor, key, {"lot": str(lot), **data.model_dump()}, do)


@get(
    "/api/v1/lots/{lot:uuid}/receipts",
    opt=_opt("read_receipt"),
    tags=TAGS,
    summary="本单位在本标段的全部回执",
    responses=refusals(404),
)
async def receipts(request: AnyRequest, lot: LotId) -> OwnChain:
    chain, box = await own_chain(actor_of(request), lot), await box_records.box(lot)
    return OwnChain(
        bid_id=chain[0].bid_id if chain else "",
        public_key=to_base64(chain[0].public_key) if chain else "",
        receipts=[await receipt_of(box, view) for view in chain],
    )


@get(
    "/api/v1/receipts/{event:uuid}/proof",
    opt=_opt("read_receipt"),
    tags=TAGS,
    summary="回执的存证证明（C2SP tlog-proof）；未经见证时为 202",
    responses=refusals(404) | besides(202),
)
async def proof(request: AnyRequest, event: FromPath[UUID]) -> Response[Any]:
    view = await own_receipt(actor_of(request), event)
    found = await proof_of(HOME, view.event, disclose=True)
    if found is None:
        waiting = {"final": False, "says": "回执已生效；见证方签名后即可取得最终证明，请稍后再取"}
        return Response(waiting, status_code=202, headers={"retry-after": "30"})
    return Response(found, media_type="text/plain; charset=utf-8")


HANDLERS = [submit, withdraw, reveal, restore, receipts, proof]
