"""评标席: a member's own pages; documents, review, questions, marks, report."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from bidding import workbook
from bidding.pages.forms import AnyRequest, LotId, go, of_lot, tools_of
from bidding.panel_schemas import AskClarification, ReviewBid, ScoreBids, SignReport
from bidding.report_sheet import report_sheet
from bidding.sitting_desk import SeatView, seat_view
from bidding.steps.evaluation.clarify import ask_clarification
from bidding.steps.evaluation.documents import damages_of, documents_of, pointers_of, seat_for
from bidding.steps.evaluation.review import review_bid
from bidding.steps.evaluation.score import score_bid
from bidding.steps.report import sign_report
from bidding.workbook import Pointer
from kernel import clock
from kernel.errors import BadInput, NotFound, Problem
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.download import send_exact

READ = {"act": "read_evaluation"}
PASSED = [{"value": "yes", "label": "符合"}, {"value": "no", "label": "不符合"}]
ASKED = [
    {"value": "clarify", "label": "澄清、说明"},
    {"value": "low_price", "label": "说明报价明显偏低的原因"},
    {"value": "confirm", "label": "确认修正后的报价"},
]
MARK = re.compile(r"([0-9A-Z]{18})-([a-z][a-z0-9_]{0,31})")


@get("/lots/{lot:uuid}/seat", opt=READ, include_in_schema=False)
async def desk_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "bidding/seat.html", **await _seat(request, lot))


@get("/lots/{lot:uuid}/seat/bids/{bidder:str}", opt=READ, include_in_schema=False)
async def bid_page(request: AnyRequest, lot: LotId, bidder: FromPath[str]) -> Response[str]:
    context = await _bid(request, lot, bidder)
    return await page(request, "bidding/seat_bid.html", values=reviewed(context["bid"].findings), **context)


@post("/lots/{lot:uuid}/seat/bids/{bidder:str}", opt={"act": "review_bid"}, include_in_schema=False)
async def reviews(request: AnyRequest, lot: LotId, bidder: FromPath[str]) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        asked = command(ReviewBid, {"bidder": bidder, "findings": findings(form)})
        await review_bid(actor_of(request), lot, asked, request_id(request, sent))
        return go(f"/lots/{lot}/seat")

    async def again() -> Mapping[str, Any]:
        return await _bid(request, lot, bidder)

    return await tried(request, do, "bidding/seat_bid.html", form, again)


@post("/lots/{lot:uuid}/seat/bids/{bidder:str}/questions", opt={"act": "ask_clarification"}, include_in_schema=False)
async def asks(request: AnyRequest, lot: LotId, bidder: FromPath[str]) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        asked = command(AskClarification, {"bidder": bidder, **present(form)})
        await ask_clarification(actor_of(request), lot, asked, request_id(request, sent))
        return go(f"/lots/{lot}/seat/bids/{bidder}")

    async def again() -> Mapping[str, Any]:
        return await _bid(request, lot, bidder)

    return await tried(request, do, "bidding/seat_bid.html", form, again)


@get("/lots/{lot:uuid}/seat/scores", opt=READ, include_in_schema=False)
async def scores_page(request: AnyRequest, lot: LotId) -> Response[str]:
    context = await _seat(request, lot)
    return await page(request, "bidding/seat_scores.html", values=_marked(context["view"]), **context)


@post("/lots/{lot:uuid}/seat/scores", opt={"act": "score_bid"}, include_in_schema=False)
async def scores(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        await score_bid(actor_of(request), lot, _sheet(form), request_id(request, sent))
        return go(f"/lots/{lot}/seat")

    async def again() -> Mapping[str, Any]:
        return await _seat(request, lot)

    return await tried(request, do, "bidding/seat_scores.html", form, again)


@get("/lots/{lot:uuid}/seat/report", opt=READ, include_in_schema=False)
async def report_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "bidding/seat_report.html", **await _report(request, lot))


@get("/lots/{lot:uuid}/seat/report.pdf", opt=READ, include_in_schema=False)
async def report_pdf(request: AnyRequest, lot: LotId) -> Response[Any]:
    drawn = (await _report(request, lot))["view"].report
    sheet = await asyncio.to_thread(report_sheet, drawn.body, drawn.sha256, b"", tools_of(request).origin)
    return send_exact(request, sheet, "application/pdf", label="评标报告（待签署）.pdf")


@post("/lots/{lot:uuid}/seat/report", opt={"act": "sign_report"}, include_in_schema=False)
async def signs(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        asked = command(SignReport, present(form))
        await sign_report(actor_of(request), lot, asked, request_id(request, sent))
        return go(f"/lots/{lot}/seat/signed")

    async def again() -> Mapping[str, Any]:
        return await _report(request, lot)

    return await tried(request, do, "bidding/seat_report.html", form, again)


@get("/lots/{lot:uuid}/seat/signed", opt={"act": "sign_report"}, include_in_schema=False)
async def signed_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "bidding/seat_signed.html")


def findings(form: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A review's form as the command has it: each item with yes or no and its reason."""
    chosen = {name: value for name, value in form.items() if value in ("yes", "no") and not name.endswith("_reason")}
    return [
        {"item": item, "passed": value == "yes", "reason": form.get(f"{item}_reason", "")}
        for item, value in chosen.items()
    ]


