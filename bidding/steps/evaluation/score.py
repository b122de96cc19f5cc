"""独立评分: one member's marks for every valid bid, known to nobody else before all members have given theirs."""

import hashlib
from uuid import UUID

from bidding import reports
from bidding.case import LotCase, lot_act
from bidding.deliberation import settle
from bidding.judging import Round
from bidding.panel_rules import Marks, Sitting, phase, unscored, valid
from bidding.panel_schemas import ScoreBids
from bidding.scoring import score_problems
from bidding.sitting import own_seat, under_way
from bidding.tables import ScoreSheet
from experts.records import Seat
from kernel.acts import answer, answered_before
from kernel.errors import BadInput, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id, secret_id
from kernel.proofs.canonical import encode


async def score_bid(actor: Actor, lot: UUID, command: ScoreBids, request: UUID | None = None) -> dict[str, str]:
    """Keep one member's sheet; he may give it anew until every member has given his. {sha256}"""
    asked = {"lot": str(lot), **command.model_dump(mode="json")}
    if (known := await answered_before("score_bid", actor, request, asked)) is not None:
        return known
    async with lot_act("score_bid", actor, lot) as case:
        seat = await own_seat(case)
        found, sitting = await under_way(case)
        await _check_phase(case, found, seat, sitting)
        marks = command.plain()
        refuse_all(mark_problems(sitting, marks), BadInput)
        sha256 = await _write(case, found, seat, marks)
        await settle(case)
        await answer(case.beat, request, asked, {"sha256": sha256})
    return {"sha256": sha256}


def mark_problems(sitting: Sitting, marks: Marks) -> list[Problem]:
    """Everything wrong with a sheet, each at its field ``bidder.item``."""
    names = {bid["bidder"]: bid["name"] for bid in sitting.bids}
    return [
        Problem(
            "mark_wrong",
            f"{names.get(p['bidder'], p['bidder'])}：{p['says']}",
            "每份有效投标的每个评分项都要在满分以内评分",
            field=f"{p['bidder']}.{p['item']}",
        )
        for p in score_problems(sitting.evaluation, valid(sitting), marks)
    ]


async def _check_phase(case: LotCase, found: Round, seat: Seat, sitting: Sitting) -> None:
    if phase(sitting) == "review":
        raise WrongStage(Problem("review_not_over", "初步评审尚未结束", "全部投标评审完毕、澄清答复后再评分"))
    if not sitting.evaluation["items"]:
        raise WrongStage(Problem("nothing_to_score", "本标段不评分，按评审价格排序", "请等待评标报告"))
    drawn = await reports.drafted(case.lot.id)
    compared = drawn is not None and drawn.round == found.round
    if compared and str(seat.id) not in unscored(sitting):
        raise WrongStage(Problem("scores_closed", "全体成员均已评分，分数不能再改", "请核对并签署评标报告"))


async def _write(case: LotCase, found: Round, seat: Seat, marks: Marks) -> str:
    """The nonce keeps marks from being guessed out of the event's hash before all are given."""
    head = {"type": "yangguang.scores/1", "lot": case.lot.code, "round": found.round, "seat": seat.number}
    scores = {bidder: dict(given) for bidder, given in marks.items()}
    body = encode({**head, "scores": scores, "nonce": secret_id().hex})
    sha256 = hashlib.sha256(body).hexdigest()
    await ScoreSheet.insert(
        ScoreSheet(
            id=new_id(),
            lot=case.lot.id,
            round=found.round,
            seat=seat.id,
            n=await ScoreSheet.count().where(ScoreSheet.lot == case.lot.id) + 1,
            body=body,
            sha256=sha256,
            at=case.beat.at,
        )
    )
    await case.beat.record(f"{case.lot.code}/{seat.number}", hashes={"scores": sha256})
    return sha256
