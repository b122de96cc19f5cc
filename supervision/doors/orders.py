"""监督指令 and everything else that two officers sign: the form, the preview, the list, and the second signature."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from kernel.permissions import permission
from kernel.web.auth import actor_of
from kernel.web.commands import command, local_time, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once
from supervision import cases, confirm, desk, drafts
from supervision.api import keys_of
from supervision.direct import GiveOrder, draft_order, ordered
from supervision.hall import href_of

AnyRequest = Request[Any, Any, Any]
ORDER_FIELDS = ("kind", "says", "article", "lifts", "until")


@get("/cases/{case:uuid}/directives/new", opt={"act": "order_directive"}, include_in_schema=False)
async def directive_form(
    request: AnyRequest, case: FromPath[UUID], lifts: Annotated[UUID | None, QueryParameter()] = None
) -> Response[str]:
    values = {"kind": "resume", "lifts": str(lifts)} if lifts else {}
    return await page(request, "supervision/directive_form.html", values=values, **await _form(request, case))


@post("/cases/{case:uuid}/directives", opt={"act": "order_directive"}, include_in_schema=False)
async def draft_directive(request: AnyRequest, case: FromPath[UUID]) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        context = await _form(request, case)
        asked = command(GiveOrder, _asked(form))
        if form.get("confirmed") != "yes":
            kept = {name: value for name, value in present(form).items() if name in ORDER_FIELDS}
            return await page(request, "confirm.html", **desk.confirmation(asked, context["about"], kept))
        draft = await _draft(request, case, asked, request_id(request, sent))
        return Redirect(f"/drafts/{draft}", status_code=303)

    async def again() -> Mapping[str, Any]:
        return await _form(request, case)

    return await tried(request, do, "supervision/directive_form.html", form, again)


@get("/directives", opt={"act": "supervise_case"}, include_in_schema=False)
async def directives_page(request: AnyRequest) -> Response[str]:
    actor = actor_of(request)
    waiting = [draft for draft in await drafts.waiting(actor) if draft.kind == "directive"]
    return await page(
        request, "supervision/directives.html", orders=await cases.orders_in(actor), drafts=waiting, me=actor.person
    )


@get("/drafts", opt={"act": "supervise_case"}, include_in_schema=False)
async def drafts_page(request: AnyRequest) -> Response[str]:
    actor = actor_of(request)
    found: dict[str, Any] = {"waiting": await drafts.waiting(actor), "ended": await drafts.ended(actor)}
    return await page(request, "supervision/drafts.html", me=actor.person, **found)


@get("/drafts/{draft:uuid}", opt={"act": "supervise_case"}, include_in_schema=False)
async def draft_page(request: AnyRequest, draft: FromPath[UUID]) -> Response[str]:
    return await page(request, "supervision/draft.html", **await _shown(request, draft))


@post("/drafts/{draft:uuid}", opt={"act": "confirm_draft"}, include_in_schema=False)
async def end_draft(request: AnyRequest, draft: FromPath[UUID]) -> Response[Any]:
    """The second signature, or back to who drafted it."""
    form, sent = await form_of(request), await request.form()
    actor, process = actor_of(request), keys_of(request).process

    async def do() -> Response[Any]:
        async def ended() -> dict[str, str]:
            if form.get("decision") == "confirm":
                view = await confirm.confirm(actor, draft, process)
            else:
                view = await confirm.refuse(actor, draft, str(form.get("says", "")))
            return {"draft": str(view.id)}

        said = {"draft": str(draft), **form}
        await once("confirm_draft", actor, request_id(request, sent), said, ended)
        return Redirect(f"/drafts/{draft}", status_code=303)

    async def again() -> Mapping[str, Any]:
        return await _shown(request, draft)

    return await tried(request, do, "supervision/draft.html", form, again)


HANDLERS = [directive_form, draft_directive, directives_page, drafts_page, draft_page, end_draft]


async def _shown(request: AnyRequest, draft: UUID) -> dict[str, Any]:
    actor = actor_of(request)
    view = await drafts.one(actor, draft)
    place = (await cases.places([view.case])).get(view.case) if view.case else None
    may = bool(permission("confirm_draft", actor.role)) and not view.outcome
    return {"draft": view, "place": place, "lines": desk.lines_of(view), "may": may, "own": view.person == actor.person}


async def _form(request: AnyRequest, case: UUID) -> dict[str, Any]:
    about = await ordered(case)
    drafts.check_scope(actor_of(request), about.region, about.department)
    liftable = [order for order in await cases.orders([case]) if order["stands"]]
    standing = [{"value": str(o["id"]), "label": f"{o['label']}：{o['says'][:30]}"} for o in liftable]
    kinds = [kind for kind in desk.KINDS if kind["value"] != "resume" or standing]
    places = await cases.places([case])
    back = places[case]["href"] if case in places else href_of("bidding", case)
    return {"about": about, "kinds": kinds, "standing": standing, "back": back}


def _asked(form: Mapping[str, Any]) -> dict[str, Any]:
    """The command's fields; an order that resumes ends nothing by time, one that does not resume lifts nothing."""
    asked = {name: value for name, value in present(form).items() if name in ORDER_FIELDS}
    asked.pop("until" if asked.get("kind") == "resume" else "lifts", None)
    return asked | ({"until": local_time(asked["until"])} if "until" in asked else {})


async def _draft(request: AnyRequest, case: UUID, asked: GiveOrder, key: UUID | None) -> str:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        return {"draft": str(await draft_order(actor, case, asked, key))}

    said = {"lot": str(case), **asked.model_dump(mode="json")}
    return str((await once("order_directive", actor, key, said, do))["draft"])
