"""Roles are asked for by one person and granted by another, and neither made the account."""

import asyncio
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest
from house_databases import Databases
from seeded_people import BUILDER, CENTRE, KEYS, PASSWORD, ROADS, actor, code, identity, seeded, signed_in

from kernel import inbox
from kernel.accounts import records
from kernel.accounts.grants import ask_role, grant_role, refuse_role, revoke_role
from kernel.accounts.register import create_official, register_person_and_organisation
from kernel.accounts.schemas import AskRole, CreateOfficial, RegisterOrganisation
from kernel.accounts.sessions import admit
from kernel.errors import Forbidden, LawRefuses, NotFound, Refusal, WrongStage
from kernel.identity import PUBLIC
from kernel.ids import new_id


async def _organisation(code: str) -> UUID:
    found = await records.organisation_by_code(code)
    assert found is not None
    return found.id


async def _new_operator(number: int = 60) -> UUID:
    """An account made by `operator`, without a role."""
    command = CreateOfficial(
        person_name="新同事",
        identity_number=identity(number),
        phone="13912345678",
        login=f"newcomer.{number}",
        password=PASSWORD,
        side="operate",
    )
    return (await create_official(await actor("operator"), command, "trading", KEYS)).person


async def _colleague() -> tuple[UUID, UUID]:
    """A second person of the builder, whose role as a bidder waits; his id and the membership."""
    command = RegisterOrganisation(
        person_name="第二人",
        identity_number=identity(61),
        phone="13912345678",
        login="colleague",
        password=PASSWORD,
        credit_code=BUILDER,
        organisation_name="东方建设有限公司",
        region="330106",
        role="bidder",
    )
    done = await register_person_and_organisation(command, KEYS)
    return done.person, done.membership


async def _asked() -> UUID:
    person = await _new_operator()
    command = AskRole(person=person, organisation=await _organisation(CENTRE), role="operator")
    return await ask_role(await actor("operator2"), command)


async def test_a_role_asked_by_one_and_granted_by_another_is_in_force(house: Databases) -> None:
    people = await seeded()
    membership = await _asked()
    await grant_role(await actor("operator4"), membership)
    found = await records.membership(membership)
    assert found is not None
    assert (found.state, found.asked_by, found.granted_by) == (
        "held",
        people["operator2"],
        people["operator4"],
    )
    assert "role_granted" in {message.template for message in await inbox.unread(found.person)}


async def test_neither_who_asked_nor_who_made_the_account_grants(house: Databases) -> None:
    await seeded()
    membership = await _asked()
    for login, reason in (("operator2", "granter_asked"), ("operator", "toxic_19_same_account")):
        with pytest.raises(Forbidden) as refused:
            await grant_role(await actor(login), membership)
        assert reason in {problem.code for problem in refused.value.problems}
    found = await records.membership(membership)
    assert found is not None
    assert (found.state, found.granted_by) == ("asked", None)


async def test_who_made_an_account_does_not_ask_for_its_roles(house: Databases) -> None:
    await seeded()
    command = AskRole(person=await _new_operator(), organisation=await _organisation(CENTRE), role="operator")
    with pytest.raises(Forbidden) as refused:
        await ask_role(await actor("operator"), command)
    assert refused.value.code == "toxic_19_same_account"


async def test_traders_grant_nothing_official_and_officials_nothing_of_traders(house: Databases) -> None:
    await seeded()
    official = await _asked()
    _, trade = await _colleague()
    with pytest.raises(Forbidden):
        await grant_role(await actor("bidder"), official)
    with pytest.raises(Forbidden):
        await grant_role(await actor("operator4"), trade)


async def test_a_colleague_is_let_in_by_his_own_unit_only(house: Databases) -> None:
    await seeded()
    person, membership = await _colleague()
    with pytest.raises(Forbidden) as refused:
        await grant_role(await actor("rival"), membership)
    assert refused.value.code == "not_your_organisation"
    with pytest.raises(Forbidden):
        await grant_role(await actor("colleague"), membership)
    await grant_role(await actor("bidder"), membership)
    newcomer = await actor("colleague")
    assert (newcomer.person, newcomer.role, newcomer.organisation_code) == (person, "bidder", BUILDER)


async def test_a_role_of_another_side_is_refused_for_a_person(house: Databases) -> None:
    people = await seeded()
    command = AskRole(person=people["bidder"], organisation=await _organisation(CENTRE), role="operator")
    with pytest.raises(LawRefuses) as refused:
        await ask_role(await actor("operator2"), command)
    assert {"one_side", "toxic_2_ever"} <= {problem.code for problem in refused.value.problems}


async def test_one_person_does_not_bid_and_purchase(house: Databases) -> None:
    people = await seeded()
    mine = AskRole(person=people["bidder"], organisation=await _organisation(BUILDER), role="purchaser")
    with pytest.raises(LawRefuses) as refused:
        await ask_role(await actor("bidder"), mine)
    assert refused.value.code == "toxic_9_ever"


async def test_a_trader_asks_for_himself_in_another_unit_but_not_for_others_there(house: Databases) -> None:
    people = await seeded()
    roads = await _organisation(ROADS)
    await ask_role(await actor("bidder"), AskRole(person=people["bidder"], organisation=roads, role="bidder"))
    with pytest.raises(Forbidden):
        await ask_role(await actor("bidder"), AskRole(person=people["agent"], organisation=roads, role="bidder"))


