"""A centre's rooms: one name once, no two cases at one time whatever happens at once, and hashes kept once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from conftest import TestClock
from house_databases import Databases

from kernel.acts import Beat, acting
from kernel.clock import CHINA
from kernel.db import TRADING, transaction
from kernel.errors import BadInput, Forbidden, NotFound, Refusal, WrongStage
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.log import events_of
from kernel.rooms import records
from kernel.rooms.schemas import AddRoom, BookRoom, KeepRecording
from kernel.rooms.steps import add_room, book_of, give_up_room, keep_recording, release, reserve

NINE = datetime(2026, 4, 20, 9, 0, tzinfo=CHINA)
HOUR = timedelta(hours=1)
OPERATOR = Actor(role="operator", person=new_id(), name="张三", organisation=new_id(), region="330106", door="page")
ELSEWHERE = Actor(role="operator", person=new_id(), name="李四", organisation=new_id(), region="330105", door="page")
FIRST = AddRoom(name="开标一室", use="opening", place="政务中心三楼", seats=60)
SECOND = AddRoom(name="评标一室", use="evaluation", place="政务中心四楼", seats=9)


@pytest.fixture(autouse=True)
async def morning(house: Databases, clock: TestClock) -> None:
    await clock.freeze(NINE - timedelta(days=2))


@asynccontextmanager
async def act(case: UUID) -> AsyncIterator[Beat]:
    async with acting("book_room", OPERATOR, case) as beat:
        yield beat
        await beat.record("room")


async def book(case: UUID, room: int, begins: datetime, ends: datetime) -> UUID:
    async with act(case) as beat:
        return (await reserve(beat, BookRoom(room=room, begins=begins, ends=ends), "道路工程 1标段")).id


async def test_a_centre_adds_rooms_and_gives_them_up_and_each_time_leaves_an_event() -> None:
    number = await add_room(OPERATOR, FIRST)
    await add_room(OPERATOR, SECOND)
    assert [room.name for room in await records.rooms("330106")] == ["开标一室", "评标一室"]
    assert [room.name for room in await records.rooms("330106", "opening")] == ["开标一室"]
    with pytest.raises(WrongStage, match="同名"):
        await add_room(OPERATOR, FIRST)
    await give_up_room(OPERATOR, number)
    assert [room.name for room in await records.rooms("330106")] == ["评标一室"]
    async with transaction(TRADING) as connection:
        assert [event.act for event in await events_of(connection, str(book_of("330106")))] == ["keep_rooms"] * 3


async def test_two_centres_at_once_get_two_numbers() -> None:
    numbers = await asyncio.gather(add_room(OPERATOR, FIRST), add_room(ELSEWHERE, FIRST))
    assert sorted(numbers) == [1, 2]


async def test_only_the_centre_keeps_rooms_and_only_its_own() -> None:
    number = await add_room(OPERATOR, FIRST)
    with pytest.raises(NotFound):
        await give_up_room(ELSEWHERE, number)
    with pytest.raises(Forbidden):
        await add_room(Actor(role="purchaser", person=new_id(), name="王五", organisation=new_id()), FIRST)


async def test_a_room_taken_by_one_case_is_refused_to_another_and_free_when_given_back() -> None:
    number, case, other = await add_room(OPERATOR, FIRST), new_id(), new_id()
    booking = await book(case, number, NINE, NINE + 2 * HOUR)
    with pytest.raises(WrongStage, match="道路工程 1标段") as refused:
        await book(other, number, NINE + HOUR, NINE + 3 * HOUR)
    assert refused.value.code == "room_taken"
    await book(other, number, NINE + 2 * HOUR, NINE + 3 * HOUR)
    with pytest.raises(WrongStage):
        await give_up_room(OPERATOR, number)
    async with act(case) as beat:
        await release(beat, booking)
    await book(other, number, NINE, NINE + 2 * HOUR)
    assert await records.booked(case) == []
    assert len(await records.taken("330106", NINE, NINE + timedelta(days=1))) == 2


async def test_of_many_who_want_one_room_at_one_moment_one_gets_it() -> None:
    number = await add_room(OPERATOR, FIRST)
    wanted = [book(new_id(), number, NINE, NINE + HOUR) for _ in range(8)]
    outcomes = await asyncio.gather(*wanted, return_exceptions=True)
    got = [one for one in outcomes if isinstance(one, UUID)]
    assert len(got) == 1
    assert {one.code for one in outcomes if isinstance(one, Refusal)} == {"room_taken"}


async def test_the_database_itself_refuses_a_clash_whoever_writes_it(house: Databases) -> None:
    number = await add_room(OPERATOR, FIRST)
    await book(new_id(), number, NINE, NINE + HOUR)
    owner = await asyncpg.connect(house.admin)
    try:
        with pytest.raises(asyncpg.ExclusionViolationError):
            await owner.execute(
                'insert into rooms.booking (id, room, use, "case", title, begins, ends, booked_at)'
                " values ($1, $2, 'opening', $1, 'x', $3, $4, $3)",
                *(new_id(), number, NINE, NINE + timedelta(minutes=1)),
            )
    finally:
        await owner.close()


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [
        (NINE, NINE, "ends_first"),
        (NINE - timedelta(days=9), NINE - timedelta(days=8), "room_in_the_past"),
        (NINE, NINE + timedelta(days=15), "room_too_long"),
    ],
)
async def test_times_that_make_no_sense_are_refused(begins: datetime, ends: datetime, code: str) -> None:
    number = await add_room(OPERATOR, FIRST)
    with pytest.raises(BadInput) as refused:
        await book(new_id(), number, begins, ends)
    assert refused.value.code == code


async def test_a_recording_is_kept_once_from_the_rooms_own_time_on_and_never_changed(
    house: Databases, clock: TestClock
) -> None:
    number, case = await add_room(OPERATOR, FIRST), new_id()
    booking = await book(case, number, NINE, NINE + HOUR)
    asked = KeepRecording(sha256="AB" * 32, size=7_000_000_000, label="三楼全景.mp4")
    with pytest.raises(WrongStage) as early:
        async with act(case) as beat:
            await keep_recording(beat, booking, asked)
    assert early.value.code == "not_yet_recorded"
    await clock.freeze(NINE + HOUR)
    async with act(case) as beat:
        await keep_recording(beat, booking, asked)
    (kept,) = await records.recordings(case)
    assert (kept.sha256, kept.size, kept.name) == ("ab" * 32, 7_000_000_000, "开标一室")
    with pytest.raises(WrongStage) as again:
        async with act(case) as beat:
            await keep_recording(beat, booking, asked)
    assert again.value.code == "recording_known"
    owner = await asyncpg.connect(house.admin)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await owner.execute("delete from rooms.recording")
    finally:
        await owner.close()
