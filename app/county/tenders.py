"""One tender of the county as a story: a generator that does what its people do and gives the moment it goes on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from app.county import judges, oversight
from app.county.awards import awarded
from app.county.world import World
from app.demo_people import DEPARTMENT, REGION
from bidding import records
from bidding.detours.amend import amend_notice
from bidding.detours.fail import end_case
from bidding.schemas import AmendNotice, EndCase, LotPlan, RegisterProject
from bidding.stages import Stage
from bidding.steps.accept import accept_project, return_project
from bidding.steps.register import register_project
from kernel.identity import Actor

DAY = timedelta(days=1)
PERIOD = 21 * DAY
"""From the notice to the opening."""
PRICES = ("38260000.00", "37980000.00", "39120000.00", "38850000.00")


@dataclass(frozen=True, slots=True)
class Plan:
    """A row of plan.toml: whose, in which mode, how many bids, and what happens to it besides; who acts for him."""

    name: str
    purchaser: str
    begin: datetime
    mode: str = "bidder"
    bids: int = 3
    until: str = ""
    event: str = ""
    agent: str = ""


async def tender(world: World, plan: Plan) -> AsyncIterator[datetime]:
    """From registration to the archive, unless the plan says where it stops; time ends the rest."""
    owner = world.people[plan.purchaser]
    project = await register_project(world.people[plan.agent or plan.purchaser], _project(plan, owner))
    if plan.until == "registered":
        return
    yield plan.begin + timedelta(hours=3)
    if plan.until == "returned":
        await return_project(world.people["operator1"], project, "缺少项目审批文号和投资项目代码，请补齐后再次提交")
        return
    await accept_project(world.people["operator1"], project)
    lot = (await records.lots_of(project))[0].id
    if plan.until == "accepted":
        return
    await world.unlock()
    yield plan.begin + timedelta(hours=5)
    opening = (plan.begin + PERIOD).replace(hour=9, minute=30)
    await world.player.publish(owner, lot, opening)
    await world.unlock()
    for part in (_announced(world, plan, lot), _opened(world, plan, lot, opening), _judged(world, plan, lot, opening)):
        async for moment in part:
            yield moment


async def _announced(world: World, plan: Plan, lot: UUID) -> AsyncIterator[datetime]:
    if plan.event == "amended":
        yield plan.begin + 2 * DAY + timedelta(hours=6)
        text = "图纸目录第三项更正为“雨水管道纵断面图”，其余不变。"
        command = AmendNotice(text=text, affects_bids=False, documents=[])
        await amend_notice(world.player.tools, world.people[plan.purchaser], lot, command)
    if plan.event in ("suspended", "drafted"):
        yield plan.begin + 4 * DAY + timedelta(hours=7)
        await oversight.suspend(world, lot, confirmed=plan.event == "suspended")


async def _opened(world: World, plan: Plan, lot: UUID, opening: datetime) -> AsyncIterator[datetime]:
    """Bids come the day before, and the panel is drawn; at the deadline the box is opened, each bidder his own bid."""
    if plan.event == "suspended":
        return
    yield opening - timedelta(hours=20)
    bidders = [world.people[f"bidder{n}"] for n in range(1, plan.bids + 1)]
    sealed = await world.player.bids(lot, bidders, PRICES[: plan.bids])
    if plan.bids >= 3 and plan.until != "opened":
        yield opening - timedelta(hours=18)
        await judges.panel(world, world.people[plan.purchaser], lot, opening + timedelta(hours=4))
    for minutes in (0, 5):
        yield opening + timedelta(minutes=minutes)
        await world.look_at(lot)
    yield opening + timedelta(minutes=5)  # after the regulator's process has countersigned the list
    if (await records.lot(lot)).stage == Stage.FAILED:
        return
    if plan.mode != "roles":
        # Who forgets to open his bid is helped by the three roles once his window is over.
        await world.player.reveal(lot, sealed[1:] if plan.event == "forgotten" else sealed)
    minutes = 66 if plan.event == "forgotten" else 6
    yield opening + timedelta(minutes=minutes)
    await world.unlock()
    yield opening + timedelta(minutes=minutes + 12)
    await world.look_at(lot)


async def _judged(world: World, plan: Plan, lot: UUID, opening: datetime) -> AsyncIterator[datetime]:
    if (await records.lot(lot)).stage != Stage.OPENED or plan.until == "opened":
        return
    yield opening + timedelta(hours=3, minutes=45)
    async for moment in judges.sitting(world, lot, opening + timedelta(hours=4), plan.until):
        yield moment
    if plan.until in ("evaluating", "evaluated"):
        return
    if plan.event == "ended":
        yield opening + DAY
        command = EndCase(ground="terminated", reason="项目审批文件被撤销，招标终止")
        await end_case(world.player.tools, world.people[plan.purchaser], lot, command)
        return
    async for moment in awarded(world, plan, lot, opening + DAY):
        yield moment


def _project(plan: Plan, owner: Actor) -> RegisterProject:
    complete = plan.until != "returned"
    return RegisterProject(
        name=plan.name, region=REGION, department=DEPARTMENT, category="A02",
        purchaser=owner.organisation if plan.agent else None,
        approval="西发改〔2026〕18号" if complete else "",
        investment_code="2602-330106-04-01-123456" if complete else "",
        funding="区财政资金，已落实", scope="施工图范围内的全部施工内容",
        lots=[LotPlan(name="第一标段", estimate=Decimal(40_000_000), ceiling=Decimal(40_000_000),
                      deposit=Decimal(500_000), mode=plan.mode)],
    )  # fmt: skip
