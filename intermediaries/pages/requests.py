"""The pages of requests: the list, one's own form, and a request with everything one may do in it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import QueryParameter

from intermediaries.catalogue import QUALIFICATIONS
from intermediaries.doors import AnyRequest, RequestPath, go, tools_of
from intermediaries.modes import MODES
from intermediaries.opening_incidents import lost_later
from intermediaries.records import items, owner, watched
from intermediaries.records import requests as records
from intermediaries.request_desk import Desk, desk
from intermediaries.request_sheets import notice_sheet, selection_sheet
from intermediaries.rules.requests import GRADES, ITEMS
from intermediaries.schemas.requests import PublishRequest
from intermediaries.stages import NAMES
from intermediaries.steps.request import publish_request
from kernel import clock, directives
from kernel.errors import BadInput, NotFound, Problem
from kernel.identity import Actor
from kernel.web.auth import actor_of
from kernel.web.commands import command, local_time, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.download import send_exact
from kernel.web.names import region_options

PUBLIC = {"act": "read_public"}
ASKING = {"act": "publish_request"}
FORM, ONE = "intermediaries/request_form.html", "intermediaries/request.html"
SIZE = 20
Words = Annotated[str, QueryParameter(max_length=80)]
Stage = Annotated[str, QueryParameter(pattern=r"^[a-z]{0,12}$")]
ModeId = Annotated[str, QueryParameter(pattern=r"^[a-z_]{0,24}$")]
Item = Annotated[str, QueryParameter(pattern=r"^([A-Z]{3}-\d\d)?$")]
Number = Annotated[int, QueryParameter(name="page", ge=1, le=10_000)]


@get("/market/requests", opt=PUBLIC, include_in_schema=False)
async def requests(
    request: AnyRequest, q: Words = "", stage: Stage = "", mode: ModeId = "", item: Item = "", number: Number = 1
) -> Response[str]:
    chosen = {"q": q.strip(), "stage": stage, "mode": mode, "item": item}
    rows, total = await records.search_requests(chosen, page=number, size=SIZE)
    said = "&".join(f"{key}={value}" for key, value in chosen.items() if value)
    return await page(
        request,
        "intermediaries/requests.html",
        rows=rows,
        total=total,
        chosen=chosen,
        stages=[{"value": str(s), "label": label} for s, label in NAMES.items()],
        modes=[{"value": m.id, "label": m.name} for m in MODES.values()],
        page_number=number,
        pages=-(-total // SIZE),
        href=f"/market/requests?{said}{'&' if said else ''}page={{page}}",
        may_ask=actor_of(request).role in ("purchaser", "agent"),
    )


@get("/requests/new", opt=ASKING, include_in_schema=False)
async def new_request(request: AnyRequest, item: Item = "") -> Response[str]:
    actor = actor_of(request)
    known = await owner(actor.organisation)
    values = {"item": item, "region": actor.region, "mode": "draw", "fiscal_percent": "0"}
    values["complaints_phone"] = known.complaints_phone if known else ""
    return await page(request, FORM, values=values, **await _form(actor))


@post("/requests", opt=ASKING, include_in_schema=False)
async def publish(request: AnyRequest) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        asked = command(PublishRequest, await _asked(form))
        given = await publish_request(tools_of(request), actor_of(request), asked, request_id(request, sent))
        return go(f"/requests/{given['request']}")

    async def again() -> Mapping[str, Any]:
        return await _form(actor_of(request))

    return await tried(request, do, FORM, form, again)


@get("/requests/{case:uuid}", opt=PUBLIC, include_in_schema=False)
async def one(request: AnyRequest, case: RequestPath) -> Response[str]:
    context = await shown(request, case)
    return await page(request, ONE, values=_begun(context["desk"]), **context)


@get("/requests/{case:uuid}/notice.pdf", opt=PUBLIC, include_in_schema=False)
async def notice_pdf(request: AnyRequest, case: RequestPath) -> Response[Any]:
    row, (first, *_) = await records.request(case), await records.texts(case)
    sheet = await asyncio.to_thread(notice_sheet, row, first, tools_of(request).origin)
    return send_exact(request, sheet, "application/pdf", label=f"{row.code}采购公告.pdf")


@get("/requests/{case:uuid}/selection.pdf", opt=PUBLIC, include_in_schema=False)
async def selection_pdf(request: AnyRequest, case: RequestPath) -> Response[Any]:
    row, asked = await records.request(case), await records.last_selection(case)
    if asked is None or asked.answer != "accepted":
        raise NotFound(Problem("no_selection", "还没有中选通知书", "中选机构确认后即可下载"))
    sheet = await asyncio.to_thread(selection_sheet, row, asked, row.complaints_phone, tools_of(request).origin)
    return send_exact(request, sheet, "application/pdf", label="中选通知书.pdf")


async def shown(request: AnyRequest, case: RequestPath) -> dict[str, Any]:
    """What the page of a request shows this reader."""
    found, texts = await desk(actor_of(request), case), await records.texts(case)
    opened = [text.content["content"] for text in texts if text.kind == "opening"]
    incidents = [one for content in opened for one in content.get("incidents", ())]
    later = [one for content in opened for one in await lost_later(case, content)]
    return {
        "desk": found,
        "row": found.row,
        "directives": await directives.on_show(case, await clock.now()),
        "texts": texts,
        "incidents": [{"says": one["says"], "at": datetime.fromisoformat(one["at"])} for one in incidents] + later,
        "selections": await records.selections(case),
        "steps": await watched.timeline(case),
        "packaged": await records.package(case) is not None,
        "grades": [{"value": str(n), "label": f"{n} 星　{label}"} for n, label in GRADES.items()],
        "grade_names": GRADES,
        "rating_items": ITEMS,
        "origin": tools_of(request).origin,
    }


def _begun(found: Desk) -> dict[str, str]:
    """What a form begins with: the contract's terms as they were selected."""
    price = found.asked.price if found.asked else None
    return {"price": "" if price is None else str(price), "service_days": str(found.row.service_days)}


