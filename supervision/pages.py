"""The pages of regulators and inspectors: workbench, case, orders, alarms, and what the regulators looked at."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from bidding.records import LotRow
from bidding.stages import NAMES, Stage
from kernel.law import LawInForce
from kernel.permissions import permission
from kernel.web.auth import actor_of
from kernel.web.commands import command, local_time, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once
from supervision import cases, desk, watch
from supervision.api import keys_of
from supervision.direct import GiveOrder, order_directive

AnyRequest = Request[Any, Any, Any]
LotId = FromPath[UUID]
ORDER_FIELDS = ("kind", "says", "article", "lifts", "until")
LISTED = 100
"""Cases, alarms and orders one page shows."""


@get("/", opt={"act": "read_public"}, include_in_schema=False)
async def home(request: AnyRequest) -> Response[Any]:
    """There is nothing public here: to work, or to sign in."""
    return Redirect("/workbench" if actor_of(request).person else "/signin", status_code=303)


@get("/workbench", opt={"act": "read_workbench"}, include_in_schema=False)
async def workbench(
    request: AnyRequest, stage: Annotated[Stage | None, QueryParameter(description="只看这一环节")] = None
) -> Response[str]:
    actor = actor_of(request)
    lots = await cases.cases(actor)
    shown = [lot for lot in lots if stage in (None, lot.stage)][:LISTED]
    return await page(
        request,
        "supervision/workbench_regulator.html",
        todos=await desk.todos(actor),
        lots=shown,
        stages=cases.by_stage(lots),
        stage=stage or "",
        stage_label=NAMES[stage] if stage else "",
        alerts=(await watch.alarms(actor))[:5],
        watches=permission("read_reads", actor.role),
    )


@get("/cases/{lot:uuid}", opt={"act": "supervise_case"}, include_in_schema=False)
async def case_page(request: AnyRequest, lot: LotId) -> Response[str]:
    actor = actor_of(request)
    row = await cases.look(actor, lot)
    orders = await cases.orders([row])
    return await page(
        request,
        "supervision/case.html",
        lot=row,
        steps=await cases.steps(row),
        events=await cases.events(row),
        orders=orders,
        directives=[order for order in orders if order["stands"]],
        limits=list(LawInForce.from_json(row.law)) if row.law else [],
        can_order=bool(permission("order_directive", actor.role)),
    )


@get("/cases/{lot:uuid}/directives/new", opt={"act": "order_directive"}, include_in_schema=False)
async def directive_form(
    request: AnyRequest, lot: LotId, lifts: Annotated[UUID | None, QueryParameter()] = None
) -> Response[str]:
    values = {"kind": "resume", "lifts": str(lifts)} if lifts else {}
    return await page(request, "supervision/directive_form.html", values=values, **await _form(request, lot))


@post("/cases/{lot:uuid}/directives", opt={"act": "order_directive"}, include_in_schema=False)
async def give_order(request: AnyRequest, lot: LotId) -> Response[Any]:
    form = await form_of(request)
    sent = await request.form()

    async def do() -> Response[Any]:
        context = await _form(request, lot)
        asked = command(GiveOrder, _asked(form))
        if form.get("confirmed") != "yes":
            kept = {name: value for name, value in present(form).items() if name in ORDER_FIELDS}
            return await page(request, "confirm.html", **desk.confirmation(asked, context["lot"], kept))
        await _give(request, context["lot"].id, asked, request_id(request, sent))
        return Redirect(f"/cases/{lot}", status_code=303)

    async def again() -> Mapping[str, Any]:
        return await _form(request, lot)

    return await tried(request, do, "supervision/directive_form.html", form, again)


@get("/directives", opt={"act": "supervise_case"}, include_in_schema=False)
async def directives_page(request: AnyRequest) -> Response[str]:
    orders = await cases.orders(await cases.cases(actor_of(request)))
    return await page(request, "supervision/directives.html", orders=orders[:LISTED])


@get("/alarms", opt={"act": "supervise_case"}, include_in_schema=False)
async def alarms_page(request: AnyRequest) -> Response[str]:
    found = await watch.alarms(actor_of(request))
    return await page(request, "supervision/alarms.html", alarms=found[:LISTED], checked=await watch.last_read_back())


@get("/reads", opt={"act": "read_reads"}, include_in_schema=False)
async def reads_page(request: AnyRequest) -> Response[str]:
    return await page(request, "supervision/reads.html", reads=await watch.reads(actor_of(request)))


@get("/trustee", opt={"act": "hold_key"}, include_in_schema=False)
async def trustee_page(request: AnyRequest) -> Response[str]:
    actor = actor_of(request)
    return await page(
        request,
        "trustee.html",
        todos=await desk.todos(actor),
        holders=await desk.own_holders(actor),
        role=actor.role,
        origin=request.app.state.settings.supervision_origin,
    )


def page_handlers() -> list[ControllerRouterHandler]:
    """Every page of this site's own."""
    orders = [directive_form, give_order, directives_page]
    return [home, workbench, case_page, *orders, alarms_page, reads_page, trustee_page]


async def _form(request: AnyRequest, lot: UUID) -> dict[str, Any]:
    row = await cases.own_case(actor_of(request), lot)
    standing = [{"value": str(o["id"]), "label": f"{o['label']}：{o['says'][:30]}"} for o in await _liftable(row)]
    kinds = [kind for kind in desk.KINDS if kind["value"] != "resume" or standing]
    return {"lot": row, "kinds": kinds, "standing": standing}


async def _liftable(row: LotRow) -> list[dict[str, Any]]:
    return [order for order in await cases.orders([row]) if order["stands"]]


def _asked(form: Mapping[str, Any]) -> dict[str, Any]:
    """The command's fields; an order that resumes ends nothing by time, one that does not resume lifts nothing."""
    asked = {name: value for name, value in present(form).items() if name in ORDER_FIELDS}
    asked.pop("until" if asked.get("kind") == "resume" else "lifts", None)
    return asked | ({"until": local_time(asked["until"])} if "until" in asked else {})


async def _give(request: AnyRequest, lot: UUID, asked: GiveOrder, key: UUID | None) -> None:
    actor, process = actor_of(request), keys_of(request).process

    async def do() -> dict[str, str]:
        return {"order": str((await order_directive(actor, lot, asked, process, key)).id)}

    await once("order_directive", actor, key, {"lot": str(lot), **asked.model_dump(mode="json")}, do)
