"""Who am I to this site, and what does it have to tell me; the same on both sites."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from kernel import inbox
from kernel.accounts import records
from kernel.web.auth import actor_of, signed_of
from kernel.web.door import page
from kernel.web.openapi import refusals

AnyRequest = Request[Any, Any, Any]
TAGS = ["我的"]


@get("/api/v1/me", opt={"act": "read_public"}, tags=TAGS, summary="我是谁：角色、单位、可用的身份")
async def me(request: AnyRequest) -> dict[str, Any]:
    actor, signed = actor_of(request), signed_of(request)
    held = await records.memberships_of(actor.person) if actor.person else []
    organisation = {
        "id": actor.organisation,
        "code": actor.organisation_code,
        "name": actor.organisation_name,
        "region": actor.region,
    }
    return {
        "role": actor.role,
        "person": actor.person,
        "name": actor.name,
        "organisation": organisation if actor.organisation else None,
        "departments": list(actor.departments),
        "signed": signed.kind if signed else "",
        "acts": sorted(signed.acts) if signed else [],
        "memberships": [
            {
                "id": view.id,
                "role": view.role,
                "organisation": view.organisation,
                "organisation_code": view.organisation_code,
                "organisation_name": view.organisation_name,
            }
            for view in held
            if view.state == "held"
        ],
    }


@get("/api/v1/me/messages", opt={"act": "read_workbench"}, tags=TAGS, summary="未读消息，新的在前")
async def messages(request: AnyRequest) -> dict[str, Any]:
    actor = actor_of(request)
    waiting = await inbox.unread(actor.person, actor.organisation)
    return {"unread": await inbox.count_unread(actor.person, actor.organisation), "messages": waiting}


@post(
    "/api/v1/me/messages/{message:uuid}/read",
    opt={"act": "read_workbench"},
    status_code=200,
    tags=TAGS,
    summary="标为已读",
    responses=refusals(404),
)
async def read_message(request: AnyRequest, message: FromPath[UUID]) -> dict[str, UUID]:
    actor = actor_of(request)
    await inbox.mark_read(message, actor.person, actor.organisation)
    return {"id": message}


@get("/messages", opt={"act": "read_workbench"}, include_in_schema=False)
async def messages_page(request: AnyRequest) -> Response[str]:
    actor = actor_of(request)
    return await page(request, "messages.html", messages=await inbox.unread(actor.person, actor.organisation))


@post("/messages/{message:uuid}/read", opt={"act": "read_workbench"}, include_in_schema=False)
async def read_on_page(request: AnyRequest, message: FromPath[UUID]) -> Response[Any]:
    actor = actor_of(request)
    await inbox.mark_read(message, actor.person, actor.organisation)
    return Redirect("/messages", status_code=303)


def me_handlers() -> list[ControllerRouterHandler]:
    """All of the above, for both sites' route lists."""
    return [me, messages, read_message, messages_page, read_on_page]
