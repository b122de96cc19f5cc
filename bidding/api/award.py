"""After the report, for programs: publicity, objections to the result, the award, the contract, and what settles it."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody

from bidding import records, results
from bidding.api.shared import AnyRequest, LotId, tools_of
from bidding.detours.challenge import answer_result, object_result
from bidding.detours.fail import end_case
from bidding.detours.settle import file_report, refund_deposit
from bidding.schemas import (
    AnswerObjection,
    ConfirmContract,
    DecideAward,
    EndCase,
    FileContract,
    FileReport,
    GiveAnswer,
    PubliciseCandidates,
    RaiseObjection,
    RefundDeposit,
)
from bidding.steps.award import decide_award
from bidding.steps.contract import confirm_contract, file_contract
from bidding.steps.look import read_lot
from bidding.steps.publicise import publicise_candidates
from kernel.errors import NotFound, Problem
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

TAGS = ["定标与合同"]
KEPT = refusals(404, 409, 423)
Given = dict[str, Any]


@get(
    "/api/v1/lots/{lot:uuid}/result",
    opt={"act": "read_public"},
    tags=TAGS,
    summary="中标候选人公示和中标结果公告的全文",
    responses=refusals(404),
)
async def result(lot: LotId) -> Given:
    await records.public_lot(lot)
    found = [n for n in await records.notices(lot) if n.kind in ("candidates", "award", "failure")]
    if not found:
        raise NotFound(Problem("no_result", "还没有公示评标结果", "评标结束后即公示"))
    return {"notices": [{"kind": n.kind, "sha256": n.sha256, **n.content} for n in found]}


@get(
    "/api/v1/lots/{lot:uuid}/papers",
    opt={"act": "read_case"},
    tags=TAGS,
    summary="本单位（本地区）标段的定标、合同、退款、报告等文件",
    responses=refusals(404),
)
async def papers(request: AnyRequest, lot: LotId) -> Given:
    await read_lot("read_case", actor_of(request), lot)
    kept = await results.papers(lot)
    return {"papers": [{"n": p.n, "kind": p.kind, "sha256": p.sha256, "content": p.content} for p in kept]}


@post(
    "/api/v1/lots/{lot:uuid}/candidates",
    opt={"act": "publicise_candidates"},
    tags=TAGS,
    summary="公示中标候选人；期限不足、内容不全的逐条列出",
    responses=KEPT,
)
async def publicise(
    request: AnyRequest, lot: LotId, data: JSONBody[PubliciseCandidates], key: RequestId = None
) -> Given:
    return await publicise_candidates(tools_of(request), actor_of(request), lot, data, key)


@post(
    "/api/v1/lots/{lot:uuid}/challenges",
    opt={"act": "object_result"},
    tags=TAGS,
    summary="对评标结果提出异议，公示期内有效",
    responses=KEPT,
)
async def challenge(request: AnyRequest, lot: LotId, data: JSONBody[RaiseObjection], key: RequestId = None) -> Given:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        return {"objection": str(await object_result(actor, lot, data))}

    return await once("object_result", actor, key, {"lot": str(lot), **data.model_dump()}, do)


@post(
    "/api/v1/lots/{lot:uuid}/challenges/{objection:uuid}/answer",
    opt={"act": "answer_result"},
    status_code=200,
    tags=TAGS,
    summary="答复对评标结果的异议；答复前不能定标",
    responses=KEPT,
)
async def answer(
    request: AnyRequest, lot: LotId, objection: FromPath[UUID], data: JSONBody[GiveAnswer], key: RequestId = None
) -> Given:
    actor, command = actor_of(request), AnswerObjection(objection=objection, answer=data.answer)

    async def do() -> dict[str, str]:
        await answer_result(actor, lot, command)
        return {"objection": str(objection)}

    return await once("answer_result", actor, key, {"lot": str(lot), **command.model_dump(mode="json")}, do)


@post(
    "/api/v1/lots/{lot:uuid}/award",
    opt={"act": "decide_award"},
    tags=TAGS,
    summary="确定中标人，同时发出中标通知书和中标结果通知书",
    responses=KEPT,
)
async def award(request: AnyRequest, lot: LotId, data: JSONBody[DecideAward], key: RequestId = None) -> Given:
    return await decide_award(tools_of(request), actor_of(request), lot, data, key)


@post(
    "/api/v1/lots/{lot:uuid}/contract",
    opt={"act": "file_contract"},
    tags=TAGS,
    summary="备案合同；与中标结果不一致的逐条列出",
    responses=KEPT,
)
async def contract(request: AnyRequest, lot: LotId, data: JSONBody[FileContract], key: RequestId = None) -> Given:
    return await file_contract(tools_of(request), actor_of(request), lot, data, key)


@post(
    "/api/v1/lots/{lot:uuid}/contract/confirmation",
    opt={"act": "confirm_contract"},
    status_code=200,
    tags=TAGS,
    summary="中标人确认所备案的合同",
    responses=KEPT,
)
async def confirm(request: AnyRequest, lot: LotId, data: JSONBody[ConfirmContract], key: RequestId = None) -> Given:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await confirm_contract(actor, lot, data)
        return {"contract": data.sha256}

    return await once("confirm_contract", actor, key, {"lot": str(lot), **data.model_dump()}, do)


@post(
    "/api/v1/lots/{lot:uuid}/refunds",
    opt={"act": "refund_deposit"},
    tags=TAGS,
    summary="登记退还投标保证金及利息",
    responses=KEPT,
)
async def refund(request: AnyRequest, lot: LotId, data: JSONBody[RefundDeposit], key: RequestId = None) -> Given:
    actor = actor_of(request)

    async def do() -> dict[str, int]:
        return {"left": await refund_deposit(actor, lot, data)}

    return await once("refund_deposit", actor, key, {"lot": str(lot), **data.model_dump(mode="json")}, do)


@post(
    "/api/v1/lots/{lot:uuid}/statement",
    opt={"act": "file_report"},
    tags=TAGS,
    summary="提交招标投标情况书面报告",
    responses=KEPT,
)
async def statement(request: AnyRequest, lot: LotId, data: JSONBody[FileReport], key: RequestId = None) -> Given:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        return {"sha256": await file_report(actor, lot, data)}

    return await once("file_report", actor, key, {"lot": str(lot), **data.model_dump()}, do)


@post(
    "/api/v1/lots/{lot:uuid}/end",
    opt={"act": "end_case"},
    tags=TAGS,
    summary="依法终止招标",
    responses=KEPT,
)
async def end(request: AnyRequest, lot: LotId, data: JSONBody[EndCase], key: RequestId = None) -> Given:
    return await end_case(tools_of(request), actor_of(request), lot, data, key)


HANDLERS = [
    result, papers, publicise, challenge, answer, award, contract, confirm, refund, statement, end,
]  # fmt: skip