async def test_the_same_role_is_not_asked_for_twice(house: Databases) -> None:
    people = await seeded()
    again = AskRole(person=people["bidder"], organisation=await _organisation(BUILDER), role="bidder")
    with pytest.raises(Refusal) as refused:
        await ask_role(await actor("bidder"), again)
    assert refused.value.code == "role_known"


async def test_a_role_for_nobody_is_not_found(house: Databases) -> None:
    await seeded()
    nobody = AskRole(person=new_id(), organisation=await _organisation(CENTRE), role="operator")
    with pytest.raises(NotFound):
        await ask_role(await actor("operator"), nobody)


async def test_a_grant_is_given_once_even_by_two_at_the_same_moment(house: Databases) -> None:
    await seeded()
    _, membership = await _colleague()
    bidder = await actor("bidder")
    done = await asyncio.gather(grant_role(bidder, membership), grant_role(bidder, membership), return_exceptions=True)
    assert sorted(type(result) for result in done if result) == [WrongStage]


async def test_an_ended_role_opens_nothing_from_the_next_request_on(house: Databases) -> None:
    await seeded()
    _, membership = await _colleague()
    await grant_role(await actor("bidder"), membership)
    session = await signed_in("colleague")
    await revoke_role(await actor("bidder"), membership)
    found = await admit(session.token, "trading")
    assert found is not None
    assert (found.actor.role, found.actor.organisation) == ("public", None)
    with pytest.raises(WrongStage):
        await revoke_role(await actor("bidder"), membership)


async def test_a_request_may_be_taken_back_or_turned_down_but_not_by_strangers(house: Databases) -> None:
    await seeded()
    _, membership = await _colleague()
    with pytest.raises(Forbidden):
        await refuse_role(await actor("rival"), membership)
    await refuse_role(await actor("colleague"), membership)
    with pytest.raises(WrongStage):
        await grant_role(await actor("bidder"), membership)


async def _unit(house: Databases, number: int, controller: str = "") -> UUID:
    """A unit nobody belongs to yet, controlled by that of the code `controller`."""
    owner = await asyncpg.connect(house.owner)
    try:
        return await owner.fetchval(  # type: ignore[no-any-return]
            "insert into accounts.organisation (id, code, name, region, kind, controller_code, created_at)"
            " values ($1, $2, $3, '330106', 'institution', nullif($4, ''), now()) returning id",
            new_id(),
            code(number),
            f"单位{number}",
            controller,
        )
    finally:
        await owner.close()


async def _asked_operator(unit: UUID, number: int) -> UUID:
    """A new official for whom the operator's role in the unit is asked."""
    person = await _new_operator(number)
    return await ask_role(await actor("operator2"), AskRole(person=person, organisation=unit, role="operator"))


def _bidder_form(number: int, unit: str, controller: str = "") -> RegisterOrganisation:
    return RegisterOrganisation(
        person_name="投标人",
        identity_number=identity(number),
        phone="13912345678",
        login=f"bidder.{number}",
        password=PASSWORD,
        credit_code=unit,
        organisation_name="下属建设公司",
        region="330106",
        role="bidder",
        controller_code=controller,
    )


async def test_two_grants_at_the_same_instant_never_join_what_one_group_may_not_be(house: Databases) -> None:
    """A centre and a bidder under one controller: whichever role is granted first, the other is refused."""
    await seeded()
    for n in range(100, 150, 10):
        centre, firm = await _unit(house, n + 1, code(n)), await _unit(house, n + 2, code(n))
        official = await _asked_operator(centre, n + 3)
        trade = await register_person_and_organisation(_bidder_form(n + 4, code(n + 2)), KEYS)
        colleague = replace(await actor("bidder"), organisation=firm)
        done = await asyncio.gather(
            grant_role(await actor("operator4"), official),
            grant_role(colleague, trade.membership),
            return_exceptions=True,
        )
        refused = [result for result in done if isinstance(result, LawRefuses)]
        assert [problem.code for each in refused for problem in each.problems] == ["toxic_2_group"]
        views = [await records.membership(id) for id in (official, trade.membership)]
        assert sorted(view.state for view in views if view) == ["asked", "held"]


async def test_a_registration_and_a_grant_of_one_group_at_the_same_instant_do_not_both_pass(house: Databases) -> None:
    await seeded()
    for n in range(200, 250, 10):
        official = await _asked_operator(await _unit(house, n + 1, code(n)), n + 2)
        done = await asyncio.gather(
            grant_role(await actor("operator4"), official),
            register_person_and_organisation(_bidder_form(n + 3, code(n + 3), code(n)), KEYS),
            return_exceptions=True,
        )
        assert sum(isinstance(result, LawRefuses) for result in done) == 1
        assert sum(isinstance(result, BaseException) for result in done) == 1


async def test_a_request_that_only_waits_stands_in_nobodys_way(house: Databases) -> None:
    await seeded()
    centre, _ = await _unit(house, 301, code(300)), await _unit(house, 302, code(300))
    await register_person_and_organisation(_bidder_form(303, code(302)), KEYS)
    official = await _asked_operator(centre, 304)
    await grant_role(await actor("operator4"), official)
    assert (await records.memberships_of(await _person_of(official)))[0].state == "held"


async def test_somebody_without_a_person_ends_no_role(house: Databases) -> None:
    people = await seeded()
    (held,) = await records.memberships_of(people["rival"])
    with pytest.raises(Forbidden):
        await revoke_role(PUBLIC, held.id)


async def _person_of(membership: UUID) -> UUID:
    found = await records.membership(membership)
    assert found is not None
    return found.person
