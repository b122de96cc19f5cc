"""A demo region is put in once; a production side is founded by three people who check each other."""

from dataclasses import replace

import pytest
from house_databases import Databases
from house_faces import Faces
from seeded_people import BUREAU, KEYS, ORGANISATIONS, PASSWORD, PEOPLE, identity, marked, seeded

from kernel.accounts import records
from kernel.accounts.seeding import found_side, seed
from kernel.accounts.seeds import SeedPerson, SeedRole
from kernel.accounts.tables import Credential, Membership, Person
from kernel.db import connected
from kernel.errors import Forbidden


async def test_putting_in_twice_changes_nothing(house: Databases) -> None:
    first = await seeded()
    assert await seeded() == first
    assert await Person.count() == len(first)
    assert await Membership.count() == sum(len(p.roles) for p in PEOPLE if p.login in first)


async def test_each_site_puts_in_its_own_sides_only(house: Databases) -> None:
    assert {"regulator", "inspector"}.isdisjoint(await seeded())
    assert not await Person.exists().where(Person.side == "supervise")


async def test_supervisors_sign_in_only_where_their_credentials_lie(supervision_house: Databases, faces: Faces) -> None:
    await faces.close()
    async with connected(supervision_house.owner, supervision_house.supervision):
        people = await seed(PEOPLE, ORGANISATIONS, "supervision", KEYS)
        assert await Credential.count() == len(people)
    async with connected(supervision_house.trading):
        assert await Credential.count() == 0
        found = await records.person(people["regulator"])
        assert found is not None
        assert found.side == "supervise"


async def test_a_person_on_two_sides_cannot_be_put_in(house: Databases) -> None:
    both = replace(PEOPLE[0], roles=(*PEOPLE[0].roles, *PEOPLE[5].roles))
    with pytest.raises(ValueError, match="one side"):
        await seed([both], ORGANISATIONS, "trading", KEYS)


async def test_a_role_in_an_unknown_unit_undoes_everything(house: Databases) -> None:
    with pytest.raises(ValueError, match="no organisation"):
        await seed(PEOPLE, ORGANISATIONS[1:], "trading", KEYS)
    assert not await Person.exists()
    assert not await Credential.exists()


def _founders() -> list[SeedPerson]:
    roles = ("regulator", "regulator", "inspector")
    return [
        SeedPerson(
            identity(90 + n), f"首批{n}", "13800000000", f"founder.{n}", (SeedRole(role, BUREAU, ("住建",)),), PASSWORD
        )
        for n, role in enumerate(roles)
    ]


async def test_the_first_three_ask_and_grant_for_each_other(house: Databases, faces: Faces) -> None:
    await faces.close()
    async with connected(house.owner, house.supervision):
        uris = await found_side("supervise", _founders(), ORGANISATIONS, KEYS)
        assert all(uri.startswith("otpauth://") for uri in uris.values())
        rows = await Membership.select()
        people = {row["id"] for row in await Person.select()}
        for row in rows:
            assert {row["person"], row["asked_by"], row["granted_by"]} == people
    await faces.turn("trading")


async def test_a_side_is_founded_once_and_by_three(house: Databases, faces: Faces) -> None:
    await faces.close()
    async with connected(house.owner, house.supervision):
        with pytest.raises(Forbidden):
            await found_side("supervise", _founders()[:2], ORGANISATIONS, KEYS)
        with pytest.raises(Forbidden):
            await found_side("operate", _founders(), ORGANISATIONS, KEYS)
        await found_side("supervise", _founders(), ORGANISATIONS, KEYS)
        more = [replace(p, identity=identity(95 + n), login=f"late.{n}") for n, p in enumerate(_founders())]
        with pytest.raises(Forbidden) as refused:
            await found_side("supervise", more, ORGANISATIONS, KEYS)
        assert refused.value.code == "side_is_founded"
        assert await Person.count() == 3
    await faces.turn("trading")


async def test_founding_works_in_a_production_database(house: Databases, faces: Faces) -> None:
    await faces.close()
    async with marked(house.admin, "production"), connected(house.owner, house.supervision):
        assert len(await found_side("supervise", _founders(), ORGANISATIONS, KEYS)) == 3
    await faces.turn("trading")
