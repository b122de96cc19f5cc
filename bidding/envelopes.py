"""双信封: how the first envelope is judged while nobody knows a price (公路工程建设项目评标工作细则 10, 17); pure."""

from collections.abc import Iterable, Mapping
from typing import Any

PART = "first_envelope"
_NO_PRICE = {"formula": "none", "name": "第一信封不评价格", "maximum": "0", "kernel": "none", "counted": "passed"}


def envelope_of(turn: int, stages: Iterable[Mapping[str, Any]]) -> int:
    """Which of two envelopes a box is opening, or has opened last: 1 or 2; 0 where its bids have but one."""
    return turn if any(stage.get("later") for stage in stages) else 0


def first_envelope(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """The published evaluation without all that hangs on a price; what it keeps is judged as it was published."""
    priceless = {"ceiling": "", "discount": "0", "corrections": [], "confirms": "", "low_price": {}}
    review = [item for item in evaluation["review"] if not item["explained"]]
    ties = [tie for tie in evaluation["ties"] if tie != "price"]
    return {**evaluation, **priceless, "part": PART, "price": dict(_NO_PRICE), "review": review, "ties": ties}


def is_first_envelope(evaluation: Mapping[str, Any]) -> bool:
    """Whether a report on this goes before the second envelope, and no award is made by it."""
    return evaluation.get("part") == PART
