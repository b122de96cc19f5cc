"""What the pages of a tender share: the site's tools, a lot as pages show it, and where a done act leads."""

import base64
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath
from litestar.response import Redirect

from bidding.case import Tools
from bidding.records import LotRow
from kernel import clock, directives

AnyRequest = Request[Any, Any, Any]
LotId = FromPath[UUID]


def tools_of(request: AnyRequest) -> Tools:
    """The site's tools for steps."""
    found: Tools = request.app.state.tools
    return found


async def of_lot(lot: LotRow) -> dict[str, Any]:
    """What every page of a lot shows: the lot, and the orders that stand on it."""
    return {"lot": lot, "directives": await directives.on_show(lot.id, await clock.now())}


def go(href: str) -> Response[Any]:
    """Done; the browser goes on with a GET, so that going back never repeats the act."""
    return Redirect(href, status_code=303)


def pasted(text: str) -> str:
    """A signed file's text as the member of a command: base64 of its exact bytes, without the paste's spaces."""
    return base64.b64encode(text.strip().encode()).decode()
