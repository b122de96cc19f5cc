"""The evaluation from outside: how far it is, the purchaser's own review, the closed report, a bidder's answers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from bidding import judging, reports
from bidding.pages.forms import AnyRequest, LotId, go, of_lot
from bidding.pages.seat import PASSED, findings, reviewed
from bidding.panel_schemas import AnswerClarification, ReopenEvaluation, ReviewBid
from bidding.procedures import PROCEDURES
from bidding.sitting_desk import progress, purchaser_view
from bidding.stages import WINDOWS
from bidding.steps.evaluation.clarify import answer_clarification
from bidding.steps.evaluation.review import review_bid
from bidding.steps.look import lot_for, read_lot
from bidding.steps.report import GROUNDS, reopen_evaluation
from kernel import clock
from kernel.errors import NotFound, Problem
from kernel.permissions import permission
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of, page, request_id

KINDS = {"clarify": "澄清、说明", "low_price": "说明报价", "confirm": "确认修正后的报价"}


@get("/lots/{lot:uuid}/evaluation", opt={"act": "read_case"}, include_in_schema=False)
async def evaluation_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "bidding/evaluation.html", **await _evaluation(request, lot))


@post("/lots/{lot:uuid}/evaluation/reopening", opt={"act": "reopen_evaluation"}, include_in_schema=False)
async def reopens(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        asked = command(ReopenEvaluation, present(form))
        await reopen_evaluation(actor_of(request), lot, asked, request_id(request, sent))
        return go(f"/lots/{lot}/evaluation")

    async def again() -> Mapping[str, Any]:
        return await _evaluation(request, lot)

    return await tried(request, do, "bidding/evaluation.html", form, again)


@get("/lots/{lot:uuid}/evaluation/bids/{bidder:str}", opt={"act": "review_bid"}, include_in_schema=False)
async def own_review_page(request: AnyRequest, lot: LotId, bidder: FromPath[str]) -> Response[str]:
    context = await _own_review(request, lot, bidder)
    return await page(request, "bidding/own_review.html", values=reviewed(context["bid"].findings), **context)


@post("/lots/{lot:uuid}/evaluation/bids/{bidder:str}", opt={"act": "review_bid"}, include_in_schema=False)
async def own_review(request: AnyRequest, lot: LotId, bidder: FromPath[str]) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        asked = command(ReviewBid, {"bidder": bidder, "findings": findings(form)})
        await review_bid(actor_of(request), lot, asked, request_id(request, sent))
        return go(f"/lots/{lot}/evaluation")

    async def again() -> Mapping[str, Any]:
        return await _own_review(request, lot, bidder)

    return await tried(request, do, "bidding/own_review.html", form, again)


@get("/lots/{lot:uuid}/clarifications", opt={"act": "answer_clarification"}, include_in_schema=False)
async def clarifications_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "bidding/clarifications.html", **await _asked(request, lot))


@post(
    "/lots/{lot:uuid}/clarifications/{clarification:uuid}",
    opt={"act": "answer_clarification"},
    include_in_schema=False,
)
async def answers(request: AnyRequest, lot: LotId, clarification: FromPath[UUID]) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        said = present(form)
        confirms = {"yes": True, "no": False}.get(said.pop("confirms", ""))
        asked = command(AnswerClarification, {**said, "clarification": clarification, "confirms": confirms})
        await answer_clarification(actor_of(request), lot, asked, request_id(request, sent))
        return go(f"/lots/{lot}/clarifications")

    async def again() -> Mapping[str, Any]:
        return await _asked(request, lot)

    return await tried(request, do, "bidding/clarifications.html", form, again)


async def _evaluation(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    actor, at = actor_of(request), await clock.now()
    row = await read_lot("read_case", actor, lot)
    items, bids, waits = await purchaser_view(row, at)
    may_read = bool(permission("read_report", actor.role))
    closed = await reports.report(lot) if may_read else None
    allowed = PROCEDURES[row.procedure].evaluation.reopens
    may_reopen = bool(permission("reopen_evaluation", actor.role)) and row.stage in WINDOWS["reopen_evaluation"]
    own = bool(permission("review_bid", actor.role)) and row.stage in WINDOWS["review_bid"] and bool(items)
    return {
        **await of_lot(row),
        "progress": await progress(row, at),
        "own_bids": [bid for bid in bids if bid.reviewable] if own else [],
        "own_items": items,
        "waits_for": waits if own else [],
        "closed": closed,
        "ranking": await reports.ranking(lot) if closed else [],
        "grounds": [{"value": g, "label": GROUNDS[g]} for g in allowed] if may_reopen else [],
    }


async def _own_review(request: AnyRequest, lot: LotId, bidder: str) -> dict[str, Any]:
    row = await lot_for("review_bid", actor_of(request), lot)
    items, bids, _ = await purchaser_view(row, await clock.now())
    bid = next((bid for bid in bids if bid.bidder == bidder and bid.reviewable), None)
    if bid is None or not items:
        raise NotFound(Problem("bid_not_found", "没有这份投标", "请从评标席进入"))
    return {**await of_lot(row), "items": items, "bid": bid, "passed": PASSED}


async def _asked(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    actor = actor_of(request)
    row = await read_lot("answer_clarification", actor, lot)
    questions = await judging.questions(lot, actor.organisation_code)
    return {**await of_lot(row), "questions": questions, "kinds": KINDS}


HANDLERS = [evaluation_page, reopens, own_review_page, own_review, clarifications_page, answers]
"""Of the purchaser, the officials and the bidders."""
