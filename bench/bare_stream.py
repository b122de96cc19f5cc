"""The least an event stream can be: Litestar hands what is pushed in to everybody who listens. The limit of ours."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from litestar import Litestar, Request, get, post
from litestar.datastructures import State
from litestar.response import ServerSentEvent


@get("/stream")
async def stream(state: State) -> ServerSentEvent:
    async def events() -> AsyncIterator[str]:
        yield "there"
        while True:
            async with state.changed:
                await state.changed.wait()
                text = state.text
            yield text

    return ServerSentEvent(events(), event_type="stage")


@post("/push", status_code=204)
async def push(request: Request[Any, Any, Any], state: State) -> None:
    text = (await request.body()).decode()
    async with state.changed:
        state.text = text
        state.changed.notify_all()


@get("/ready", sync_to_thread=False)
def ready() -> str:
    return "ok"


def create() -> Litestar:
    """The site as uvicorn starts it."""
    state = State({"changed": asyncio.Condition(), "text": ""})
    return Litestar([stream, push, ready], state=state, openapi_config=None)
