"""An open procurement on the road: a lot of goods that takes bids, and rank one that wins straight from the report."""

from decimal import Decimal
from uuid import UUID

from road import DEADLINE, DEPARTMENT, REGION, County, upload

from bidding import records
from bidding.schemas import CandidateDetails, DecideAward, LotPlan, PublishedFile, PublishNotice, RegisterProject
from bidding.steps.accept import accept_project
from bidding.steps.award import decide_award
from bidding.steps.publicise import candidates_of
from bidding.steps.publish import publish_notice
from bidding.steps.register import register_project

BUDGET = Decimal(1_200_000)


async def purchase(county: County, budget: Decimal = BUDGET, deposit: Decimal = Decimal()) -> UUID:
    """A lot of goods with this budget in yuan, which takes bids until 2026-04-20 09:30."""
    return await county.lived(("purchase", budget, deposit), lambda: _announce(county, budget, deposit))


async def _announce(county: County, budget: Decimal, deposit: Decimal) -> UUID:
    project = await register_project(
        county.purchaser,
        RegisterProject(
            name="智慧校园设备采购", procedure="procurement_open_tender", category="D01", region=REGION,
            department=DEPARTMENT, approval="杭采计〔2026〕7号", investment_code="2602-330106-04-01-123456",
            funding="区财政资金", scope="设备及安装",
            lots=[LotPlan(name="1 标段", estimate=budget, ceiling=budget, deposit=deposit)],
        ),
    )  # fmt: skip
    await accept_project(county.operator, project)
    await county.work()
    (lot,) = await records.lots_of(project)
    document = await upload(county.tools, county.purchaser, "tender_document", "采购文件".encode() * 100)
    notice = PublishNotice(
        deadline=DEADLINE, documents_until=DEADLINE, requirements="无", period_days=180,
        documents=[PublishedFile(label="采购文件.pdf", upload=document)],
    )  # fmt: skip
    await publish_notice(county.tools, county.purchaser, lot.id, notice)
    await county.work()
    return lot.id


async def decided(county: County, lot: UUID) -> str:
    """Rank one wins, straight from the report; who it is."""
    bidder = (await candidates_of(lot))[0].bidder
    details = CandidateDetails(
        bidder=bidder, quality="合格", manager="王建国", certificate="高级工程师", qualification="见投标文件"
    )
    await decide_award(county.tools, county.purchaser, lot, DecideAward(bidder=bidder, details=details))
    return bidder
