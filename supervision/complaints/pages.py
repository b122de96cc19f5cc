"""The pages of complaints: guided filing for whoever comes with a letter, asking after one's own, and handling."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from pydantic import BaseModel

from kernel.anchor_file import read_anchor_file
from kernel.clock import now
from kernel.errors import NotFound, Problem
from kernel.identity import Actor
from kernel.introduction import Introduction, read_introduction
from kernel.permissions import permission
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.csrf import ANYBODY, FORM_FILE
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once
from supervision.acts import record
from supervision.complaints import desk, filing, records, sheets, steps
from supervision.complaints.case import check_scope
from supervision.complaints.rules import clock
from supervision.complaints.schemas import Decide, Exclude, FileAtCounter, FileComplaint, Say, Serve, Undertake
from supervision.complaints.subject import subject_of
from supervision.complaints.tracks import tracks

AnyRequest = Request[Any, Any, Any]
ComplaintId = FromPath[UUID]
Step = Callable[..., Awaitable[object]]
STEPS: Mapping[str, tuple[Step, type[BaseModel] | None]] = {
    "admit": (steps.admit, Undertake),
    "refuse": (steps.refuse, Say),
    "join": (steps.join, Undertake),
    "note": (steps.note, Say),
    "exclude": (steps.exclude, Exclude),
    "draft": (steps.draft, Decide),
    "send_back": (steps.send_back, Say),
    "confirm": (steps.confirm, None),
    "serve": (steps.serve, Serve),
    "withdraw": (steps.withdraw, Say),
}
"""Act → the step and what it is told."""


@get("/complaints/new", opt={"act": "file_complaint"}, include_in_schema=False)
async def new_complaint(
    request: AnyRequest, letter: Annotated[str, QueryParameter(description="介绍信")] = ""
) -> Response[str]:
    """The guide; with a letter of introduction the form as well."""
    context = await _filing_form(request, letter) if letter else {"letter": "", "tracks": tracks().values()}
    return await page(request, "supervision/complaints/new.html", **context)


@post(
    "/complaints",
    opt={"act": "file_complaint", FORM_FILE: ANYBODY},
    include_in_schema=False,
    request_max_body_size=filing.BODY,
)
async def file(request: AnyRequest) -> Response[Any]:
    form, evidence = await _sent(request)
    letter = str(form.pop("letter", ""))
    confirmed = form.pop("confirmed", "") == "yes"

    async def do() -> Response[Any]:
        who = await _introduction(request, letter)
        asked = command(FileComplaint, present(form))
        doubts = filing.doubts_of(await subject_of(who.case), asked, await now())
        if doubts and not confirmed:
            context = await _filing_form(request, letter) | {"doubts": doubts, "values": form}
            return await page(request, "supervision/complaints/new.html", **context)
        return await _filed(request, await filing.file_introduced(who, asked, evidence))

    async def again() -> Mapping[str, Any]:
        return await _filing_form(request, letter)

    return await tried(request, do, "supervision/complaints/new.html", form, again)


@get("/complaints/ask", opt={"act": "file_complaint"}, include_in_schema=False)
async def ask(request: AnyRequest) -> Response[str]:
    return await page(request, "supervision/complaints/ask.html")


@post("/complaints/ask", opt={"act": "file_complaint"}, include_in_schema=False)
async def answer(request: AnyRequest) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        await desk.throttle(actor_of(request))
        view = await records.of_number(str(form.get("number", "")).strip(), str(form.get("code", "")))
        shown = await desk.shown(view)
        return await page(request, "supervision/complaints/asked.html", view=view, code=form.get("code", ""), **shown)

    async def again() -> Mapping[str, Any]:
        return {}

    return await tried(request, do, "supervision/complaints/ask.html", form, again)


@get("/complaints/counter", opt={"act": "handle_complaint"}, include_in_schema=False)
async def counter_form(request: AnyRequest) -> Response[str]:
    return await page(request, "supervision/complaints/counter.html", topics=desk.all_topics())


@post(
    "/complaints/counter",
    opt={"act": "handle_complaint", FORM_FILE: True},
    include_in_schema=False,
    request_max_body_size=filing.BODY,
)
async def file_at_counter(request: AnyRequest) -> Response[Any]:
    form, evidence = await _sent(request)

    async def do() -> Response[Any]:
        asked = command(FileAtCounter, present(form))
        return await _filed(request, await filing.file_at_counter(actor_of(request), asked, evidence))

    async def again() -> Mapping[str, Any]:
        return {"topics": desk.all_topics()}

    return await tried(request, do, "supervision/complaints/counter.html", form, again)


@get("/complaints", opt={"act": "read_complaints"}, include_in_schema=False)
async def list_complaints(
    request: AnyRequest, closed: Annotated[bool, QueryParameter(description="也列已办结的")] = False
) -> Response[str]:
    rows = await desk.listed(actor_of(request), closed=closed)
    may = bool(permission("handle_complaint", actor_of(request).role))
    return await page(request, "supervision/complaints/list.html", rows=rows, closed=closed, may_handle=may)


@get("/complaints/{complaint:uuid}", opt={"act": "read_complaints"}, include_in_schema=False)
async def show(request: AnyRequest, complaint: ComplaintId) -> Response[str]:
    view = await _looked_at(actor_of(request), complaint)
    return await page(request, "supervision/complaints/show.html", **await _shown(request, view))


@get("/complaints/{complaint:uuid}/{act:str}", opt={"act": "handle_complaint"}, include_in_schema=False)
async def act_form(request: AnyRequest, complaint: ComplaintId, act: FromPath[str]) -> Response[str]:
    _known(act)
    view = await _looked_at(actor_of(request), complaint)
    return await page(request, "supervision/complaints/act.html", **_act_form(view, act))


@post("/complaints/{complaint:uuid}/{act:str}", opt={"act": "handle_complaint"}, include_in_schema=False)
async def handle(request: AnyRequest, complaint: ComplaintId, act: FromPath[str]) -> Response[Any]:
    form = await form_of(request)
    sent = await request.form()
    step, kind = _known(act)
    actor = actor_of(request)

    async def do() -> Response[Any]:
        asked = (command(kind, present(form)),) if kind else ()
        said = {"complaint": str(complaint), "act": act, **(asked[0].model_dump(mode="json") if asked else {})}

        async def once_done() -> dict[str, str]:
            await step(actor, complaint, *asked)
            return {"complaint": str(complaint)}

        await once("handle_complaint", actor, request_id(request, sent), said, once_done)
        return Redirect(f"/complaints/{complaint}", status_code=303)

    async def again() -> Mapping[str, Any]:
        return _act_form(await records.complaint(complaint), act)

    return await tried(request, do, "supervision/complaints/act.html", form, again)


@get("/complaints/{complaint:uuid}/papers/{paper:uuid}", opt={"act": "read_complaints"}, include_in_schema=False)
async def paper(request: AnyRequest, complaint: ComplaintId, paper: FromPath[UUID]) -> Response[bytes]:
    await _looked_at(actor_of(request), complaint)
    return _attachment(*await records.paper(complaint, paper))


@post("/complaints/ask/paper", opt={"act": "file_complaint"}, include_in_schema=False)
async def own_paper(request: AnyRequest) -> Response[bytes]:
    """A complainant takes the papers that were made for him; what others handed in is not given out."""
    form = await form_of(request)
    await desk.throttle(actor_of(request))
    view = await records.of_number(str(form.get("number", "")).strip(), str(form.get("code", "")))
    for found in await records.papers(view.id):
        if str(found.id) == form.get("paper") and found.kind in ("refusal", "decision"):
            return _attachment(*await records.paper(view.id, found.id))
    raise NotFound(Problem("no_paper", "没有这份文书", "请重新查询后下载"))


def complaint_handlers() -> list[ControllerRouterHandler]:
    """Every page of complaints."""
    public = [new_complaint, file, ask, answer, own_paper]
    return [*public, counter_form, file_at_counter, list_complaints, show, act_form, handle, paper]


def _known(act: str) -> tuple[Step, type[BaseModel] | None]:
    if act not in STEPS:
        raise NotFound(Problem("no_such_act", "没有这一办理事项", "请从投诉页面进入"))
    return STEPS[act]


def _act_form(view: records.ComplaintView, act: str) -> dict[str, Any]:
    said = {"titles": desk.TITLES, "hints": desk.HINTS, "plain": desk.PLAIN, "grounds": desk.declarations()}
    return {"view": view, "act": act, **said}


def _attachment(view: records.PaperView, body: bytes) -> Response[bytes]:
    """A paper as a download, under a plain name: its label came from a user."""
    name = f"{view.kind}-{view.sha256[:8]}.{view.media.rpartition('/')[2]}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"}
    return Response(body, media_type=view.media, headers=headers)


async def _sent(request: AnyRequest) -> tuple[dict[str, Any], list[filing.Evidence]]:
    form = await form_of(request)
    files = [item for item in (await request.form()).getall("evidence", []) if isinstance(item, UploadFile)]
    return form, [filing.Evidence(f.filename, await f.read()) for f in files if f.filename]


async def _introduction(request: AnyRequest, letter: str) -> Introduction:
    at = await now()
    anchors = read_anchor_file(request.app.state.settings.anchors)
    return read_introduction(letter, anchors.receipts(at), at)


async def _filing_form(request: AnyRequest, letter: str) -> dict[str, Any]:
    who = await _introduction(request, letter)
    subject = await subject_of(who.case)
    topics = [{"value": topic.id, "label": topic.name} for topic in subject.track.topics]
    return {"letter": letter, "who": who, "subject": subject, "topics": topics, "tracks": [subject.track]}


async def _filed(request: AnyRequest, filed: filing.Filed) -> Response[str]:
    view = await records.complaint(filed.id)
    due = clock(view.track, view.filed_at, None).accept_by
    printed = await asyncio.to_thread(sheets.receipt, view, filed.code, due)
    context = {"view": view, "code": filed.code, "accept_by": due, "size": len(printed)}
    return await page(request, "supervision/complaints/filed.html", status=201, **context)


async def _looked_at(actor: Actor, complaint: UUID) -> records.ComplaintView:
    view = await records.complaint(complaint)
    check_scope(actor, view)
    await record("read_complaints", actor, view.case, view.number)
    return view


async def _shown(request: AnyRequest, view: records.ComplaintView) -> dict[str, Any]:
    actor = actor_of(request)
    check_scope(actor, view)
    may = desk.acts_for(actor, view) if permission("handle_complaint", actor.role) else []
    return _act_form(view, "") | {"may": may, **await desk.shown(view)}
