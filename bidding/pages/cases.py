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
from bidding.timeline import timeline
from kernel import clock
from kernel.accounts.mandates import principals
from kernel.identity import Actor
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.names import CATEGORIES, region_options

MODES = [
    {"value": "bidder", "label": "投标人在线解密", "hint": "截标后各投标人自行解密；同意补救的，由三方代为开启"},
    {"value": "roles", "label": "三方共同解密", "hint": "交易中心、监督部门、招标人共同解密，投标人不必到场"},
    {"value": "bidder-only", "label": "仅投标人解密", "hint": "没有补救，未解密即视为撤销"},
]
LOT_FIELD = re.compile(r"lots-(\d{1,2})-(name|estimate|ceiling|deposit|mode)")


@get("/projects/new", opt={"act": "register_project"}, include_in_schema=False)
async def new_project(request: AnyRequest) -> Response[str]:
    actor = actor_of(request)
    values = {"region": actor.region, "lots-0-mode": "bidder"}
    return await page(request, "bidding/project_form.html", values=values, **await _form(actor, 1))


@post("/projects", opt={"act": "register_project"}, include_in_schema=False)
async def create_project(request: AnyRequest) -> Response[Any]:
    form = await form_of(request)
    count = max(1, min(50, int(form.pop("lot_count", "1")) if str(form.get("lot_count", "1")).isdigit() else 1))
    if form.pop("more", ""):
        form.setdefault(f"lots-{count}-mode", "bidder")
        context = await _form(actor_of(request), count + 1)
        return await page(request, "bidding/project_form.html", values=form, **context)
    sent = await request.form()

    async def do() -> Response[Any]:
        asked = command(RegisterProject, _registration(form))
        return go(f"/projects/{await register_project(actor_of(request), asked, request_id(request, sent))}")

    async def again() -> Mapping[str, Any]:
        return await _form(actor_of(request), count)

    return await tried(request, do, "bidding/project_form.html", form, again)


@get("/projects/{project:uuid}", opt={"act": "read_case"}, include_in_schema=False)
async def project_page(
    request: AnyRequest, project: FromPath[UUID], lot: FromQuery[UUID | None] = None
) -> Response[str]:
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


async def _form(actor: Actor, count: int) -> dict[str, Any]:
    letters = {procedure.category for procedure in PROCEDURES.values()}
    kinds = {code: name for code, name in CATEGORIES.items() if len(code) == 3 and code[0] in letters}
    owners = await principals(actor.organisation, "register_project", await clock.now())
    return {
        "procedures": [{"value": p.id, "label": p.name} for p in PROCEDURES.values()],
        "categories": [{"value": code, "label": f"{code} {name}"} for code, name in kinds.items()],
        "regions": region_options(f"{actor.region[:2]}0000"),
        "owners": [{"value": str(owner), "label": name} for owner, name in owners],
        "by_agent": actor.role == "agent",
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
        "steps": timeline(shown),
        "actions": desk.actions(shown, actor),
        "facts": desk.facts(shown),
        "can_answer_return": shown.stage == Stage.RETURNED and actor.role in ("purchaser", "agent"),
    }


async def _acceptance(request: AnyRequest, project: UUID) -> dict[str, Any]:
    lots = await read_project(actor_of(request), project, "accept_project")
    return {"lots": lots, "missing": missing(lots[0])}


HANDLERS = [new_project, create_project, project_page, put_right, accept_page, accept]
