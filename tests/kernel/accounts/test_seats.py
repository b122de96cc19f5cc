"""A session may stand for a judge's seat: an expert without a name, on the trading site only."""

import pytest
from house_databases import Databases
from seeded_people import seeded, signed_in

from kernel.accounts.seats import DESK, knock_desk, open_seat_session
from kernel.accounts.sessions import admit, sign_out, switch_role
from kernel.errors import Refusal, Throttled
from kernel.ids import new_id


async def test_a_seats_session_is_an_expert_who_has_no_name_and_no_unit(house: Databases) -> None:
    seat = new_id()
    session = await open_seat_session(seat, "203.0.113.7", "browser")
    found = await admit(session.token, "trading", "203.0.113.7")
    assert found is not None
    assert (found.actor.role, found.actor.person, found.actor.organisation) == ("expert", seat, None)
    assert found.session.kind == "seat"
    assert found.actor.organisation_code == ""


async def test_the_supervision_site_knows_no_seats(house: Databases) -> None:
    session = await open_seat_session(new_id(), "", "")
    assert await admit(session.token, "supervision") is None


async def test_a_seats_session_ends_like_any_other_and_changes_into_no_role(house: Databases) -> None:
    await seeded()
    session = await open_seat_session(new_id(), "", "")
    other = await signed_in("expert")
    assert other.membership is not None
    with pytest.raises(Refusal):
        await switch_role(session.token, other.membership, "trading")
    await sign_out(session.token)
    assert await admit(session.token, "trading") is None


async def test_an_ordinary_session_of_a_person_is_no_seat(house: Databases) -> None:
    await seeded()
    found = await admit((await signed_in("expert")).token, "trading")
    assert found is not None
    assert found.session.kind == "session"
    assert found.actor.name != "评标席位"


async def test_the_desk_slows_down_who_tries_many_slips_from_one_address(house: Databases) -> None:
    for _ in range(DESK.free):
        await knock_desk("203.0.113.8")
    with pytest.raises(Throttled):
        await knock_desk("203.0.113.8")
    await knock_desk("203.0.113.9")
    await knock_desk("")
