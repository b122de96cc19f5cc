"""The draw ceremony from its beginning to the names: unattended, attended, walked by the keeper or by the duty."""

from pathlib import Path

import pytest
from drawing_room import TERMS, Room, people, third
from house_databases import Databases
from small_keeper import settle
from small_witness import SmallWitness

from kernel.checkpoints import log_signer, publish
from kernel.db import TRADING, transaction
from kernel.errors import BadInput, Refusal
from kernel.log import events_of
from kernel.posting import post_to_witness
from kernel.toss import records, steps
from kernel.toss.clockwork import turn
from kernel.toss.messages import rows_of, story
from kernel.toss.schemas import Rebuilt
from kernel.toss.slips import slip_digest


async def test_pieces_are_sealed_before_there_is_any_list(house: Databases) -> None:
    room = Room(house)
    async with room.keeper() as keeper:
        toss = await room.begin()
        with pytest.raises(Refusal, match="片段"):
            await room.fix(toss)
        await settle(room.hand, keeper)
        assert (await room.view(toss)).stage == "sealed"
        assert [what for what, _ in await room.heard()] == ["sealed"]


async def test_nobody_answers_to_what_is_not_on_record_yet(house: Databases) -> None:
    """The regulator's process posts at any moment, also between two looks of this side: what it said counts from
    its event on, or the answer would stand on record before what it answers."""
    room = Room(house, purchaser=third())
    async with room.keeper() as keeper:
        toss = await room.begin()
        await turn(room.hand)
        assert await room.attend(toss) == "commit"
        await keeper.keeper.round()  # commits, and the trading side has not looked
        async with transaction(TRADING) as connection:
            assert {row.role for row in await rows_of(connection, toss, "commit")} == {
                "operator",
                "regulator",
                "purchaser",
            }
            assert (await story(connection, toss)).ceremony.due("operator") == ""
            assert await records.waiting_for(connection, toss, "purchaser") == []
        with pytest.raises(BadInput):
            await room.attend(toss)
        await turn(room.hand)
        assert await room.attend(toss) == "seal"


async def _has_a_witness() -> bool:
    return True


async def test_what_waits_for_the_witness_goes_on_as_soon_as_it_has_signed(house: Databases, tmp_path: Path) -> None:
    room, signer = Room(house), log_signer(tmp_path, "trading.example/log")
    witness = SmallWitness(signer.key)

    async def cosign() -> None:
        await publish(TRADING, signer)
        async with witness.client() as client:
            await post_to_witness(TRADING, client, witness.address)

    await cosign()
    async with room.keeper() as keeper:
        keeper.keeper.witness = _has_a_witness
        toss = await room.begin()
        for _ in range(2):
            await settle(room.hand, keeper)
            assert (await room.view(toss)).stage == "begun", "nothing sealed is opened before the witness has signed"
            await cosign()
        await settle(room.hand, keeper)
        assert (await room.view(toss)).stage == "sealed"


async def test_a_panel_is_drawn_called_and_seated_without_a_name_on_the_trading_side(house: Databases) -> None:
    room = Room(house)
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        view = await room.view(toss)
        assert view.stage == "ordered"
        assert {s: sorted(order) for s, order in view.order.items()} == {"造价": [*range(6)], "施工": [*range(4)]}
        assert len(keeper.waiting) == 3, "as many are asked at once as seats are free"
        assert keeper.book.sent[0][2] == TERMS
        await room.answer_all(keeper)
        view = await room.view(toss)
        assert view.stage == "walked"
        assert [seat.number for seat in view.seats] == [1, 2, 3]
        slips = {call.seat: slip_digest(call.slip.lower()) for call in keeper.book.asked.values()}
        assert slips == {seat.number: seat.slip_sha256 for seat in view.seats}
        assert view.opened == {}
        told = [what for what, _ in await room.heard()]
        assert told == ["sealed", "listed", "ordered", "seat", "seat", "seat", "walked"]


