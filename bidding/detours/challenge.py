"""对评标结果的异议: raised until the publicity's last second, answered within three days; till then nothing goes on."""

from datetime import datetime
from uuid import UUID

from bidding import records, results
from bidding.award_rules import due, suspended_days
from bidding.case import LotCase, lot_act
from bidding.records import LotRow
from bidding.schemas import AnswerObjection, RaiseObjection
from bidding.tables import Objection
from kernel import inbox
from kernel.box import records as box_records
from kernel.clock import when
from kernel.errors import Forbidden, NotFound, Problem, TooLate, WrongStage
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.law import LawInForce

ARTICLE = "招标投标法实施条例第五十四条"


async def object_result(actor: Actor, lot: UUID, command: RaiseObjection) -> UUID:
    """A bidder of this lot objects to the result within the publicity; its end is already late."""
    async with lot_act("object_result", actor, lot) as case:
        if not await box_records.chain(lot, actor.organisation_code):
            raise Forbidden(Problem("not_a_bidder", "只有本标段的投标人可以提出", "其他意见请通过投诉渠道提出"))
        if case.lot.publicity_until is None or case.beat.at >= case.lot.publicity_until:
            remedy = "认为违法的，可以自知道之日起十日内向行政监督部门投诉"
            raise TooLate(Problem("publicity_over", "中标候选人公示期已满", remedy, ARTICLE))
        objection = new_id()
        await Objection.insert(
            Objection(
                id=objection,
                lot=lot,
                organisation=actor.organisation,
                organisation_name=actor.organisation_name,
                text=command.text,
                raised_at=case.beat.at,
                about="result",
            )
        )
        await case.beat.record(str(objection), facts={"text": command.text})
        await _tell_purchaser(case, command.text)
    return objection


async def answer_result(actor: Actor, lot: UUID, command: AnswerObjection) -> None:
    """The purchaser answers; an answer is given once, and told to the objector and to everybody."""
    async with lot_act("answer_result", actor, lot) as case:
        found = {o.id: o for o in await records.objections(lot, "result")}
        objection = found.get(command.objection)
        if objection is None:
            raise NotFound(Problem("no_objection", "没有这项异议", "请从工作台进入"))
        if objection.answered_at is not None:
            raise WrongStage(Problem("answered_already", "这项异议已经答复", "需要补充的，请另行说明"))
        await Objection.update({Objection.answer: command.answer, Objection.answered_at: case.beat.at}).where(
            Objection.id == command.objection
        )
        await case.beat.record(str(command.objection), facts={"answer": command.answer})
        fields = {"project": case.lot.name, "code": case.lot.code, "at": when(case.beat.at)}
        await inbox.send(
            case.beat.connection,
            "objection_answered",
            fields=fields,
            organisation=objection.organisation,
            link=f"/lots/{lot}/candidates",
        )


async def answer_due(lot: LotRow, raised: datetime, now: datetime) -> datetime | None:
    """The first instant at which the answer to an objection raised then is overdue."""
    law = LawInForce.from_json(lot.law or "")
    lost = suspended_days(await results.suspended(lot.id), raised, now)
    return due(law, raised, ("result_objected", "result_answered"), lost)


async def _tell_purchaser(case: LotCase, text: str) -> None:
    until = await answer_due(case.lot, case.beat.at, case.beat.at)
    fields = {
        "project": case.lot.name,
        "code": case.lot.code,
        "at": when(case.beat.at),
        "until": when(until) if until else "规定期限",
        "summary": text[:80],
    }
    link = f"/lots/{case.lot.id}/challenges"
    await inbox.send(
        case.beat.connection, "objection_received", fields=fields, organisation=case.lot.purchaser, link=link
    )
