"""A request that stood still gets its time back; an agency appeals against what its credit is to lose."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from conftest import START, TestClock
from house_databases import Databases
from market import messages
from road import give_order
from shop import CLOSES, Agent, Shop
from story import at, refused

from intermediaries import desk
from intermediaries.credit import CREDIT
from intermediaries.records import agencies
from intermediaries.records import requests as records
from intermediaries.request_clockwork import ACTOR
from intermediaries.schemas.agencies import AppealCharge, SettleAppeal
from intermediaries.stages import Stage
from intermediaries.steps.appeal import appeal_charge, settle_appeal
from intermediaries.steps.lapse import NothingDue, lapse_papers
from kernel.box import records as box_records
from kernel.clock import now
from kernel.errors import Directed, NotFound, TooLate, WrongStage
from kernel.identity import Actor


@pytest.fixture
async def shop(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Shop]:
    await clock.freeze(START)
    async with Shop.open(tmp_path, house, clock, agencies=3) as made:
        yield made


# suspension ----------------------------------------------------------------------------------------------------


async def stands_still(shop: Shop, clock: TestClock, case: UUID, since: str, until: str) -> None:
    """The regulator stops the request for so long."""
    await clock.freeze(at(since))
    await give_order(case, "suspend", "举报正在核查", at(until))
    await refused(Directed, shop.turn(case))
    await clock.freeze(at(until))


async def test_a_suspension_gives_the_time_it_took_back_to_who_may_still_apply(shop: Shop, clock: TestClock) -> None:
    case = await shop.publish("draw")
    await stands_still(shop, clock, case, "2026-03-04 10:00", "2026-03-06 09:00")
    waits = await refused(Directed, shop.apply(case, shop.agents[0]))
    assert waits.code == "clocks_wait", "not late: the deadline is being moved"
    await shop.turn(case)
    row = await shop.row(case)
    assert (row.stage, row.apply_until) == (Stage.OPEN, at("2026-03-09 17:00")), "two days on is a Saturday"
    await shop.apply(case, *shop.agents)
    await shop.turn(case)
    assert (await shop.row(case)).apply_until == row.apply_until, "the time is given back once"
    await clock.freeze(at("2026-03-09 17:00"))
    await shop.turn(case)
    assert (await shop.row(case)).stage == Stage.SELECTED
    await clock.freeze(at("2026-03-10 09:00"))
    asked = await records.last_selection(case)
    assert asked is not None
    await stands_still(shop, clock, case, "2026-03-10 10:00", "2026-03-11 12:00")
    await shop.turn(case)
    later = await records.last_selection(case)
    assert later is not None
    assert later.answer_until >= asked.answer_until + timedelta(days=2), "a begun day counts as lost"


async def test_quotes_are_sealed_until_the_moved_deadline_which_the_platform_signs(
    shop: Shop, clock: TestClock
) -> None:
    case = await shop.publish("lowest")
    await shop.quote(case, shop.agents[0], "31000.00")
    await stands_still(shop, clock, case, "2026-03-04 10:00", "2026-03-05 09:00")
    await shop.turn(case)
    assert (await messages(shop.agents[0].actor.organisation))[-2:] == ["request_suspended", "request_resumed"]
    box = await box_records.box(case)
    assert (box.deadline_at, box.deadline_signed) == (at("2026-03-06 17:00"), True)
    await clock.freeze(CLOSES)
    await shop.turn(case)
    assert (await shop.row(case)).stage == Stage.OPEN
    await shop.quote(case, shop.agents[1], "30000.00")


# credit --------------------------------------------------------------------------------------------------------


async def declined(shop: Shop) -> tuple[Agent, UUID]:
    """An agency that was drawn and declined: it is told of the five points that this will cost it."""
    case = await shop.publish("draw")
    await shop.apply(case, *shop.agents)
    await shop.close(case)
    first = await shop.selected(case)
    await shop.answer(case, first, "decline", "人手不足")
    (charge,) = await agencies.charges(first.agency)
    return first, charge.id


async def appeals_of(operator: Actor) -> list[str]:
    """Where the appeals that wait for this centre are decided; each is due when its deduction begins to count."""
    moment = await now()
    found = [todo for todo in await desk.todos(operator, moment) if todo["title"] == "处理信用申诉"]
    assert all(todo["due"] > moment and todo["article"] for todo in found)
    return [todo["href"] for todo in found]


async def time_passes(agency: UUID) -> None:
    with suppress(NothingDue):
        await lapse_papers(ACTOR, agency)


async def test_a_deduction_is_taken_back_when_the_appeal_against_it_holds(shop: Shop, clock: TestClock) -> None:
    mine, charge = await declined(shop)
    operator, wrong = shop.market.operator, AppealCharge(says="选取结果发布时本单位已书面告知人员调离")
    stranger = next(agent for agent in shop.agents if agent.agency != mine.agency)
    await refused(NotFound, appeal_charge(stranger.actor, mine.agency, charge, wrong))
    found = SettleAppeal(decision="upheld", says="经核实，情况属实")
    assert (await refused(WrongStage, settle_appeal(operator, mine.agency, charge, found))).code == "no_appeal"
    await appeal_charge(mine.actor, mine.agency, charge, wrong)
    await refused(WrongStage, appeal_charge(mine.actor, mine.agency, charge, wrong))
    assert await appeals_of(operator) == [f"/agencies/{mine.agency}/charges/{charge}/settle"]
    assert await appeals_of(replace(operator, region="330300")) == [], "another city's centre"
    await settle_appeal(operator, mine.agency, charge, found)
    assert await appeals_of(operator) == []
    await refused(WrongStage, settle_appeal(operator, mine.agency, charge, found))
    rows = {row.event: row for row in await agencies.charges(mine.agency)}
    noted, back = rows["declined_selection"], rows["appeal_upheld"]
    assert (back.points, back.at, back.until) == (-noted.points, noted.at, noted.until)
    await clock.freeze(noted.at + timedelta(days=1))
    await time_passes(mine.agency)
    assert (await agencies.agency(mine.agency)).credit == CREDIT.start
    assert (await messages(mine.actor.organisation))[-1] == "appeal_settled"


async def test_a_deduction_counts_when_the_appeal_against_it_is_rejected(shop: Shop, clock: TestClock) -> None:
    mine, charge = await declined(shop)
    (noted,) = await agencies.charges(mine.agency)
    await appeal_charge(mine.actor, mine.agency, charge, AppealCharge(says="认为扣分过重"))
    rejected = SettleAppeal(decision="rejected", says="扣分标准已公布")
    await settle_appeal(shop.market.operator, mine.agency, charge, rejected)
    await clock.freeze(noted.at)
    await time_passes(mine.agency)
    assert (await agencies.agency(mine.agency)).credit == CREDIT.start - noted.points


async def test_what_counts_already_is_appealed_against_too_late(shop: Shop, clock: TestClock) -> None:
    mine, charge = await declined(shop)
    await clock.freeze((await agencies.charges(mine.agency))[0].at)
    late = await refused(TooLate, appeal_charge(mine.actor, mine.agency, charge, AppealCharge(says="已经超过时间了")))
    assert late.code == "appeal_late"
