"""How many judges a purchase needs (22): from ten million yuan on seven at least, and always an odd number."""

from decimal import Decimal
from typing import Any

from conftest import START, TestClock
from expert_pool import BUILD, Court, Row, put_in
from house_databases import Databases
from purchase_road import purchase
from road import DEADLINE, County
from story import refused

from app.panel_facts import lot_facts
from experts.schemas import Quota
from kernel.db import TRADING, reading
from kernel.errors import BadInput
from kernel.log import events_of


async def court_of(county: County, house: Databases, clock: TestClock, budget: int) -> Court:
    """Its panel may be asked for: twenty builders are in the pool, and it is the afternoon before the deadline."""
    lot = await purchase(county, Decimal(budget))
    await put_in(house.admin, [Row() for _ in range(20)])
    await clock.freeze(DEADLINE.replace(day=19, hour=13))
    return await Court.of_county(county, house, lot)


def of(size: int) -> dict[str, Any]:
    """A committee of experts alone."""
    evaluation = DEADLINE.replace(hour=14)
    return {
        "size": size, "owners": 0, "professions": [Quota(profession=BUILD, quota=size)], "evaluation_at": evaluation,
    }  # fmt: skip


async def test_22_a_purchase_of_12_million_is_judged_by_seven_and_neither_by_five_nor_by_six(
    county: County, house: Databases, clock: TestClock
) -> None:
    """Scenario 22: GP budget 12,000,000 yuan."""
    court = await court_of(county, house, clock, 12_000_000)
    few = ("panel_too_small", "评标委员会 {} 人，少于 7 人")
    even = ("panel_even", "评标委员会 {} 人，不是单数")
    for size, said in ((5, [few]), (6, [even, few]), (8, [even])):
        refusal = await refused(BadInput, court.request(**of(size)))
        assert [(problem.code, problem.says) for problem in refusal.problems] == [
            (code, says.format(size)) for code, says in said
        ]
        assert {problem.field for problem in refusal.problems} == {"size"}
    async with reading(TRADING) as connection:
        done = [event.act for event in await events_of(connection, str(court.facts.lot))]
    assert "request_panel" not in done, "nothing was begun"
    await court.request(**of(7))
    panel = await court.panel()
    assert (panel.size, panel.least, panel.quota) == (7, 7, {BUILD: 7})


async def test_22_a_purchase_of_exactly_10_million_needs_seven_and_one_yuan_less_needs_five(
    county: County, house: Databases, clock: TestClock
) -> None:
    """Scenario 22, at its border: 第四十七条 says ten million and above."""
    for budget, least in ((10_000_000, 7), (9_999_999, 5)):
        await clock.freeze(START)
        facts = await lot_facts(await purchase(county, Decimal(budget)))
        assert (budget, facts.least) == (budget, least)
