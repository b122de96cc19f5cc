"""The page behind a drawn expert's link: no password, no name, two buttons; it works on any telephone."""

import logging
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from kernel.toss.keeper import Keeper
from kernel.web.commands import tried
from kernel.web.door import form_of, page
from supervision.calling import call_of, reply_call
from supervision.drawing import keeper_of

AnyRequest = Request[Any, Any, Any]
Token = FromPath[str]
TEMPLATE = "supervision/call.html"
_log = logging.getLogger("yangguang.supervision")


@get("/call/{token:str}", opt={"act": "reply_call"}, include_in_schema=False)
async def call_page(request: AnyRequest, token: Token) -> Response[str]:
    """Looking answers nothing: a link that a telephone opens by itself has said nothing."""
    return await page(request, TEMPLATE, call=await call_of(token), token=token)


@post("/call/{token:str}", opt={"act": "reply_call"}, include_in_schema=False)
async def answer_call(request: AnyRequest, token: Token) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        view = await reply_call(token, str(form.get("answer", "")))
        try:
            await keeper_in(request).look(view.toss)  # at once, so that he sees his seat; else the worker does it
        except Exception:
            _log.exception("an answered call is settled by the worker")
        return Redirect(f"/call/{token}", status_code=303)

    async def again() -> dict[str, Any]:
        return {"call": await call_of(token), "token": token}

    return await tried(request, do, TEMPLATE, form, again)


def keeper_in(request: AnyRequest) -> Keeper:
    """The site's keeper; made at its first use."""
    found: Keeper = request.app.state.get("keeper") or keeper_of(request.app.state.settings)
    request.app.state.keeper = found
    return found


HANDLERS = [call_page, answer_call]
