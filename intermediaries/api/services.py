"""The doors of a service: its contract, its results, its ratings and return visits."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from litestar import post
from litestar.params import JSONBody, PathParameter
from pydantic import BaseModel

from intermediaries.doors import AnyRequest, RequestPath, tools_of
from intermediaries.schemas.requests import (
    AcceptResult,
    AnswerRating,
    ConfirmContract,
    DeliverResult,
    FileContract,
    FollowUpRating,
    RateService,
)
from intermediaries.steps.contract import confirm_contract, file_contract
from intermediaries.steps.deliver import deliver_result
from intermediaries.steps.rate import answer_rating, follow_up_rating, rate_service
from intermediaries.steps.receive import accept_result
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

TAGS = ["中介超市·服务与评价"]
REFUSED = refusals(404, 409, 413, 423)
Rater = Annotated[str, PathParameter(pattern=r"^(owner|department)$", description="评价人：owner 或 department")]


async def _done(
    request: AnyRequest, act: str, case: UUID, data: BaseModel, key: UUID | None, do: Callable[[], Awaitable[Any]]
) -> dict[str, Any]:
    async def give() -> dict[str, Any]:
        return {"request": str(case), "done": await do()}

    asked = {"case": str(case), "path": request.url.path, **data.model_dump(mode="json")}
    return await once(act, actor_of(request), key, asked, give)


@post(
    "/api/v1/requests/{case:uuid}/contracts",
    opt={"act": "file_service_contract"},
    tags=TAGS,
    summary="备案服务合同，由对方确认；价格和时限须与选取结果一致",
    responses=REFUSED,
)
async def contract(
    request: AnyRequest, case: RequestPath, data: JSONBody[FileContract], key: RequestId = None
) -> dict[str, Any]:
    actor, tools = actor_of(request), tools_of(request)
    return await _done(
        request, "file_service_contract", case, data, key, lambda: file_contract(tools, actor, case, data)
    )


@post(
    "/api/v1/requests/{case:uuid}/contracts/answer",
    opt={"act": "file_service_contract"},
    status_code=200,
    tags=TAGS,
    summary="确认对方备案的合同，或写明理由退回",
    responses=REFUSED,
)
async def contract_answer(
    request: AnyRequest, case: RequestPath, data: JSONBody[ConfirmContract], key: RequestId = None
) -> dict[str, Any]:
    actor = actor_of(request)
    return await _done(request, "file_service_contract", case, data, key, lambda: confirm_contract(actor, case, data))


@post(
    "/api/v1/requests/{case:uuid}/results",
    opt={"act": "deliver_result"},
    tags=TAGS,
    summary="交付成果",
    responses=REFUSED,
)
async def result(
    request: AnyRequest, case: RequestPath, data: JSONBody[DeliverResult], key: RequestId = None
) -> dict[str, Any]:
    actor, tools = actor_of(request), tools_of(request)
    return await _done(request, "deliver_result", case, data, key, lambda: deliver_result(tools, actor, case, data))


@post(
    "/api/v1/requests/{case:uuid}/results/answer",
    opt={"act": "accept_result"},
    status_code=200,
    tags=TAGS,
    summary="验收成果，或一次写明全部理由退回",
    responses=REFUSED,
)
async def result_answer(
    request: AnyRequest, case: RequestPath, data: JSONBody[AcceptResult], key: RequestId = None
) -> dict[str, Any]:
    actor, tools = actor_of(request), tools_of(request)
    return await _done(request, "accept_result", case, data, key, lambda: accept_result(tools, actor, case, data))


@post(
    "/api/v1/requests/{case:uuid}/rating",
    opt={"act": "rate_service"},
    tags=TAGS,
    summary="评价服务：五个等级和客观事项，一项服务评一次",
    responses=REFUSED,
)
async def rating(
    request: AnyRequest, case: RequestPath, data: JSONBody[RateService], key: RequestId = None
) -> dict[str, Any]:
    actor = actor_of(request)
    return await _done(request, "rate_service", case, data, key, lambda: rate_service(actor, case, data))


@post(
    "/api/v1/requests/{case:uuid}/ratings/{rater:str}/answer",
    opt={"act": "answer_rating"},
    tags=TAGS,
    summary="机构回应评价",
    responses=REFUSED,
)
async def rating_answer(
    request: AnyRequest, case: RequestPath, rater: Rater, data: JSONBody[AnswerRating], key: RequestId = None
) -> dict[str, Any]:
    actor = actor_of(request)
    return await _done(request, "answer_rating", case, data, key, lambda: answer_rating(actor, case, rater, data))


@post(
    "/api/v1/requests/{case:uuid}/ratings/{rater:str}/visit",
    opt={"act": "follow_up_rating"},
    tags=TAGS,
    summary="差评回访：查到什么，是否已整改",
    responses=REFUSED,
)
async def visit(
    request: AnyRequest, case: RequestPath, rater: Rater, data: JSONBody[FollowUpRating], key: RequestId = None
) -> dict[str, Any]:
    actor, tools = actor_of(request), tools_of(request)
    return await _done(
        request, "follow_up_rating", case, data, key, lambda: follow_up_rating(tools, actor, case, rater, data)
    )


HANDLERS = [contract, contract_answer, result, result_answer, rating, rating_answer, visit]
