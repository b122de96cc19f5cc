"""A bidder's pages: send a sealed bid, take it back, reveal it, and everything he keeps as proof."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post

from bidding import desk
from bidding.envelopes import envelope_of
from bidding.pages.forms import AnyRequest, LotId, go, of_lot, pasted, tools_of
from bidding.records import public_lot
from bidding.schemas import RevealBid, SignedObject
from bidding.steps.close import restore_bid
from bidding.steps.look import own_chain, public_lot_for
from bidding.steps.open import reveal_bid
from bidding.steps.submit import withdraw_bid
from kernel import clock
from kernel.box import records as box_records
from kernel.box.close import LIST_MINUTES, current_list
from kernel.errors import Problem, WrongStage
from kernel.proofs.canonical import decode
from kernel.web.auth import actor_of
from kernel.web.commands import command, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once


# Everything before the deadline is quiet: no line of a log and no figure may count bids.
def _opt(act: str) -> dict[str, Any]:
    return {"act": act, "quiet": True}


@get("/lots/{lot:uuid}/submit", opt=_opt("submit_bid"), include_in_schema=False)
async def submit_page(request: AnyRequest, lot: LotId) -> Response[str]:
    actor = actor_of(request)
    row = await public_lot_for("submit_bid", actor, lot)
    box, chain = await box_records.box(lot), await own_chain(actor, lot)
    moment = await clock.now()
    taken = box.ready and box.deadline_at is not None and moment < box.deadline_at
    sealing = {"ready": taken, "setup_href": f"/lots/{lot}/sealing.json", "fingerprint": box.setup}
    return await page(
        request,
        "bidding/submit.html",
        previous=chain[-1] if chain else None,
        sealing=sealing,
        stages=[{"id": stage["id"], "label": desk.STAGE_NAMES.get(stage["id"], stage["id"])} for stage in box.stages],
        origin=tools_of(request).origin,
        bidder=actor.organisation_code,
        client_script="sealed.js",
        **await of_lot(row),
    )


@get("/lots/{lot:uuid}/sealing.json", opt={"act": "read_public", "quiet": True}, include_in_schema=False)
async def sealing_file(lot: LotId) -> Response[Any]:
    """What the command line calls lot.json."""
    await public_lot(lot)
    return go(f"/api/v1/lots/{lot}/sealing")


@get("/lots/{lot:uuid}/withdraw", opt=_opt("withdraw_bid"), include_in_schema=False)
async def withdraw_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "bidding/withdraw.html", **await _withdrawal(request, lot))


@post("/lots/{lot:uuid}/withdraw", opt=_opt("withdraw_bid"), include_in_schema=False)
async def withdraw(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        asked = command(SignedObject, {"envelope": pasted(str(form.get("envelope", "")))})
        given = await withdraw_bid(tools_of(request), actor_of(request), lot, asked, request_id(request, sent))
        return go(f"/lots/{lot}/receipt/{given.seq}")

    async def again() -> Mapping[str, Any]:
        return await _withdrawal(request, lot)

    return await tried(request, do, "bidding/withdraw.html", form, again)


@get("/lots/{lot:uuid}/reveal", opt=_opt("reveal_bid"), include_in_schema=False)
async def reveal_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "bidding/reveal.html", **await _reveal(request, lot))


@post("/lots/{lot:uuid}/reveal", opt=_opt("reveal_bid"), include_in_schema=False)
async def reveal(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)
    lines = [pasted(line) for line in str(form.get("envelopes", "")).splitlines() if line.strip()]

    async def do() -> Response[Any]:
        asked = command(RevealBid, {"envelopes": lines})

        async def act() -> Mapping[str, Any]:
            return {"revealed": await reveal_bid(tools_of(request), actor, lot, asked)}

        key = request_id(request, sent)
        await once("reveal_bid", actor, key, {"lot": str(lot), **asked.model_dump()}, act)
        return go(f"/lots/{lot}/hall")

    async def again() -> Mapping[str, Any]:
        return await _reveal(request, lot)

    return await tried(request, do, "bidding/reveal.html", form, again)


@get("/lots/{lot:uuid}/restore", opt=_opt("restore_bid"), include_in_schema=False)
async def restore_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "bidding/restore.html", **await _restoration(request, lot))


@post("/lots/{lot:uuid}/restore", opt=_opt("restore_bid"), include_in_schema=False)
async def restore(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        asked = command(SignedObject, {"envelope": pasted(str(form.get("envelope", "")))})

        async def act() -> Mapping[str, Any]:
            await restore_bid(tools_of(request), actor, lot, asked)
            return {"lot": str(lot)}

        key = request_id(request, sent)
        await once("restore_bid", actor, key, {"lot": str(lot), **asked.model_dump()}, act)
        return go(f"/lots/{lot}/hall")

    async def again() -> Mapping[str, Any]:
        return await _restoration(request, lot)

    return await tried(request, do, "bidding/restore.html", form, again)


async def _withdrawal(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    row = await public_lot_for("withdraw_bid", actor_of(request), lot)
    chain = await own_chain(actor_of(request), lot)
    if not chain or chain[-1].kind != "bid":
        raise WrongStage(Problem("nothing_to_withdraw", "您在本标段没有可撤回的标书", "请从工作台核对"))
    return {**await of_lot(row), "last": chain[-1]}


async def _reveal(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    actor = actor_of(request)
    row = await public_lot_for("reveal_bid", actor, lot)
    box, chain = await box_records.box(lot), await own_chain(actor, lot)
    if not chain or chain[-1].kind != "bid":
        raise WrongStage(Problem("nothing_to_reveal", "您在本标段没有有效的标书", "请从工作台核对"))
    return {
        **await of_lot(row),
        "last": chain[-1],
        "box": box,
        "envelope": envelope_of(box.turn, box.stages),
        "goes_on": desk.goes_on(box, chain[-1].sha256),
        "revealed": not await desk.unrevealed_by(actor, box),
        "origin": tools_of(request).origin,
        "bidder": actor.organisation_code,
        "fallback": bool(decode(chain[-1].body)["fallback"]),
        "due": [desk.STAGE_NAMES.get(stage, stage) for stage in box.due],
    }


async def _restoration(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    actor = actor_of(request)
    row = await public_lot_for("restore_bid", actor, lot)
    chain, box = await own_chain(actor, lot), await box_records.box(lot)
    last = chain[-1] if chain and chain[-1].kind == "bid" else None
    # Before the deadline there is no list at all; an empty one would be a first hint.
    listed = (await current_list(box)).bids if box.state in ("listed", "closed", "opening") else None
    return {
        **await of_lot(row),
        "last": last,
        "listed": None if listed is None or last is None else last.sha256 in listed,
        "minutes": LIST_MINUTES,
    }


HANDLERS = [
    submit_page,
    sealing_file,
    withdraw_page,
    withdraw,
    reveal_page,
    reveal,
    restore_page,
    restore,
]
