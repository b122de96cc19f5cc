"""What every door of the experts takes from the site that it stands in."""

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath
from litestar.response import Redirect

from experts.case import Tools
from kernel.accounts.schemas import NewSession
from kernel.rooms import records as rooms
from kernel.web.gate import gate_of

AnyRequest = Request[Any, Any, Any]
LotId = FromPath[UUID]


def tools_of(request: AnyRequest) -> Tools:
    """What the steps need: the site's tools, its keys, and who tells of lots."""
    state = request.app.state
    site = state.tools
    return Tools(site.store, site.law, gate_of(request).keys, site.hand, site.regulator, state.lots)


def go(href: str) -> Response[Any]:
    """Done; the browser goes on with a GET, so that going back never repeats the act."""
    return Redirect(href, status_code=303)


def seated(request: AnyRequest, session: NewSession, answer: Response[Any]) -> Response[Any]:
    """The same answer, with the cookie of a seat's session."""
    gate = gate_of(request)
    cookie = gate.make_cookie(gate.cookie, session.token)
    answer.cookies = [*answer.cookies, cookie]
    return answer


async def room_of(lot: UUID) -> str:
    """The evaluation rooms this lot has, with their places; empty where it has none."""
    return "；".join(f"{one.name}（{one.place}）" for one in await rooms.booked(lot, "evaluation"))
