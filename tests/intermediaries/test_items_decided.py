"""A department proposes, the regulator decides, the list changes once and keeps every version."""

from pathlib import Path
from typing import Any

import pytest
from conftest import START, TestClock
from house_databases import Databases
from market import SURVEY, Market, acts, messages
from story import refused

from intermediaries.catalogue import FOUNDING, item_id
from intermediaries.clockwork import ACTOR, turn_agency
from intermediaries.records import agencies
from intermediaries.records import items as records
from intermediaries.schemas.agencies import PromiseItem, ProposeItem
from intermediaries.stages import AgencyStage
from intermediaries.steps.found import found_catalogue
from intermediaries.steps.papers import promise_item
from intermediaries.steps.propose import propose_item
from kernel import decisions
from kernel.errors import BadInput, Forbidden, NotFound, WrongStage
from kernel.identity import Actor

ROW = next(item for item in FOUNDING.items if item.id == SURVEY).row


@pytest.fixture
async def market(house: Databases, clock: TestClock, tmp_path: Path) -> Market:
    await clock.freeze(START)
    return await Market.make(tmp_path, house)


async def office(market: Market) -> Actor:
    return await market.person("purchaser", "某区规划和自然资源局", kind="government")


def proposed(row: dict[str, Any], kind: str = "approve") -> ProposeItem:
    return ProposeItem(kind=kind, row=row, department=row["department"], says="提速")  # type: ignore[arg-type]


async def test_the_list_is_founded_once(market: Market) -> None:
    assert len(await records.catalogue()) == len(FOUNDING.items)
    assert await found_catalogue(ACTOR) == 0
    assert [version.kind for version in await records.versions(SURVEY)] == ["founded"]


async def test_a_proposal_changes_nothing_until_it_is_approved(market: Market) -> None:
    someone = await office(market)
    faster = ROW | {"limit": {"days": 5, "unit": "workday", "by": "清单承诺"}}
    await propose_item(someone, proposed(faster))
    assert [one.row["limit"]["days"] for one in await records.waiting_items()] == [5]
    assert (await records.item(SURVEY)).item.days == 7
    again = await refused(WrongStage, propose_item(someone, proposed(faster)))
    assert again.code == "proposal_waits"
    await market.decide("approve_item", SURVEY, "同意", **faster)
    row = await records.item(SURVEY)
    assert (row.version, row.item.days) == (2, 5)
    assert [(v.n, v.kind) for v in await records.versions(SURVEY)] == [(2, "approved"), (1, "founded")]
    assert await records.waiting_items() == []
    assert await messages(someone.organisation) == ["item_decided"]
    assert "approve_item" in await acts(SURVEY)


async def test_a_decision_is_carried_out_once(market: Market) -> None:
    await market.decide("approve_item", SURVEY, "同意", **(ROW | {"conditions": "现场具备条件"}))
    await market.decide("withdraw_item", item_id("EIA-01"), "依据已废止")
    [course] = await decisions.course(SURVEY)
    assert (course.problem, course.taken_at is not None) == ("", True)
    assert (await records.item(SURVEY)).version == 2


async def test_an_item_taken_off_the_list_can_no_longer_be_asked_or_served(market: Market) -> None:
    someone, agency = await market.active()
    await market.decide("withdraw_item", SURVEY, "设定依据已废止")
    gone = await refused(NotFound, records.listed_item(SURVEY))
    assert (gone.code, gone.problems[0].article) == ("item_withdrawn", "优化营商环境条例第四十三条")
    again = await refused(NotFound, promise_item(someone, agency, PromiseItem(item=SURVEY, days=7)))
    assert again.code == "item_withdrawn"
    assert SURVEY not in {row.id for row in await records.catalogue()}
    await turn_agency(agency)
    assert (await market.row(agency)).stage == AgencyStage.SUSPENDED, "there is nothing left it may serve"


async def test_a_refused_proposal_leaves_the_list_as_it_is(market: Market) -> None:
    someone = await office(market)
    await propose_item(someone, proposed(ROW | {"conditions": "另设条件"}))
    await market.decide("refuse_item", SURVEY, "没有法律依据")
    [one] = await records.proposals_of(someone.organisation)  # type: ignore[arg-type]
    assert one.outcome == "不予列入：没有法律依据"
    assert (await records.item(SURVEY)).version == 1


async def test_a_decision_that_makes_no_item_is_answered_and_changes_nothing(market: Market) -> None:
    await market.decide("approve_item", SURVEY, "同意", **(ROW | {"legal": []}))
    [course] = await decisions.course(SURVEY)
    assert "设定依据" in course.problem
    await market.decide("approve_item", item_id("EIA-01"), "同意", **ROW)
    [other] = await decisions.course(item_id("EIA-01"))
    assert "不一致" in other.problem
    assert (await records.item(SURVEY)).version == 1


async def test_only_the_department_of_the_item_may_propose(market: Market) -> None:
    builder = await market.person("purchaser", "某置业有限公司")
    assert (await refused(Forbidden, propose_item(builder, proposed(ROW)))).code == "not_a_department"
    someone = await office(market)
    foreign = ProposeItem(row=ROW, department="水利", says="试试")
    assert (await refused(Forbidden, propose_item(someone, foreign))).code == "other_department"
    assert (await refused(BadInput, propose_item(someone, proposed(ROW)))).code == "nothing_changed"
    unknown = ROW | {"code": "SUR-77"}
    assert (await refused(WrongStage, propose_item(someone, proposed(unknown, "withdraw")))).code == "item_not_listed"


async def test_a_stricter_need_takes_the_item_from_those_who_do_not_meet_it(market: Market) -> None:
    _, agency = await market.active()
    await market.decide("approve_item", SURVEY, "提高要求", **(ROW | {"needs": [{"kind": "survey", "least": "甲级"}]}))
    await turn_agency(agency)
    assert [promise.standing for promise in await agencies.promises(agency)] == [False]
