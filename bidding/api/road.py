"""What purchaser, agent and centre do on a tender's road, and what anybody may leave on it."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody

from bidding import records
from bidding.api.shared import AnyRequest, LotId, tools_of
from bidding.detours.amend import amend_notice
from bidding.detours.follow import leave_contact
from bidding.schemas import AmendNotice, AnswerReturn, LeaveContact, PublishNotice, RegisterProject, ReturnProject
from bidding.steps.accept import accept_project, return_project
from bidding.steps.look import read_project
from bidding.steps.publish import publish_notice
from bidding.steps.register import answer_return, register_project
from bidding.views import ProjectPage, Published
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

TAGS = ["进场与公告"]
ProjectId = FromPath[UUID]


@post("/api/v1/projects", opt={"act": "register_project"}, tags=TAGS, summary="进场登记", responses=refusals(409))
async def register(request: AnyRequest, data: JSONBody[RegisterProject], key: RequestId = None) -> ProjectPage:
    return await _page(await register_project(actor_of(request), data, key))


@get(
    "/api/v1/projects/{project:uuid}",
    opt={"act": "read_case"},
    tags=TAGS,
    summary="本单位（本地区）的一个项目",
    responses=refusals(404),
)
async def show(request: AnyRequest, project: ProjectId) -> ProjectPage:
    return ProjectPage.of(await read_project(actor_of(request), project))


@post(
    "/api/v1/projects/{project:uuid}/accept",
    opt={"act": "accept_project"},
    status_code=200,
    tags=TAGS,
    summary="受理；缺件时一次列出全部",
    responses=refusals(404, 409, 423),
)
async def accept(request: AnyRequest, project: ProjectId, key: RequestId = None) -> ProjectPage:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await accept_project(actor, project)
        return {"project": str(project)}

    await once("accept_project", actor, key, {"project": str(project)}, do)
    return await _page(project)


@post(
    "/api/v1/projects/{project:uuid}/return",
    opt={"act": "accept_project"},
    status_code=200,
    tags=TAGS,
    summary="退回补正，一次性告知全部缺件",
    responses=refusals(404, 409, 423),
)
async def send_back(
    request: AnyRequest, project: ProjectId, data: JSONBody[ReturnProject], key: RequestId = None
) -> ProjectPage:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await return_project(actor, project, data.remarks)
        return {"project": str(project)}

    await once("return_project", actor, key, {"project": str(project), **data.model_dump()}, do)
    return await _page(project)


@post(
    "/api/v1/projects/{project:uuid}/corrections",
    opt={"act": "answer_return"},
    status_code=200,
    tags=TAGS,
    summary="补正后重新提交",
    responses=refusals(404, 409, 423),
)
async def correct(
    request: AnyRequest, project: ProjectId, data: JSONBody[AnswerReturn], key: RequestId = None
) -> ProjectPage:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await answer_return(actor, project, data)
        return {"project": str(project)}

    await once("answer_return", actor, key, {"project": str(project), **data.model_dump()}, do)
    return await _page(project)


@post(
    "/api/v1/lots/{lot:uuid}/notice",
    opt={"act": "publish_notice"},
    tags=TAGS,
    summary="发布招标公告；不合法定期限的逐条列出",
    responses=refusals(404, 409, 423),
)
async def publish(request: AnyRequest, lot: LotId, data: JSONBody[PublishNotice], key: RequestId = None) -> Published:
    return Published(**await publish_notice(tools_of(request), actor_of(request), lot, data, key))


@post(
    "/api/v1/lots/{lot:uuid}/amendments",
    opt={"act": "amend_notice"},
    tags=TAGS,
    summary="发布变更公告；截止时间只能延后",
    responses=refusals(404, 409, 423),
)
async def amend(request: AnyRequest, lot: LotId, data: JSONBody[AmendNotice], key: RequestId = None) -> Published:
    return Published(**await amend_notice(tools_of(request), actor_of(request), lot, data, key))


# Quiet: who wants to be told of changes, and how many, is nobody's business.
@post(
    "/api/v1/lots/{lot:uuid}/contacts",
    opt={"act": "leave_contact", "quiet": True},
    status_code=202,
    tags=TAGS,
    summary="留下接收变更通知的方式，无须登记",
    responses=refusals(404, 409, 423),
)
async def follow(
    request: AnyRequest, lot: LotId, data: JSONBody[LeaveContact], key: RequestId = None
) -> dict[str, bool]:
    actor = actor_of(request)

    async def do() -> dict[str, Any]:
        await leave_contact(tools_of(request), actor, lot, data)
        return {"received": True}

    return await once("leave_contact", actor, key, {"lot": str(lot), **data.model_dump()}, do)


async def _page(project: UUID) -> ProjectPage:
    return ProjectPage.of(await records.lots_of(project))


HANDLERS = [register, show, accept, send_back, correct, publish, amend, follow]
