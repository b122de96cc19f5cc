"""The session around an opening: who signs in when, rooms with the deadline in them, the record signed, hashes kept."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from conftest import TestClock
from house_databases import Databases
from package_office import Office, package
from road import DEADLINE, Bidder, County, countersign

from bidding import records, session
from bidding.clockwork import turn
from bidding.desk import todos
from bidding.detours.amend import amend_notice
from bidding.detours.attend import sign_hall, sign_opening
from bidding.detours.rooms import book_room, give_back_room, keep_recording
from bidding.fingerprints import known
from bidding.hall import hall
from bidding.schemas import AmendNotice, SignOpening
from bidding.steps.record import conclude_opening
from kernel.clock import now
from kernel.db import TRADING, transaction
from kernel.errors import BadInput, Forbidden, NotFound, WrongStage
from kernel.log import events_of
from kernel.proofs.case_file import read_event
from kernel.proofs.package import Package
from kernel.proofs.verify import verify
from kernel.rooms import records as rooms
from kernel.rooms.schemas import AddRoom, BookRoom, KeepRecording
from kernel.rooms.steps import add_room

PRICES = ["38000000.00", "37500000.00", "39900000.00"]
HOUR = timedelta(hours=1)


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


async def listed(county: County, clock: TestClock) -> tuple[UUID, list[Bidder]]:
    """A lot whose list is fixed and countersigned, and its bidders."""
    lot = await county.announced()
    bidders = await county.sealed_in(lot, PRICES)
    for moment in (DEADLINE, DEADLINE + timedelta(minutes=5)):
        await clock.freeze(moment)
        await turn(county.tools, lot)
    return lot, bidders


async def two_rooms(county: County) -> tuple[int, int]:
    """(an opening room, an evaluation room) of the county's centre."""
    first = await add_room(county.operator, AddRoom(name="开标一室", use="opening", place="三楼", seats=60))
    return first, await add_room(county.operator, AddRoom(name="评标一室", use="evaluation", place="四楼", seats=9))


async def test_before_the_list_is_countersigned_a_bidder_cannot_sign_in_and_so_show_himself(
    county: County, clock: TestClock
) -> None:
    lot, (bidder, *_) = await listed(county, clock)
    with pytest.raises(Forbidden) as refused:
        await sign_hall(bidder.actor, lot)
    assert refused.value.code == "not_on_the_list"
    await sign_hall(county.purchaser, lot)
    assert [one.role for one in (await hall(lot)).present] == ["purchaser"]
    await countersign(lot)
    await turn(county.tools, lot)
    await sign_hall(bidder.actor, lot)
    lines = {(one.role, one.at is not None) for one in (await hall(lot)).present}
    assert lines == {("purchaser", True), ("bidder", True), ("bidder", False), ("regulator", True)}


async def test_nobody_signs_in_twice_nor_before_the_deadline_nor_for_another(county: County, clock: TestClock) -> None:
    early = await county.announced()
    with pytest.raises(WrongStage):
        await sign_hall(county.purchaser, early)
    lot, _ = await listed(county, clock)
    await countersign(lot)
    await turn(county.tools, lot)
    await sign_hall(county.operator, lot)
    with pytest.raises(WrongStage) as again:
        await sign_hall(county.operator, lot)
    assert again.value.code == "signed_in_already"
    stranger = await county.bidder(9)
    with pytest.raises(Forbidden):
        await sign_hall(stranger.actor, lot)


async def test_who_decrypts_has_come_without_signing_in(county: County, clock: TestClock) -> None:
    lot, (bidder, *_) = await listed(county, clock)
    await countersign(lot)
    await turn(county.tools, lot)
    await clock.freeze(DEADLINE + timedelta(minutes=9))
    await bidder.reveal(county.tools, lot)
    came = {one.name: one.at for one in (await hall(lot)).present if one.role == "bidder"}
    assert came[bidder.actor.organisation_name] == DEADLINE + timedelta(minutes=9)
    assert list(came.values()).count(None) == 2


