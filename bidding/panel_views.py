"""What the JSON API shows of an evaluation, in plain values: a member his own work, everybody else how far it is."""

from collections.abc import Mapping
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from bidding.panel_files import PanelFile
from bidding.sitting_desk import SeatView
from bidding.views import Decimals, Moment, View


class FileShown(View):
    stage: str
    place: int
    name: str
    media: str
    size: int
    sha256: str


class BidOfSeat(View):
    """A bid as a member sees it; `findings` are his own."""

    bidder: str
    name: str
    price: Decimals
    small: bool
    corrections: list[dict[str, str]]
    low: Annotated[bool, Field(description="报价明显偏低，须先书面要求说明")]
    unconfirmed: Annotated[bool, Field(description="修正后的报价尚未经投标人确认")]
    reviewable: bool
    scored: Annotated[bool, Field(description="初步评审通过，须评分")]
    findings: dict[str, dict[str, Any]]
    files: tuple[FileShown, ...] = ()


class QuestionShown(View):
    id: UUID
    bidder: str
    kind: str
    text: str
    asked_at: Moment
    until: Moment
    answer: str
    confirms: bool | None
    answered_at: Moment | None


class SeatShown(BaseModel):
    """A member's own desk."""

    number: int
    phase: str
    problems: list[str]
    evaluation: dict[str, Any]
    items: list[dict[str, Any]]
    bids: list[BidOfSeat]
    waits_for: list[str]
    differs: list[str]
    marks: dict[str, dict[str, str]]
    questions: list[QuestionShown]
    report: Annotated[dict[str, Any] | None, Field(description="全体成员评分后的评标报告")]
    signed: str

    @classmethod
    def of(cls, view: SeatView, files: Mapping[str, list[PanelFile]]) -> Self:
        """The desk with the documents this member may open."""
        bids = [
            BidOfSeat.model_validate(bid).model_copy(
                update={"files": tuple(FileShown.model_validate(file) for file in files.get(bid.bidder, []))}
            )
            for bid in view.bids
        ]
        return cls(
            number=view.number,
            phase=view.phase,
            problems=[problem.says for problem in view.problems],
            evaluation=dict(view.evaluation),
            items=[dict(item) for item in view.items],
            bids=bids,
            waits_for=view.waits_for,
            differs=view.differs,
            marks={bidder: dict(given) for bidder, given in view.marks.items()},
            questions=[QuestionShown.model_validate(question) for question in view.questions],
            report=view.report.content if view.report else None,
            signed=view.signed,
        )


class ProgressShown(View):
    """How far a sitting is, in numbers alone."""

    phase: str
    phase_name: str
    members: int
    reviewed: int
    scored: int
    signed: int


class MarksGiven(BaseModel):
    sha256: str
