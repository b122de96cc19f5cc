"""Each role of a draw silent, lying, late, or carrying the mail: alone it can neither bias the draw nor stop it."""

import os
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from drawing_room import Room, people, third
from house_databases import Databases
from small_keeper import SmallKeeper, settle

from kernel.clock import now
from kernel.db import TRADING, transaction
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.proofs.draw_role import Party
from kernel.proofs.draw_state import Ceremony
from kernel.proofs.dsse import Signed
from kernel.proofs.signers import Ed25519Signer
from kernel.toss import clockwork, steps
from kernel.toss.messages import insert, rows_of, tell_story
from kernel.toss.posts import post_message


async def ceremony(toss: UUID) -> Ceremony:
    async with transaction(TRADING) as connection:
        return tell_story(await rows_of(connection, toss)).ceremony


async def acts(toss: UUID, kind: str) -> list[str]:
    async with transaction(TRADING) as connection:
        rows = await connection.fetch(
            "select m.role, t.refused from toss.message m join toss.taken t on t.message = m.id"
            " where m.toss = $1 and m.kind = $2 order by m.at, m.id",
            toss,
            kind,
        )
    return [row["refused"] or row["role"] for row in rows]


async def three(house: Databases, keeper: SmallKeeper, room: Room) -> UUID:
    """An attended draw up to D2, everybody honest."""
    toss = await room.begin(attended=True)
    await room.fix(toss)
    await settle(room.hand, keeper)
    for _ in range(3):
        await room.attend(toss)
        await settle(room.hand, keeper)
    return toss


def attended(house: Databases) -> Room:
    return Room(house, purchaser=third(), strata=[("造价", 2)], pool={"造价": people(6)})


async def test_a_third_role_that_says_nothing_more_after_sealing_cannot_stop_the_draw(house: Databases) -> None:
    room = attended(house)
    async with room.keeper() as keeper:
        toss = await three(house, keeper, room)
        assert (await room.view(toss)).stage == "ordered"
        assert "purchaser" not in await acts(toss, "show")


async def test_a_regulator_silent_after_the_leaves_cannot_stop_the_draw(house: Databases) -> None:
    room = Room(house, strata=[("造价", 2)], pool={"造价": people(6)})
    async with room.keeper() as keeper:
        toss = await room.begin()
        await settle(room.hand, keeper)
        await room.fix(toss)
        while (await ceremony(toss)).get("leaves", "regulator") is None:
            await keeper.round()
        while await clockwork.turn(room.hand):
            pass
        assert (await room.view(toss)).stage == "ordered"
        assert await acts(toss, "show") == ["operator"]


async def test_an_operator_silent_after_the_list_has_left_both_its_pieces_with_the_other(house: Databases) -> None:
    room = Room(house, strata=[("造价", 2)], pool={"造价": people(6)})
    async with room.keeper() as keeper:
        toss = await room.begin()
        await settle(room.hand, keeper)
        await room.fix(toss)
        async with transaction(TRADING) as connection:
            rows = await rows_of(connection, toss)
        alone = tell_story(rows).ceremony
        held = [keeper.keeper.hand.opens(alone, "operator", j) for j in (0, 1)]
        assert held == [room.hand.piece(str(toss), j) for j in (0, 1)]


async def test_before_the_list_the_keeper_of_the_salts_does_not_know_the_operators_share(house: Databases) -> None:
    """Else it could tell a friend beforehand who ought to apply."""
    room = Room(house)
    async with room.keeper() as keeper:
        toss = await room.begin()
        await settle(room.hand, keeper)
        sealed = await ceremony(toss)
        assert keeper.keeper.hand.opens(sealed, "operator", 0) is not None
        assert sealed.box("operator", 1) is None


async def test_a_role_missing_at_the_sealing_voids_the_draw_and_a_restart_needs_beacon_and_substitute(
    house: Databases, clock: Any
) -> None:
    room = attended(house)
    async with room.keeper() as keeper:
        toss = await room.begin(attended=True, seal_within=timedelta(minutes=30))
        await room.fix(toss)
        await settle(room.hand, keeper)
        await clock.freeze(await now() + timedelta(days=2))
        await settle(room.hand, keeper)
        view = await room.view(toss)
        assert (view.stage, view.missing) == ("void", "purchaser")
        with pytest.raises(Refusal) as refused:
            await room.begin(attended=True)
        assert {p.code for p in refused.value.problems} == {"restart_needs_beacon", "restart_needs_substitute"}
        room.purchaser = third()
        again = await room.begin(attended=True, replaces=toss, beacon_rule="福彩双色球2026年第24期开奖号码")
        await room.fix(again)
        await settle(room.hand, keeper)
        for _ in range(3):
            await room.attend(again)
            await settle(room.hand, keeper)
        assert (await room.view(again)).stage == "sealed", "the beacon is awaited"
        await room.act(steps.beacon, again, "01 02 03 04 05 06 07")
        await keeper.keeper.say_beacon(again, "01 02 03 04 05 06 07")
        await settle(room.hand, keeper)
        view = await room.view(again)
        assert (view.stage, view.draws) == ("ordered", 2)


