"""What a sealing client needs before the deadline, and what a revealing one needs after it."""

import hashlib

from litestar import get

from bidding import price_form, records, workbook
from bidding.api.shared import AnyRequest, LotId, tools_of
from bidding.views import AnchorsHint, CloseShown, HolderShown, Sealing, StageRule
from kernel.box import close as box_close
from kernel.box import records as box_records
from kernel.box.proven import report_shown, setup_proof
from kernel.box.records import BoxView
from kernel.clock import now
from kernel.proofs import dsse
from kernel.proofs.canonical import to_base64
from kernel.web.openapi import refusals

TAGS = ["电子标箱"]
ANCHORS = "/api/v1/anchors"


# Quiet: whoever asks for this is about to bid.
@get(
    "/api/v1/lots/{lot:uuid}/sealing",
    opt={"act": "read_public", "quiet": True},
    tags=TAGS,
    summary="封装标书所需：设定、截止时间、公告指纹",
    responses=refusals(404),
)
async def sealing(request: AnyRequest, lot: LotId) -> Sealing:
    row = await records.public_lot(lot)
    box, moment, tools = await box_records.box(lot), await now(), tools_of(request)
    proven = await setup_proof(box)
    evaluation = (await records.notices(lot))[0].content["content"].get("evaluation", {})
    taken = box.ready and box.deadline_at is not None and moment < box.deadline_at
    return Sealing(
        case=box.case,
        tender=box.tender,
        lot=box.lot,
        mode=box.mode,
        state=box.state,
        ready=taken,
        now=moment,
        setup=await _envelope(box, "setup", box.setup),
        setup_sha256=box.setup,
        deadline=await _envelope(box, "deadline", box.deadline),
        deadline_sha256=box.deadline,
        deadline_at=box.deadline_at,
        notice=box.notice,
        stages=[StageRule(id=stage["id"], to=stage["to"]) for stage in box.stages],
        holders=[
            HolderShown(role=holder.role, keyid=holder.keyid, public_key=to_base64(holder.public_key))
            for holder in await box_records.holders(box)
        ],
        receipt_key=to_base64(tools.receipts.public),
        anchors=AnchorsHint(href=ANCHORS, sha256=hashlib.sha256(request.app.state.anchors).hexdigest()),
        project=row.project_name,
        name=row.name,
        ceiling="" if row.ceiling is None else str(row.ceiling),
        evaluation=evaluation,
        price_form=[dict(field) for field in price_form.fields(evaluation)],
        workbook=workbook.rows(evaluation),
        setup_proof=to_base64(proven.proof) if proven else "",
        setup_salt=to_base64(proven.salt) if proven else "",
    )


@get(
    "/api/v1/lots/{lot:uuid}/close",
    opt={"act": "read_public"},
    tags=TAGS,
    summary="截标名单（只有指纹）；截止之前没有",
    responses=refusals(404),
)
async def close(lot: LotId) -> CloseShown:
    await records.public_lot(lot)
    box = await box_records.box(lot)
    listed = await (box_close.fixed(box) if box.close else box_close.current_list(box))
    return CloseShown(
        fixed=bool(box.close),
        sha256=listed.sha256,
        body=to_base64(listed.data),
        bids=list(listed.bids),
        withdrawn=list(listed.withdrawn),
        countersignature=await _envelope(box, "countersign", box.close),
        reveal_until=box.reveal_until,
        fallback_until=box.fallback_until,
        state=box.state,
        due=box.due,
        **await report_shown(box),
    )


async def _envelope(box: BoxView, kind: str, sha256: str) -> str:
    """The document with all its signatures as DSSE in base64; empty while there is none."""
    signed: dsse.Signed | None = await box_records.merged(box.case, kind, sha256) if sha256 else None
    return to_base64(signed.to_bytes()) if signed else ""


HANDLERS = [sealing, close]
