"""What the panel's work follows from, and what of it is lacking: phases, majorities, preliminary review; pure.

review   some live member has not looked at some bid, a question waits for its answer, or a question is due
score    every bid is judged valid or rejected, and some live member has not given his marks
report   nothing is lacking: the ranking can be drawn up
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bidding.scoring import abnormally_low, disagreements, rejections
from kernel.errors import Problem

PURCHASER = ""
"""In the place of a seat: the purchaser's own review, where the law gives it to him (资格审查)."""
CLARIFY = "招标投标法实施条例第五十二条"
Marks = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a bidder: of what kind, whether it still waits, and whether a correction was confirmed."""

    bidder: str
    kind: str
    waits: bool
    confirms: bool | None = None


@dataclass(frozen=True, slots=True)
class Sitting:
    """One sitting as it stands: the published evaluation with the draw, the bids, and what live members wrote.

    `seats` are the live members' ids; `reviews` seat → bidder → item → passed; `sheets` seat → bidder → item → marks.
    """

    evaluation: Mapping[str, Any]
    bids: Sequence[Mapping[str, Any]]
    seats: Sequence[str]
    reviews: Mapping[str, Mapping[str, Mapping[str, bool]]] = field(default_factory=dict)
    asked: Sequence[Asked] = ()
    sheets: Mapping[str, Marks] = field(default_factory=dict)


def items_of(evaluation: Mapping[str, Any], by: str) -> list[Mapping[str, Any]]:
    """The items of the preliminary review that the panel, or the purchaser, looks at."""
    return [item for item in evaluation["review"] if item["by"] == by]


def to_review(sitting: Sitting) -> list[Mapping[str, Any]]:
    """The bids that are looked at: one over the ceiling is out by itself."""
    return [bid for bid in sitting.bids if not rejections(sitting.evaluation, {**bid, "lacks": []})]


def low(sitting: Sitting) -> set[str]:
    """Bidders whose price calls for an explanation."""
    ceiling = sitting.evaluation["ceiling"]
    prices = {bid["bidder"]: Decimal(bid["price"]) for bid in to_review(sitting)}
    return abnormally_low(sitting.evaluation["low_price"], prices, Decimal(ceiling) if ceiling else None)


def unconfirmed(sitting: Sitting) -> set[str]:
    """Bidders whose corrected price waits to be confirmed, or was not."""
    if not sitting.evaluation["confirms"]:
        return set()
    corrected = {bid["bidder"] for bid in to_review(sitting) if bid["corrections"]}
    return corrected - {asked.bidder for asked in sitting.asked if asked.kind == "confirm" and asked.confirms}


def judged(sitting: Sitting) -> list[dict[str, Any]]:
    """The bids as `scoring.replay` takes them: what the majority of live members, or the purchaser, found lacking."""
    due = unconfirmed(sitting)
    reason = {
        "code": "correction_unconfirmed",
        "says": "修正后的报价未经投标人确认，投标无效",
        "article": str(sitting.evaluation["confirms"]),
    }
    return [
        {
            **{key: bid[key] for key in ("bidder", "price", "small")},
            "lacks": _lacks(sitting, bid["bidder"]),
            "rejected": [*bid["rejected"], *([reason] if bid["bidder"] in due else [])],
        }
        for bid in sitting.bids
    ]


def valid(sitting: Sitting) -> list[str]:
    """The bidders that are scored."""
    return [bid["bidder"] for bid in judged(sitting) if not rejections(sitting.evaluation, bid)]


def lacking(sitting: Sitting) -> list[str]:
    """What the preliminary review still waits for, in words."""
    bids = [bid["bidder"] for bid in to_review(sitting)]
    names = {bid["bidder"]: bid["name"] for bid in sitting.bids}
    found = []
    late = sum(any(b not in sitting.reviews.get(seat, {}) for b in bids) for seat in sitting.seats)
    if late:
        found.append(f"{late} 位成员尚未完成初步评审")
    if items_of(sitting.evaluation, "purchaser") and any(b not in sitting.reviews.get(PURCHASER, {}) for b in bids):
        found.append("采购人或者代理机构尚未完成资格审查")
    found += [f"{names[a.bidder]}尚未答复澄清" for a in sitting.asked if a.waits]
    asked = {(a.bidder, a.kind) for a in sitting.asked}
    found += [
        f"{names[b]}的报价明显偏低，须书面要求说明" for b in sorted(low(sitting)) if (b, "low_price") not in asked
    ]
    found += [
        f"{names[b]}的修正报价须书面要求确认" for b in sorted(unconfirmed(sitting)) if (b, "confirm") not in asked
    ]
    return found


def phase(sitting: Sitting) -> str:
    """review, score or report."""
    if lacking(sitting):
        return "review"
    if sitting.evaluation["ranks"] != "total":
        return "report"
    return "score" if unscored(sitting) or disagreements(sitting.evaluation, current(sitting)) else "report"


def unscored(sitting: Sitting) -> list[str]:
    """Live members who have not marked every valid bid."""
    wanted = set(valid(sitting))
    return [seat for seat in sitting.seats if not wanted <= set(sitting.sheets.get(seat, {}))]


def current(sitting: Sitting) -> dict[str, dict[str, Mapping[str, str]]]:
    """The live members' marks of the valid bids: nothing of who left, nothing of what was rejected."""
    wanted = valid(sitting)
    return {
        seat: {bidder: sitting.sheets[seat][bidder] for bidder in wanted if bidder in sitting.sheets[seat]}
        for seat in sitting.seats
        if seat in sitting.sheets
    }


