"""初步评审: one bid looked at item by item, passed or not, with the reason; the purchaser's items by the purchaser."""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from bidding.case import LotCase, lot_act
from bidding.deliberation import settle
from bidding.judging import Round
from bidding.panel_rules import phase, review_problems
from bidding.panel_schemas import ReviewBid
from bidding.sitting import own_seat_or_purchaser, reviewer, under_way
from bidding.tables import Review
from experts.records import Seat
from kernel.acts import answer, answered_before
from kernel.errors import BadInput, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id, secret_id
from kernel.proofs.canonical import encode


async def review_bid(actor: Actor, lot: UUID, command: ReviewBid, request: UUID | None = None) -> dict[str, str]:
    """Keep the review of one bid; may be given anew until the review is over. {sha256}"""
    asked = {"lot": str(lot), **command.model_dump(mode="json")}
    if (known := await answered_before("review_bid", actor, request, asked)) is not None:
        return known
    async with lot_act("review_bid", actor, lot) as case:
        seat = await own_seat_or_purchaser(case)
        found, sitting = await under_way(case)
        if phase(sitting) != "review" and command.bidder in sitting.reviews.get(reviewer(seat), {}):
            raise WrongStage(Problem("review_over", "初步评审已经结束", "现在请评分，或者等待其他成员"))
        findings = {one.item: (one.passed, one.reason) for one in command.findings}
        refuse_all(review_problems(sitting, command.bidder, findings, "panel" if seat else "purchaser"), BadInput)
        sha256 = await _write(case, found, seat, command.bidder, findings)
        await settle(case)
        await answer(case.beat, request, asked, {"sha256": sha256})
    return {"sha256": sha256}


async def _write(
    case: LotCase, found: Round, seat: Seat | None, bidder: str, findings: Mapping[str, tuple[bool, str]]
) -> str:
    """The nonce keeps the few possible opinions from being found out of the event's hash."""
    said = {item: {"passed": passed, "reason": reason} for item, (passed, reason) in findings.items()}
    number = seat.number if seat else 0
    head = {"type": "yangguang.review/1", "lot": case.lot.code, "round": found.round, "seat": number}
    body = encode({**head, "bidder": bidder, "findings": said, "nonce": secret_id().hex})
    sha256 = hashlib.sha256(body).hexdigest()
    await Review.insert(
        Review(
            id=new_id(),
            lot=case.lot.id,
            round=found.round,
            seat=seat.id if seat else None,
            bidder=bidder,
            n=await Review.count().where(Review.lot == case.lot.id) + 1,
            body=body,
            sha256=sha256,
            at=case.beat.at,
        )
    )
    await case.beat.record(f"{case.lot.code}/{number}", hashes={"review": sha256})
    return sha256
