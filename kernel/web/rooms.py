"""开标室、评标室 as the centre's people see them: a week of bookings, and the rooms added and given up."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from kernel import clock
from kernel.clock import CHINA
from kernel.rooms import records
from kernel.rooms.schemas import USES, AddRoom
from kernel.rooms.steps import add_room, give_up_room
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once

AnyRequest = Request[Any, Any, Any]
OPT = {"act": "keep_rooms"}
WEEK = timedelta(days=7)
Day = Annotated[str, QueryParameter(max_length=10)]


@get("/rooms", opt=OPT, include_in_schema=False)
async def rooms_page(request: AnyRequest, day: Day = "") -> Response[str]:
    return await page(request, "rooms.html", values={}, **await _week(request, day))


@post("/rooms", opt=OPT, include_in_schema=False)
async def adds(request: AnyRequest) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        asked = command(AddRoom, present(form))

        async def act() -> Mapping[str, Any]:
            return {"room": await add_room(actor, asked)}

        await once("keep_rooms", actor, request_id(request, sent), asked.model_dump(), act)
        return Redirect("/rooms", status_code=303)

    return await tried(request, do, "rooms.html", form, lambda: _week(request, ""))


@post("/rooms/{number:int}/end", opt=OPT, include_in_schema=False)
async def gives_up(request: AnyRequest, number: FromPath[int]) -> Response[Any]:
    sent, actor = await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        async def act() -> Mapping[str, Any]:
            await give_up_room(actor, number)
            return {"room": number}

        await once("keep_rooms", actor, request_id(request, sent), {"ended": number}, act)
        return Redirect("/rooms", status_code=303)

    return await tried(request, do, "rooms.html", {}, lambda: _week(request, ""))


async def _week(request: AnyRequest, day: str) -> dict[str, Any]:
    """Every room of the centre with its bookings in the seven days from `day`, today where that is no day."""
    region, first = actor_of(request).region, _day(day) or (await clock.now()).date()
    since = datetime.combine(first, time(), CHINA)
    taken = await records.taken(region, since, since + WEEK)
    rooms = [(room, [one for one in taken if one.room == room.number]) for room in await records.rooms(region)]
    return {
        "rooms": rooms,
        "first": first,
        "last": first + WEEK - timedelta(days=1),
        "before": first - WEEK,
        "after": first + WEEK,
        "uses": [{"value": use, "label": name} for use, name in USES.items()],
    }


def _day(text: str) -> date | None:
    """A day with room for a week on both its sides; None for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date(2000, 1, 1) <= found <= date(2100, 1, 1) else None


def room_handlers() -> list[ControllerRouterHandler]:
    """All of the above, for the trading site."""
    return [rooms_page, adds, gives_up]
