"""场地: the centre gives a lot its rooms, takes them back, and keeps the hash of what was recorded in them."""

from uuid import UUID

from bidding.case import LotCase, lot_act
from bidding.records import LotRow
from bidding.session import OPENS
from bidding.stages import Stage
from kernel.clock import iso, when
from kernel.errors import Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.rooms import steps
from kernel.rooms.records import BookingView
from kernel.rooms.schemas import BookRoom, KeepRecording


async def book_room(actor: Actor, lot: UUID, command: BookRoom) -> BookingView:
    """Take a room for this lot. An opening's must be had at the deadline, an evaluation's begins after it."""
    async with lot_act("book_room", actor, lot) as case:
        room = await steps.own_room(actor, command.room)
        refuse_all(_unfit(case.lot, room.use, command), WrongStage)
        booked = await steps.reserve(case.beat, command, f"{case.lot.project_name} {case.lot.name}")
        await _record(case, "book", booked)
    return booked


async def give_back_room(actor: Actor, lot: UUID, booking: UUID) -> None:
    """Give a room of this lot back."""
    async with lot_act("book_room", actor, lot) as case:
        await _record(case, "give_back", await steps.release(case.beat, booking))


async def keep_recording(actor: Actor, lot: UUID, booking: UUID, command: KeepRecording) -> None:
    """Keep the hash of a room's recording with the case; the file stays with the centre."""
    async with lot_act("keep_recording", actor, lot) as case:
        await steps.keep_recording(case.beat, booking, command)
        facts = {"booking": str(booking), "size": command.size, "label": command.label}
        await case.beat.record(case.lot.code, hashes={"recording": command.sha256}, facts=facts)


def _unfit(lot: LotRow, use: str, command: BookRoom) -> list[Problem]:
    if lot.deadline is None or lot.stage == Stage.FAILED:
        return [Problem("no_session_ahead", "本标段没有要举行的开标、评标", "请核对标段")]
    if use == "opening" and lot.stage not in OPENS:
        return [Problem("opening_is_over", "本标段已经开标", "请选择评标室", field="room")]
    if use == "opening" and not command.begins <= lot.deadline < command.ends:
        says = f"开标室的时段应包含开标时间（{when(lot.deadline)}）"
        return [Problem("room_misses_opening", says, "请改正时段", "招标投标法第三十四条", "begins")]
    if use == "evaluation" and command.begins < lot.deadline:
        says = f"评标不能早于开标（{when(lot.deadline)}）"
        return [Problem("room_before_opening", says, "请改正时段", field="begins")]
    return []


async def _record(case: LotCase, did: str, booked: BookingView) -> None:
    facts = {
        "did": did, "room": booked.name, "use": booked.use, "begins": iso(booked.begins), "ends": iso(booked.ends),
    }  # fmt: skip
    await case.beat.record(case.lot.code, facts=facts)
