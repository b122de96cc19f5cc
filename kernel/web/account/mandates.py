"""委托代理: a purchaser names the agency, the acts, the project and the days; the agency sees what it was given.

The trading site's only. What projects there are is told by whoever makes the handlers.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from pydantic import AwareDatetime, BaseModel, Field

from kernel.accounts import records
from kernel.accounts.mandates import MANDATABLE, MandateView, give_mandate, given_by, given_to, revoke_mandate
from kernel.accounts.schemas import GiveMandate
from kernel.errors import BadInput, Forbidden, NotFound, Problem
from kernel.identity import Actor
from kernel.web.account.shared import AnyRequest, account_page, done, from_day, signed_in, tabs, through_day
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of, request_id
from kernel.web.names import act_name
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

TAB = "/mandates"
READ, GIVE = {"act": "manage_account"}, {"act": "give_mandate"}
TAGS = ["账户"]
Projects = Callable[[Actor], Awaitable[Sequence[tuple[UUID, str]]]]
"""A purchaser's own projects, (id, name) each, which a mandate may be bounded to."""


class MandateShown(BaseModel):
    id: UUID
    purchaser: str
    agent: str
    project: Annotated[UUID | None, Field(description="空为委托人的全部项目")]
    acts: list[str]
    since: AwareDatetime
    until: AwareDatetime
    document: Annotated[str, Field(description="委托代理合同的 SHA-256")]
    revoked_at: AwareDatetime | None


class MandateGiven(BaseModel):
    mandate: UUID


def mandate_handlers(projects: Projects) -> list[ControllerRouterHandler]:
    """The page and the routes of a site whose purchasers have these projects."""

    @get(TAB, opt=READ, include_in_schema=False)
    async def mandates_page(request: AnyRequest) -> Response[str]:
        values = {"acts": list(MANDATABLE)}
        return await account_page(request, "account_mandates.html", values=values, **await _context(request, projects))

    @post(TAB, opt=GIVE, include_in_schema=False)
    async def give(request: AnyRequest) -> Response[Any]:
        actor, _ = signed_in(request)
        form = await form_of(request, "acts")

        async def do() -> Response[Any]:
            asked, sent = command(GiveMandate, await _fields(form)), await request.form()
            await _give_once(actor, request_id(request, sent, required=False), asked, projects)
            return done(TAB)

        async def again() -> Mapping[str, Any]:
            return {"tabs": tabs(request), **await _context(request, projects)}

        return await tried(request, do, "account_mandates.html", form, again)

    @post(
        "/api/v1/mandates",
        opt=GIVE,
        tags=TAGS,
        summary="出具委托：代理机构、事项、项目和期限",
        responses=refusals(404),
    )
    async def give_by_api(request: AnyRequest, data: JSONBody[GiveMandate], key: RequestId = None) -> MandateGiven:
        return MandateGiven.model_validate(await _give_once(actor_of(request), key, data, projects))

    return [mandates_page, give, give_by_api, revoke, mandates, revoke_by_api]


@post(TAB + "/{mandate:uuid}/revoke", opt=GIVE, include_in_schema=False)
async def revoke(request: AnyRequest, mandate: FromPath[UUID]) -> Response[Any]:
    await revoke_mandate(signed_in(request)[0], mandate)
    return done(TAB)


@get("/api/v1/mandates", opt=READ, tags=TAGS, summary="我方出具的、或交给我方的委托，新的在前")
async def mandates(request: AnyRequest) -> list[MandateShown]:
    given = await _given(actor_of(request))
    return [MandateShown.model_validate(one, from_attributes=True) for one in given]


@post(
    "/api/v1/mandates/{mandate:uuid}/revoke",
    opt=GIVE,
    status_code=200,
    tags=TAGS,
    summary="收回委托，立即生效",
    responses=refusals(404),
)
async def revoke_by_api(request: AnyRequest, mandate: FromPath[UUID], key: RequestId = None) -> MandateGiven:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await revoke_mandate(actor, mandate)
        return {"mandate": str(mandate)}

    return MandateGiven.model_validate(await once("give_mandate", actor, key, {"revoke": str(mandate)}, do))


async def _give_once(actor: Actor, key: UUID | None, asked: GiveMandate, projects: Projects) -> dict[str, Any]:
    async def do() -> dict[str, str]:
        return {"mandate": str(await _give(actor, asked, projects))}

    return await once("give_mandate", actor, key, asked.model_dump(mode="json"), do)


async def _give(actor: Actor, asked: GiveMandate, projects: Projects) -> UUID:
    known = {id for id, _ in await projects(actor)} if asked.project else set()
    if asked.project and asked.project not in known:
        raise BadInput(Problem("no_such_project", "没有这个项目", "请从本单位的项目中选择", field="project"))
    return await give_mandate(actor, asked)


async def _given(actor: Actor) -> list[MandateView]:
    if actor.role not in ("purchaser", "agent") or actor.organisation is None:
        says = "委托只在招标人与代理机构之间"
        raise Forbidden(Problem("no_party", says, "请以招标人或代理机构身份登录后办理"))
    return await (given_by if actor.role == "purchaser" else given_to)(actor.organisation)


async def _context(request: AnyRequest, projects: Projects) -> dict[str, Any]:
    actor, _ = signed_in(request)
    given, own = await _given(actor), await projects(actor)
    names: dict[UUID, str] = dict(own)
    return {
        "tab": TAB,
        "gives": actor.role == "purchaser",
        "mandates": given,
        "project_names": {id: names.get(id, f"编号 {str(id)[:8]}…") for id in (one.project for one in given) if id},
        "acts": [{"value": act, "label": act_name(act)} for act in MANDATABLE],
        "projects": [{"value": str(id), "label": name} for id, name in own],
    }


async def _fields(form: Mapping[str, Any]) -> dict[str, Any]:
    """The command's fields: the agency by its credit code, whole days in Beijing time."""
    given = present(form)
    code = str(given.pop("agent", "")).strip().upper()
    agency = await records.organisation_by_code(code)
    if agency is None:
        says = "没有这家代理机构"
        raise NotFound(Problem("no_such_agency", says, "请核对统一社会信用代码；代理机构须先注册", field="agent"))
    days = {"since": from_day, "until": through_day}
    moments = {name: turn(str(given[name])) for name, turn in days.items() if name in given}
    return given | moments | {"agent": agency.id}