async def test_the_record_is_signed_after_reading_it_once_by_each_party(county: County, clock: TestClock) -> None:
    lot, bidders = await listed(county, clock)
    await countersign(lot)
    await turn(county.tools, lot)
    for bidder in bidders:
        await bidder.reveal(county.tools, lot)
    with pytest.raises(WrongStage):
        await sign_opening(county.purchaser, lot, SignOpening(sha256="0" * 64))
    sha256 = await conclude_opening(county.tools, county.purchaser, lot)
    with pytest.raises(BadInput) as other:
        await sign_opening(county.purchaser, lot, SignOpening(sha256="0" * 64))
    assert other.value.code == "not_this_record"
    await sign_opening(county.purchaser, lot, SignOpening(sha256=sha256))
    await sign_opening(bidders[1].actor, lot, SignOpening(sha256=sha256, remark="唱标时网络中断约一分钟"))
    with pytest.raises(WrongStage):
        await sign_opening(county.purchaser, lot, SignOpening(sha256=sha256))
    with pytest.raises(Forbidden):
        await sign_opening((await county.bidder(9)).actor, lot, SignOpening(sha256=sha256))
    signed = {(one.role, one.remark) for one in await session.signatures(lot)}
    assert signed == {("purchaser", ""), ("bidder", "唱标时网络中断约一分钟")}
    async with transaction(TRADING) as connection:
        events = [event for event in await events_of(connection, str(lot)) if event.act == "sign_opening"]
    assert len(events) == 2
    assert all(sha256 in event.body.decode() for event in events)
    assert not any(county.purchaser.name in event.body.decode() for event in events)


async def test_an_opening_room_is_had_at_the_deadline_and_a_moved_deadline_is_noticed(county: County) -> None:
    lot, (opening, evaluation) = await county.announced(), await two_rooms(county)
    with pytest.raises(WrongStage) as refused:
        await book_room(county.operator, lot, BookRoom(room=opening, begins=DEADLINE + HOUR, ends=DEADLINE + 2 * HOUR))
    assert refused.value.code == "room_misses_opening"
    with pytest.raises(WrongStage) as early:
        await book_room(county.operator, lot, BookRoom(room=evaluation, begins=DEADLINE - HOUR, ends=DEADLINE + HOUR))
    assert early.value.code == "room_before_opening"
    booked = await book_room(county.operator, lot, BookRoom(room=opening, begins=DEADLINE - HOUR, ends=DEADLINE + HOUR))
    assert (await hall(lot)).room == "开标一室（三楼）"
    assert await session.misplaced(await records.lot(lot)) is None
    assert [todo["title"] for todo in await todos(county.operator, await now())] == []
    change = AmendNotice(text="更正", deadline=DEADLINE + timedelta(days=2))
    await amend_notice(county.tools, county.purchaser, lot, change)
    assert await session.misplaced(await records.lot(lot)) == booked
    assert [todo["title"] for todo in await todos(county.operator, await now())] == ["调整开标室的预订"]
    await give_back_room(county.operator, lot, booked.id)
    assert (await hall(lot)).room == ""


async def test_only_the_centre_books_and_not_another_lots_booking(county: County) -> None:
    first, (opening, _) = await county.announced(), await two_rooms(county)
    second = await county.announced()
    asked = BookRoom(room=opening, begins=DEADLINE - HOUR, ends=DEADLINE + HOUR)
    with pytest.raises(Forbidden):
        await book_room(county.purchaser, first, asked)
    booked = await book_room(county.operator, first, asked)
    with pytest.raises(WrongStage, match="文二路道路改造工程"):
        await book_room(county.operator, second, asked)
    with pytest.raises(NotFound):
        await give_back_room(county.operator, second, booked.id)


