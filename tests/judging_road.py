"""The road from opened bids to the signed report: a panel that reviews, scores and signs through the real steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from conftest import TestClock
from road import DEADLINE, REGION, County, upload
from seated_panel import seat_panel
from story import close, reveal

from bidding import judging, records
from bidding.clockwork import turn
from bidding.panel_rules import items_of
from bidding.panel_schemas import EvaluationPlan, Looked, ReviewBid, ScoreBids, SignReport
from bidding.schemas import LotPlan, PublishedFile, PublishNotice, RegisterProject
from bidding.steps.accept import accept_project
from bidding.steps.evaluation.review import review_bid
from bidding.steps.evaluation.score import score_bid
from bidding.steps.publish import publish_notice
from bidding.steps.record import conclude_opening
from bidding.steps.register import register_project
from bidding.steps.report import sign_report
from kernel.identity import Actor

USUAL = EvaluationPlan()
Marks = Mapping[str, Mapping[str, str]]


@dataclass
class Hearing:
    """One lot before its panel: the members as actors, by seat number."""

    county: County
    lot: UUID
    judges: list[Actor]

    async def turn(self) -> None:
        await turn(self.county.tools, self.lot)

    async def bidders(self) -> list[str]:
        """The bids that are judged, by code."""
        found = await judging.last_round(self.lot)
        assert found is not None
        return [bid["bidder"] for bid in found.basis["bids"]]

    async def items(self) -> list[str]:
        """What the panel looks at in the preliminary review."""
        found = await judging.last_round(self.lot)
        assert found is not None
        return [item["id"] for item in items_of(found.basis["evaluation"], "panel")]

    async def review(
        self, judge: Actor, bidders: Sequence[str] = (), lacks: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        """One member passes every item of these bids (all, unless said) but those that `lacks` gives a reason for."""
        found = await judging.last_round(self.lot)
        assert found is not None
        by = "panel" if judge in self.judges else "purchaser"
        for bidder in bidders or await self.bidders():
            reasons = (lacks or {}).get(bidder, {})
            looked = [
                Looked(item=item["id"], passed=item["id"] not in reasons, reason=reasons.get(item["id"], ""))
                for item in items_of(found.basis["evaluation"], by)
            ]
            await review_bid(judge, self.lot, ReviewBid(bidder=bidder, findings=looked))

    async def review_all(
        self, bidders: Sequence[str] = (), lacks: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        for judge in self.judges:
            await self.review(judge, bidders, lacks)

    async def marks(self, of: Sequence[str], **marks: str) -> dict[str, dict[str, str]]:
        """The same marks for every one of these bids: half of the maximum unless said otherwise."""
        found = await judging.last_round(self.lot)
        assert found is not None
        items = found.basis["evaluation"]["items"]
        return {b: {i["id"]: marks.get(i["id"], "5") for i in items} for b in of}

    async def score(self, judge: Actor, marks: Marks) -> None:
        await score_bid(judge, self.lot, ScoreBids.model_validate({"scores": marks}))

    async def score_all(self, marks: Marks) -> None:
        for judge in self.judges:
            await self.score(judge, marks)

    async def sign_all(self) -> None:
        for judge in self.judges:
            await sign_report(judge, self.lot, SignReport(decision="sign"))


async def announced(
    county: County,
    procedure: str = "construction_open_tender",
    category: str = "A01",
    ceiling: int = 40_000_000,
    plan: EvaluationPlan = USUAL,
) -> UUID:
    """A lot that takes bids, of this procedure, with this way of comparing them."""
    step = ("announced", procedure, category, ceiling, plan.model_dump_json())
    return await county.lived(step, lambda: _announce(county, procedure, category, ceiling, plan))


async def _announce(county: County, procedure: str, category: str, ceiling: int, plan: EvaluationPlan) -> UUID:
    lot = await _accepted(county, procedure, category, ceiling)
    document = await upload(county.tools, county.purchaser, "tender_document", "招标文件".encode() * 100)
    notice = PublishNotice(
        deadline=DEADLINE, documents_until=DEADLINE, requirements="三级及以上", period_days=180, evaluation=plan,
        documents=[PublishedFile(label="招标文件.pdf", upload=document)],
    )  # fmt: skip
    await publish_notice(county.tools, county.purchaser, lot, notice)
    await county.work()
    return lot


async def _accepted(county: County, procedure: str, category: str, ceiling: int) -> UUID:
    project = await register_project(
        county.purchaser,
        RegisterProject(
            name="某区道路改造",
            procedure=procedure,
            category=category,
            region=REGION,
            department="housing",
            approval="杭发改〔2026〕12号",
            investment_code="2602-330106-04-01-123456",
            funding="区财政资金",
            scope="道路及附属",
            lots=[LotPlan(name="1 标段", estimate=Decimal(ceiling), ceiling=Decimal(ceiling))],
        ),
    )
    (lot,) = await records.lots_of(project)
    await accept_project(county.operator, project)
    await county.work()
    return lot.id


async def opened(county: County, clock: TestClock, lot: UUID, prices: list[str]) -> UUID:
    """An announced lot walked on to its opening record."""
    return await county.lived(("opened", lot, *prices), lambda: _open(county, clock, lot, prices))


async def _open(county: County, clock: TestClock, lot: UUID, prices: list[str]) -> UUID:
    bidders = await county.sealed_in(lot, prices)
    await close(county, clock, lot)
    await reveal(county, lot, bidders)
    await conclude_opening(county.tools, county.purchaser, lot)
    return lot


async def hearing(county: County, lot: UUID, size: int = 5, owner: Actor | None = None) -> Hearing:
    """The panel of an opened lot, signed in; the clock finds it and the evaluation begins."""
    judges = await county.lived(("hearing", lot, size, owner), lambda: _sit_down(county, lot, size, owner))
    return Hearing(county, lot, list(judges))


async def _sit_down(county: County, lot: UUID, size: int, owner: Actor | None) -> tuple[Actor, ...]:
    judges = await seat_panel(county, lot, size, owner)
    await turn(county.tools, lot)
    return tuple(judges)


async def evaluated(county: County, lot: UUID) -> Hearing:
    """From opened bids to the report that all have signed: five seats, everything passed, the same marks for all."""
    judges = await county.lived(("evaluated", lot), lambda: _evaluate(county, lot))
    return Hearing(county, lot, list(judges))


async def _evaluate(county: County, lot: UUID) -> tuple[Actor, ...]:
    found = await hearing(county, lot)
    await found.review_all()
    await found.score_all(await found.marks(await found.bidders()))
    await found.sign_all()
    return tuple(found.judges)
