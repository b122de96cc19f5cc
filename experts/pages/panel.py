"""评标委员会: asked for and followed by the purchaser; the same page for whoever may look on."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from experts import records
from experts.case import look_at_lot
from experts.doors import AnyRequest, LotId, go, room_of, tools_of
from experts.looking import panel_shown
from experts.professions import PROFESSIONS
from experts.schemas import DissolvePanel, NameOwner, ReplaceMember, RequestPanel
from experts.stages import NAMES, Stage
from experts.steps.dissolve import dissolve_panel
from experts.steps.leave import replace_member
from experts.steps.owners import name_owner
from experts.steps.request import request_panel
from experts.steps.sign_in import sign_in_owner
from kernel.accounts import records as accounts
from kernel.clock import CHINA
from kernel.db import TRADING, reading
from kernel.permissions import permission
from kernel.web.auth import actor_of
from kernel.web.commands import command, local_time, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.names import region_options

ROWS = 5
_PROFESSION = re.compile(r"professions-(\d)-(profession|quota|spares)")
_UNIT = re.compile(r"(?P<name>.+?)[\s,，]+(?P<code>[0-9A-Z]{18})")


@get("/panels", opt={"act": "read_panel"}, include_in_schema=False)
async def panels(request: AnyRequest) -> Response[str]:
    actor = actor_of(request)
    mine = {"purchaser": {"purchaser": actor.organisation}, "agent": {"agent": actor.organisation}}
    rows = await records.panels_where(**mine.get(actor.role, {"region": f"{actor.region.rstrip('0')}%"}))
    for row in rows:
        row |= {"stage_name": NAMES[Stage(row["stage"])], "evaluation_at": row["evaluation_at"].astimezone(CHINA)}
    return await page(request, "experts/panels.html", panels=rows)


@get("/lots/{lot:uuid}/panel", opt={"act": "read_panel"}, include_in_schema=False)
async def panel_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "experts/panel.html", values=_FRESH, **await _panel(request, lot))


@post("/lots/{lot:uuid}/panel", opt={"act": "request_panel"}, include_in_schema=False)
async def ask(request: AnyRequest, lot: LotId) -> Response[Any]:
    form = await form_of(request, "representatives")
    sent = await request.form()

    async def do() -> Response[Any]:
        asked = command(RequestPanel, _request(form))
        await request_panel(tools_of(request), actor_of(request), lot, asked, request_id(request, sent))
        return go(f"/lots/{lot}/panel")

    return await tried(request, do, "experts/panel.html", form, lambda: _panel(request, lot))


@post("/lots/{lot:uuid}/panel/owners", opt={"act": "name_owner"}, include_in_schema=False)
async def owner(request: AnyRequest, lot: LotId) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        await name_owner(actor_of(request), lot, command(NameOwner, form).person)
        return go(f"/lots/{lot}/panel")

    return await tried(request, do, "experts/panel.html", form, lambda: _panel(request, lot))


@post("/lots/{lot:uuid}/panel/presence", opt={"act": "sign_in_desk"}, include_in_schema=False)
async def here(request: AnyRequest, lot: LotId) -> Response[Any]:
    async def do() -> Response[Any]:
        await sign_in_owner(actor_of(request), lot)
        return go(f"/lots/{lot}/panel/me")

    return await tried(request, do, "experts/panel.html", {}, lambda: _panel(request, lot))


@post("/lots/{lot:uuid}/panel/replacements", opt={"act": "replace_member"}, include_in_schema=False)
async def replace(request: AnyRequest, lot: LotId) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        asked = command(ReplaceMember, present(form))
        await replace_member(tools_of(request), actor_of(request), lot, asked)
        return go(f"/lots/{lot}/panel")

    return await tried(request, do, "experts/panel.html", form, lambda: _panel(request, lot))


@post("/lots/{lot:uuid}/panel/dissolution", opt={"act": "dissolve_panel"}, include_in_schema=False)
async def dissolve(request: AnyRequest, lot: LotId) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        await dissolve_panel(actor_of(request), lot, command(DissolvePanel, form))
        return go(f"/lots/{lot}/panel")

    return await tried(request, do, "experts/panel.html", form, lambda: _panel(request, lot))


_FRESH = {"size": "5", "owners": "1", "hours": "8", "reply_minutes": "15"}


def _request(form: Mapping[str, Any]) -> dict[str, Any]:
    """The command of a form: professions by rows, avoided units by lines, the local time with its zone."""
    rows: dict[str, dict[str, Any]] = {}
    rest: dict[str, Any] = {}
    for name, value in present(form).items():
        match = _PROFESSION.fullmatch(name)
        if match:
            rows.setdefault(match[1], {})[match[2]] = value
        else:
            rest[name] = value
    rest["professions"] = [row for _, row in sorted(rows.items()) if row.get("profession") or row.get("quota")]
    if "avoided" in rest:
        rest["avoided"] = [_unit(line) for line in rest["avoided"].splitlines() if line.strip()]
    if "evaluation_at" in rest:
        rest["evaluation_at"] = local_time(rest["evaluation_at"])
    return rest


def _unit(line: str) -> dict[str, str]:
    match = _UNIT.fullmatch(line.strip())
    return match.groupdict() if match else {"name": line.strip()}


async def _panel(request: AnyRequest, lot: UUID) -> dict[str, Any]:
    actor, tools = actor_of(request), tools_of(request)
    facts = await look_at_lot(tools, "read_panel", actor, lot)
    found = await panel_shown(actor, lot)
    asks = bool(permission("request_panel", actor.role))
    over = found is None or found.stage == Stage.DISSOLVED
    held = [view for view in await accounts.members_of(facts.purchaser) if view.state == "held"] if asks else []
    here = {seat.person for seat in await _owner_seats(lot)}
    return {
        "facts": facts,
        "room": await room_of(lot),
        "panel": found,
        "may_ask": asks and over and facts.open_for_panel,
        "asks": asks,
        "mine": actor.person in here,
        "rows": range(ROWS),
        "professions": PROFESSIONS.options(),
        "regions": region_options(f"{facts.region[:2]}0000"),
        "people": [{"value": str(view.person), "label": view.person_name} for view in held if view.person not in here],
        "least": facts.least,
    }


async def _owner_seats(lot: UUID) -> list[records.Seat]:
    async with reading(TRADING) as connection:
        found = await records.panel_of(connection, lot)
    return [seat for seat in found.seats if seat.kind == "owner" and seat.left_at is None] if found else []


HANDLERS = [panels, panel_page, ask, owner, here, replace, dissolve]