async def test_the_hash_of_a_recording_is_an_event_of_the_case_and_the_panels_own_stays_inside(
    county: County, clock: TestClock
) -> None:
    lot, (opening, evaluation) = await county.announced(), await two_rooms(county)
    await county.sealed_in(lot, PRICES)
    first = await book_room(county.operator, lot, BookRoom(room=opening, begins=DEADLINE, ends=DEADLINE + HOUR))
    second = await book_room(county.operator, lot, BookRoom(room=evaluation, begins=DEADLINE, ends=DEADLINE + 9 * HOUR))
    for moment in (DEADLINE, DEADLINE + timedelta(minutes=5)):
        await clock.freeze(moment)
        await turn(county.tools, lot)
    await keep_recording(county.operator, lot, first.id, KeepRecording(sha256="a" * 64, size=9, label="一号机位"))
    await keep_recording(county.operator, lot, second.id, KeepRecording(sha256="b" * 64, size=9, label="评标室"))
    assert [one.sha256 for one in await session.recordings(lot)] == ["a" * 64]
    assert [(one.kind, one.label) for one in await known("a" * 64)] == [("录音录像", "一号机位")]
    assert await known("b" * 64) == []
    assert [one.sha256 for one in await rooms.recordings(lot)] == ["a" * 64, "b" * 64]
    async with transaction(TRADING) as connection:
        events = [event for event in await events_of(connection, str(lot)) if event.act == "keep_recording"]
    assert ["a" * 64 in events[0].body.decode(), "b" * 64 in events[1].body.decode()] == [True, True]


async def test_the_evidence_package_knows_who_came_who_signed_and_what_was_recorded(
    county: County, clock: TestClock, tmp_path: Path
) -> None:
    office = Office(county, tmp_path)
    county.tools = replace(county.tools, anchors=office.anchors().data)
    lot, opening = await county.announced(), (await two_rooms(county))[0]
    room = await book_room(county.operator, lot, BookRoom(room=opening, begins=DEADLINE, ends=DEADLINE + HOUR))
    bidders = await county.sealed_in(lot, PRICES)
    for moment in (DEADLINE, DEADLINE + timedelta(minutes=5)):
        await clock.freeze(moment)
        await turn(county.tools, lot)
    await countersign(lot)
    await turn(county.tools, lot)
    await sign_hall(bidders[0].actor, lot)
    for bidder in bidders:
        await bidder.reveal(county.tools, lot)
    sha256 = await conclude_opening(county.tools, county.purchaser, lot)
    await sign_opening(bidders[0].actor, lot, SignOpening(sha256=sha256))
    await keep_recording(county.operator, lot, room.id, KeepRecording(sha256="c" * 64, size=9, label="一号机位"))
    await county.end(lot)
    await turn(county.tools, lot)
    await office.publish()
    await turn(county.tools, lot)
    for kind in ("public", "archive"):
        packed = await package(county, lot, kind)
        assert verify(io.BytesIO(packed), office.anchors()).failure is None
        inside = Package.open(io.BytesIO(packed))
        names = sorted(name for name in inside.names if name.startswith("events/"))
        told = {event.act: event for event in (read_event(inside.read(name), n) for n, name in enumerate(names, 1))}
        assert told["keep_recording"].hash_of("recording") == "c" * 64
        assert told["sign_opening"].hash_of("opening") == sha256
        assert {"sign_hall", "book_room"} <= set(told)


async def test_a_failed_lots_room_is_given_back_and_none_is_taken_for_it(county: County, clock: TestClock) -> None:
    lot, (opening, evaluation) = await county.announced(), await two_rooms(county)
    booked = await book_room(county.operator, lot, BookRoom(room=opening, begins=DEADLINE, ends=DEADLINE + HOUR))
    for moment in (DEADLINE, DEADLINE + timedelta(minutes=5)):
        await clock.freeze(moment)
        await turn(county.tools, lot)
    assert await session.misplaced(await records.lot(lot)) == booked
    with pytest.raises(WrongStage) as refused:
        await book_room(county.operator, lot, BookRoom(room=evaluation, begins=DEADLINE, ends=DEADLINE + HOUR))
    assert refused.value.code == "no_session_ahead"
    await give_back_room(county.operator, lot, booked.id)
    assert await rooms.booked(lot) == []