async def _asked(form: Mapping[str, Any]) -> dict[str, Any]:
    """The command's members; an item comes by its code, avoidance a line a unit."""
    fields = {k: v for k, v in present(form).items() if k not in ("licence", "avoid_lines")}
    if "item" in fields:
        fields["item"] = (await items.item_by_code(str(fields["item"]))).id
    if "apply_until" in fields:
        fields["apply_until"] = local_time(str(fields["apply_until"]))
    if form.get("licence"):
        kind, _, least = str(form["licence"]).partition("|")
        fields["all_of"] = [{"kind": kind, "least": least}]
    lines = [line.split(maxsplit=1) for line in str(form.get("avoid_lines", "")).splitlines() if line.strip()]
    if any(len(line) != 2 for line in lines):
        says = "每行写一个统一社会信用代码和原因，中间空一格"
        raise BadInput(Problem("avoid_malformed", says, "例如：91330106MA2XXXXX1X 参与了需求编制", field="avoid_lines"))
    return fields | {"avoid": [{"code": code, "reason": reason} for code, reason in lines]}


async def _form(actor: Actor) -> dict[str, Any]:
    licences = [
        {"value": f"{kind}|{grade}", "label": f"{q.name}{f'（{grade}）' if grade else ''}"}
        for kind, q in QUALIFICATIONS.items()
        for grade in (q.grades or ("",))
    ]
    return {
        "items": [
            {"value": row.item.code, "label": f"{row.item.code} {row.item.name}"} for row in await items.catalogue()
        ],
        "regions": region_options(f"{actor.region[:2]}0000"),
        "modes": [{"value": m.id, "label": m.name, "hint": m.source} for m in MODES.values()],
        "licences": licences,
    }


HANDLERS = [requests, new_request, publish, one, notice_pdf, selection_pdf]
