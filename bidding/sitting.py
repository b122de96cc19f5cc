"""A sitting of the panel: how it is opened, who acts in it, and what it stands at."""

import hashlib
from decimal import Decimal
from typing import Any

from bidding import judging, records
from bidding.arithmetic import amounts, correct
from bidding.case import LotCase
from bidding.deliberation import lawful_panel
from bidding.envelopes import first_envelope, is_first_envelope
from bidding.judging import Round
from bidding.panel_rules import PURCHASER, Sitting
from bidding.records import LotRow
from bidding.stages import Stage
from bidding.tables import Evaluation
from experts.records import Seat
from kernel.box import records as box_records
from kernel.errors import Forbidden, Problem
from kernel.ids import new_id
from kernel.proofs.canonical import encode


async def begin_round(case: LotCase, *, ground: str = "", says: str = "") -> None:
    """Open a sitting: what is judged is written down and hashed."""
    last, panel = await judging.last_round(case.lot.id), await judging.panel_of(case.lot.id)
    assert panel is not None, "looked at before"
    number = 1 if last is None else last.round + 1
    body = encode(await _judges(case, last, number))
    sha256 = hashlib.sha256(body).hexdigest()
    await Evaluation.insert(
        Evaluation(
            id=new_id(),
            lot=case.lot.id,
            round=number,
            panel=panel.id,
            basis=body,
            sha256=sha256,
            ground=ground,
            says=says,
            at=case.beat.at,
        )
    )
    await case.move(Stage.EVALUATING)
    await case.beat.record(case.lot.code, hashes={"basis": sha256}, facts={"round": number, "ground": ground})


async def _judges(case: LotCase, last: Round | None, number: int) -> dict[str, Any]:
    """What a sitting judges: the first envelope, then with the prices; or what the last judged, taken up again."""
    box = await box_records.box(case.lot.id)
    later = any(stage.get("later") for stage in box.stages)
    if last is None:
        return await _basis(case.lot, number, first=later)
    if later and box.turn == 2 and is_first_envelope(last.basis["evaluation"]):
        return {**await _basis(case.lot, number), "marks_of": last.round}
    return {**last.basis, "round": number}


async def under_way(case: LotCase) -> tuple[Round, Sitting]:
    """The sitting and where it stands, with a lawful panel; `WrongStage` while there is none."""
    seats = await lawful_panel(case)
    found = await judging.last_round(case.lot.id)
    assert found is not None, "a lot that is evaluated has a sitting"
    return found, await judging.sitting(case.lot.id, found, seats, case.beat.at)


async def own_seat(case: LotCase) -> Seat:
    """The seat of the one who acts; `Forbidden` to whoever sits on no live one of this lot's panel."""
    seat = await judging.seat_of(case.beat.actor, case.lot.id)
    if seat is None or seat.left_at is not None:
        raise Forbidden(Problem("not_on_panel", "您不是本标段评标委员会的在席成员", "凭签到码在评标席签到后办理"))
    return seat


async def own_seat_or_purchaser(case: LotCase) -> Seat | None:
    """The same, or None for the purchaser and his agent, who review what the law gives to them."""
    actor = case.beat.actor
    if actor.role in ("purchaser", "agent") and await judging.seat_of(actor, case.lot.id) is None:
        return None
    return await own_seat(case)


def reviewer(seat: Seat | None) -> str:
    """Under what name a review is kept."""
    return PURCHASER if seat is None else str(seat.id)


async def _basis(lot: LotRow, number: int, *, first: bool = False) -> dict[str, Any]:
    """The published evaluation with the opening's draw, every opened bid as corrected; `first`: without any price."""
    notice, opening = (await records.notices(lot.id))[0].content, await records.opening(lot.id)
    assert opening is not None, "a lot that is evaluated has its opening record"
    record = opening[0]
    evaluation = {**notice["content"]["evaluation"], "draw": record["draw"]}
    evaluation = first_envelope(evaluation) if first else evaluation
    opened = [bid for bid in record["bids"] if bid["outcome"] == "opened"]
    return {
        "type": "yangguang.evaluation_basis/1",
        "tender": lot.project_code,
        "lot": lot.number,
        "round": number,
        "opening": opening[1],
        "evaluation": evaluation,
        "bids": [_unpriced(bid) if first else _bid(bid, evaluation["corrections"]) for bid in opened],
        "shut": [
            {"bidder": b["bidder"], "name": b["name"], "says": b["says"]} for b in record["bids"] if b not in opened
        ],
    }


def _unpriced(line: dict[str, Any]) -> dict[str, Any]:
    """A bid whose price nobody knows yet."""
    head = {"bidder": line["bidder"], "name": line["name"], "sha256": line["sha256"], "form": {}}
    return {**head, "price": "0", "small": False, "corrections": [], "rejected": []}


def _bid(line: dict[str, Any], order: list[str]) -> dict[str, Any]:
    """A bid by its corrected price; one whose form holds no price is rejected for it."""
    form = line["form"]
    head = {"bidder": line["bidder"], "name": line["name"], "sha256": line["sha256"], "form": form}
    small = form.get("small") in (True, "true", "yes")
    try:
        found = correct(form, order)
    except (KeyError, TypeError, ValueError):
        reason = {"code": "no_price", "says": "报价表中没有可以读取的报价", "article": "招标投标法实施条例第五十一条"}
        return {**head, "price": "0", "small": small, "corrections": [], "rejected": [reason]}
    changed = any(one.before != one.after for one in found.findings)
    corrections = amounts(found.findings) if changed or found.findings else []
    return {**head, "price": _plain(found.price), "small": small, "corrections": corrections, "rejected": []}


def _plain(price: Decimal) -> str:
    """Yuan with two places at least, never in powers of ten."""
    return f"{price:.2f}" if price == price.quantize(Decimal("0.01")) else f"{price:f}"
