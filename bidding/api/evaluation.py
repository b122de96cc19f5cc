"""The evaluation for programs: a member's own desk, what bidders are asked, how far it is, and the closed report."""

import asyncio
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from bidding import judging, reports
from bidding.api.shared import AnyRequest, LotId, tools_of
from bidding.panel_files import part_of
from bidding.panel_schemas import (
    AnswerClarification,
    AskClarification,
    GiveClarification,
    ReopenEvaluation,
    ReviewBid,
    ScoreBids,
    SignReport,
)
from bidding.panel_views import MarksGiven, ProgressShown, QuestionShown, SeatShown
from bidding.report_sheet import report_sheet
from bidding.sitting_desk import progress, seat_view
from bidding.steps.evaluation.clarify import answer_clarification, ask_clarification
from bidding.steps.evaluation.documents import documents_of, open_document, seat_for
from bidding.steps.evaluation.review import review_bid
from bidding.steps.evaluation.score import score_bid
from bidding.steps.look import read_lot
from bidding.steps.report import reopen_evaluation, sign_report
from kernel import clock
from kernel.errors import NotFound, Problem
from kernel.web.auth import actor_of
from kernel.web.download import File, send_exact, send_file
from kernel.web.once import RequestId
from kernel.web.openapi import besides, refusals
from storage.vault import Bytes

TAGS = ["评标"]
SEAT = "/api/v1/lots/{lot:uuid}/evaluation"
REFUSED = refusals(404, 409, 423)


@get(SEAT, opt={"act": "read_evaluation"}, tags=TAGS, summary="评标席：本席的评审事项", responses=REFUSED)
async def seat(request: AnyRequest, lot: LotId) -> SeatShown:
    row, own = await seat_for(actor_of(request), lot)
    view = await seat_view(row, own, await clock.now())
    return SeatShown.of(view, await documents_of(tools_of(request), actor_of(request), lot))


@get(
    SEAT + "/documents/{bidder:str}/{stage:str}/{place:int}",
    opt={"act": "read_evaluation"},
    tags=TAGS,
    summary="查阅投标文件（仅在席成员，评标期间）",
    responses=REFUSED | besides(206, 304, 416),
)
async def document(
    request: AnyRequest, lot: LotId, bidder: FromPath[str], stage: FromPath[str], place: FromPath[int]
) -> Response[Any]:
    found, steps = await open_document(tools_of(request), actor_of(request), lot, bidder, stage, place)

    def read(start: int, length: int) -> Bytes:
        return part_of(steps, start, length)

    return send_file(request, File(found.sha256, found.size, found.name, found.media), read)


@post(SEAT + "/reviews", opt={"act": "review_bid"}, tags=TAGS, summary="初步评审、资格审查一份投标", responses=REFUSED)
async def reviews(request: AnyRequest, lot: LotId, data: JSONBody[ReviewBid], key: RequestId = None) -> dict[str, str]:
    return await review_bid(actor_of(request), lot, data, key)


@post(
    SEAT + "/clarifications",
    opt={"act": "ask_clarification"},
    tags=TAGS,
    summary="书面要求投标人澄清",
    responses=REFUSED,
)
async def asks(
    request: AnyRequest, lot: LotId, data: JSONBody[AskClarification], key: RequestId = None
) -> dict[str, str]:
    return await ask_clarification(actor_of(request), lot, data, key)


@post(SEAT + "/scores", opt={"act": "score_bid"}, tags=TAGS, summary="提交本席评分", responses=REFUSED)
async def scores(request: AnyRequest, lot: LotId, data: JSONBody[ScoreBids], key: RequestId = None) -> MarksGiven:
    return MarksGiven(**await score_bid(actor_of(request), lot, data, key))


@post(SEAT + "/signatures", opt={"act": "sign_report"}, tags=TAGS, summary="签署评标报告", responses=REFUSED)
async def signs(request: AnyRequest, lot: LotId, data: JSONBody[SignReport], key: RequestId = None) -> dict[str, str]:
    return await sign_report(actor_of(request), lot, data, key)


@post(
    SEAT + "/reopening",
    opt={"act": "reopen_evaluation"},
    tags=TAGS,
    summary="组织原评标委员会重新评审",
    responses=REFUSED,
)
async def reopens(
    request: AnyRequest, lot: LotId, data: JSONBody[ReopenEvaluation], key: RequestId = None
) -> dict[str, str]:
    return await reopen_evaluation(actor_of(request), lot, data, key)


@get(
    SEAT + "/progress",
    opt={"act": "read_case"},
    tags=TAGS,
    summary="评标进度：只有数字，没有姓名和意见",
    responses=refusals(404),
)
async def how_far(request: AnyRequest, lot: LotId) -> ProgressShown:
    row = await read_lot("read_case", actor_of(request), lot)
    return ProgressShown.model_validate(await progress(row, await clock.now()))


@get(
    "/api/v1/lots/{lot:uuid}/clarifications",
    opt={"act": "answer_clarification"},
    tags=TAGS,
    summary="评标委员会要求本单位澄清的事项",
    responses=refusals(404),
)
async def own_questions(request: AnyRequest, lot: LotId) -> list[QuestionShown]:
    actor = actor_of(request)
    await read_lot("answer_clarification", actor, lot)
    return [QuestionShown.model_validate(q) for q in await judging.questions(lot, actor.organisation_code)]


@post(
    "/api/v1/lots/{lot:uuid}/clarifications/{clarification:uuid}/answer",
    opt={"act": "answer_clarification"},
    status_code=200,
    tags=TAGS,
    summary="书面答复澄清，只有一次",
    responses=REFUSED,
)
async def answers(
    request: AnyRequest,
    lot: LotId,
    clarification: FromPath[UUID],
    data: JSONBody[GiveClarification],
    key: RequestId = None,
) -> dict[str, str]:
    command = AnswerClarification(clarification=clarification, text=data.text, confirms=data.confirms)
    return await answer_clarification(actor_of(request), lot, command, key)


@get(
    "/api/v1/lots/{lot:uuid}/report",
    opt={"act": "read_report"},
    tags=TAGS,
    summary="评标报告原文",
    responses=refusals(404) | besides(304),
)
async def report(request: AnyRequest, lot: LotId) -> Response[Any]:
    await read_lot("read_report", actor_of(request), lot)
    return send_exact(request, (await closed(lot)).body, "application/json")


@get(
    "/api/v1/lots/{lot:uuid}/report.pdf",
    opt={"act": "read_report"},
    tags=TAGS,
    summary="评标报告（PDF/A）",
    responses=refusals(404) | besides(304),
)
async def report_pdf(request: AnyRequest, lot: LotId) -> Response[Any]:
    await read_lot("read_report", actor_of(request), lot)
    found = await closed(lot)
    origin = tools_of(request).origin
    sheet = await asyncio.to_thread(report_sheet, found.body, found.sha256, found.signed or b"", origin)
    return send_exact(request, sheet, "application/pdf", label="评标报告.pdf")


async def closed(lot: UUID) -> reports.ReportView:
    """The report that all have signed; `NotFound` before."""
    found = await reports.report(lot)
    if found is None:
        raise NotFound(Problem("no_report_yet", "还没有签署的评标报告", "全体成员签署后即可查看"))
    return found


HANDLERS = [
    seat, document, reviews, asks, scores, signs, reopens, how_far, own_questions, answers, report, report_pdf,
]  # fmt: skip
