"""委托代理: a purchaser names the agency that may do his work, which acts of it, and until when."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from bidding.pages.forms import AnyRequest, go
from kernel.accounts import records
from kernel.accounts.mandates import give_mandate, given_by, revoke_mandate
from kernel.accounts.schemas import GiveMandate
from kernel.errors import Forbidden, NotFound, Problem
from kernel.web.auth import actor_of
from kernel.web.commands import command, local_time, present, tried
from kernel.web.door import form_of, page
from kernel.web.names import ACTS

OFFERED = (
    "read_case",
    "register_project",
    "answer_return",
    "publish_notice",
    "amend_notice",
    "upload_part",
    "answer_objection",
    "conclude_opening",
    "read_archive",
)
OPT = {"act": "manage_account"}


@get("/mandates", opt=OPT, include_in_schema=False)
async def mandates_page(request: AnyRequest) -> Response[str]:
    return await page(request, "bidding/mandates.html", values={"acts": list(OFFERED)}, **await _mandates(request))


@post("/mandates", opt=OPT, include_in_schema=False)
async def give(request: AnyRequest) -> Response[Any]:
    form = await form_of(request, "acts")

    async def do() -> Response[Any]:
        await give_mandate(actor_of(request), command(GiveMandate, await _fields(form)))
        return go("/mandates")

    async def again() -> Mapping[str, Any]:
        return await _mandates(request)

    return await tried(request, do, "bidding/mandates.html", form, again)


@post("/mandates/{mandate:uuid}/revoke", opt=OPT, include_in_schema=False)
async def revoke(request: AnyRequest, mandate: FromPath[UUID]) -> Response[Any]:
    await revoke_mandate(actor_of(request), mandate)
    return go("/mandates")


async def _fields(form: Mapping[str, Any]) -> dict[str, Any]:
    """The command's fields: the agency by its credit code, whole days in Beijing time."""
    given = present(form)
    agency = await records.organisation_by_code(str(given.pop("agent", "")).strip().upper())
    if agency is None:
        says = "没有这家代理机构"
        raise NotFound(Problem("no_such_agency", says, "请核对统一社会信用代码；代理机构须先注册", field="agent"))
    moments = {"since": "T00:00", "until": "T23:59"}
    dates = {name: local_time(f"{given[name]}{at}") for name, at in moments.items() if name in given}
    return given | dates | {"agent": agency.id}


async def _mandates(request: AnyRequest) -> dict[str, Any]:
    actor = actor_of(request)
    if actor.role != "purchaser" or actor.organisation is None:
        raise Forbidden(Problem("purchaser_only", "只有招标人可以出具委托", "请以招标人身份登录后办理"))
    acts = [{"value": act, "label": ACTS[act]} for act in OFFERED]
    return {"mandates": await given_by(actor.organisation), "acts": acts}


HANDLERS = [mandates_page, give, revoke]
