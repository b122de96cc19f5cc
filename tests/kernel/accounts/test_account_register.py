"""Free registration of units and their people, and accounts of officials made by officials."""

import asyncio
from typing import Any

import pytest
from house_databases import Databases
from seeded_people import BUILDER, CENTRE, KEYS, PASSWORD, actor, code, identity, seeded, signed_in

from kernel.accounts import records
from kernel.accounts.register import create_official, register_person_and_organisation
from kernel.accounts.schemas import CreateOfficial, RegisterOrganisation
from kernel.accounts.tables import Organisation, Person
from kernel.accounts.throttle import WaitFirst
from kernel.errors import BadInput, Forbidden, LawRefuses, Refusal


def _form(serial: int = 50, **changes: Any) -> RegisterOrganisation:
    form = {
        "person_name": "新来的人",
        "identity_number": identity(serial),
        "phone": "13912345678",
        "login": f"new.person.{serial}",
        "password": PASSWORD,
        "credit_code": code(serial),
        "organisation_name": "新来的公司",
        "region": "330106",
        "role": "bidder",
    }
    return RegisterOrganisation(**(form | changes))


def _official(serial: int = 60, side: str = "operate") -> CreateOfficial:
    return CreateOfficial(
        person_name="新同事",
        identity_number=identity(serial),
        phone="0571-87654321",
        login=f"official.{serial}",
        password=PASSWORD,
        side=side,
    )


async def _codes(form: RegisterOrganisation) -> set[str]:
    with pytest.raises(Refusal) as refused:
        await register_person_and_organisation(form, KEYS)
    return {problem.code for problem in refused.value.problems}


@pytest.mark.parametrize("role", ["purchaser", "agent", "bidder", "intermediary"])
async def test_a_unit_registers_itself_and_acts_at_once(house: Databases, role: str) -> None:
    done = await register_person_and_organisation(_form(role=role), KEYS)
    assert not done.pending
    (held,) = await records.memberships_of(done.person)
    assert (held.role, held.state, held.organisation_code) == (role, "held", code(50))
    assert (await signed_in("new.person.50")).membership == done.membership


async def test_the_identity_number_is_stored_as_hash_and_sealed_copy_only(house: Databases) -> None:
    done = await register_person_and_organisation(_form(), KEYS)
    row = await Person.select().where(Person.id == done.person).first()
    assert identity(50).encode() not in bytes(row["id_sealed"]) + bytes(row["id_hash"])
    assert KEYS.open_identity(bytes(row["id_sealed"])) == identity(50)


async def test_everything_that_is_wrong_is_told_at_once(house: Databases) -> None:
    wrong = {"identity_number": "123", "phone": "12", "login": "a b", "password": "short"}
    form = _form(**wrong, credit_code="91", region="99")
    assert await _codes(form) == {
        "identity_number_malformed",
        "phone_malformed",
        "login_malformed",
        "password_short",
        "credit_code_malformed",
        "region_malformed",
    }
    assert not await Person.exists()


async def test_a_person_registers_once_whatever_he_calls_himself(house: Databases) -> None:
    await register_person_and_organisation(_form(), KEYS)
    again = _form(51, identity_number=identity(50).lower())
    assert await _codes(again) == {"person_known"}


async def test_a_login_name_that_differs_in_case_only_is_taken(house: Databases) -> None:
    await register_person_and_organisation(_form(), KEYS)
    assert await _codes(_form(51, login="New.Person.50")) == {"login_taken"}


async def test_an_operator_cannot_come_back_as_a_bidder(house: Databases) -> None:
    await seeded()
    assert await _codes(_form(identity_number=identity(6))) == {"person_known"}


async def test_a_second_person_of_a_known_unit_waits_for_one_of_its_own(house: Databases) -> None:
    await seeded()
    done = await register_person_and_organisation(_form(credit_code=BUILDER), KEYS)
    assert done.pending
    assert await Organisation.count().where(Organisation.code == BUILDER) == 1
    assert (await signed_in("new.person.50")).membership is None


@pytest.mark.parametrize("role", ["bidder", "agent", "intermediary"])
async def test_a_company_of_the_centres_group_may_not_trade(house: Databases, role: str) -> None:
    await seeded()
    with pytest.raises(LawRefuses) as refused:
        await register_person_and_organisation(_form(role=role, controller_code=CENTRE), KEYS)
    assert refused.value.code in ("toxic_2_group", "toxic_3_group")
    assert refused.value.problems[0].article
    assert not await Organisation.exists().where(Organisation.code == code(50))


async def test_two_registrations_at_the_same_moment_make_one_person(house: Databases) -> None:
    forms = [_form(login=f"twin.{n}") for n in range(4)]
    done = await asyncio.gather(
        *(register_person_and_organisation(form, KEYS) for form in forms), return_exceptions=True
    )
    refused = [result for result in done if isinstance(result, BaseException)]
    assert len(refused) == 3
    assert all(isinstance(error, BadInput) for error in refused)
    assert await Person.count() == 1


async def test_going_through_a_list_of_numbers_is_slowed_down(house: Databases) -> None:
    refusals = []
    for _ in range(22):
        with pytest.raises(Refusal) as refused:
            await register_person_and_organisation(_form(phone="1"), KEYS, "203.0.113.9")
        refusals.append(refused.type)
    assert refusals == [BadInput] * 20 + [WaitFirst] * 2


@pytest.mark.parametrize("name", ["nul\x00", "line\nbreak", "", " " * 5, "长" * 81])
def test_a_name_nobody_can_read_is_refused_before_the_database(name: str) -> None:
    with pytest.raises(ValueError, match="person_name"):
        _form(person_name=name)


async def test_the_centre_makes_accounts_of_its_own_without_any_role(house: Databases) -> None:
    await seeded()
    made = await create_official(await actor("operator"), _official(), "trading", KEYS)
    assert await records.memberships_of(made.person) == []
    assert made.totp_uri.startswith("otpauth://totp/")
    person = await records.person(made.person)
    assert person is not None
    assert (person.side, person.created_by) == ("operate", (await actor("operator")).person)


async def test_the_centre_makes_no_supervisors_and_traders_make_no_officials(house: Databases) -> None:
    await seeded()
    for login, side in (("operator", "supervise"), ("bidder", "operate"), ("expert", "judge")):
        with pytest.raises(Forbidden):
            await create_official(await actor(login), _official(side=side), "trading", KEYS)
    assert not await Person.exists().where(Person.id_hash == KEYS.identity(identity(60)))


async def test_a_refused_account_leaves_no_way_to_sign_in(house: Databases) -> None:
    await seeded()
    known = _official().model_copy(update={"identity_number": identity(3)})
    with pytest.raises(BadInput) as refused:
        await create_official(await actor("operator"), known, "trading", KEYS)
    assert refused.value.code == "person_known"
    with pytest.raises(Refusal):
        await signed_in("official.60")
