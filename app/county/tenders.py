"""One tender of the county as a story: a generator that does what its people do and gives the moment it goes on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import import_module
from uuid import UUID

from app.county import judges
from app.county.world import World
from app.demo_people import DEPARTMENT, REGION
from bidding import records, results
from bidding.detours.amend import amend_notice
from bidding.detours.challenge import answer_result, object_result
from bidding.detours.fail import end_case
from bidding.detours.settle import file_report, refund_deposit
from bidding.schemas import (
    AmendNotice,
    AnswerObjection,
    CandidateDetails,
    ConfirmContract,
    DecideAward,
    EndCase,
    FileContract,
    FileReport,
    LotPlan,
    PubliciseCandidates,
    PublishedFile,
    RaiseObjection,
    RefundDeposit,
    RegisterProject,
)
from bidding.stages import Stage
from bidding.steps.accept import accept_project, return_project
from bidding.steps.award import decide_award
from bidding.steps.contract import confirm_contract, file_contract
from bidding.steps.publicise import candidates_of, publicise_candidates
from bidding.steps.register import register_project
from kernel.paper import as_pdf_document

DAY = timedelta(days=1)
PERIOD = 21
"""Days from the notice to the opening."""
PRICES = ("38260000.00", "37980000.00", "39120000.00", "38850000.00")


@dataclass(frozen=True, slots=True)
class Plan:
    """A row of plan.toml: whose, in which mode, how many bids, and what happens to it besides."""

    name: str
    purchaser: str
    begin: datetime
    mode: str = "bidder"
    bids: int = 3
    until: str = ""
    event: str = ""


async def tender(world: World, plan: Plan) -> AsyncIterator[datetime]:
    """From registration to the archive, unless the plan says where it stops; time ends the rest."""
    owner, begin = world.people[plan.purchaser], plan.begin
    project = await register_project(owner, _project(plan))
    if plan.until == "registered":
        return
    yield begin + timedelta(hours=3)
    if plan.until == "returned":
        await return_project(world.people["operator1"], project)
        return
    await accept_project(world.people["operator1"], project)
    await world.unlock()
    lot = (await records.lots_of(project))[0].id
    if plan.until == "accepted":
        return
    yield begin + timedelta(hours=5)
    opening = (begin + PERIOD * DAY).replace(hour=9, minute=30)
    await world.player.publish(owner, lot, opening)
    await world.unlock()
    async for moment in _announced(world, plan, lot, opening):
        yield moment
    async for moment in _opened(world, plan, lot, opening):
        yield moment
    if (await records.lot(lot)).stage == Stage.OPENED and plan.until != "opened":
        async for moment in _judged(world, plan, lot, opening):
            yield moment


async def _announced(world: World, plan: Plan, lot: UUID, opening: datetime) -> AsyncIterator[datetime]:
    owner = world.people[plan.purchaser]
    if plan.event == "amended":
        yield plan.begin + 2 * DAY + timedelta(hours=6)
        await amend_notice(
            world.player.tools, owner, lot,
            AmendNotice(text="图纸目录第三项更正为“雨水管道纵断面图”，其余不变。", affects_bids=False, documents=[]),
        )  # fmt: skip
    if plan.event == "suspended":
        yield plan.begin + 4 * DAY + timedelta(hours=7)
        await _suspend(world, lot)


async def _opened(world: World, plan: Plan, lot: UUID, opening: datetime) -> AsyncIterator[datetime]:
    """Bids come the day before; the panel is drawn then; at the deadline the box is opened."""
    yield opening - timedelta(hours=20)
    bidders = [world.people[f"bidder{n}"] for n in range(1, plan.bids + 1)]
    sealed = await world.player.bids(lot, bidders, PRICES[: plan.bids])
    if plan.bids >= 3 and plan.until != "opened":
        yield opening - timedelta(hours=18)
        await judges.panel(world, world.people[plan.purchaser], lot, opening + timedelta(hours=4))
    for minutes in (0, 5, 6):
        yield opening + timedelta(minutes=minutes)
        await world.go_round()
    if plan.mode != "roles" and plan.bids >= 3:
        await world.player.reveal(lot, sealed)
    await world.unlock()
    for minutes in (30, 70, 85):
        yield opening + timedelta(minutes=minutes)
        await world.unlock()
        await world.go_round()


async def _judged(world: World, plan: Plan, lot: UUID, opening: datetime) -> AsyncIterator[datetime]:
    yield opening + timedelta(hours=3, minutes=45)
    async for moment in judges.sitting(world, lot, opening + timedelta(hours=4)):
        if plan.until == "evaluating":
            return
        yield moment
    if plan.until == "evaluated":
        return
    if plan.event == "ended":
        yield opening + DAY
        await end_case(
            world.people[plan.purchaser], lot, EndCase(ground="other", reason="项目审批文件被撤销，招标终止")
        )
        return
    async for moment in _awarded(world, plan, lot, opening + DAY):
        yield moment


async def _awarded(world: World, plan: Plan, lot: UUID, start: datetime) -> AsyncIterator[datetime]:
    owner, tools = world.people[plan.purchaser], world.player.tools
    yield start
    await publicise_candidates(tools, owner, lot, await _publicity(lot, start))
    if plan.event in ("objected", "ignored"):
        yield start + DAY
        objection = await object_result(
            world.people["bidder3"], lot, RaiseObjection(text="请核实第一候选人项目经理在建项目情况。")
        )
        if plan.event == "ignored":
            return
        yield start + 2 * DAY
        await answer_result(
            owner, lot, AnswerObjection(objection=objection, answer="经核实，该项目经理无在建项目，已附证明。")
        )
    yield start + 5 * DAY
    winner = (await candidates_of(lot))[0].bidder
    await decide_award(tools, owner, lot, DecideAward(bidder=winner))
    if plan.until == "awarded":
        return
    yield start + 8 * DAY
    await _contracted(world, plan, lot, winner, start + 8 * DAY)
    if plan.until == "contracted":
        return
    yield start + 10 * DAY
    for bid in await results.unrefunded(lot):
        paid = (start + 10 * DAY).date()
        await refund_deposit(owner, lot, RefundDeposit(bidder=bid.bidder, interest=Decimal("120.00"), paid_on=paid))
    await file_report(owner, lot, FileReport(remarks="招标投标活动依法进行，无投诉。"))
    await world.go_round()


async def _contracted(world: World, plan: Plan, lot: UUID, winner: str, at: datetime) -> None:
    owner, player = world.people[plan.purchaser], world.player
    award = await results.paper(lot, "award")
    assert award is not None, "decided just now"
    file = await player.upload(owner, "case_paper", as_pdf_document("施工合同", ["双方按中标结果签订本合同。"]))
    said = award.content
    terms = FileContract(
        price=Decimal(said["price"]), period_days=said["period_days"], quality=said["quality"], bond=Decimal(1_000_000),
        signed_on=at.date(), document=PublishedFile(label="施工合同.pdf", upload=file),
    )  # fmt: skip
    given = await file_contract(player.tools, owner, lot, terms)
    builder = next(actor for actor in world.people.values() if actor.organisation_code == winner)
    await confirm_contract(builder, lot, ConfirmContract(sha256=given["contract"]))


async def _publicity(lot: UUID, start: datetime) -> PubliciseCandidates:
    details = [
        CandidateDetails(
            bidder=bid.bidder, quality="合格", manager="王建国", certificate="一级注册建造师 浙1332015201600001",
            qualification="市政公用工程施工总承包二级",
        )
        for bid in await candidates_of(lot)
    ]  # fmt: skip
    return PubliciseCandidates(
        last_day=(start + 4 * DAY).date(), details=details, channel="登录平台在公示页面提出，或书面送达招标人"
    )


async def _suspend(world: World, lot: UUID) -> None:
    """Two officers: one drafts, the other confirms."""
    direct, confirm = import_module("supervision.direct"), import_module("supervision.confirm")
    says = "接到投诉，调查期间暂停本标段招标投标活动"
    await world.turn("supervision")
    order = direct.GiveOrder(kind="suspend", says=says, article="招标投标法实施条例第六十二条")
    draft = await direct.draft_order(world.people["regulator1"], lot, order)
    await confirm.confirm(world.people["regulator3"], draft, world.process)
    await world.turn("trading")


def _project(plan: Plan) -> RegisterProject:
    complete = plan.until != "returned"
    return RegisterProject(
        name=plan.name, region=REGION, department=DEPARTMENT, category="A02",
        approval="西发改〔2026〕18号" if complete else "",
        investment_code="2602-330106-04-01-123456" if complete else "",
        funding="区财政资金，已落实", scope="施工图范围内的全部施工内容",
        lots=[LotPlan(name="第一标段", estimate=Decimal(40_000_000), ceiling=Decimal(40_000_000),
                      deposit=Decimal(500_000), mode=plan.mode)],
    )  # fmt: skip
