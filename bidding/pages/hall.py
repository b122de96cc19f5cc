"""The opening hall as people see it: live where there is a script, complete where there is none."""

from asyncio import Task, shield
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from bidding import desk, records
from bidding.detours.object import answer_objection, raise_objection
from bidding.hall import Hall, Price, hall
from bidding.live import Halls
from bidding.news import Scene, number_of
from bidding.pages.forms import AnyRequest, LotId, go, of_lot, tools_of
from bidding.records import ObjectionView
from bidding.schemas import AnswerObjection, RaiseObjection
from bidding.steps.look import lot_for, public_lot_for
from bidding.steps.record import conclude_opening
from kernel import clock
from kernel.db import spawn
from kernel.errors import NotFound, Problem
from kernel.money import or_as_written
from kernel.web.auth import actor_of
from kernel.web.commands import command, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once
from kernel.web.templating import Renderer

FRAGMENTS = {
    "stage": "app/hall_stage.html",
    "sign_in": "app/hall_present.html",
    "progress": "app/hall_progress.html",
    "prices": "app/hall_prices.html",
    "objection": "app/hall_objections.html",
}
"""Event → the piece of the page that follows it."""

OUTCOMES = {"opened": ("已解密", "done"), "revoked": ("视为撤销", "danger"), "withdrawn": ("视为撤回", "warn")}
OUTCOMES |= {"kept_shut": ("第二信封未开启", "neutral")}
FRESH = 1.0
"""Seconds for which a piece is handed out again: the countdowns in it run from the moment it was made."""
LastEvent = Annotated[str, HeaderParameter(name="Last-Event-ID", max_length=64)]
Seen = Annotated[str, QueryParameter(max_length=64)]
ObjectionId = FromPath[UUID]


@dataclass(frozen=True, slots=True)
class Made:
    """The pieces of a scene for one kind of visitor, perhaps still in the making; `at` by this process's clock."""

    at: float
    pieces: Task[Mapping[str, str]]


@get("/lots/{lot:uuid}/hall", opt={"act": "read_public"}, include_in_schema=False)
async def hall_page(request: AnyRequest, lot: LotId) -> Response[str]:
    view = await hall(lot)
    return await page(
        request,
        "app/hall.html",
        stream="" if view.phase in ("concluded", "failed") else f"/lots/{lot}/hall/stream",
        last_id=number_of(view),
        **await of_lot(view.lot),
        **_shown(view),
        **await desk.hall_rights(view.lot, actor_of(request)),
    )


@get("/lots/{lot:uuid}/hall/stream", opt={"act": "read_public", "quiet": True}, include_in_schema=False)
async def hall_stream(
    request: AnyRequest, lot: LotId, last_event_id: Seen = "", last: LastEvent = ""
) -> ServerSentEvent:
    row = await records.public_lot(lot)
    rights = await desk.hall_rights(row, actor_of(request))
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return ServerSentEvent(_fragments(request, lot, last or last_event_id, rights), headers=headers)


@get("/lots/{lot:uuid}/objections", opt={"act": "raise_objection"}, include_in_schema=False)
async def objection_page(request: AnyRequest, lot: LotId) -> Response[str]:
    row = await public_lot_for("raise_objection", actor_of(request), lot)
    return await page(request, "bidding/objection.html", **await of_lot(row))


