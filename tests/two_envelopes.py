"""A lot with two envelopes on its road: the first opened and judged, then the prices of those who passed."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from conftest import TestClock
from judging_road import Hearing, hearing
from road import DEPARTMENT, REGION, Bidder, County
from story import close, reveal

from bidding import records
from bidding.schemas import LotPlan, RegisterProject
from bidding.steps.accept import accept_project
from bidding.steps.record import conclude_opening
from bidding.steps.register import register_project
from kernel.identity import Actor

PRICES = ["38000000.00", "37500000.00", "39900000.00", "36000000.00"]


async def announced(county: County, mode: str = "bidder") -> UUID:
    """A lot of a highway, which takes sealed bids in two envelopes."""
    return await county.lived(("highway", mode), lambda: _announce(county, mode))


async def _announce(county: County, mode: str) -> UUID:
    lot = LotPlan(
        name="1 标段", estimate=Decimal(40_000_000), deposit=Decimal(500_000), ceiling=Decimal(40_000_000), mode=mode
    )
    project = await register_project(
        county.purchaser,
        RegisterProject(
            name="省道改建工程", procedure="highway_two_envelope", region=REGION, department=DEPARTMENT,
            approval="杭发改〔2026〕13号", investment_code="2602-330106-04-01-123457", funding="区财政资金",
            scope="路基、路面", lots=[lot],
        ),
    )  # fmt: skip
    row = (await records.lots_of(project))[0]
    await accept_project(county.operator, project)
    await county.work()
    await county.publish(row.id)
    await county.work()
    return row.id


@dataclass
class TwoEnvelopes:
    """The lot, its bidders, its panel; the fourth bidder's first envelope does not pass."""

    county: County
    clock: TestClock
    lot: UUID
    bidders: list[Bidder]
    panel: Hearing

    @property
    def passed(self) -> list[Bidder]:
        return self.bidders[:3]


async def first_opened(county: County, clock: TestClock, mode: str = "bidder") -> tuple[UUID, list[Bidder]]:
    """Up to the record of the first envelope."""
    lot, bidders = await county.lived(("first opened", mode), lambda: _open_first(county, clock, mode))
    return lot, county.at_home(bidders)


async def _open_first(county: County, clock: TestClock, mode: str) -> tuple[UUID, list[Bidder]]:
    lot = await announced(county, mode)
    bidders = await county.sealed_in(lot, PRICES)
    await close(county, clock, lot)
    if mode != "roles":
        await reveal(county, lot, bidders)
    await county.work()
    await conclude_opening(county.tools, county.purchaser, lot)
    return lot, bidders


async def first_judged(county: County, clock: TestClock, mode: str = "bidder") -> TwoEnvelopes:
    """Up to the signed report on the first envelope: from now the second may be opened."""
    step = ("first judged", mode)
    lot, bidders, judges = await county.lived(step, lambda: _judge_first(county, clock, mode))
    return TwoEnvelopes(county, clock, lot, county.at_home(bidders), Hearing(county, lot, list(judges)))


async def _judge_first(county: County, clock: TestClock, mode: str) -> tuple[UUID, list[Bidder], list[Actor]]:
    lot, bidders = await first_opened(county, clock, mode)
    panel = await hearing(county, lot)
    failed = bidders[3].actor.organisation_code
    item = (await panel.items())[0]
    await panel.review_all(lacks={failed: {item: "没有盖章"}})
    good = [code for code in await panel.bidders() if code != failed]
    await panel.score_all(await panel.marks(good))
    await panel.sign_all()
    return lot, bidders, panel.judges