async def test_a_beacon_that_the_two_sides_read_differently_draws_nobody(house: Databases) -> None:
    room = Room(house, strata=[("造价", 1)], pool={"造价": people(4)})
    async with room.keeper() as keeper:
        toss = await room.begin(beacon_rule="公开数")
        await settle(room.hand, keeper)
        await room.fix(toss)
        await settle(room.hand, keeper)
        await room.act(steps.beacon, toss, "5")
        await keeper.keeper.say_beacon(toss, "6")
        await settle(room.hand, keeper)
        assert (await room.view(toss)).order == {}


class LyingSeal(Party):
    """Seals something else than what it has committed to."""

    def boxes(self, ceremony: Ceremony, kind: str) -> list[dict[str, object]]:
        other = Party(self.role, self.signer, os.urandom(32))
        return other.boxes(ceremony, kind)


async def test_a_role_that_seals_false_pieces_is_found_before_anything_is_shown(house: Databases) -> None:
    signer = Ed25519Signer.generate()
    room = attended(house)
    room.purchaser = LyingSeal("purchaser", signer, os.urandom(32))
    async with room.keeper() as keeper:
        toss = await three(house, keeper, room)
        view = await room.view(toss)
        assert (view.stage, view.missing) == ("void", "purchaser")
        assert await acts(toss, "show") == []


async def test_an_operator_that_seals_a_false_piece_with_the_list_is_refused_its_list(house: Databases) -> None:
    room = Room(house, strata=[("造价", 1)], pool={"造价": people(4)})
    async with room.keeper() as keeper:
        toss = await room.begin()
        await settle(room.hand, keeper)
        honest = room.hand
        room.hand = LyingSeal(honest.role, honest.signer, honest.secret)
        await room.fix(toss)
        room.hand = honest
        await settle(room.hand, keeper)
        view = await room.view(toss)
        assert view.stage == "void"
        assert (await room.heard())[-1][1]["code"] == "piece_differs"


async def test_a_piece_that_was_not_committed_to_is_known_by_its_hash_and_changes_nothing(house: Databases) -> None:
    room = Room(house, strata=[("造价", 1)], pool={"造价": people(4)})
    async with room.keeper() as keeper:
        toss = await room.begin()
        await settle(room.hand, keeper)
        await room.fix(toss)
        while (await ceremony(toss)).get("leaves", "regulator") is None:
            await keeper.round()
        state = await ceremony(toss)
        false = [{"role": "operator", "j": j, "piece": os.urandom(32).hex()} for j in (0, 1)]
        await post_message(toss, keeper.keeper.hand.say(state, "show", pieces=false), keeper.db)
        await settle(room.hand, keeper)
        view = await room.view(toss)
        assert view.stage == "ordered"
        state = await ceremony(toss)
        assert state.pieces["operator", 0] == room.hand.piece(str(toss), 0)


async def test_a_second_other_commitment_of_a_role_is_refused_on_record(house: Databases) -> None:
    room = Room(house, strata=[("造价", 1)], pool={"造价": people(4)})
    async with room.keeper() as keeper:
        toss = await room.begin()
        await settle(room.hand, keeper)
        other = Party("regulator", room.regulator, os.urandom(32))
        await post_message(toss, other.commit(await ceremony(toss)), keeper.db)
        await settle(room.hand, keeper)
        assert "said_otherwise" in await acts(toss, "commit")
        await room.fix(toss)
        await settle(room.hand, keeper)
        assert (await room.view(toss)).stage == "ordered"


async def test_once_a_piece_is_shown_nobody_can_call_the_draw_off(house: Databases) -> None:
    room = Room(house, strata=[("造价", 1)], pool={"造价": people(4)})
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        before = (await room.view(toss)).order
        signed = keeper.keeper.hand.say(await ceremony(toss), "void", why="结果不合意", missing="")
        await post_message(toss, signed, keeper.db)
        await settle(room.hand, keeper)
        view = await room.view(toss)
        assert (view.order, view.stage) == (before, "ordered")


async def test_pieces_shown_too_early_are_refused(house: Databases) -> None:
    room = Room(house, strata=[("造价", 1)], pool={"造价": people(4)})
    async with room.keeper() as keeper:
        toss = await room.begin()
        await settle(room.hand, keeper)
        await post_message(toss, keeper.keeper.hand.show(await ceremony(toss)), keeper.db)
        await settle(room.hand, keeper)
        assert await acts(toss, "show") == ["too_early"]


