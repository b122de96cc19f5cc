"""An agency's own doors before and after the close: apply, quote sealed, withdraw, open, answer its selection."""

from typing import Any

from litestar import get, post
from litestar.params import JSONBody

from intermediaries.doors import AnyRequest, RequestPath, tools_of
from intermediaries.schemas.request_views import QuoteChain, QuoteClose, QuoteReceipt, QuoteSealing
from intermediaries.schemas.requests import AnswerSelection, ApplyRequest, RevealQuote, SignedObject, SubmitQuote
from intermediaries.sealing import closed_list, own_quotes, sealing_of
from intermediaries.steps.apply import apply_request, leave_request
from intermediaries.steps.confirm import answer_selection
from intermediaries.steps.quote import restore_quote, reveal_quote, submit_quote, withdraw_quote
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

TAGS = ["中介超市·报名与报价"]
LARGEST = 8 * 1024 * 1024
"""Bytes of a command that carries signed objects."""


# Everything before the deadline is quiet: no line of a log and no figure may count applicants.
def _opt(act: str) -> dict[str, Any]:
    return {"act": act, "quiet": True}


@post(
    "/api/v1/requests/{case:uuid}/applications",
    opt=_opt("apply_request"),
    tags=TAGS,
    summary="报名；截止前除本机构外无人可见",
    responses=refusals(404, 409, 413, 423),
)
async def apply(
    request: AnyRequest, case: RequestPath, data: JSONBody[ApplyRequest], key: RequestId = None
) -> dict[str, Any]:
    return await apply_request(actor_of(request), case, data, key)


@post(
    "/api/v1/requests/{case:uuid}/applications/withdrawal",
    opt=_opt("withdraw_application"),
    status_code=200,
    tags=TAGS,
    summary="截止前撤回报名",
    responses=refusals(404, 409, 413, 423),
)
async def leave(request: AnyRequest, case: RequestPath, key: RequestId = None) -> dict[str, Any]:
    actor = actor_of(request)

    async def do() -> dict[str, Any]:
        await leave_request(actor, case)
        return {"request": str(case)}

    return await once("withdraw_application", actor, key, {"case": str(case)}, do)


@get(
    "/api/v1/requests/{case:uuid}/sealing",
    opt={"act": "read_public", "quiet": True},
    tags=TAGS,
    summary="封装报价所需：设定、截止时间、公告指纹",
    responses=refusals(404),
)
async def sealing(request: AnyRequest, case: RequestPath) -> QuoteSealing:
    return await sealing_of(case, tools_of(request).receipts.public)


@get(
    "/api/v1/requests/{case:uuid}/close",
    opt={"act": "read_public"},
    tags=TAGS,
    summary="截止时有效报价的名单（只有指纹）；截止之前没有",
    responses=refusals(404),
)
async def close(case: RequestPath) -> QuoteClose:
    return await closed_list(case)


@post(
    "/api/v1/requests/{case:uuid}/bids",
    opt=_opt("submit_quote"),
    tags=TAGS,
    summary="递交或替换密封报价，得到回执；同时即为报名",
    request_max_body_size=LARGEST,
    responses=refusals(404, 409, 413, 423),
)
async def submit(
    request: AnyRequest, case: RequestPath, data: JSONBody[SubmitQuote], key: RequestId = None
) -> QuoteReceipt:
    return await submit_quote(tools_of(request), actor_of(request), case, data, key)


@post(
    "/api/v1/requests/{case:uuid}/withdrawals",
    opt=_opt("withdraw_quote"),
    tags=TAGS,
    summary="截止前撤回密封报价",
    responses=refusals(404, 409, 413, 423),
)
async def withdraw(
    request: AnyRequest, case: RequestPath, data: JSONBody[SignedObject], key: RequestId = None
) -> QuoteReceipt:
    return await withdraw_quote(tools_of(request), actor_of(request), case, data, key)


@post(
    "/api/v1/requests/{case:uuid}/restorations",
    opt=_opt("restore_quote"),
    status_code=200,
    tags=TAGS,
    summary="截止后五分钟内，凭回执恢复名单遗漏的报价",
    responses=refusals(404, 409, 413, 423),
)
async def restore(
    request: AnyRequest, case: RequestPath, data: JSONBody[SignedObject], key: RequestId = None
) -> dict[str, str]:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await restore_quote(tools_of(request), actor, case, data)
        return {"request": str(case)}

    return await once("restore_quote", actor, key, {"case": str(case), **data.model_dump()}, do)


@post(
    "/api/v1/requests/{case:uuid}/reveals",
    opt=_opt("reveal_quote"),
    status_code=200,
    tags=TAGS,
    summary="截止后开启自己的报价：出示种子",
    request_max_body_size=LARGEST,
    responses=refusals(404, 409, 413, 423),
)
async def reveal(
    request: AnyRequest, case: RequestPath, data: JSONBody[RevealQuote], key: RequestId = None
) -> dict[str, Any]:
    actor = actor_of(request)

    async def do() -> dict[str, Any]:
        return {"revealed": await reveal_quote(tools_of(request), actor, case, data)}

    return await once("reveal_quote", actor, key, {"case": str(case), **data.model_dump()}, do)


@get(
    "/api/v1/requests/{case:uuid}/receipts",
    opt=_opt("read_receipt"),
    tags=TAGS,
    summary="本机构在本项目的全部回执",
    responses=refusals(404),
)
async def receipts(request: AnyRequest, case: RequestPath) -> QuoteChain:
    return await own_quotes(actor_of(request), case)


@post(
    "/api/v1/requests/{case:uuid}/answer",
    opt={"act": "accept_selection"},
    status_code=200,
    tags=TAGS,
    summary="中选机构确认或放弃，放弃的写明理由",
    responses=refusals(404, 409, 413, 423),
)
async def answer(
    request: AnyRequest, case: RequestPath, data: JSONBody[AnswerSelection], key: RequestId = None
) -> dict[str, Any]:
    actor = actor_of(request)

    async def do() -> dict[str, Any]:
        await answer_selection(tools_of(request), actor, case, data)
        return {"request": str(case), "answer": data.answer}

    return await once("accept_selection", actor, key, {"case": str(case), **data.model_dump()}, do)


HANDLERS = [apply, leave, sealing, close, submit, withdraw, restore, reveal, receipts, answer]
