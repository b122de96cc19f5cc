"""A centre's rooms: added and given up by the centre; taken, given back and recorded in within a duty's own act."""

from datetime import timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

import asyncpg

from kernel.acts import Beat, acting
from kernel.clock import when
from kernel.errors import BadInput, Forbidden, NotFound, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.permissions import permission
from kernel.rooms import records
from kernel.rooms.records import BookingView, RoomView
from kernel.rooms.schemas import AddRoom, BookRoom, KeepRecording
from kernel.rooms.tables import Booking, Recording, Room

LONGEST = timedelta(days=14)
"""A room is taken for one session, not for good."""


def book_of(region: str) -> UUID:
    """The case under which a region's rooms are kept in the log."""
    return uuid5(NAMESPACE_URL, f"rooms:{region}")


async def add_room(actor: Actor, command: AddRoom) -> int:
    """The centre has one more room; its number. Refuses a name it has already."""
    _check_keeper(actor)
    async with acting("keep_rooms", actor, book_of(actor.region)) as beat:
        if any(room.name == command.name for room in await records.rooms(actor.region)):
            raise WrongStage(Problem("room_known", "已有同名的场地", "请换一个名称", field="name"))
        # Numbers go over all regions, and this lock is of one region only.
        await beat.connection.execute("lock table rooms.room in share row exclusive mode")
        number = int(await beat.connection.fetchval("select coalesce(max(number), 0) + 1 from rooms.room"))
        await Room.insert(Room(number=number, region=actor.region, since=beat.at, **command.model_dump()))
        await beat.record(str(number), facts={"did": "add", **command.model_dump()})
    return number


async def give_up_room(actor: Actor, number: int) -> None:
    """The centre has the room no longer; refused while a case still has it ahead."""
    _check_keeper(actor)
    async with acting("keep_rooms", actor, book_of(actor.region)) as beat:
        room = await own_room(actor, number)
        if await records.who_has(number, beat.at, beat.at + timedelta(days=3650)):
            raise WrongStage(Problem("room_booked", "这个场地还有未结束的预订", "请先退订，再停用"))
        await Room.update({Room.until: beat.at}).where(Room.number == number)
        await beat.record(str(number), facts={"did": "give_up", "name": room.name})


def _check_keeper(actor: Actor) -> None:
    if actor.role != "operator" or not permission("keep_rooms", actor.role):
        raise Forbidden(Problem("not_your_act", "您的角色不能办理此事项", "请由有权的一方办理"))


async def own_room(actor: Actor, number: int) -> RoomView:
    """A room in use of the actor's own centre; any other does not exist for him."""
    room = await records.room(number)
    if room.region != actor.region or room.until is not None:
        raise NotFound(Problem("no_room", "没有这个场地", "请从场地列表中选择", field="room"))
    return room


async def reserve(beat: Beat, command: BookRoom, title: str) -> BookingView:
    """Take a room for the beat's case. `WrongStage` says who has it when the times overlap."""
    room = await own_room(beat.actor, command.room)
    refuse_all(_wrong_times(beat, command), BadInput)
    booking = new_id()
    row = Booking(
        id=booking,
        room=room.number,
        use=room.use,
        case=beat.case,
        title=title,
        begins=command.begins,
        ends=command.ends,
        booked_at=beat.at,
    )
    try:
        async with beat.connection.transaction():  # what clashes is undone alone: the refusal still has to look
            await Booking.insert(row)
    except asyncpg.ExclusionViolationError:
        raise WrongStage(await _taken(command)) from None
    return next(one for one in await records.booked(beat.case) if one.id == booking)


def _wrong_times(beat: Beat, command: BookRoom) -> list[Problem]:
    if command.ends <= command.begins:
        return [Problem("ends_first", "结束时间应在开始时间之后", "请改正时间", field="ends")]
    found = []
    if command.ends <= beat.at:
        found.append(Problem("room_in_the_past", "预订的时段已经过去", "请填将来的时间", field="ends"))
    if command.ends - command.begins > LONGEST:
        found.append(Problem("room_too_long", "一次预订不超过14天", "请缩短时段，或分次预订", field="ends"))
    return found


async def _taken(command: BookRoom) -> Problem:
    other = await records.who_has(command.room, command.begins, command.ends)
    if other is None:  # given back between the two looks
        return Problem("room_taken", "这个场地在该时段已被预订", "请换一个时间或场地", field="begins")
    says = f"{other.name}从{when(other.begins)}到{when(other.ends)}已由“{other.title}”预订"
    return Problem("room_taken", says, "请换一个时间或场地", field="begins")


async def release(beat: Beat, booking: UUID) -> BookingView:
    """Give back a room of the beat's case, so that others may have it. `NotFound` when it has no such booking."""
    found = await _own_booking(beat, booking)
    await Booking.update({Booking.released_at: beat.at}).where(Booking.id == booking)
    return found


async def keep_recording(beat: Beat, booking: UUID, command: KeepRecording) -> None:
    """Keep the hash of what was recorded in this room of the beat's case; each once, and none before it began."""
    found = await _own_booking(beat, booking)
    if beat.at < found.begins:
        raise WrongStage(Problem("not_yet_recorded", "场地的预订时段还没有开始", "请在录制结束后登记"))
    if any(one.sha256 == command.sha256 for one in await records.recordings(beat.case)):
        raise WrongStage(Problem("recording_known", "这份录音录像已经登记", "无需重复登记", field="sha256"))
    await Recording.insert(Recording(id=new_id(), booking=booking, case=beat.case, at=beat.at, **command.model_dump()))


async def _own_booking(beat: Beat, booking: UUID) -> BookingView:
    for one in await records.booked(beat.case):
        if one.id == booking:
            return one
    raise NotFound(Problem("no_booking", "没有这项预订", "请从标段的场地页面进入"))
