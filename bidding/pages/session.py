"""签到 and the signatures under the opening record, as pages; and a lot's rooms and recordings for its centre."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from bidding import records, session
from bidding.detours import rooms as steps
from bidding.detours.attend import sign_hall, sign_opening
from bidding.pages.forms import AnyRequest, LotId, go, of_lot
from bidding.records import LotRow
from bidding.schemas import SignOpening
from bidding.stages import WINDOWS, Stage
from bidding.steps.look import public_lot_for, read_lot
from kernel.clock import CHINA
from kernel.errors import NotFound, Problem
from kernel.rooms import records as rooms
from kernel.rooms.schemas import BookRoom, KeepRecording
from kernel.web.auth import actor_of
from kernel.web.commands import command, local_time, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once

BookingId = FromPath[UUID]
BOOK = {"act": "book_room"}


@get("/lots/{lot:uuid}/sign-in", opt={"act": "sign_hall"}, include_in_schema=False)
async def sign_in_page(request: AnyRequest, lot: LotId) -> Response[str]:
    await public_lot_for("sign_hall", actor_of(request), lot)
    return await page(request, "confirm.html", **_coming(request, lot))


@post("/lots/{lot:uuid}/sign-in", opt={"act": "sign_hall"}, include_in_schema=False)
async def sign_in(request: AnyRequest, lot: LotId) -> Response[Any]:
    sent, actor = await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        async def act() -> Mapping[str, Any]:
            await sign_hall(actor, lot)
            return {"lot": str(lot)}

        await once("sign_hall", actor, request_id(request, sent), {"lot": str(lot)}, act)
        return go(f"/lots/{lot}/hall")

    async def again() -> Mapping[str, Any]:
        return _coming(request, lot)

    return await tried(request, do, "confirm.html", {}, again)


@get("/lots/{lot:uuid}/record/sign", opt={"act": "sign_opening"}, include_in_schema=False)
async def sign_page(request: AnyRequest, lot: LotId) -> Response[str]:
    await public_lot_for("sign_opening", actor_of(request), lot)
    return await page(request, "bidding/sign_record.html", **await _record(lot))


@post("/lots/{lot:uuid}/record/sign", opt={"act": "sign_opening"}, include_in_schema=False)
async def signs(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        asked = command(SignOpening, form)

        async def act() -> Mapping[str, Any]:
            await sign_opening(actor, lot, asked)
            return {"sha256": asked.sha256}

        await once("sign_opening", actor, request_id(request, sent), {"lot": str(lot), **asked.model_dump()}, act)
        return go(f"/lots/{lot}/record#signatures")

    async def again() -> Mapping[str, Any]:
        return await _record(lot)

    return await tried(request, do, "bidding/sign_record.html", form, again)


@get("/lots/{lot:uuid}/rooms", opt=BOOK, include_in_schema=False)
async def rooms_page(request: AnyRequest, lot: LotId) -> Response[str]:
    row = await read_lot("book_room", actor_of(request), lot)
    return await page(request, "bidding/rooms.html", values=_usual(row), **await _rooms(request, row))


@post("/lots/{lot:uuid}/rooms", opt=BOOK, include_in_schema=False)
async def books(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        fields = present(form)
        fields |= {name: local_time(str(fields[name])) for name in ("begins", "ends") if name in fields}
        asked = command(BookRoom, fields)

        async def act() -> Mapping[str, Any]:
            return {"booking": str((await steps.book_room(actor, lot, asked)).id)}

        said = {"lot": str(lot), **asked.model_dump(mode="json")}
        await once("book_room", actor, request_id(request, sent), said, act)
        return go(f"/lots/{lot}/rooms")

    return await _tried_on_rooms(request, lot, do, form)


@post("/lots/{lot:uuid}/rooms/{booking:uuid}/release", opt=BOOK, include_in_schema=False)
async def gives_back(request: AnyRequest, lot: LotId, booking: BookingId) -> Response[Any]:
    sent, actor = await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        async def act() -> Mapping[str, Any]:
            await steps.give_back_room(actor, lot, booking)
            return {"booking": str(booking)}

        said = {"lot": str(lot), "released": str(booking)}
        await once("book_room", actor, request_id(request, sent), said, act)
        return go(f"/lots/{lot}/rooms")

    return await _tried_on_rooms(request, lot, do, {})


@post("/lots/{lot:uuid}/recordings", opt={"act": "keep_recording"}, include_in_schema=False)
async def keeps_recording(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        fields = present(form)
        booking = _booking(str(fields.pop("booking", "")))
        asked = command(KeepRecording, fields)

        async def act() -> Mapping[str, Any]:
            await steps.keep_recording(actor, lot, booking, asked)
            return {"sha256": asked.sha256}

        said = {"lot": str(lot), "booking": str(booking), **asked.model_dump()}
        await once("keep_recording", actor, request_id(request, sent), said, act)
        return go(f"/lots/{lot}/rooms#recordings")

    return await _tried_on_rooms(request, lot, do, form)


async def _tried_on_rooms(request: AnyRequest, lot: UUID, do: Any, form: Mapping[str, Any]) -> Response[Any]:
    async def again() -> Mapping[str, Any]:
        return await _rooms(request, await read_lot("book_room", actor_of(request), lot))

    return await tried(request, do, "bidding/rooms.html", form, again)


def _coming(request: AnyRequest, lot: UUID) -> dict[str, Any]:
    return {
        "title": "开标签到",
        "says": f"为{actor_of(request).organisation_name}签到。",
        "consequences": ["单位名称和签到时间列入开标大厅的签到表，向所有人公开", "经办人姓名不公开，随案卷存档"],
        "action": f"/lots/{lot}/sign-in",
        "confirm_label": "确认签到",
        "cancel_href": f"/lots/{lot}/hall",
    }


def _booking(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(Problem("no_booking", "没有这项预订", "请选择录制所在的场地", field="booking")) from None


async def _record(lot: UUID) -> dict[str, Any]:
    row, found = await records.public_lot(lot), await records.opening(lot)
    if found is None:
        raise NotFound(Problem("no_opening", "还没有开标记录", "开标会结束后即公布，可先到开标大厅观看"))
    return {**await of_lot(row), "sha256": found[1]}


def _usual(lot: LotRow) -> dict[str, str]:
    """The opening's own day, when a booking is begun."""
    if lot.deadline is None:
        return {}
    return {"begins": f"{lot.deadline.astimezone(CHINA):%Y-%m-%dT%H:%M}"}


async def _rooms(request: AnyRequest, lot: LotRow) -> dict[str, Any]:
    region, booked = actor_of(request).region, await rooms.booked(lot.id)
    return {
        **await of_lot(lot),
        "rooms": [
            {"value": r.number, "label": f"{r.use_name}　{r.name}（{r.seats} 座）"} for r in await rooms.rooms(region)
        ],
        "booked": booked,
        "misplaced": await session.misplaced(lot),
        "recordings": await rooms.recordings(lot.id),
        "may_book": lot.stage in WINDOWS["book_room"] - {Stage.FAILED},
        "may_release": lot.stage in WINDOWS["book_room"],
        "may_keep": lot.stage in WINDOWS["keep_recording"],
    }


HANDLERS = [sign_in_page, sign_in, sign_page, signs, rooms_page, books, gives_back, keeps_recording]
"""Both halves of what surrounds a session: the parties' and the centre's."""