@post("/lots/{lot:uuid}/objections", opt={"act": "raise_objection"}, include_in_schema=False)
async def objects(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        asked = command(RaiseObjection, form)

        async def act() -> Mapping[str, Any]:
            return {"objection": str(await raise_objection(actor, lot, asked))}

        await once("raise_objection", actor, request_id(request, sent), {"lot": str(lot), **asked.model_dump()}, act)
        return go(f"/lots/{lot}/hall")

    async def again() -> Mapping[str, Any]:
        return await of_lot(await records.public_lot(lot))

    return await tried(request, do, "bidding/objection.html", form, again)


@get("/lots/{lot:uuid}/objections/{objection:uuid}/answer", opt={"act": "answer_objection"}, include_in_schema=False)
async def answer_page(request: AnyRequest, lot: LotId, objection: ObjectionId) -> Response[str]:
    return await page(request, "bidding/answer.html", **await _asked(request, lot, objection))


@post("/lots/{lot:uuid}/objections/{objection:uuid}/answer", opt={"act": "answer_objection"}, include_in_schema=False)
async def answers(request: AnyRequest, lot: LotId, objection: ObjectionId) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        asked = command(AnswerObjection, {**form, "objection": objection})

        async def act() -> Mapping[str, Any]:
            await answer_objection(actor, lot, asked)
            return {"objection": str(objection)}

        key = request_id(request, sent)
        await once("answer_objection", actor, key, {"lot": str(lot), **asked.model_dump(mode="json")}, act)
        return go(f"/lots/{lot}/hall")

    async def again() -> Mapping[str, Any]:
        return await _asked(request, lot, objection)

    return await tried(request, do, "bidding/answer.html", form, again)


@get("/lots/{lot:uuid}/conclude", opt={"act": "conclude_opening"}, include_in_schema=False)
async def conclude_page(request: AnyRequest, lot: LotId) -> Response[str]:
    await lot_for("conclude_opening", actor_of(request), lot)
    return await page(request, "confirm.html", **_last_question(lot))


@post("/lots/{lot:uuid}/conclude", opt={"act": "conclude_opening"}, include_in_schema=False)
async def conclude(request: AnyRequest, lot: LotId) -> Response[Any]:
    sent, actor = await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        async def act() -> Mapping[str, Any]:
            return {"sha256": await conclude_opening(tools_of(request), actor, lot)}

        await once("conclude_opening", actor, request_id(request, sent), {"lot": str(lot)}, act)
        return go(f"/lots/{lot}/record")

    async def again() -> Mapping[str, Any]:
        return _last_question(lot)

    return await tried(request, do, "confirm.html", {}, again)


async def _fragments(
    request: AnyRequest, lot: UUID, last: str, rights: Mapping[str, bool]
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """Every piece that is not as it was sent before; a silent line gets a comment, so that it stays open."""
    halls: Halls = request.app.state.halls
    async for found in halls.follow(lot, last):
        if found is None:
            yield ServerSentEventMessage(data=None, comment="-")
            continue
        pieces = await _pieces(request.app.state.renderer, found.scene, rights)
        for event in found.regions:
            yield ServerSentEventMessage(event=event, data=pieces[event], id=found.scene.number)
    yield ServerSentEventMessage(event="end", data="{}")


async def _pieces(renderer: Renderer, scene: Scene, rights: Mapping[str, bool]) -> Mapping[str, str]:
    """Event → its piece, made once for all who have the same rights: hundreds get it in the same second."""
    key = tuple(sorted(rights.items()))
    known: Made | None = scene.made.get(key)
    if known is None or monotonic() - known.at > FRESH:
        known = scene.made[key] = Made(monotonic(), spawn(_make(renderer, scene, rights)))
    return await shield(known.pieces)  # one who leaves does not end it for the others


async def _make(renderer: Renderer, scene: Scene, rights: Mapping[str, bool]) -> Mapping[str, str]:
    moment = await clock.now()
    context = {"lot": scene.view.lot, **_shown(scene.view), **rights}
    return {event: renderer.render(template, now=moment, **context) for event, template in FRAGMENTS.items()}


def _shown(view: Hall) -> dict[str, Any]:
    return {
        "phase": view.phase,
        "envelope": view.envelope,
        "room": view.room,
        "window_ends": view.window_ends,
        "officers_until": view.officers_until,
        "progress": view.progress,
        "present": view.present,
        "prices": [_price(one) for one in view.prices],
        "objections": view.objections,
    }


def _price(one: Price) -> dict[str, Any]:
    label, tone = OUTCOMES[one.outcome]
    return {
        "name": one.name,
        "price": or_as_written(one.price),
        "period_days": one.period_days[:16],
        "state_label": label,
        "state_tone": tone,
        "sha256": one.sha256,
    }


async def _asked(request: AnyRequest, lot: UUID, objection: UUID) -> dict[str, Any]:
    row = await lot_for("answer_objection", actor_of(request), lot)
    found: ObjectionView | None = next((o for o in await records.objections(lot) if o.id == objection), None)
    if found is None:
        raise NotFound(Problem("no_objection", "没有这项异议", "请从开标大厅进入"))
    return {**await of_lot(row), "objection": found}


def _last_question(lot: UUID) -> dict[str, Any]:
    return {
        "title": "结束开标会",
        "says": "开标会结束后即公布开标记录，不能再提出或答复开标异议。",
        "consequences": ["生成开标记录，固定其指纹并存证", "记录向所有人公开，不能修改或删除", "各投标人收到通知"],
        "action": f"/lots/{lot}/conclude",
        "confirm_label": "确认结束",
        "cancel_href": f"/lots/{lot}/hall",
    }


HANDLERS = [
    hall_page,
    hall_stream,
    objection_page,
    objects,
    answer_page,
    answers,
    conclude_page,
    conclude,
]
