"""书面澄清: the panel asks, the bidder answers once and in time; what nobody asked is not taken (实施条例 52)."""

import hashlib
from datetime import timedelta
from uuid import UUID

from bidding import judging
from bidding.case import LotCase, lot_act
from bidding.deliberation import settle
from bidding.judging import Question, Round
from bidding.panel_rules import CLARIFY, to_review
from bidding.panel_schemas import AnswerClarification, AskClarification
from bidding.sitting import own_seat, under_way
from bidding.tables import Clarification
from experts.records import Seat
from kernel import inbox
from kernel.acts import answer, answered_before
from kernel.box import records as box_records
from kernel.clock import when
from kernel.errors import BadInput, Forbidden, Problem, TooLate, WrongStage
from kernel.identity import Actor
from kernel.ids import new_id


async def ask_clarification(
    actor: Actor, lot: UUID, command: AskClarification, request: UUID | None = None
) -> dict[str, str]:
    """A member asks one bidder in writing; the bidder is told at once. {clarification}"""
    asked = {"lot": str(lot), **command.model_dump(mode="json")}
    if (known := await answered_before("ask_clarification", actor, request, asked)) is not None:
        return known
    async with lot_act("ask_clarification", actor, lot) as case:
        seat = await own_seat(case)
        found, sitting = await under_way(case)
        if command.bidder not in {bid["bidder"] for bid in to_review(sitting)}:
            raise BadInput(Problem("bid_not_reviewed", "这份投标不在评审之列", "请从评审页面选择", field="bidder"))
        number = await _write(case, found, seat, command, int(sitting.evaluation["answer_minutes"]))
        await answer(case.beat, request, asked, {"clarification": str(number)})
    return {"clarification": str(number)}


async def answer_clarification(
    actor: Actor, lot: UUID, command: AnswerClarification, request: UUID | None = None
) -> dict[str, str]:
    """The bidder's written answer to what he was asked. {clarification}"""
    asked = {"lot": str(lot), **command.model_dump(mode="json")}
    if (known := await answered_before("answer_clarification", actor, request, asked)) is not None:
        return known
    async with lot_act("answer_clarification", actor, lot) as case:
        question = await _put_to(case, command.clarification)
        _check_answer(case, question, command)
        await Clarification.update(
            {
                Clarification.answer: command.text,
                Clarification.confirms: command.confirms if question.kind == "confirm" else None,
                Clarification.answered_at: case.beat.at,
            }
        ).where(Clarification.id == question.id)
        sha256 = hashlib.sha256(command.text.encode()).hexdigest()
        await case.beat.record(str(question.id), hashes={"answer": sha256})
        await settle(case)
        await answer(case.beat, request, asked, {"clarification": str(question.id)})
    return {"clarification": str(question.id)}


async def _put_to(case: LotCase, number: UUID) -> Question:
    """The question, if it was put to the one who answers."""
    own = await judging.questions(case.lot.id, case.beat.actor.organisation_code)
    for question in own:
        if question.id == number:
            return question
    raise Forbidden(
        Problem(
            "clarification_not_asked",
            "评标委员会没有要求贵单位作此澄清",
            "评标委员会不接受投标人主动提出的澄清、说明",
            CLARIFY,
        )
    )


def _check_answer(case: LotCase, question: Question, command: AnswerClarification) -> None:
    if question.answered_at is not None:
        raise WrongStage(Problem("clarified_already", "这项澄清已经答复", "评标委员会另有要求的，会再次通知"))
    if not question.waits(case.beat.at):
        raise TooLate(Problem("clarification_late", "已过答复期限", "以原投标文件为准", CLARIFY))
    if question.kind == "confirm" and command.confirms is None:
        says = "请写明是否确认修正后的报价"
        raise BadInput(Problem("confirm_or_not", says, "请选择确认或者不确认", field="confirms"))


async def _write(case: LotCase, found: Round, seat: Seat, command: AskClarification, minutes: int) -> UUID:
    organisation = await _organisation(case, command.bidder)
    number, until = new_id(), case.beat.at + timedelta(minutes=minutes)
    await Clarification.insert(
        Clarification(
            id=number,
            lot=case.lot.id,
            round=found.round,
            seat=seat.id,
            bidder=command.bidder,
            organisation=organisation,
            kind=command.kind,
            text=command.text,
            asked_at=case.beat.at,
            until=until,
        )
    )
    sha256 = hashlib.sha256(command.text.encode()).hexdigest()
    await case.beat.record(str(number), hashes={"question": sha256}, facts={"kind": command.kind})
    await case.wake(until)
    place = {"project": case.lot.name, "code": case.lot.code, "until": when(until), "summary": command.text[:80]}
    link = f"/lots/{case.lot.id}/clarifications"
    await inbox.send(case.beat.connection, "clarification_asked", fields=place, organisation=organisation, link=link)
    return number


async def _organisation(case: LotCase, bidder: str) -> UUID:
    standing, _ = await box_records.standing(case.lot.id)
    return next(bid.organisation for bid in standing if bid.bidder == bidder)
