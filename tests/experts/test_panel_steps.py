"""What each act of a panel refuses, and what it leaves: request, seats, avoidance, replacement, chair, dissolution."""

import json
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import road
from conftest import TestClock
from drawing_room import third
from expert_pool import (
    BUILD,
    COST,
    DRAWING,
    EVALUATION,
    OWNER_CODE,
    Court,
    Row,
    decide,
    put_in,
    seat_actor,
    tie,
    unit,
)  # fmt: skip
from house_databases import Databases
from road import as_admin, give_order
from small_keeper import SmallKeeper

from experts import clockwork, records
from experts.case import PANEL
from experts.rules import Party
from experts.schemas import (
    AvoidedUnit,
    DeclareAvoidance,
    DissolvePanel,
    ElectChair,
    LeaveSeat,
    Quota,
    ReplaceMember,
    SignInDesk,
)
from experts.steps.attend import attend_draw, waiting_for
from experts.steps.chair import elect_chair
from experts.steps.dissolve import dissolve_panel
from experts.steps.leave import declare_avoidance, leave_seat, replace_member
from experts.steps.owners import name_owner
from experts.steps.request import request_panel
from experts.steps.sign_in import sign_in_desk, sign_in_owner
from kernel.db import TRADING, reading
from kernel.errors import BadInput, Directed, Forbidden, NotFound, Refusal, Throttled, TooLate, WrongStage
from kernel.identity import PUBLIC, Actor
from kernel.ids import new_id
from kernel.jobs import Duty, run_one
from kernel.log import events_of
from kernel.proofs import dsse
from kernel.proofs.draw_messages import read_message
from kernel.proofs.draw_role import Party as Hand
from kernel.proofs.draw_state import Ceremony


@pytest.fixture
async def court(house: Databases, clock: TestClock, tmp_path: Path) -> Court:
    return await Court.make(house, tmp_path)


async def colleague(court: Court, name: str = "李代表") -> Actor:
    """Somebody who acts for the purchaser by a role in force."""
    one = await road.actor("purchaser", OWNER_CODE, "某区城市建设中心")
    await as_admin(
        "insert into accounts.membership (id, person, side, organisation, role, asked_at, since)"
        " values ($1, $2, 'trade', $3, 'purchaser', clock_timestamp(), clock_timestamp() - interval '1 hour')",
        new_id(), one.person, one.organisation,
    )  # fmt: skip
    return one