def too_few(sitting: Sitting) -> str:
    """Why there is nothing to compare, once the review is over; empty when there is."""
    left, rule = len(valid(sitting)), sitting.evaluation
    if left == 0:
        return "所有投标均被否决"
    if left < rule["fewest"] and rule["fewer"] == "fails":
        return f"合格投标人不足 {rule['fewest']} 家，不得评标"
    return ""


def review_problems(sitting: Sitting, bidder: str, findings: Mapping[str, tuple[bool, str]], by: str) -> list[Problem]:
    """All that is wrong with one review: `findings` item → (passed, reason); every item, a reason for every no."""
    if bidder not in {bid["bidder"] for bid in to_review(sitting)}:
        return [Problem("bid_not_reviewed", "这份投标不在评审之列", "请从评审页面选择", field="bidder")]
    items = {item["id"]: item for item in items_of(sitting.evaluation, by)}
    found = [Problem("item_unknown", "没有这个评审项", "请从评审页面填写", field=i) for i in findings if i not in items]
    for name, item in items.items():
        if name not in findings:
            found.append(Problem("item_missing", f"没有填写：{item['name']}", "每一项都要评审", field=name))
        elif not findings[name][0] and not findings[name][1]:
            says = f"没有说明理由：{item['name']}"
            remedy = "判定不符合的，请写明事实和理由"
            found.append(Problem("review_reason_missing", says, remedy, item["article"], name))
    return found + _unexplained(sitting, bidder, findings, items)


def _unexplained(
    sitting: Sitting, bidder: str, findings: Mapping[str, tuple[bool, str]], items: Mapping[str, Mapping[str, Any]]
) -> list[Problem]:
    """Nobody is found below cost, or let pass with a price far below the others, before he was asked in writing."""
    asked = any(a.bidder == bidder and a.kind == "low_price" and not a.waits for a in sitting.asked)
    suspect = bidder in low(sitting)
    remedy = "请先书面要求该投标人说明并提供证明材料，答复或者期限届满后再评审这一项"
    return [
        Problem("not_explained", f"尚未要求投标人说明：{item['name']}", remedy, item["article"], name)
        for name, item in items.items()
        if item["explained"] and name in findings and not asked and (suspect or not findings[name][0])
    ]


def _lacks(sitting: Sitting, bidder: str) -> list[str]:
    own = sitting.reviews.get(PURCHASER, {}).get(bidder, {})
    found = [item["id"] for item in items_of(sitting.evaluation, "purchaser") if own.get(item["id"]) is False]
    votes = [sitting.reviews.get(seat, {}).get(bidder, {}) for seat in sitting.seats]
    for item in items_of(sitting.evaluation, "panel"):
        if _majority(vote.get(item["id"]) is False for vote in votes):
            found.append(item["id"])
    return found


def _majority(votes: Iterable[bool]) -> bool:
    given = list(votes)
    return sum(given) * 2 > len(given)
