"""What a bidder keeps: his receipt as a page, as the exact signed file, as a sheet of paper."""

import asyncio
from datetime import datetime

from litestar import Response, get
from litestar.params import FromPath

from bidding.pages.forms import AnyRequest, LotId, of_lot
from bidding.records import public_lot
from bidding.sheets import receipt_sheet
from bidding.steps.look import own_chain, own_message, receipt_of
from kernel.box import records as box_records
from kernel.proofs import dsse
from kernel.web.auth import actor_of
from kernel.web.door import page

OPT = {"act": "read_receipt", "quiet": True}


@get("/lots/{lot:uuid}/receipt/{seq:int}", opt=OPT, include_in_schema=False)
async def receipt(request: AnyRequest, lot: LotId, seq: FromPath[int]) -> Response[str]:
    actor, row = actor_of(request), await public_lot(lot)
    view, box = await own_message(actor, lot, seq), await box_records.box(lot)
    last = (await own_chain(actor, lot))[-1]
    shown = await receipt_of(box, view)
    return await page(
        request,
        "bidding/receipt.html",
        receipt=shown,
        receipt_sha256=dsse.read(view.receipt).sha256,
        received=datetime.fromisoformat(shown.received),
        superseded_by=last.seq if last.seq != view.seq else None,
        bidder_name=actor.organisation_name,
        **await of_lot(row),
    )


@get("/lots/{lot:uuid}/receipt/{seq:int}/receipt.dsse.json", opt=OPT, include_in_schema=False)
async def receipt_file(request: AnyRequest, lot: LotId, seq: FromPath[int]) -> Response[bytes]:
    view = await own_message(actor_of(request), lot, seq)
    # The name under which `yangguang seal --replace` looks for the proof that the chain goes on after a withdrawal.
    name = "withdraw-receipt.json" if view.kind == "withdraw" else "receipt.dsse.json"
    return _attachment(view.receipt, "application/json", name)


@get("/lots/{lot:uuid}/receipt/{seq:int}/receipt.pdf", opt=OPT, include_in_schema=False)
async def receipt_on_paper(request: AnyRequest, lot: LotId, seq: FromPath[int]) -> Response[bytes]:
    actor, row = actor_of(request), await public_lot(lot)
    view = await own_message(actor, lot, seq)
    sheet = await asyncio.to_thread(receipt_sheet, row, view, actor.organisation_name)
    return _attachment(sheet, "application/pdf", "receipt.pdf")


def _attachment(body: bytes, media: str, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(body, media_type=media, headers=headers)


HANDLERS = [receipt, receipt_file, receipt_on_paper]
