"""An agency's pages for a sealed quote, made for a telephone: seal and send it, and open it after the close."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from intermediaries import admission
from intermediaries.doors import AnyRequest, RequestPath, go, tools_of
from intermediaries.records import agencies
from intermediaries.records import requests as records
from intermediaries.records.requests import RequestRow
from intermediaries.schemas.requests import SignedObject
from intermediaries.sealing import has_opened, own_quotes
from intermediaries.stages import Stage
from intermediaries.steps.quote import restore_quote
from kernel.box import records as box_records
from kernel.box.close import current_list
from kernel.clock import now
from kernel.errors import NotFound, Problem, WrongStage
from kernel.identity import Actor
from kernel.proofs.canonical import from_base64
from kernel.web.auth import actor_of
from kernel.web.commands import tried
from kernel.web.door import form_of, page
from kernel.web.download import send_exact

REVEAL = "intermediaries/quote_reveal.html"


# Everything before the deadline is quiet: no line of a log and no figure may count applicants.
def _opt(act: str) -> dict[str, Any]:
    return {"act": act, "quiet": True}


@get("/requests/{case:uuid}/quote", opt=_opt("submit_quote"), include_in_schema=False)
async def quote_page(request: AnyRequest, case: RequestPath) -> Response[str]:
    """Price, seal, keep the recovery file, send; what is in already stands above it with its receipt."""
    actor, row = actor_of(request), await _quoted(case)
    box, moment = await box_records.box(case), await now()
    taken = row.stage == Stage.OPEN and box.ready and box.deadline_at is not None and moment < box.deadline_at
    found = await _of(request, row)
    return await page(
        request,
        "intermediaries/quote.html",
        taken=taken,
        against=[] if found["last"] or not taken else await _against(actor, row),
        **found,
    )


@get("/requests/{case:uuid}/reveal", opt=_opt("reveal_quote"), include_in_schema=False)
async def reveal_page(request: AnyRequest, case: RequestPath) -> Response[str]:
    """Open one's own quote in the window; from any machine that has the recovery file."""
    return await page(request, REVEAL, **await _standing(request, case))


@post("/requests/{case:uuid}/restore", opt=_opt("restore_quote"), include_in_schema=False)
async def restore(request: AnyRequest, case: RequestPath) -> Response[Any]:
    """Have one's own quote put into the list that omits it: the receipt that is shown is the one given with it."""
    form, actor = await form_of(request), actor_of(request)

    async def act() -> Response[Any]:
        last = (await _standing(request, case))["last"]
        await restore_quote(tools_of(request), actor, case, SignedObject(envelope=last.receipt))
        return go(f"/requests/{case}/reveal")

    async def again() -> Mapping[str, Any]:
        return await _standing(request, case)

    return await tried(request, act, REVEAL, form, again)


@get("/requests/{case:uuid}/quote/{seq:int}/receipt.dsse.json", opt=_opt("read_receipt"), include_in_schema=False)
async def signed_receipt(request: AnyRequest, case: RequestPath, seq: FromPath[int]) -> Response[Any]:
    """The platform's signed receipt of one's own message, to be kept and checked anywhere."""
    await _quoted(case)
    for receipt in (await own_quotes(actor_of(request), case)).receipts:
        if receipt.seq == seq:
            body = from_base64(receipt.receipt)
            return send_exact(request, body, "application/json", label="receipt.dsse.json")
    raise NotFound(Problem("no_receipt", "没有这份回执", "请从报价页面进入"))


async def _standing(request: AnyRequest, case: RequestPath) -> dict[str, Any]:
    """One's own quote after the close: `omitted` while the draft of the list lacks it and five minutes are not over."""
    found = await _of(request, await _quoted(case))
    box, last = found["box"], found["last"]
    if last is None or last.kind != "bid":
        raise WrongStage(Problem("no_quote_to_reveal", "您在本项目没有有效的报价", "请从工作台核对项目"))
    omitted = box.state == "listed" and last.sha256 not in (await current_list(box)).bids
    return {"revealed": await has_opened(actor_of(request), case), "omitted": omitted, **found}


async def _of(request: AnyRequest, row: RequestRow) -> dict[str, Any]:
    actor = actor_of(request)
    receipts = (await own_quotes(actor, row.id)).receipts
    last = receipts[-1] if receipts else None
    return {
        "row": row,
        "box": await box_records.box(row.id),
        "bidder": actor.organisation_code,
        "bidder_name": actor.organisation_name,
        "origin": tools_of(request).origin,
        "last": last,
        "last_bid": next((one.sha256 for one in reversed(receipts) if one.kind == "bid"), ""),
        "received": datetime.fromisoformat(last.received) if last else None,
    }


async def _quoted(case: RequestPath) -> RequestRow:
    row = await records.request(case)
    if not row.mode_row["quotes"]:
        raise NotFound(Problem("no_quotes", "这项需求不用报价", "请返回采购公告查看选取方式"))
    return row


async def _against(actor: Actor, row: RequestRow) -> list[Problem]:
    """What would refuse the quote at the end is said before it is written."""
    agency = await agencies.agency_of(actor.organisation)
    if agency is None:
        return [Problem("not_in_market", "您的单位还没有入驻中介超市", "请先办理入驻")]
    return await admission.problems(agency, row, await now())


HANDLERS = [quote_page, reveal_page, restore, signed_receipt]
