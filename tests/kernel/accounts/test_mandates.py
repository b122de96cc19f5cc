"""An agency acts within a recorded mandate only; an owner chooses no agency of his own group."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from conftest import START
from house_databases import Databases
from seeded_people import AGENCY, BUILDER, ROADS, WATER, actor, seeded

from kernel.accounts import records
from kernel.accounts.mandates import (
    give_mandate,
    may_act_for,
    revoke_mandate,
    same_controller_problems,
)
from kernel.accounts.schemas import GiveMandate
from kernel.errors import BadInput, Forbidden, NotFound
from kernel.ids import new_id

PROJECT = new_id()


async def _organisation(code: str) -> records.OrganisationView:
    found = await records.organisation_by_code(code)
    assert found is not None
    return found


async def _mandate(**changes: Any) -> GiveMandate:
    given = {
        "agent": (await _organisation(AGENCY)).id,
        "project": PROJECT,
        "acts": ("publish_notice", "amend_notice"),
        "since": START,
        "until": START + timedelta(days=30),
        "document": "ab" * 32,
    }
    return GiveMandate(**(given | changes))


async def _may(act: str = "publish_notice", project: UUID | None = PROJECT, days: float = 1) -> bool:
    agency, water = await _organisation(AGENCY), await _organisation(WATER)
    return await may_act_for(agency.id, water.id, project, act, START + timedelta(days=days))


async def test_a_mandate_covers_its_acts_its_project_and_its_time_only(house: Databases) -> None:
    await seeded()
    assert not await _may()
    await give_mandate(await actor("purchaser"), await _mandate())
    assert await _may()
    assert await _may("amend_notice", days=0)
    assert not await _may("answer_objection")
    assert not await _may(project=new_id())
    assert not await _may(days=-0.001)
    assert not await _may(days=30), "the end itself is already late"


async def test_a_mandate_without_a_project_covers_all_of_the_purchasers(house: Databases) -> None:
    await seeded()
    await give_mandate(await actor("purchaser"), await _mandate(project=None))
    assert await _may(project=new_id())
    builder = await _organisation(BUILDER)
    agency = await _organisation(AGENCY)
    assert not await may_act_for(agency.id, builder.id, PROJECT, "publish_notice", START)


async def test_a_withdrawn_mandate_covers_nothing(house: Databases) -> None:
    await seeded()
    given = await give_mandate(await actor("purchaser"), await _mandate())
    with pytest.raises(NotFound):
        await revoke_mandate(await actor("agent"), given)
    assert await _may()
    await revoke_mandate(await actor("purchaser"), given)
    assert not await _may()


@pytest.mark.parametrize("login", ["agent", "bidder", "operator", "expert"])
async def test_only_a_purchaser_gives_a_mandate(house: Databases, login: str) -> None:
    await seeded()
    with pytest.raises(Forbidden):
        await give_mandate(await actor(login), await _mandate())


async def test_a_company_that_is_no_agency_gets_none(house: Databases) -> None:
    await seeded()
    for stranger in ((await _organisation(ROADS)).id, new_id()):
        with pytest.raises(NotFound):
            await give_mandate(await actor("purchaser"), await _mandate(agent=stranger))


async def test_everything_wrong_with_a_mandate_is_told_at_once(house: Databases) -> None:
    await seeded()
    wrong = await _mandate(acts=("submit_bid", "hold_key", "no_such_act"), until=START)
    with pytest.raises(BadInput) as refused:
        await give_mandate(await actor("purchaser"), wrong)
    assert [p.code for p in refused.value.problems] == ["act_not_mandatable"] * 3 + ["period_backwards"]


async def test_an_owner_may_not_choose_an_intermediary_of_his_own_group(house: Databases) -> None:
    await seeded()
    water, builder = await _organisation(WATER), await _organisation(BUILDER)
    assert same_controller_problems(water, builder, PROJECT) == []
    owned = records.OrganisationView(builder.id, builder.code, builder.name, "330106", "enterprise", water.code)
    assert [p.code for p in same_controller_problems(water, owned, PROJECT)] == ["toxic_17_group_same_case"]
