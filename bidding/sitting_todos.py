"""What of an evaluation waits for the purchaser, his member on the panel, and a bidder; and their buttons."""

from datetime import datetime
from typing import Any

from bidding import judging
from bidding.panel_rules import CLARIFY
from bidding.records import LotRow
from bidding.sitting_desk import purchaser_view, seat_view
from bidding.stages import Stage
from kernel.identity import Actor
from kernel.web.waiting import todo

STEPS = {"review": "初步评审", "score": "评分", "report": "签署评标报告"}


async def purchaser_todos(lot: LotRow, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """The review that the law gives to the purchaser; and for his own member on the panel, his seat."""
    if lot.stage != Stage.EVALUATING:
        return []
    seat = await judging.seat_of(actor, lot.id)
    if seat is not None and seat.left_at is None:
        view = await seat_view(lot, seat, now)
        done = view.signed or (view.phase == "score" and view.marks and not view.differs) or view.phase == "locked"
        title, href = STEPS.get(view.phase, "评标"), f"/lots/{lot.id}/seat"
        return [] if done else [todo(title, _place(lot), None, "招标投标法第三十七条", href, "去评标席")]
    items, bids, _ = await purchaser_view(lot, now)
    if not items or all(bid.findings or not bid.reviewable for bid in bids):
        return []
    return [todo("资格审查", _place(lot), None, str(items[0]["article"]), f"/lots/{lot.id}/evaluation", "去审查")]


async def bidder_todos(lot: LotRow, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """The questions of the panel that wait for this bidder's answer."""
    if lot.stage != Stage.EVALUATING:
        return []
    asked = [q for q in await judging.questions(lot.id, actor.organisation_code) if q.waits(now)]
    href = f"/lots/{lot.id}/clarifications"
    return [todo("书面答复评标委员会", _place(lot), q.until, CLARIFY, href, "去答复", urgent=True) for q in asked]


def purchaser_actions(lot: LotRow) -> list[tuple[str, str, str]]:
    """(label, address, kind) of the purchaser's buttons from the evaluation on."""
    if lot.stage == Stage.EVALUATING:
        return [("评标进度", f"/lots/{lot.id}/evaluation", "secondary")]
    if lot.stage in (Stage.EVALUATED, Stage.PUBLICISED):
        return [("评标结果和报告", f"/lots/{lot.id}/evaluation", "secondary")]
    return []


def _place(lot: LotRow) -> str:
    return f"{lot.project_name} {lot.name}"
