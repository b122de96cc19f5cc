"""The opening hall for programs: live regions, objections and their answers, the end of the session."""

from collections.abc import AsyncGenerator
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage
from litestar.serialization import encode_json

from bidding import records
from bidding.api.shared import AnyRequest, LotId, tools_of
from bidding.detours.object import answer_objection, raise_objection
from bidding.live import Halls
from bidding.schemas import AnswerObjection, GiveAnswer, RaiseObjection
from bidding.steps.record import conclude_opening
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

TAGS = ["开标大厅"]
Digest = Annotated[str, QueryParameter(max_length=64)]
LastEvent = Annotated[str, HeaderParameter(name="Last-Event-ID", max_length=64)]


@get(
    "/api/v1/lots/{lot:uuid}/hall",
    opt={"act": "read_public"},
    tags=TAGS,
    summary="开标大厅的实时事件（text/event-stream）",
    description="事件 stage、sign_in、progress、prices、objection、end；数据为该区域的 JSON，每次都是全文。",
    responses=refusals(404),
)
async def hall(
    request: AnyRequest, lot: LotId, last_event_id: Digest = "", last_event: LastEvent = ""
) -> ServerSentEvent:
    await records.public_lot(lot)
    halls: Halls = request.app.state.halls
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return ServerSentEvent(_events(halls, lot, last_event or last_event_id), headers=headers)


@post(
    "/api/v1/lots/{lot:uuid}/objections",
    opt={"act": "raise_objection"},
    tags=TAGS,
    summary="开标异议，当场提出",
    responses=refusals(404, 409, 423),
)
async def objects(
    request: AnyRequest, lot: LotId, data: JSONBody[RaiseObjection], key: RequestId = None
) -> dict[str, str]:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        return {"objection": str(await raise_objection(actor, lot, data))}

    return await once("raise_objection", actor, key, {"lot": str(lot), **data.model_dump()}, do)


@post(
    "/api/v1/lots/{lot:uuid}/objections/{objection:uuid}/answer",
    opt={"act": "answer_objection"},
    status_code=200,
    tags=TAGS,
    summary="当场答复异议",
    responses=refusals(404, 409, 423),
)
async def answers(
    request: AnyRequest, lot: LotId, objection: FromPath[UUID], data: JSONBody[GiveAnswer], key: RequestId = None
) -> dict[str, str]:
    actor, command = actor_of(request), AnswerObjection(objection=objection, answer=data.answer)

    async def do() -> dict[str, str]:
        await answer_objection(actor, lot, command)
        return {"objection": str(objection)}

    return await once("answer_objection", actor, key, {"lot": str(lot), **command.model_dump(mode="json")}, do)


@post(
    "/api/v1/lots/{lot:uuid}/conclusion",
    opt={"act": "conclude_opening"},
    tags=TAGS,
    summary="结束开标会，公布开标记录",
    responses=refusals(404, 409, 423),
)
async def conclude(request: AnyRequest, lot: LotId, key: RequestId = None) -> dict[str, str]:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        return {"sha256": await conclude_opening(tools_of(request), actor, lot)}

    return await once("conclude_opening", actor, key, {"lot": str(lot)}, do)


async def _events(halls: Halls, lot: UUID, last: str) -> AsyncGenerator[ServerSentEventMessage, None]:
    """Every region that is not as it was sent before; a silent line gets a comment, so that it stays open."""
    async for news in halls.follow(lot, last):
        if news is None:
            yield ServerSentEventMessage(data=None, comment="-")
            continue
        for name, value in news.regions.items():
            yield ServerSentEventMessage(event=name, data=encode_json(value), id=news.scene.number)
    yield ServerSentEventMessage(event="end", data="{}")


HANDLERS = [hall, objects, answers, conclude]
