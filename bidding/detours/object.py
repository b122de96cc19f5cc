"""异议: an objection in the opening session, answered on the spot (招标投标法实施条例 art. 44)."""

from uuid import UUID

from bidding import records
from bidding.case import lot_act
from bidding.schemas import AnswerObjection, RaiseObjection
from bidding.tables import Objection
from kernel import inbox
from kernel.box import records as box_records
from kernel.clock import when
from kernel.errors import Forbidden, NotFound, Problem, WrongStage
from kernel.identity import Actor
from kernel.ids import new_id


async def raise_objection(actor: Actor, lot: UUID, command: RaiseObjection) -> UUID:
    """A bidder of this lot objects while the session is open; its id."""
    async with lot_act("raise_objection", actor, lot) as case:
        if not await box_records.chain(lot, actor.organisation_code):
            raise Forbidden(Problem("not_a_bidder", "只有本标段的投标人可以提出", "其他意见请通过投诉渠道提出"))
        objection = new_id()
        await Objection.insert(
            Objection(
                id=objection,
                lot=lot,
                organisation=actor.organisation,
                organisation_name=actor.organisation_name,
                text=command.text,
                raised_at=case.beat.at,
            )
        )
        await case.beat.record(str(objection), facts={"text": command.text})
        fields = {
            "project": case.lot.name,
            "code": case.lot.code,
            "at": when(case.beat.at),
            "until": "本次开标会结束",
            "summary": command.text[:80],
        }
        await inbox.send(
            case.beat.connection,
            "objection_received",
            fields=fields,
            organisation=case.lot.purchaser,
            link=f"/lots/{lot}/hall",
        )
    return objection


async def answer_objection(actor: Actor, lot: UUID, command: AnswerObjection) -> None:
    """The purchaser answers on the spot; an answer is given once."""
    async with lot_act("answer_objection", actor, lot) as case:
        found = {o.id: o for o in await records.objections(lot)}
        objection = found.get(command.objection)
        if objection is None:
            raise NotFound(Problem("no_objection", "没有这项异议", "请从开标大厅进入"))
        if objection.answered_at is not None:
            raise WrongStage(Problem("answered_already", "这项异议已经答复", "需要补充的，请另行说明"))
        await Objection.update({Objection.answer: command.answer, Objection.answered_at: case.beat.at}).where(
            Objection.id == command.objection
        )
        await case.beat.record(str(command.objection), facts={"answer": command.answer})