async def test_who_declines_or_is_silent_gives_way_to_the_next_in_the_order(house: Databases, clock: object) -> None:
    room = Room(house, strata=[("造价", 2)], pool={"造价": people(6)})
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        order = (await room.view(toss)).order["造价"]
        await keeper.reply(keeper.waiting[0], "decline")
        await settle(room.hand, keeper)
        assert [call.n for call in keeper.waiting] == [order[1], order[2]]
        await clock.freeze(keeper.waiting[0].until)  # type: ignore[attr-defined]
        await settle(room.hand, keeper)
        view = await room.view(toss)
        said = [view.outcomes["造价"][n].outcome for n in order[:3]]
        assert said == ["declined", "no_answer", "no_answer"]
        await room.answer_all(keeper)
        view = await room.view(toss)
        assert [seat.n for seat in view.seats] == list(order[3:5])


async def test_avoidance_is_looked_at_when_called_and_again_when_he_accepts(house: Databases) -> None:
    room = Room(house, strata=[("造价", 1)], pool={"造价": people(5)})
    for record in room.pool["造价"]:
        room.avoids[record["id"]] = "relative"
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        view = await room.view(toss)
        assert view.stage == "walked"
        assert view.exhausted == ("造价",)
        assert {one.code for one in view.outcomes["造价"].values()} == {"relative"}
        assert not keeper.book.sent


async def test_a_ground_that_appears_between_call_and_acceptance_is_found(house: Databases) -> None:
    room = Room(house, strata=[("造价", 1)], pool={"造价": people(2)})
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        call = keeper.waiting[0]
        room.avoids = {record["id"]: "employed" for record in room.pool["造价"]}
        assert (await keeper.reply(call, "accept")).seat == 0
        await settle(room.hand, keeper)
        outcome = (await room.view(toss)).outcomes["造价"][call.n]
        assert (outcome.outcome, outcome.code) == ("avoidance", "employed")


async def test_no_employer_gets_more_seats_than_the_cap(house: Databases) -> None:
    several = people(4, employer="甲公司") + people(4, employer="乙公司") + people(3)
    room = Room(house, strata=[("造价", 5)], pool={"造价": several}, cap=1)
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        await room.answer_all(keeper)
        view = await room.view(toss)
        assert len(view.seats) == 5
        employers = [opening.record["employer"] for opening in (await keeper.keeper.openings(toss))["造价"]]
        seated = [employers[seat.n] for seat in view.seats]
        assert len(set(seated)) == 5
        assert "employer_cap" in {one.outcome for one in view.outcomes["造价"].values()}


async def test_a_replacement_is_the_next_in_the_same_order(house: Databases) -> None:
    room = Room(house, strata=[("造价", 2)], pool={"造价": people(5)})
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        await room.answer_all(keeper)
        first = (await room.view(toss)).seats[0]
        await room.act(steps.replace, toss, first.number, "突发疾病")
        assert (await room.view(toss)).stage == "ordered"
        await settle(room.hand, keeper)
        await room.answer_all(keeper)
        view = await room.view(toss)
        assert [(s.number, s.withdrawn) for s in view.seats] == [(1, True), (2, False), (3, False)]
        assert view.seats[2].n == view.order["造价"][2]
        assert view.stage == "walked"
        with pytest.raises(Refusal, match="席位"):
            await room.act(steps.replace, toss, first.number, "再来一次")


async def test_names_are_opened_at_the_dutys_word_and_all_of_them_for_the_auditor(house: Databases) -> None:
    room = Room(house, strata=[("造价", 2)], pool={"造价": people(5)}, avoided=[(people(1)[0], "same_employer")])
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        await room.answer_all(keeper)
        await room.act(steps.open_names, toss)
        await settle(room.hand, keeper)
        view = await room.view(toss)
        assert view.opened.keys() == {seat.leaf for seat in view.seats}
        assert {r["id"] for r in view.opened.values()} <= {r["id"] for r in room.pool["造价"]}
        async with transaction(TRADING) as connection:
            assert not await records.audited(connection, toss)
        await room.act(steps.open_names, toss, everyone=True)
        await settle(room.hand, keeper)
        async with transaction(TRADING) as connection:
            acts = [event.act for event in await events_of(connection, str(room.case))]
            assert await records.audited(connection, toss)
        assert acts.count("toss_names") == 1
        assert acts.count("toss_audit") == 1