def codes(refused: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


async def test_a_request_says_all_that_is_wrong_with_it(court: Court, clock: TestClock) -> None:
    await clock.freeze(DRAWING)
    with pytest.raises(BadInput) as caught:
        await court.request(size=4, owners=2, evaluation_at=DRAWING, representatives=[new_id()])
    assert codes(caught) == [
        "panel_even", "panel_too_small", "experts_too_few", "quotas_wrong", "owner_unknown", "evaluation_past",
    ]  # fmt: skip
    with pytest.raises(BadInput) as caught:
        await court.request()
    assert codes(caught) == ["candidates_few"]


async def test_only_the_lots_own_purchaser_asks_and_once_at_a_time(court: Court, clock: TestClock) -> None:
    await clock.freeze(DRAWING)
    await put_in(court.house.admin, [Row() for _ in range(8)])
    stranger = await road.actor("purchaser", "91330106MA0000055X", "别的单位")
    with pytest.raises(NotFound):
        await request_panel(court.tools, stranger, court.facts.lot, court.command())
    bidder = await road.actor("bidder", "91330106MA0000056X", "某投标人")
    with pytest.raises(Forbidden):
        await request_panel(court.tools, bidder, court.facts.lot, court.command())
    key = new_id()
    panel = await request_panel(court.tools, court.purchaser, court.facts.lot, court.command(), key)
    assert await request_panel(court.tools, court.purchaser, court.facts.lot, court.command(), key) == panel
    with pytest.raises(WrongStage) as caught:
        await court.request()
    assert codes(caught) == ["panel_there"]


async def test_a_suspended_lot_gets_no_panel(court: Court, clock: TestClock) -> None:
    await clock.freeze(DRAWING)
    await put_in(court.house.admin, [Row() for _ in range(8)])
    await give_order(court.facts.lot, "suspend", "举报正在核查")
    with pytest.raises(Directed):
        await court.request()


async def test_spares_are_called_too_and_move_up(court: Court, clock: TestClock) -> None:
    await put_in(court.house.admin, [Row() for _ in range(12)])
    async with court.keeper() as keeper:
        panel = await court.seated(keeper, clock, owners=0, professions=[Quota(profession=BUILD, quota=5, spares=2)])
        assert [seat.spare for seat in panel.seats] == [False] * 5 + [True] * 2
        await clock.freeze(EVALUATION)
        seats = await court.sign_in(keeper)
        assert len([seat for seat in seats if seat.live]) == 5
        async with reading(TRADING) as connection:
            spare = seat_actor(seats[5])
            assert await records.seat_of(connection, spare, court.facts.lot) is None, "a spare sits on no seat yet"
        await leave_seat(court.tools, seat_actor(seats[0]), court.facts.lot, LeaveSeat(reason="突发疾病"))
        moved = await court.panel()
        assert moved.seats[0].replaced_by == seats[5].id
        assert records.is_lawful(moved) == []
        await court.answer_all(keeper)
        assert [seat.spare for seat in (await court.panel()).seats if seat.left_at is None] == [False] * 5 + [True] * 2


async def test_no_employer_fills_more_than_a_third_and_nobody_avoided_is_called(court: Court, clock: TestClock) -> None:
    big = unit(9)
    ids = await put_in(court.house.admin, [Row(employer=big) for _ in range(10)] + [Row() for _ in range(8)])
    await tie(ids[12], "director", unit(77))
    async with court.keeper() as keeper:
        panel = await court.seated(
            keeper, clock, size=7, owners=2, professions=[Quota(profession=BUILD, quota=5)],
            avoided=[AvoidedUnit(name="某公司", code=unit(77))],
        )  # fmt: skip
        openings = (await keeper.keeper.openings((await records.panels_where(lot=court.facts.lot))[0]["toss"]))[BUILD]
        seated = [openings[call.n].record for call in keeper.book.asked.values() if call.slip]
    assert panel.stage == "seated"
    assert len(seated) == 5
    assert sum(record["employer"] == big for record in seated) <= 2
    assert str(ids[12]) not in {opening.record["id"] for opening in openings}


async def test_a_slip_opens_its_seat_and_no_other_does(court: Court, clock: TestClock) -> None:
    await put_in(court.house.admin, [Row() for _ in range(8)])
    async with court.keeper() as keeper:
        await court.seated(keeper, clock)
        slip = next(call.slip for call in keeper.book.asked.values() if call.slip)
        with pytest.raises(WrongStage) as caught:
            await sign_in_desk(PUBLIC, SignInDesk(slip=slip))
        assert codes(caught) == ["desk_closed"]
        await clock.freeze(EVALUATION - timedelta(hours=2))
        with pytest.raises(NotFound):
            await sign_in_desk(PUBLIC, SignInDesk(slip="ABCD-EFGH-JKMN"))
        lot, first = await sign_in_desk(PUBLIC, SignInDesk(slip=slip.lower().replace("-", " ")))
        _, again = await sign_in_desk(PUBLIC, SignInDesk(slip=slip))
        assert (lot, first.person) == (court.facts.lot, again.person)
        late = next(call.slip for call in keeper.book.asked.values() if call.slip not in ("", slip))
        await clock.freeze(EVALUATION + timedelta(hours=8))
        with pytest.raises(TooLate):
            await sign_in_desk(PUBLIC, SignInDesk(slip=late))


async def test_guessing_slips_is_slowed_down(court: Court) -> None:
    guesser = Actor(role="public", address="203.0.113.9")
    for _ in range(20):
        with pytest.raises(NotFound):
            await sign_in_desk(guesser, SignInDesk(slip="ABCD-EFGH-JKMN"))
    with pytest.raises(Throttled):
        await sign_in_desk(guesser, SignInDesk(slip="ABCD-EFGH-JKMN"))


async def signed_in(court: Court, clock: TestClock, keeper: Any, **changes: Any) -> list[records.Seat]:
    await court.seated(keeper, clock, **changes)
    await clock.freeze(EVALUATION)
    return await court.sign_in(keeper)


ALL_EXPERTS = {"owners": 0, "professions": [Quota(profession=BUILD, quota=5)]}


async def test_who_declares_avoidance_is_replaced_by_the_next_of_the_same_order(court: Court, clock: TestClock) -> None:
    await put_in(court.house.admin, [Row() for _ in range(10)])
    lot = court.facts.lot
    async with court.keeper() as keeper:
        seats = await signed_in(court, clock, keeper, **ALL_EXPERTS)
        actor = seat_actor(seats[1])
        with pytest.raises(BadInput):
            await declare_avoidance(court.tools, actor, lot, DeclareAvoidance(ground="GP16_1"))
        await declare_avoidance(court.tools, actor, lot, DeclareAvoidance(ground="REG46"))
        with pytest.raises(Forbidden):
            await declare_avoidance(court.tools, actor, lot, DeclareAvoidance(ground="REG46"))
        assert [problem.code for problem in records.is_lawful(await court.panel())][:2] == [
            "panel_incomplete", "panel_even",
        ]  # fmt: skip
        await court.answer_all(keeper)
        panel = await court.panel()
        assert (panel.seats[5].toss_seat, panel.seats[1].replaced_by) == (6, panel.seats[5].id)
        await court.sign_in(keeper)
    assert records.is_lawful(await court.panel()) == []
    async with reading(TRADING) as connection:
        events = await events_of(connection, str(lot))
    said = next(json.loads(event.body)["facts"] for event in events if event.act == "declare_avoidance")
    assert said == {"seat": 2, "ground": "REG46", "article": "招标投标法第三十七条"}


async def test_nobody_is_sent_away_who_has_come_and_nobody_is_absent_before_the_time(
    court: Court, clock: TestClock
) -> None:
    await put_in(court.house.admin, [Row() for _ in range(10)])
    lot = court.facts.lot
    async with court.keeper() as keeper:
        panel = await court.seated(keeper, clock, **ALL_EXPERTS)
        command = ReplaceMember(seat=panel.seats[0].id, reason="电话不通")
        with pytest.raises(WrongStage) as caught:
            await replace_member(court.tools, court.purchaser, lot, command)
        assert codes(caught) == ["not_absent_yet"]
        await clock.freeze(EVALUATION + timedelta(minutes=20))
        await replace_member(court.tools, court.purchaser, lot, command)
        await court.answer_all(keeper)
        seats = await court.sign_in(keeper)
        with pytest.raises(WrongStage) as caught:
            await replace_member(court.tools, court.purchaser, lot, ReplaceMember(seat=seats[1].id, reason="意见不合"))
        assert codes(caught) == ["member_present"]


async def test_the_owner_names_his_own_people_and_they_sign_in_by_their_accounts(
    court: Court, clock: TestClock
) -> None:
    await put_in(court.house.admin, [Row() for _ in range(8)])
    mine, other, lot = await colleague(court), await colleague(court), court.facts.lot
    assert mine.person is not None
    assert other.person is not None
    async with court.keeper() as keeper:
        await court.seated(keeper, clock, representatives=[mine.person])
        with pytest.raises(BadInput) as caught:
            await name_owner(court.purchaser, lot, other.person)
        assert codes(caught) == ["owners_too_many"]
        await clock.freeze(EVALUATION)
        await court.sign_in(keeper)
        with pytest.raises(NotFound):
            await sign_in_owner(other, lot)
        await sign_in_owner(mine, lot)
        assert records.is_lawful(await court.panel()) == []
        seat = next(seat for seat in (await court.panel()).seats if seat.kind == "owner")
        replaced = ReplaceMember(seat=seat.id, reason="临时公务", instead=other.person)
        await replace_member(court.tools, court.purchaser, lot, replaced)
        await sign_in_owner(other, lot)
        async with reading(TRADING) as connection:
            now = await records.seat_of(connection, other, lot)
            before = await records.seat_of(connection, mine, lot)
        assert now is not None
        assert before is not None
        assert (before.left_at is None, before.replaced_by) == (False, now.id)
    assert records.is_lawful(await court.panel()) == []


async def test_more_than_half_of_all_members_elect_the_chair(court: Court, clock: TestClock) -> None:
    await put_in(court.house.admin, [Row() for _ in range(8)])
    lot = court.facts.lot
    async with court.keeper() as keeper:
        seats = await signed_in(court, clock, keeper, **ALL_EXPERTS)
        for voter in seats[:2]:
            await elect_chair(seat_actor(voter), lot, ElectChair(seat=seats[4].id))
        assert not any(seat.chair for seat in (await court.panel()).seats)
        await elect_chair(seat_actor(seats[2]), lot, ElectChair(seat=seats[4].id))
        assert [seat.number for seat in (await court.panel()).seats if seat.chair] == [5]
        await elect_chair(seat_actor(seats[2]), lot, ElectChair(seat=seats[0].id))
        assert not any(seat.chair for seat in (await court.panel()).seats)


async def test_a_panel_is_given_up_only_when_its_order_is_used_up(court: Court, clock: TestClock) -> None:
    await put_in(court.house.admin, [Row() for _ in range(4)] + [Row(professions=(COST,)) for _ in range(9)])
    lot = court.facts.lot
    async with court.keeper() as keeper:
        await clock.freeze(DRAWING)
        await court.request()
        await court.answer_all(keeper, "decline")
        assert (await court.panel()).stage == "lacking"
        await dissolve_panel(court.purchaser, lot, DissolvePanel(says="人选用尽，改抽造价专业"))
        await court.request(professions=[Quota(profession=COST, quota=4)])
        await court.answer_all(keeper)
        assert ((await court.panel()).stage, (await court.panel()).n) == ("seated", 2)
        with pytest.raises(WrongStage) as caught:
            await dissolve_panel(court.purchaser, lot, DissolvePanel(says="不满意"))
        assert codes(caught) == ["panel_full"]


async def test_a_list_that_has_run_dry_before_it_was_fixed_voids_the_draw(court: Court, clock: TestClock) -> None:
    ids = await put_in(court.house.admin, [Row() for _ in range(4)])
    await clock.freeze(DRAWING)
    async with court.keeper() as keeper:
        await court.request()
        await decide("suspend_expert", ids[0])
        await court.go_round(keeper)
        [row] = await records.panels_where(lot=court.facts.lot)
        assert (row["stage"], "不足" in row["why"]) == ("void", True)
        await dissolve_panel(court.purchaser, court.facts.lot, DissolvePanel(says="人数不足"))
        with pytest.raises(BadInput):
            await court.request()


async def test_when_the_bidders_are_known_whoever_must_avoid_them_gives_his_seat_up(
    court: Court, clock: TestClock
) -> None:
    ids = await put_in(court.house.admin, [Row() for _ in range(9)])
    lot = court.facts.lot
    for one in ids[:4]:
        await tie(one, "interest", unit(55))
    async with court.keeper() as keeper:
        before = await court.seated(keeper, clock, **ALL_EXPERTS)
        await clock.freeze(DRAWING + timedelta(hours=1))
        court.facts = replace(court.facts, bidders=(Party("bidder", unit(55), "东方建设有限公司"),))
        await court.answer_all(keeper)
        panel = await court.panel()
        gone = [seat for seat in panel.seats if seat.left_at is not None]
        openings = (await keeper.keeper.openings((await records.panels_where(lot=lot))[0]["toss"]))[BUILD]
        seated = {call.seat: openings[call.n].record["id"] for call in keeper.book.asked.values() if call.slip}
    left = {seated[seat.toss_seat or 0] for seat in gone}
    assert left == {str(one) for one in ids[:4]} & {seated[seat.toss_seat or 0] for seat in before.seats}
    assert {seat.why for seat in gone} <= {"O12_12_3"}
    staying = {seated[seat.toss_seat or 0] for seat in panel.seats if seat.left_at is None}
    assert staying == {str(one) for one in ids[4:]}, "five of nine have nothing to do with the bidder"


async def test_names_are_opened_by_the_clock_once_there_is_a_result(court: Court, clock: TestClock) -> None:
    employers = [unit(7)] * 2 + [unit(n) for n in range(20, 30)]
    await put_in(court.house.admin, [Row(employer=employer) for employer in employers])
    lot = court.facts.lot
    async with court.keeper() as keeper:
        await court.seated(keeper, clock, **ALL_EXPERTS)
        await court.go_round(keeper)
        async with reading(TRADING) as connection:
            assert await records.names(connection, lot) == []
        court.facts = replace(court.facts, bidders=(), result=True, over=True)
        await court.go_round(keeper)
        async with reading(TRADING) as connection:
            judges = await records.names(connection, lot)
    assert len(judges) == 5
    assert len({judge.employer for judge in judges}) == 5
    facts = (await records.facts([lot]))[lot]
    assert facts == {
        "panel_drawn": DRAWING, "panel_size": 5, "panel_experts": 5, "panel_even": "odd", "panel_same_employer": 0,
        "panel_not_avoided": 0,
    }  # fmt: skip
    async with reading(TRADING) as connection:
        busy = await connection.fetchval("select count(*) from experts.slot where why = 'panel'")
    assert busy == 5, "who sat has no time then: his load is known"


async def says(court: Court, mine: Hand) -> str:
    """The third role makes its next message from what has been said, at its own machine; what it was."""
    waiting = await waiting_for(court.purchaser, court.facts.lot)
    first, *rest = [read_message(dsse.read(b64decode(message)).payload) for message in waiting["messages"]]
    ceremony = Ceremony(first)
    for message in rest:
        ceremony.add(message)
    signed = mine.next(ceremony)
    if signed is None:
        return ""
    await attend_draw(court.tools, court.purchaser, court.facts.lot, signed.to_bytes(), "")
    return str(waiting["due"][0])


async def test_a_purchaser_may_attend_with_a_key_of_his_own(court: Court, clock: TestClock) -> None:
    await put_in(court.house.admin, [Row() for _ in range(8)])
    await clock.freeze(DRAWING)
    mine, lot, said = third(), court.facts.lot, []
    async with court.keeper() as keeper:
        await court.request(purchaser_key=mine.signer.public.hex(), **ALL_EXPERTS)
        assert await run_one(TRADING, {PANEL: Duty(partial(clockwork.run, court.tools))}), "he is not kept waiting"
        assert (await records.panels_where(lot=lot))[0]["fixed_at"] is not None
        await court.go_round(keeper)
        assert (await court.panel()).stage == "listed", "the list comes first where somebody attends"
        with pytest.raises(BadInput):
            await attend_draw(court.tools, court.purchaser, lot, b"", "")
        for _ in range(4):
            said.append(await says(court, mine))
            await court.go_round(keeper)
        assert said[:3] == ["commit", "seal", "ready"]
        await court.answer_all(keeper)
    assert (await court.panel()).stage == "seated"
    [row] = await records.panels_where(lot=lot)
    assert row["attended"]


async def seated_in(court: Court, keeper: SmallKeeper) -> set[str]:
    """The ids of the experts who hold a seat of the court's draw, as only its keeper can tell."""
    [row] = await records.panels_where(lot=court.facts.lot)
    openings = await keeper.keeper.openings(row["toss"])
    calls = [call for call in keeper.book.asked.values() if call.toss == row["toss"] and call.slip]
    return {openings[call.stratum][call.n].record["id"] for call in calls}


async def test_nobody_sits_on_two_hidden_panels_at_once(court: Court, clock: TestClock) -> None:
    await put_in(court.house.admin, [Row() for _ in range(10)])
    await clock.freeze(DRAWING)
    same, later = court.beside(), court.beside()
    async with court.keeper() as keeper:
        for other, begins in ((court, EVALUATION), (same, EVALUATION + timedelta(hours=1))):
            await other.request(evaluation_at=begins, **ALL_EXPERTS)
        await court.answer_all(keeper)  # both are called at the same time, and everybody says yes to everybody
        await later.request(evaluation_at=EVALUATION + timedelta(hours=9), **ALL_EXPERTS)
        await later.answer_all(keeper)
        first, second, third = [await seated_in(one, keeper) for one in (court, same, later)]
    assert (len(first), len(second), len(third)) == (5, 5, 5)
    assert not first & second, "their evaluations overlap by seven hours"
    assert third & (first | second), "an hour after the last one they are free again"


async def test_the_clock_repeats_nothing(court: Court, clock: TestClock) -> None:
    await put_in(court.house.admin, [Row() for _ in range(9)])
    async with court.keeper() as keeper:
        await court.seated(keeper, clock)
        before = await as_admin("select count(*) from kernel.log_event")
        await clockwork.turn(court.tools)
        await clockwork.sweep(court.tools)
        assert await as_admin("select count(*) from kernel.log_event") == before
    assert isinstance(court.facts.lot, UUID)
