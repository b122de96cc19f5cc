"""What surrounds an opening session, for programs: signing in, signing the record, rooms and recordings."""

from typing import Any
from uuid import UUID

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from bidding import records, session
from bidding.api.shared import AnyRequest, LotId
from bidding.detours import rooms as steps
from bidding.detours.attend import sign_hall, sign_opening
from bidding.schemas import SignOpening
from kernel.rooms.schemas import BookRoom, KeepRecording
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

TAGS = ["开标大厅"]
KEPT = refusals(404, 409, 423)
Given = dict[str, Any]
BookingId = FromPath[UUID]


@get(
    "/api/v1/lots/{lot:uuid}/opening/signatures",
    opt={"act": "read_public"},
    tags=TAGS,
    summary="开标记录的参加人签字，和录音录像的指纹",
    responses=refusals(404),
)
async def signed(lot: LotId) -> Given:
    await records.public_lot(lot)
    return {
        "signatures": [
            {"name": s.name, "role": s.role, "sha256": s.sha256, "remark": s.remark, "at": s.at}
            for s in await session.signatures(lot)
        ],
        "recordings": [
            {"room": r.name, "label": r.label, "sha256": r.sha256, "size": r.size, "at": r.at}
            for r in await session.recordings(lot)
        ],
    }


@post("/api/v1/lots/{lot:uuid}/attendance", opt={"act": "sign_hall"}, tags=TAGS, summary="开标签到", responses=KEPT)
async def comes(request: AnyRequest, lot: LotId, key: RequestId = None) -> Given:
    actor = actor_of(request)

    async def do() -> Given:
        await sign_hall(actor, lot)
        return {"lot": str(lot)}

    return await once("sign_hall", actor, key, {"lot": str(lot)}, do)


@post(
    "/api/v1/lots/{lot:uuid}/opening/signatures",
    opt={"act": "sign_opening"},
    tags=TAGS,
    summary="签署开标记录",
    responses=KEPT,
)
async def signs(request: AnyRequest, lot: LotId, data: JSONBody[SignOpening], key: RequestId = None) -> Given:
    actor = actor_of(request)

    async def do() -> Given:
        await sign_opening(actor, lot, data)
        return {"sha256": data.sha256}

    return await once("sign_opening", actor, key, {"lot": str(lot), **data.model_dump()}, do)


@post(
    "/api/v1/lots/{lot:uuid}/rooms", opt={"act": "book_room"}, tags=TAGS, summary="预订开标室、评标室", responses=KEPT
)
async def books(request: AnyRequest, lot: LotId, data: JSONBody[BookRoom], key: RequestId = None) -> Given:
    actor = actor_of(request)

    async def do() -> Given:
        booked = await steps.book_room(actor, lot, data)
        return {"booking": str(booked.id), "room": booked.name, "place": booked.place}

    return await once("book_room", actor, key, {"lot": str(lot), **data.model_dump(mode="json")}, do)


@delete(
    "/api/v1/lots/{lot:uuid}/rooms/{booking:uuid}",
    opt={"act": "book_room"},
    tags=TAGS,
    summary="退订场地",
    responses=KEPT,
)
async def gives_back(request: AnyRequest, lot: LotId, booking: BookingId) -> None:
    await steps.give_back_room(actor_of(request), lot, booking)


@post(
    "/api/v1/lots/{lot:uuid}/rooms/{booking:uuid}/recordings",
    opt={"act": "keep_recording"},
    tags=TAGS,
    summary="登记录音录像的指纹",
    responses=KEPT,
)
async def keeps(
    request: AnyRequest, lot: LotId, booking: BookingId, data: JSONBody[KeepRecording], key: RequestId = None
) -> Given:
    actor = actor_of(request)

    async def do() -> Given:
        await steps.keep_recording(actor, lot, booking, data)
        return {"sha256": data.sha256}

    said = {"lot": str(lot), "booking": str(booking), **data.model_dump()}
    return await once("keep_recording", actor, key, said, do)


HANDLERS = [signed, comes, signs, books, gives_back, keeps]
