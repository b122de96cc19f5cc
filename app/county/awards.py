"""The way from the signed report to the archive: publicity with its objections, award, contract, refunds, report."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from app.county import oversight
from app.county.player import paper
from app.county.world import World
from bidding import results
from bidding.detours.challenge import answer_result, object_result
from bidding.detours.settle import file_report, refund_deposit
from bidding.schemas import (
    AnswerObjection,
    CandidateDetails,
    ConfirmContract,
    DecideAward,
    FileContract,
    FileReport,
    PubliciseCandidates,
    PublishedFile,
    RaiseObjection,
    RefundDeposit,
)
from bidding.steps.award import decide_award
from bidding.steps.contract import confirm_contract, file_contract
from bidding.steps.publicise import candidates_of, publicise_candidates

DAY = timedelta(days=1)


class Planned(Protocol):
    """What of a tender's plan matters from here."""

    @property
    def purchaser(self) -> str: ...
    @property
    def until(self) -> str: ...
    @property
    def event(self) -> str: ...


async def awarded(world: World, plan: Planned, lot: UUID, start: datetime) -> AsyncIterator[datetime]:
    """From the publicity, which begins at `start`, to the archive."""
    owner, tools = world.people[plan.purchaser], world.player.tools
    yield start
    await publicise_candidates(tools, owner, lot, await _publicity(lot, start))
    if plan.event in ("objected", "ignored", "complained"):
        async for moment in _objected(world, plan, lot, start):
            yield moment
    if plan.event in ("ignored", "complained"):
        return
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
    await world.look_at(lot)


async def _objected(world: World, plan: Planned, lot: UUID, start: datetime) -> AsyncIterator[datetime]:
    """A bidder doubts the first candidate; he may get no answer, or not be content with it and go to the regulator."""
    bidder = world.people["bidder3"]
    yield start + DAY
    objection = await object_result(bidder, lot, RaiseObjection(text="请核实第一候选人项目经理在建项目情况。"))
    if plan.event == "ignored":
        return
    yield start + 2 * DAY
    answer = AnswerObjection(objection=objection, answer="经核实，该项目经理无在建项目，已附证明。")
    await answer_result(world.people[plan.purchaser], lot, answer)
    if plan.event == "complained":
        async for moment in oversight.complaint(world, bidder, lot, start + DAY):
            yield moment


async def _contracted(world: World, plan: Planned, lot: UUID, winner: str, at: datetime) -> None:
    owner, player = world.people[plan.purchaser], world.player
    award = await results.paper(lot, "award")
    assert award is not None, "decided just now"
    file = await player.upload(owner, "case_paper", paper("施工合同", "双方按中标结果签订本合同。"))
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
