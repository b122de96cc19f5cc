"""From a case on the trading site to the supervision site, with a letter that says who comes to complain."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from bidding.pages.forms import tools_of
from kernel.clock import now
from kernel.introduction import introduce
from kernel.web.auth import actor_of


@get("/complain/{case:uuid}", opt={"act": "introduce_complaint"}, include_in_schema=False)
async def complain(request: Request[Any, Any, Any], case: FromPath[UUID]) -> Response[Any]:
    """The complaint is written there, not here: this site never learns what it says."""
    letter = introduce(actor_of(request), case, await now(), tools_of(request).receipts)
    return Redirect(f"{request.app.state.supervision}/complaints/new?letter={letter}", status_code=303)