async def test_an_agency_draw_opens_its_list_with_the_order_and_the_duty_walks(house: Databases) -> None:
    room = Room(house, kind="agency", strata=[("机构", 1)], pool={"机构": people(4)})
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        async with transaction(TRADING) as connection:
            first = await records.next_in_order(connection, toss, "机构")
        assert first is not None
        assert first.n == (await room.view(toss)).order["机构"][0]
        assert first.record in room.pool["机构"]
        await room.act(steps.outcome, toss, "机构", first.n, "declined")
        with pytest.raises(Refusal, match="轮到"):
            await room.act(steps.outcome, toss, "机构", first.n, "accept")
        async with transaction(TRADING) as connection:
            second = await records.next_in_order(connection, toss, "机构")
        assert second is not None
        await room.act(steps.outcome, toss, "机构", second.n, "accept")
        await settle(room.hand, keeper)
        view = await room.view(toss)
        assert view.stage == "walked"
        assert [seat.n for seat in view.seats] == [second.n]
        async with transaction(TRADING) as connection:
            acts = [event.act for event in await events_of(connection, str(room.case))]
        assert acts.count("toss_confirm") == 2, "the regulator's process countersigns each"
        await room.act(steps.outcome, toss, "机构", second.n, "withdrawn")
        async with transaction(TRADING) as connection:
            third_one = await records.next_in_order(connection, toss, "机构")
        assert third_one is not None
        assert third_one.n == view.order["机构"][2]


async def test_an_attended_draw_fixes_the_list_first_and_takes_three(house: Databases) -> None:
    room = Room(house, purchaser=third())
    async with room.keeper() as keeper:
        toss = await room.begin(attended=True)
        await settle(room.hand, keeper)
        assert (await room.view(toss)).stage == "begun"
        await room.fix(toss)
        await settle(room.hand, keeper)
        said = []
        for _ in range(4):
            said.append(await room.attend(toss))
            await settle(room.hand, keeper)
        assert said[:3] == ["commit", "seal", "ready"]
        view = await room.view(toss)
        assert view.stage == "ordered"
        assert view.roles == ("operator", "regulator", "purchaser")


async def test_a_list_that_the_regulators_process_does_not_find_is_refused(house: Databases) -> None:
    room = Room(house, strata=[("造价", 2)], pool={"造价": people(5)})
    room.truth = Rebuilt({"造价": [*room.pool["造价"][:4], people(1)[0]]})
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        view = await room.view(toss)
        assert view.stage == "void"
        assert "候选人" in view.why
        heard = dict(await room.heard())
        assert heard["refused"]["code"] == "list_differs"


async def test_a_candidate_listed_twice_is_refused(house: Databases) -> None:
    twice = people(3)
    room = Room(house, strata=[("造价", 1), ("施工", 1)], pool={"造价": twice, "施工": twice})
    async with room.keeper() as keeper:
        toss = await room.begin()
        await settle(room.hand, keeper)
        with pytest.raises(Refusal) as refused:
            await room.fix(toss)
        assert refused.value.code == "candidate_twice"


async def test_the_same_list_is_never_drawn_twice(house: Databases) -> None:
    room = Room(house, strata=[("造价", 1)], pool={"造价": people(3)})
    async with room.keeper() as keeper:
        await room.drawn(keeper)
        again = await room.begin()
        await settle(room.hand, keeper)
        room.pool = {"造价": [*reversed(room.pool["造价"])]}
        with pytest.raises(Refusal) as refused:
            await room.fix(again)
        assert refused.value.code == "list_drawn_before"


async def test_two_draws_do_not_run_at_once_and_every_list_of_a_case_is_counted(house: Databases) -> None:
    room = Room(house, strata=[("造价", 1)], pool={"造价": people(3)})
    async with room.keeper() as keeper:
        first = await room.begin()
        with pytest.raises(Refusal) as refused:
            await room.begin()
        assert refused.value.code == "toss_running"
        await settle(room.hand, keeper)
        await room.fix(first)
        await room.act(steps.void, first, "采购人撤回")
        assert (await room.view(first)).stage == "void"
        room.pool = {"造价": people(4)}
        second = await room.drawn(keeper)
        assert (await room.view(second)).draws == 2
        with pytest.raises(Refusal):
            await room.act(steps.void, second, "不喜欢这个结果")
