"""The agency's own pages: what it says of itself, its papers, its promises; filing. And the owner's entry."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from pydantic import BaseModel

from intermediaries import records
from intermediaries.catalogue import CATEGORIES, QUALIFICATIONS
from intermediaries.doors import AnyRequest, go, own_agency, send_scan, tools_of
from intermediaries.looking import entry as entry_of
from intermediaries.records import agencies
from intermediaries.schemas.agencies import (
    AddCertificate,
    AddPractitioner,
    DeclareAvoidance,
    DescribeAgency,
    EnterOwner,
    FileEntry,
    PromiseItem,
)
from intermediaries.stages import AGENCY_NAMES, FILED
from intermediaries.steps import enter, papers
from intermediaries.texts import AGENCY_COMMITMENT, OWNER_COMMITMENT
from kernel.errors import NotFound, Problem
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of, page, request_id

OPT = {"act": "enter_market"}
PLACE = "/market/entry"
TEMPLATE = "intermediaries/entry.html"
Part = FromPath[str]
Number = FromPath[UUID]
Known = TypeVar("Known")
FORMS: Mapping[str, tuple[type[BaseModel], Callable[..., Awaitable[Any]]]] = {
    "practitioners": (AddPractitioner, papers.add_practitioner),
    "promises": (PromiseItem, papers.promise_item),
    "avoidances": (DeclareAvoidance, papers.declare_avoidance),
}
REMOVALS: Mapping[str, Callable[..., Awaitable[None]]] = {
    "certificates": papers.remove_certificate,
    "practitioners": papers.remove_practitioner,
    "promises": papers.withdraw_promise,
    "avoidances": papers.end_avoidance,
}


@get(PLACE, opt=OPT, include_in_schema=False)
async def entry(request: AnyRequest) -> Response[str]:
    actor = actor_of(request)
    if actor.role == "purchaser":
        return await page(request, "intermediaries/owner.html", **await _owner(request))
    context = await _entry(request)
    row = context["entry"].agency if context["entry"] else None
    said = {name: getattr(row, name) for name in DescribeAgency.model_fields} if row else {}
    return await page(request, TEMPLATE, values=said, **context)


@post(PLACE, opt=OPT, include_in_schema=False)
async def describe(request: AnyRequest) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        await enter.enter_market(actor_of(request), command(DescribeAgency, form), request_id(request, sent))
        return go(PLACE)

    return await tried(request, do, TEMPLATE, form, lambda: _entry(request))


@post(f"{PLACE}/certificates", opt=OPT, include_in_schema=False)
async def certificate(request: AnyRequest) -> Response[Any]:
    form = present(await form_of(request))

    async def do() -> Response[Any]:
        upload_label = form.pop("upload_label", "")
        asked = command(AddCertificate, form | ({"label": upload_label} if upload_label else {}))
        agency = await own_agency(actor_of(request))
        await papers.add_certificate(tools_of(request), actor_of(request), agency.id, asked)
        return go(f"{PLACE}#certificates")

    return await tried(request, do, TEMPLATE, form, lambda: _entry(request, "certificates"))


@post(f"{PLACE}/{{part:str}}", opt=OPT, include_in_schema=False)
async def add(request: AnyRequest, part: Part) -> Response[Any]:
    form = present(await form_of(request))
    kind, act = _known(part, FORMS)

    async def do() -> Response[Any]:
        agency = await own_agency(actor_of(request))
        await act(actor_of(request), agency.id, command(kind, form))
        return go(f"{PLACE}#{part}")

    return await tried(request, do, TEMPLATE, form, lambda: _entry(request, part))


@post(f"{PLACE}/{{part:str}}/{{number:uuid}}/remove", opt=OPT, include_in_schema=False)
async def remove(request: AnyRequest, part: Part, number: Number) -> Response[Any]:
    act = _known(part, REMOVALS)

    async def do() -> Response[Any]:
        agency = await own_agency(actor_of(request))
        await act(actor_of(request), agency.id, number)
        return go(f"{PLACE}#{part}")

    return await tried(request, do, TEMPLATE, {}, lambda: _entry(request, part))


@post(f"{PLACE}/file", opt=OPT, include_in_schema=False)
async def file(request: AnyRequest) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        agency = await own_agency(actor_of(request))
        asked = command(FileEntry, {"accepted": form.get("accepted") == "yes"})
        await enter.file_entry(tools_of(request), actor_of(request), agency.id, asked, request_id(request, sent))
        return go(PLACE)

    return await tried(request, do, TEMPLATE, form, lambda: _entry(request, "file"))


@post(f"{PLACE}/owner", opt=OPT, include_in_schema=False)
async def owner(request: AnyRequest) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        asked = command(EnterOwner, form | {"accepted": form.get("accepted") == "yes"})
        await enter.enter_owner(actor_of(request), asked, request_id(request, sent))
        return go(PLACE)

    return await tried(request, do, "intermediaries/owner.html", form, lambda: _owner(request))


@get(f"{PLACE}/certificates/{{number:uuid}}", opt=OPT, include_in_schema=False)
async def scan(request: AnyRequest, number: Number) -> Response[Any]:
    agency = await own_agency(actor_of(request))
    return send_scan(request, await agencies.certificate(agency.id, number))


def _known(part: str, forms: Mapping[str, Known]) -> Known:
    if part not in forms:
        raise NotFound(Problem("no_such_part", "没有这个栏目", "请从入驻页面办理"))
    return forms[part]


async def _entry(request: AnyRequest, part: str = "") -> dict[str, Any]:
    actor = actor_of(request)
    row = await agencies.agency_of(actor.organisation)
    items = await records.catalogue()
    grouped = [(name, [i for i in items if i.item.category == key]) for key, name in CATEGORIES.items()]
    return {
        "entry": await entry_of("enter_market", actor, row.id) if row else None,
        "part": part,
        "items": [
            {"value": str(one.id), "label": f"{name} · {one.item.name}（{one.item.code}）"}
            for name, group in grouped
            for one in group
        ],
        "kinds": [{"value": kind, "label": q.name} for kind, q in QUALIFICATIONS.items()],
        "qualifications": QUALIFICATIONS,
        "commitment": AGENCY_COMMITMENT,
        "stage_names": AGENCY_NAMES,
        "can_file": row is not None and row.stage in FILED,
    }


async def _owner(request: AnyRequest) -> dict[str, Any]:
    owner = await records.owner(actor_of(request).organisation)
    said = {"contact": owner.contact, "complaints_phone": owner.complaints_phone} if owner else {}
    return {"owner": owner, "commitment": OWNER_COMMITMENT, "values": said}


HANDLERS = [entry, describe, file, owner, certificate, add, remove, scan]
