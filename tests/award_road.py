"""The road from the signed report to the contract: publicity, award, contract, refunds, through the real steps."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from conftest import TestClock
from judging_road import evaluated, opened
from road import County, upload

from bidding import results
from bidding.clockwork import turn
from bidding.detours.settle import file_report, refund_deposit
from bidding.schemas import (
    CandidateDetails,
    ConfirmContract,
    DecideAward,
    FileContract,
    FileReport,
    PassedOver,
    PubliciseCandidates,
    PublishedFile,
    RefundDeposit,
)
from bidding.steps.award import decide_award
from bidding.steps.contract import confirm_contract, file_contract
from bidding.steps.publicise import candidates_of, publicise_candidates
from kernel.clock import now
from kernel.identity import Actor

PRICES = ["38000000.00", "37500000.00", "39900000.00", "39000000.00"]
CONTRACT = "施工合同正文".encode() * 300


async def reported(county: County, clock: TestClock, handed_over: datetime | None = None) -> UUID:
    """A lot with four bids whose panel has signed its report, at this moment if one is given."""
    return await county.lived(("reported", handed_over), lambda: _report(county, clock, handed_over))


async def _report(county: County, clock: TestClock, handed_over: datetime | None) -> UUID:
    lot = await opened(county, clock, await county.announced(), PRICES)
    if handed_over is not None:
        await clock.freeze(handed_over)
    await evaluated(county, lot)
    return lot


async def bidder_of(county: County, code: str) -> Actor:
    """Somebody who acts for the bidder of this code."""
    for n in range(1, len(PRICES) + 1):
        bidder = await county.bidder(n)
        if bidder.actor.organisation_code == code:
            return bidder.actor
    raise LookupError(code)


async def publicity(lot: UUID, last_day: date, late_reason: str = "") -> PubliciseCandidates:
    """The command that publicises the candidates of a lot to the end of this day."""
    details = [
        CandidateDetails(
            bidder=bid.bidder,
            quality="合格",
            manager="王建国",
            certificate="一级注册建造师 浙1332015201600001",
            qualification="市政公用工程施工总承包二级",
        )
        for bid in await candidates_of(lot)
    ]
    channel = "登录平台在公示页面提出，或书面送达招标人"
    return PubliciseCandidates(last_day=last_day, details=details, channel=channel, late_reason=late_reason)


async def publicised(county: County, lot: UUID, days: int = 3) -> datetime:
    """Publicise for this many full days from now; the first instant after it."""
    last = (await now()).date() + timedelta(days=days)
    given = await publicise_candidates(county.tools, county.purchaser, lot, await publicity(lot, last))
    return datetime.fromisoformat(given["until"])


async def passed_over(county: County, bidder: str, ground: str = "waived") -> PassedOver:
    """A reason with its paper, why a better ranked candidate does not win."""
    paper = await upload(county.tools, county.purchaser, "case_paper", f"{bidder} 放弃中标声明".encode() * 20)
    file = PublishedFile(label="放弃中标声明.pdf", upload=paper)
    return PassedOver.model_validate(
        {"bidder": bidder, "ground": ground, "explanation": "来函声明放弃中标", "evidence": file}
    )


async def awarded(county: County, clock: TestClock, lot: UUID) -> str:
    """Publicise, wait, and let rank one win; the winner's code."""
    return await county.lived(("awarded", lot), lambda: _award(county, clock, lot))


async def _award(county: County, clock: TestClock, lot: UUID) -> str:
    await clock.freeze(await publicised(county, lot))
    winner = (await candidates_of(lot))[0].bidder
    await decide_award(county.tools, county.purchaser, lot, DecideAward(bidder=winner))
    return winner


async def contract(county: County, lot: UUID, **other: Any) -> FileContract:
    """The command that files the contract as awarded, but for what is said otherwise."""
    award = await results.paper(lot, "award")
    assert award is not None
    paper = await upload(county.tools, county.purchaser, "case_paper", CONTRACT)
    said = award.content
    terms = {
        "price": Decimal(said["price"]),
        "period_days": said["period_days"],
        "quality": said["quality"],
        "bond": Decimal(1_000_000),
        "signed_on": (await now()).date(),
        "document": PublishedFile(label="施工合同.pdf", upload=paper),
    }
    return FileContract.model_validate(terms | other)


async def contracted(county: County, clock: TestClock, lot: UUID) -> None:
    """Award, contract filed and confirmed by the winner."""
    await county.lived(("contracted", lot), lambda: _contract(county, clock, lot))


async def _contract(county: County, clock: TestClock, lot: UUID) -> None:
    winner = await awarded(county, clock, lot)
    given = await file_contract(county.tools, county.purchaser, lot, await contract(county, lot))
    await confirm_contract(await bidder_of(county, winner), lot, ConfirmContract(sha256=given["contract"]))


async def settled(county: County, lot: UUID) -> None:
    """Every deposit back, the written report filed: nothing keeps the archive any more."""
    today = (await now()).date()
    for bid in await results.unrefunded(lot):
        await refund_deposit(
            county.purchaser, lot, RefundDeposit(bidder=bid.bidder, interest=Decimal("1.20"), paid_on=today)
        )
    await file_report(county.purchaser, lot, FileReport(remarks="无异议，无投诉"))
    await turn(county.tools, lot)
