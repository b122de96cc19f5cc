"""What each side sees of a sitting: a member his own work, everybody else how far it is and nobody's opinion."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bidding import judging, reports
from bidding.deliberation import NO_PANEL
from bidding.judging import Question
from bidding.panel_rules import Sitting, items_of, lacking, low, phase, to_review, unconfirmed, valid
from bidding.panel_rules import current as current_marks
from bidding.records import LotRow
from bidding.reports import ReportView
from bidding.scoring import disagreements
from experts import records as experts
from experts.records import Seat
from kernel.errors import Problem

PHASES = {
    "review": "初步评审",
    "score": "评分",
    "report": "签署报告",
    "closed": "已签署",
    "locked": "暂停",
    "none": "未开始",
}


@dataclass(frozen=True, slots=True)
class BidShown:
    """One bid as a member sees it; `findings` is his own review, `rejected` why it is out by itself."""

    bidder: str
    name: str
    price: Decimal
    small: bool
    period_days: str
    corrections: list[Mapping[str, str]]
    low: bool
    unconfirmed: bool
    reviewable: bool
    scored: bool
    findings: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SeatView:
    """A member's own desk; nothing of the others but what all have finished."""

    number: int
    phase: str
    problems: list[Problem]
    evaluation: Mapping[str, Any]
    items: list[Mapping[str, Any]]
    bids: list[BidShown]
    waits_for: list[str]
    marks: Mapping[str, Mapping[str, str]]
    differs: list[str]
    questions: list[Question]
    report: ReportView | None
    signed: str

    @property
    def phase_name(self) -> str:
        return PHASES[self.phase]

    @property
    def ceiling(self) -> Decimal | None:
        """最高限价 in yuan, if there is one."""
        return Decimal(self.evaluation["ceiling"]) if self.evaluation["ceiling"] else None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sitting is, in numbers alone."""

    phase: str
    members: int
    reviewed: int
    scored: int
    signed: int
    problems: list[Problem]

    @property
    def phase_name(self) -> str:
        return PHASES[self.phase]


async def seat_view(lot: LotRow, seat: Seat, at: datetime) -> SeatView:
    """The desk of this member of a lot that is being evaluated."""
    found, panel = await judging.last_round(lot.id), await judging.panel_of(lot.id)
    assert found is not None, "the stage says so"
    assert panel is not None, "a seat has its panel"
    sitting = await judging.sitting(lot.id, found, await judging.members(lot.id), at)
    problems, drawn = experts.is_lawful(panel), await reports.drafted(lot.id)
    stands = drawn if drawn is not None and drawn.round == found.round else None
    stage = "locked" if problems else phase(sitting)
    own = sitting.sheets.get(str(seat.id), {})
    return SeatView(
        number=seat.number,
        phase=stage,
        problems=problems,
        evaluation=sitting.evaluation,
        items=items_of(sitting.evaluation, "panel"),
        bids=_bids(sitting, await judging.review_of(lot.id, seat.id), stage),
        waits_for=lacking(sitting),
        marks=own,
        differs=_differs(sitting) if stage == "score" and own else [],
        questions=await judging.questions(lot.id),
        report=stands if stage == "report" else None,
        signed=await _signed(stands, seat),
    )


async def purchaser_view(lot: LotRow, at: datetime) -> tuple[list[Mapping[str, Any]], list[BidShown], list[str]]:
    """(items, bids, what is still waited for) of the review that is the purchaser's own; no items where none is."""
    found = await judging.last_round(lot.id)
    if found is None:
        return [], [], []
    sitting = await judging.sitting(lot.id, found, await judging.members(lot.id), at)
    items = items_of(sitting.evaluation, "purchaser")
    return items, _bids(sitting, await judging.review_of(lot.id, None), "review"), lacking(sitting) if items else []


async def progress(lot: LotRow, at: datetime) -> Progress:
    """Numbers for the purchaser and the officials: no seat, no opinion, no mark."""
    found, panel = await judging.last_round(lot.id), await judging.panel_of(lot.id)
    if found is None:
        return Progress("none", 0, 0, 0, 0, [])
    seats, problems = await judging.members(lot.id), experts.is_lawful(panel) if panel else [NO_PANEL]
    sitting = await judging.sitting(lot.id, found, seats, at)
    closed, drawn = await reports.report(lot.id), await reports.drafted(lot.id)
    signed = len(await reports.signatures(drawn.id)) if drawn and drawn.round == found.round else 0
    over = closed is not None and closed.round == found.round
    wanted = {bid["bidder"] for bid in to_review(sitting)}
    return Progress(
        phase="closed" if over else "locked" if problems else phase(sitting),
        members=len(seats),
        reviewed=sum(wanted <= set(sitting.reviews.get(str(seat.id), {})) for seat in seats),
        scored=sum(str(seat.id) in sitting.sheets for seat in seats),
        signed=signed,
        problems=[] if over else problems,
    )


def _bids(sitting: Sitting, own: Mapping[str, Mapping[str, Any]], stage: str) -> list[BidShown]:
    """What the others found is shown by its outcome alone, and only when the review is over."""
    known = {bid["bidder"] for bid in to_review(sitting)}
    scored = set(valid(sitting)) if stage in ("score", "report") else set()
    suspect, waiting = low(sitting), unconfirmed(sitting)
    return [
        BidShown(
            bidder=bid["bidder"],
            name=bid["name"],
            price=Decimal(bid["price"]),
            small=bid["small"],
            period_days=str(bid["form"].get("period_days", "")),
            corrections=bid["corrections"],
            low=bid["bidder"] in suspect,
            unconfirmed=bid["bidder"] in waiting,
            reviewable=bid["bidder"] in known,
            scored=bid["bidder"] in scored,
            findings=own.get(bid["bidder"], {}),
        )
        for bid in sitting.bids
    ]


def _differs(sitting: Sitting) -> list[str]:
    """Which objective items are marked differently, in words; by whom is not said."""
    names = {bid["bidder"]: bid["name"] for bid in sitting.bids}
    items = {item["id"]: item["name"] for item in sitting.evaluation["items"]}
    found = disagreements(sitting.evaluation, current_marks(sitting))
    return [f"{names[bidder]}的“{items[item]}”" for bidder, item in found]


async def _signed(drawn: ReportView | None, seat: Seat) -> str:
    """How this member has signed; empty before he has."""
    if drawn is None:
        return ""
    return next((one.kind for one in await reports.signatures(drawn.id) if one.seat == seat.id), "")
