"""评标席: a slip opens the seat; there its member declares avoidance, helps to elect the chair, or leaves."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from experts import records
from experts.case import look_at_seat
from experts.doors import AnyRequest, LotId, go, room_of, seated, tools_of
from experts.schemas import DeclareAvoidance, ElectChair, LeaveSeat, SignInDesk
from experts.steps.chair import elect_chair
from experts.steps.leave import declare_avoidance, leave_seat
from experts.steps.sign_in import sign_in_desk
from experts.views import SeatShown
from kernel.web.auth import actor_of
from kernel.web.commands import command, tried
from kernel.web.door import form_of, page


@get("/desk", opt={"act": "sign_in_desk"}, include_in_schema=False)
async def desk_page(request: AnyRequest) -> Response[str]:
    return await page(request, "experts/desk.html")


@post("/desk", opt={"act": "sign_in_desk"}, include_in_schema=False)
async def sign_in(request: AnyRequest) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        lot, session = await sign_in_desk(actor_of(request), command(SignInDesk, form))
        return seated(request, session, go(f"/lots/{lot}/panel/me"))

    return await tried(request, do, "experts/desk.html", {}, _nothing)


async def _nothing() -> dict[str, Any]:
    """The desk's form needs nothing to be shown again; a slip is never repeated on the page."""
    return {}


@get("/lots/{lot:uuid}/panel/me", opt={"act": "elect_chair"}, include_in_schema=False)
async def seat_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "experts/seat.html", **await _seat(request, lot))


@post("/lots/{lot:uuid}/panel/me/avoidance", opt={"act": "declare_avoidance"}, include_in_schema=False)
async def avoid(request: AnyRequest, lot: LotId) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        await declare_avoidance(tools_of(request), actor_of(request), lot, command(DeclareAvoidance, form))
        return go(f"/lots/{lot}/panel/me")

    return await tried(request, do, "experts/seat.html", form, lambda: _seat(request, lot))


@post("/lots/{lot:uuid}/panel/me/leave", opt={"act": "leave_seat"}, include_in_schema=False)
async def leave(request: AnyRequest, lot: LotId) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        await leave_seat(tools_of(request), actor_of(request), lot, command(LeaveSeat, form))
        return go(f"/lots/{lot}/panel/me")

    return await tried(request, do, "experts/seat.html", form, lambda: _seat(request, lot))


@post("/lots/{lot:uuid}/panel/me/chair", opt={"act": "elect_chair"}, include_in_schema=False)
async def chair(request: AnyRequest, lot: LotId) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        await elect_chair(actor_of(request), lot, command(ElectChair, form))
        return go(f"/lots/{lot}/panel/me")

    return await tried(request, do, "experts/seat.html", form, lambda: _seat(request, lot))


async def _seat(request: AnyRequest, lot: UUID) -> dict[str, Any]:
    actor, tools = actor_of(request), tools_of(request)
    panel, seat = await look_at_seat(actor, lot)
    facts = await tools.lots(lot)
    live = [each for each in panel.seats if each.live and (each.kind == "expert" or panel.owner_may_chair)]
    grounds = tools.grounds.of("expert", facts.category) if seat.kind == "expert" else ()
    return {
        "facts": facts,
        "room": await room_of(lot),
        "panel": panel,
        "seat": seat,
        "shown": SeatShown.of(seat),
        "seats": [SeatShown.of(each) for each in panel.seats if each.left_at is None],
        "lacking": records.is_lawful(panel),
        "bidders": [party.name for party in facts.bidders or ()],
        "known": facts.bidders is not None,
        "grounds": [{"value": g.code, "label": f"{g.title}（{g.article}）"} for g in grounds],
        "chairs": [{"value": str(each.id), "label": f"{each.number} 号席"} for each in live],
    }


HANDLERS = [desk_page, sign_in, seat_page, avoid, leave, chair]
