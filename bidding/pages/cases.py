"""Registering a project, taking it, putting it right, looking at it."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from bidding import desk
from bidding.pages.forms import AnyRequest, go, of_lot
from bidding.procedures import PROCEDURES
from bidding.schemas import AnswerReturn, Decision, RegisterProject
from bidding.stages import Stage
from bidding.steps.accept import accept_project, missing, return_project
from bidding.steps.look import read_project
from bidding.steps.register import answer_return, register_project
from kernel import regions
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.names import CATEGORIES

MODES = [
    {"value": "bidder", "label": "投标人在线解密", "hint": "截标后各投标人自行解密；同意补救的，由三方代为开启"},
    {"value": "roles", "label": "三方共同解密", "hint": "交易中心、监督部门、招标人共同解密，投标人不必到场"},
    {"value": "bidder-only", "label": "仅投标人解密", "hint": "没有补救，未解密即视为撤销"},
]
LOT_FIELD = re.compile(r"lots-(\d{1,2})-(name|estimate|ceiling|deposit|mode)")


@get("/projects/new", opt={"act": "register_project"}, include_in_schema=False)
async def new_project(request: AnyRequest) -> Response[str]:
    region = actor_of(request).region
    return await page(request, "bidding/project_form.html", **_form(1), values={"region": region, "lots-0-mode": "bidder"})


@post("/projects", opt={"act": "register_project"}, include_in_schema=False)
async def create_project(request: AnyRequest) -> Response[Any]:
    form = await form_of(request)
    count = max(1, min(50, int(form.pop("lot_count", "1")) if str(form.get("lot_count", "1")).isdigit() else 1))
    if form.pop("more", ""):
        return await page(request, "bidding/project_form.html", **_form(count + 1), values=form)
    sent = await request.form()

    async def do() -> Response[Any]:
        asked = command(RegisterProject, _registration(form))
        return go(f"/projects/{await register_project(actor_of(request), asked, request_id(request, sent))}")

    async def again() -> Mapping[str, Any]:
        return _form(count)

    return await tried(request, do, "bidding/project_form.html", form, again)


@get("/projects/{project:uuid}", opt={"act": "read_case"}, include_in_schema=False)
async def project_page(request: AnyRequest, project: FromPath[UUID], lot: FromQuery[UUID | None] = None) -> Response[str]:
    return await page(request, "bidding/project.html", **await _project(request, project, lot))


@post("/projects/{project:uuid}/answer", opt={"act": "answer_return"}, include_in_schema=False)
async def put_right(request: AnyRequest, project: FromPath[UUID]) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        await answer_return(actor_of(request), project, command(AnswerReturn, form))
        return go(f"/projects/{project}")

    async def again() -> Mapping[str, Any]:
        return await _project(request, project, None)

    return await tried(request, do, "bidding/project.html", form, again)


@get("/projects/{project:uuid}/accept", opt={"act": "accept_project"}, include_in_schema=False)
async def accept_page(request: AnyRequest, project: FromPath[UUID]) -> Response[str]:
    return await page(request, "bidding/accept.html", **await _acceptance(request, project))


@post("/projects/{project:uuid}/accept", opt={"act": "accept_project"}, include_in_schema=False)
async def accept(request: AnyRequest, project: FromPath[UUID]) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        decision = command(Decision, form)
        if decision.decision == "accept":
            await accept_project(actor_of(request), project)
        else:
            await return_project(actor_of(request), project, decision.remarks)
        return go("/workbench")

    async def again() -> Mapping[str, Any]:
        return await _acceptance(request, project)

    return await tried(request, do, "bidding/accept.html", form, again)


def _registration(form: Mapping[str, Any]) -> dict[str, Any]:
    lots: dict[int, dict[str, Any]] = {}
    rest = {}
    for name, value in present(form).items():
        match = LOT_FIELD.fullmatch(name)
        if match:
            lots.setdefault(int(match[1]), {})[match[2]] = value
        else:
            rest[name] = value
    return rest | {"lots": [lots[n] for n in sorted(lots)]}


def _form(count: int) -> dict[str, Any]:
    return {
        "procedures": [{"value": p.id, "label": p.name} for p in PROCEDURES.values()],
        "categories": [{"value": code, "label": f"{code} {name}"} for code, name in CATEGORIES.items() if code[0] == "A"],
        "regions": [{"value": code, "label": regions.full_name(code)} for code in regions.below("330000")],
        "lot_count": count,
        "modes": MODES,
    }


async def _project(request: AnyRequest, project: UUID, lot: UUID | None) -> dict[str, Any]:
    actor = actor_of(request)
    lots = await read_project(actor, project)
    shown = next((each for each in lots if each.id == lot), lots[0])
    return {
        **await of_lot(shown),
        "lots": lots,
        "steps": desk.timeline(shown),
        "actions": desk.actions(shown, actor),
        "facts": desk.facts(shown),
        "can_answer_return": shown.stage == Stage.RETURNED and actor.role in ("purchaser", "agent"),
    }


async def _acceptance(request: AnyRequest, project: UUID) -> dict[str, Any]:
    lots = await read_project(actor_of(request), project, "accept_project")
    return {"lots": lots, "missing": missing(lots[0])}


HANDLERS = [new_project, create_project, project_page, put_right, accept_page, accept]