def reviewed(found: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """A review given before as its form shows it."""
    values = {item: "yes" if one["passed"] else "no" for item, one in found.items()}
    return values | {f"{item}_reason": one["reason"] for item, one in found.items()}


def _sheet(form: Mapping[str, Any]) -> ScoreBids:
    """A member's marks; what is no mark is said beside its own field."""
    try:
        return command(ScoreBids, {"scores": _marks(form)})
    except BadInput as wrong:
        raise BadInput(*(replace(p, field=p.field.removeprefix("scores.")) for p in wrong.problems)) from None


def _marks(form: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    marks: dict[str, dict[str, str]] = {}
    for name, value in present(form).items():
        if match := MARK.fullmatch(name):
            marks.setdefault(match[1], {})[match[2]] = value.strip()
    return marks


def _marked(view: SeatView) -> dict[str, str]:
    return {f"{bidder}-{item}": mark for bidder, given in view.marks.items() for item, mark in given.items()}


async def _seat(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    row, seat = await seat_for(actor_of(request), lot)
    view = await seat_view(row, seat, await clock.now())
    return {**await of_lot(row), "view": view}


async def _bid(request: AnyRequest, lot: LotId, bidder: str) -> dict[str, Any]:
    context = await _seat(request, lot)
    bid = next((bid for bid in context["view"].bids if bid.bidder == bidder), None)
    if bid is None:
        raise NotFound(Problem("bid_not_found", "没有这份投标", "请从评标席进入"))
    files = (await documents_of(tools_of(request), actor_of(request), lot)).get(bidder, [])
    address = f"/api/v1/lots/{lot}/evaluation/documents/{bidder}"
    listed = [
        {"name": f.name, "href": f"{address}/{f.stage}/{f.place}", "size": f.size, "sha256": f.sha256} for f in files
    ]
    asked = [question for question in context["view"].questions if question.bidder == bidder]
    places = _places(context["view"], await pointers_of(tools_of(request), lot, bidder, files), listed)
    shown = {"bid": bid, "places": places, "files": listed, "damages": (await damages_of(lot)).get(bidder, [])}
    return {**context, **shown, "asked": asked, "passed": PASSED, "kinds": ASKED}


def _places(view: SeatView, pointers: list[Pointer], files: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The bid's own index: item by item its file and page; what points at no file of the bid is said to be lacking."""
    hrefs, placed = {file["name"]: file["href"] for file in files}, {p.item: p for p in pointers}
    found = []
    for row in workbook.rows(view.evaluation) if pointers else []:
        pointer = placed.get(row["id"])
        known = pointer is not None and pointer.file in hrefs
        page = f"第 {pointer.page} 页" if pointer is not None and pointer.page else ""
        place = {"file": pointer.file, "page": page, "href": hrefs[pointer.file]} if pointer and known else {}
        found.append({"name": row["name"], "file": "", "page": "", "href": "", **place})
    return found


async def _report(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    context = await _seat(request, lot)
    if context["view"].report is None:
        raise NotFound(Problem("no_draft_yet", "还没有可以签署的评标报告", "全体成员评分后即形成报告"))
    content = context["view"].report.content
    names = {bid["bidder"]: bid["name"] for bid in content["bids"]}
    return {**context, "report": content, "rows": [_ranked(row, names[row["bidder"]]) for row in content["ranking"]]}


def _ranked(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """One line of the comparison as the table shows it."""
    tied = "（并列）" if row["tied"] else ""
    return {
        "rank": f"{row['rank']}{tied}" if row["rank"] else "否决",
        "name": name,
        "price": Decimal(row["price"]),
        "evaluated": Decimal(row["evaluated"]) if row["evaluated"] else None,
        "mark": row["price_score"],
        "total": row["total"],
        "why": "；".join(reason["says"] for reason in row["rejected"]),
    }


HANDLERS = [
    desk_page,
    bid_page,
    reviews,
    asks,
    scores_page,
    scores,
    report_page,
    report_pdf,
    signs,
    signed_page,
]
