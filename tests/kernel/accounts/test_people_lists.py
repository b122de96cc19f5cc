"""Whom a person sees in the lists of people: his unit's, his region's and below, and nobody else's."""

import pytest
from house_databases import Databases
from seeded_people import BUILDER, CENTRE, KEYS, PASSWORD, ROADS, WATER, actor, code, identity, seeded, signed_in

from kernel.accounts import records
from kernel.accounts.my_sessions import end_others, end_session, open_sessions
from kernel.accounts.people import add_unit, colleagues, in_force, waiting_for, without_role
from kernel.accounts.register import create_official, register_person_and_organisation
from kernel.accounts.schemas import AddUnit, CreateOfficial, RegisterOrganisation
from kernel.accounts.sessions import admit
from kernel.errors import BadInput, Forbidden, NotFound


def _register(number: int, unit: str) -> RegisterOrganisation:
    return RegisterOrganisation(
        person_name=f"新人{number}", identity_number=identity(number), phone="13912345678", login=f"new.{number}",
        password=PASSWORD, credit_code=unit, organisation_name="某公司", region="330106", role="bidder",
    )  # fmt: skip


async def test_a_unit_sees_its_own_requests_and_roles_only(house: Databases) -> None:
    await seeded()
    for number, unit in ((61, BUILDER), (62, ROADS)):
        await register_person_and_organisation(_register(number, unit), KEYS)
    bidder = await actor("bidder")
    assert [view.person_name for view in await waiting_for(bidder)] == ["新人61"]
    assert {view.organisation_code for view in await in_force(bidder)} == {BUILDER}
    assert await without_role(bidder) == []


async def test_the_centre_sees_its_own_people_and_experts_but_no_traders(house: Databases) -> None:
    await seeded()
    operator = await actor("operator")
    assert {view.role for view in await in_force(operator)} == {"operator"}
    assert {view.organisation_code for view in await colleagues(operator)} == {CENTRE}
    command = CreateOfficial(
        person_name="新同事", identity_number=identity(60), phone="13912345678", login="newcomer", password=PASSWORD,
        side="operate",
    )  # fmt: skip
    await create_official(operator, command, "trading", KEYS)
    assert [(one.name, one.own) for one in await without_role(operator)] == [("新同事", True)]
    assert [one.own for one in await without_role(await actor("operator2"))] == [False]


@pytest.mark.parametrize("login", ["expert", "bidder", "purchaser"])
async def test_who_is_no_official_sees_no_officials(house: Databases, login: str) -> None:
    await seeded()
    one = await actor(login)
    assert all(view.side == "trade" for view in await in_force(one))
    assert await colleagues(one) == []


async def test_a_centre_adds_units_of_its_region_once(house: Databases) -> None:
    await seeded()
    operator = await actor("operator")
    branch = AddUnit(code=code(80, "12"), name="西湖分中心", region="330106", kind="institution")
    added = await add_unit(operator, branch)
    found = await records.organisation_by_code(branch.code)
    assert found is not None
    assert (found.id, found.name) == (added, "西湖分中心")
    for wrong, reason in (
        (branch, "unit_known"),
        (branch.model_copy(update={"code": "1" * 18}), "credit_code_check"),
        (branch.model_copy(update={"code": code(81, "12"), "region": "330200"}), "not_your_region"),
        (branch.model_copy(update={"code": code(81, "12"), "region": "999999"}), "region_unknown"),
    ):
        with pytest.raises(BadInput) as refused:
            await add_unit(operator, wrong)
        assert refused.value.code == reason
    with pytest.raises(Forbidden):
        await add_unit(await actor("bidder"), branch)


async def test_a_person_sees_and_ends_his_own_sessions_only(house: Databases) -> None:
    await seeded()
    phone, desk = await signed_in("rival"), await signed_in("rival")
    mine, strange = await admit(desk.token, "trading"), await admit((await signed_in("purchaser")).token, "trading")
    assert mine is not None
    assert strange is not None
    listed = await open_sessions(mine.session)
    assert [view.current for view in listed] in ([True, False], [False, True])
    other = next(view.id for view in listed if not view.current)
    with pytest.raises(NotFound):
        await end_session(strange.actor, other)
    await end_session(mine.actor, other)
    assert await admit(phone.token, "trading") is None
    with pytest.raises(NotFound):
        await end_session(mine.actor, other)
    await signed_in("rival")
    assert await end_others(mine.actor, mine.session) == 1
    assert [view.current for view in await open_sessions(mine.session)] == [True]


async def test_the_unit_of_another_region_is_not_listed(house: Databases) -> None:
    await seeded()
    found = await records.memberships_in("held", ["trade"], region="3302")
    assert {view.organisation_code for view in found} == {ROADS}
    found = await records.memberships_in("held", ["trade"], region="330106")
    assert {view.organisation_code for view in found} == {WATER, BUILDER}