async def test_whoever_carries_the_mail_cannot_speak_for_another(house: Databases) -> None:
    """The operator runs the table in which all messages lie."""
    room = attended(house)
    async with room.keeper() as keeper:
        toss = await room.begin(attended=True)
        state = await ceremony(toss)
        false = Party("purchaser", Ed25519Signer.generate(), os.urandom(32)).say(
            state, "commit", commits=["0" * 64, "1" * 64], recipient="2" * 64, salts=""
        )
        with pytest.raises(Refusal, match="签名"):
            await room.post(toss, false.to_bytes())
        async with transaction(TRADING) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await insert(connection, toss, "commit", "regulator", Signed(b"{}", "x", ()))
            await insert(connection, toss, "commit", "purchaser", false)
        await settle(room.hand, keeper)
        assert (await ceremony(toss)).get("commit", "purchaser") is None


async def test_an_operator_that_begins_under_a_key_of_its_own_choice_gets_no_answer(house: Databases) -> None:
    room = Room(house)
    async with room.keeper() as keeper:
        room.hand = Party("operator", Ed25519Signer.generate(), os.urandom(32))
        toss = await room.begin()
        await settle(room.hand, keeper)
        assert (await ceremony(toss)).get("commit", "regulator") is None


async def test_outcomes_are_not_the_trading_sides_to_say(house: Databases) -> None:
    room = Room(house, strata=[("造价", 1)], pool={"造价": people(4)})
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        n = (await room.view(toss)).order["造价"][0]
        with pytest.raises(Refusal):
            await room.act(steps.outcome, toss, "造价", n, "accept")


async def test_a_keeper_cannot_seat_more_than_the_quota_or_give_a_seat_to_another_leaf(house: Databases) -> None:
    room = Room(house, strata=[("造价", 1)], pool={"造价": people(4)})
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        await room.answer_all(keeper)
        state = await ceremony(toss)
        order = (await room.view(toss)).order["造价"]
        said: dict[str, Any] = {
            "stratum": "造价", "outcome": "accept", "code": "", "seat": 2, "slip": "", "evidence": "",
            "at": "2026-03-02T09:00:00.000+08:00",
        }  # fmt: skip
        leaves = state.draw_list.strata[0].leaves if state.draw_list else ()
        for n, leaf in ((order[1], leaves[order[1]]), (order[1], leaves[order[2]])):
            signed = keeper.keeper.hand.say(state, "outcome", n=n, leaf=leaf.hex(), **said)
            await post_message(toss, signed, keeper.db)
        await settle(room.hand, keeper)
        assert len((await room.view(toss)).seats) == 1
        assert {"settled_already", "other_leaf"} <= set(await acts(toss, "outcome"))


async def test_names_are_not_taken_before_they_are_asked_for(house: Databases) -> None:
    room = Room(house, strata=[("造价", 1)], pool={"造价": people(4)})
    async with room.keeper() as keeper:
        toss = await room.drawn(keeper)
        openings = (await keeper.keeper.openings(toss))["造价"]
        rows = [{"leaf": o.leaf.hex(), "salt": o.salt.hex(), "record": dict(o.record)} for o in openings]
        await post_message(toss, keeper.keeper.hand.say(await ceremony(toss), "names", openings=rows), keeper.db)
        await settle(room.hand, keeper)
        assert (await room.view(toss)).opened == {}


@pytest.mark.parametrize("login", ["trading", "supervision_trading"])
async def test_no_login_rewrites_what_was_said_or_speaks_for_the_other_side(house: Databases, login: str) -> None:
    room = Room(house)
    async with room.keeper() as keeper:
        toss = await room.begin()
        await settle(room.hand, keeper)
    other = "regulator" if login == "trading" else "operator"
    refused = (asyncpg.InsufficientPrivilegeError, asyncpg.RaiseError)
    connection = await asyncpg.connect(getattr(house, login))
    try:
        for sql in (
            "update toss.message set role = role",
            "delete from toss.message",
            "update toss.taken set refused = 'x'",
            "delete from toss.listing",
            "truncate toss.message",
        ):
            with pytest.raises(refused):
                await connection.execute(sql)
        with pytest.raises(refused):
            await connection.execute(
                "insert into toss.message (id, toss, kind, role, sha256, envelope, at)"
                " values ($1, $2, 'commit', $3, '', '', now())",
                new_id(),
                toss,
                other,
            )
        if login == "supervision_trading":
            for sql in ("update toss.toss set stage = 'void'", "insert into toss.taken values (gen_random_uuid())"):
                with pytest.raises(refused):
                    await connection.execute(sql)
    finally:
        await connection.close()
