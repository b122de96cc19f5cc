"""Commands of the evaluation: how bids will be compared, and what judges, bidders and the purchaser say in it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from bidding.commands import Command

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Says = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Marks = Annotated[Decimal, Field(gt=0, le=100, max_digits=5, decimal_places=2)]
Mark = Annotated[Decimal, Field(ge=0, le=100, max_digits=8, decimal_places=4)]
Share = Annotated[Decimal, Field(ge=0, lt=1, max_digits=8, decimal_places=6)]
Bidder = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]


class ScoreItem(Command):
    """评分项: its full marks, and whether members judge it (subjective) or count it (objective, all alike)."""

    id: Code
    name: Name
    maximum: Marks
    group: Literal["technical", "business", "service"] = "technical"
    kind: Literal["subjective", "objective"] = "subjective"


class ReviewItem(Command):
    """初步评审项: failing it rejects the bid, or adds a share of its price where the evaluated price is compared."""

    id: Code
    name: Name
    article: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = "招标文件"
    effect: Literal["reject", "adjust"] = "reject"
    adds: Share = Decimal(0)


class DrawnRange(Command):
    """下浮系数 drawn at the opening: every step from low to high is as likely as any other."""

    low: Share
    high: Share
    step: Annotated[Decimal, Field(gt=0, lt=1, max_digits=8, decimal_places=6)]


class EvaluationPlan(Command):
    """How bids will be compared; what is left out is the procedure's own."""

    method: Annotated[str, StringConstraints(max_length=48)] = ""
    formula: Annotated[str, StringConstraints(max_length=48)] = ""
    price: Marks | None = None
    items: Annotated[tuple[ScoreItem, ...], Field(max_length=40)] = ()
    review: Annotated[tuple[ReviewItem, ...], Field(max_length=40)] = ()
    discount: Share | None = None
    delta: DrawnRange | None = None
    counted: Literal["", "passed", "opened"] = ""
    above: Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=3)] | None = None
    below: Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=3)] | None = None
    share: Annotated[Decimal, Field(gt=0, le=1, max_digits=4, decimal_places=3)] | None = None

    def plain(self) -> dict[str, Any]:
        """As methods.py reads it: decimals as text, nothing that was left out."""
        chosen = self.model_dump(mode="json", exclude_defaults=True)
        figures = {key: chosen.pop(key) for key in ("counted", "above", "below", "share") if key in chosen}
        review = [item.model_dump(mode="json") for item in self.review]
        items = [item.model_dump(mode="json") for item in self.items]
        return {**chosen, "parameters": figures, "review": review, "items": items}


class Looked(Command):
    """One item of the review: passed, or not, with the reason and what it rests on."""

    item: Code
    passed: bool
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class ReviewBid(Command):
    """One bid looked at item by item."""

    bidder: Bidder
    findings: Annotated[list[Looked], Field(max_length=100)]


class AskClarification(Command):
    """What the panel wants to know of a bidder in writing: a clarification, a low price, or a corrected price."""

    bidder: Bidder
    kind: Literal["clarify", "low_price", "confirm"] = "clarify"
    text: Says


class GiveClarification(Command):
    """The bidder's written answer; `confirms` where he was asked to confirm a corrected price."""

    text: Says
    confirms: bool | None = None


class AnswerClarification(GiveClarification):
    """The same, with the question it answers."""

    clarification: UUID


def _at_most_a_thousand(scores: dict[str, dict[str, Decimal]]) -> dict[str, dict[str, Decimal]]:
    if len(scores) > 1000:
        raise ValueError("more bids than any lot has")
    return scores


class ScoreBids(Command):
    """One member's marks, bidder → item → marks; all valid bids at once."""

    scores: Annotated[dict[Bidder, dict[Code, Mark]], AfterValidator(_at_most_a_thousand)]

    def plain(self) -> Mapping[str, Mapping[str, str]]:
        """Decimals as text."""
        return {b: {item: str(mark) for item, mark in given.items()} for b, given in self.scores.items()}


class SignReport(Command):
    """sign, dissent with its reasons, or refuse: who refuses and writes nothing is taken to agree (实施条例 53)."""

    decision: Literal["sign", "dissent", "refuse"]
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""


class ReopenEvaluation(Command):
    """A lawful ground to take the signed report up again, and what was found."""

    ground: Code
    says: Says
