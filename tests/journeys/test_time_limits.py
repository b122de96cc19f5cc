"""The stories of statutory limits (12, 14, 27): documents go out on Monday 2026-03-02 at 09:00."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from conftest import TestClock
from house_databases import Databases
from road import DEPARTMENT, LAW, REGION, County, as_admin
from story import at, refused

from bidding import records
from bidding.detours.amend import amend_notice
from bidding.detours.follow import leave_contact
from bidding.schemas import AmendNotice, LeaveContact, LotPlan, RegisterProject
from bidding.steps.accept import accept_project
from bidding.steps.register import register_project
from kernel.box import records as box_records
from kernel.errors import LawRefuses
from kernel.identity import PUBLIC

# 12 ------------------------------------------------------------------------------------------------------------


async def accepted(county: County) -> UUID:
    """A lot that waits for its notice."""
    lot = (await county.register())[0]
    await accept_project(county.operator, lot.project)
    return lot.id


async def test_a_deadline_of_2026_03_21_is_nineteen_days_and_refused(county: County) -> None:
    lot = await accepted(county)
    short = await refused(LawRefuses, county.publish(lot, at("2026-03-21 09:30")))
    told = {problem.article: problem for problem in short.problems}
    assert "招标投标法第二十四条" in told
    assert told["招标投标法第二十四条"].field == "deadline"
    assert await records.notices(lot) == [], "nothing was published"


async def test_a_deadline_of_2026_03_22_is_twenty_days_and_taken(county: County) -> None:
    lot = await accepted(county)
    given = await county.publish(lot, at("2026-03-22 09:30"))
    assert given["deadline"] == "2026-03-22T09:30:00.000+08:00"


# 14 ------------------------------------------------------------------------------------------------------------


async def test_a_clarification_of_04_05_leaves_fifteen_days_and_the_deadline_stands(
    county: County, clock: TestClock
) -> None:
    lot = await county.announced()
    await clock.freeze(at("2026-04-05 09:00"))
    given = await amend_notice(county.tools, county.purchaser, lot, AmendNotice(text="图纸 3-2 更正"))
    assert given["deadline"] == "2026-04-20T09:30:00.000+08:00"


async def test_a_clarification_of_04_06_must_move_the_deadline_to_04_21_at_least(
    county: County, clock: TestClock
) -> None:
    lot = await county.announced()
    followers = [LeaveContact(channel="mail", address=f"reader{n}@example.com") for n in (1, 2)]
    for follower in followers:
        await leave_contact(county.tools, PUBLIC, lot, follower)
    await clock.freeze(at("2026-04-06 09:00"))
    change = AmendNotice(text="工程量清单第 8 项更正")
    late = await refused(LawRefuses, amend_notice(county.tools, county.purchaser, lot, change))
    assert late.problems[0].article == "招标投标法实施条例第二十一条"
    too_little = change.model_copy(update={"deadline": at("2026-04-20 18:00")})
    await refused(LawRefuses, amend_notice(county.tools, county.purchaser, lot, too_little))
    moved = change.model_copy(update={"deadline": at("2026-04-21 09:30")})
    await amend_notice(county.tools, county.purchaser, lot, moved)
    assert [(text.n, text.kind) for text in await records.notices(lot)] == [(1, "notice"), (2, "amendment")]
    assert (await box_records.box(lot)).deadline_at == at("2026-04-21 09:30")
    assert await as_admin("select count(*) from kernel.outbox where gateway = 'mail'") == len(followers)


# 27 ------------------------------------------------------------------------------------------------------------


async def test_a_deposit_above_two_percent_of_40_million_is_refused(county: County, house: Databases) -> None:
    for deposit, kept in ((Decimal("800000.00"), True), (Decimal("800000.01"), False)):
        lot = await of(county, Decimal(40_000_000), deposit)
        if kept:
            assert (await county.publish(lot))["notice"] == 1
        else:
            await over(county, lot)


async def test_no_deposit_of_construction_is_above_800_000_however_dear_the_work(county: County) -> None:
    """Two percent of 100 million would be 2 million."""
    await over(county, await of(county, Decimal(100_000_000), Decimal("800000.01")))
    assert (await county.publish(await of(county, Decimal(100_000_000), Decimal(800_000))))["notice"] == 1


async def of(county: County, estimate: Decimal, deposit: Decimal) -> UUID:
    """An accepted lot of this estimate and deposit."""
    project = await register_project(
        county.purchaser,
        RegisterProject(
            name="学院路提升工程", region=REGION, department=DEPARTMENT, approval="杭发改〔2026〕13号",
            investment_code="2602-330106-04-01-123456", funding="区财政资金", scope="道路工程",
            lots=[LotPlan(name="1 标段", estimate=estimate, deposit=deposit)],
        ),
    )  # fmt: skip
    await accept_project(county.operator, project)
    return (await records.lots_of(project))[0].id


async def over(county: County, lot: UUID) -> None:
    refusal = await refused(LawRefuses, county.publish(lot))
    assert [problem.article for problem in refusal.problems] == ["工程建设项目施工招标投标办法第三十七条"]


@pytest.mark.parametrize(("bond", "refused_"), [(Decimal("3800000.00"), False), (Decimal("3803800.00"), True)])
def test_a_performance_bond_of_10_01_percent_is_refused(bond: Decimal, refused_: bool) -> None:
    """Of a contract of 38,000,000 yuan; 10 % is 3,800,000."""
    law = LAW.in_force(date(2026, 3, 2), REGION, "construction_open_tender")
    found = law.problems({"contract_price": Decimal(38_000_000), "performance_bond": bond})
    assert [problem.article for problem in found] == (["招标投标法实施条例第五十八条"] if refused_ else [])
