"""申诉: an agency says before it counts why a deduction is wrong; the centre takes it back or lets it stand."""

from typing import NamedTuple
from uuid import UUID

from intermediaries.case import AgencyCase, agency_act
from intermediaries.charges import recount
from intermediaries.credit import APPEAL, APPEALING, APPEALS, TAKEN_BACK
from intermediaries.records import agencies as records
from intermediaries.records.agency_rows import ChargeView
from intermediaries.schemas.agencies import AppealCharge, SettleAppeal
from intermediaries.tables import Charge
from kernel.clock import when
from kernel.errors import NotFound, Problem, TooLate, WrongStage
from kernel.identity import Actor
from kernel.ids import new_id


class _Said(NamedTuple):
    """A deduction and what has been said of it."""

    charge: ChargeView
    appealed: bool
    settled: bool


async def appeal_charge(actor: Actor, agency: UUID, charge: UUID, command: AppealCharge) -> None:
    """Appeal against one deduction of one's own agency, once, before it takes effect."""
    async with agency_act("appeal_charge", actor, agency) as case:
        said = await _said(agency, charge)
        if said.charge.at <= case.beat.at:
            remedy = f"申诉应在生效（{when(said.charge.at)}）之前提出"
            raise TooLate(Problem("appeal_late", "这项扣分已经生效", remedy, APPEALING))
        if said.appealed:
            raise WrongStage(Problem("appealed_already", "这项扣分已经申诉", "请等待处理", APPEALING))
        await _write(case, said.charge, APPEAL, 0, command.says)
        await case.beat.record(case.agency.code, facts={"charge": str(charge), "says": command.says})


async def settle_appeal(actor: Actor, agency: UUID, charge: UUID, command: SettleAppeal) -> None:
    """Decide one appeal: what is taken back is a row of its own, and counts for as long as the deduction does."""
    async with agency_act("settle_appeal", actor, agency) as case:
        said = await _said(agency, charge)
        if not said.appealed or said.settled:
            raise WrongStage(Problem("no_appeal", "这项扣分没有待处理的申诉", "请刷新后核对", APPEALING))
        upheld = command.decision == "upheld"
        points = -said.charge.points if upheld else 0
        await _write(case, said.charge, TAKEN_BACK if upheld else "appeal_rejected", points, command.says)
        await recount(case.beat.connection, agency, case.beat.at)
        facts = {"charge": str(charge), "decision": command.decision, "says": command.says}
        await case.beat.record(case.agency.code, facts=facts)
        result = "成立，扣分撤销" if upheld else "不成立，扣分维持"
        await case.tell("appeal_settled", event=said.charge.event_name, result=result, reason=command.says)


async def _said(agency: UUID, charge: UUID) -> _Said:
    rows = await records.charges(agency)
    found = next((row for row in rows if row.id == charge and row.event not in APPEALS), None)
    if found is None:
        raise NotFound(Problem("no_charge", "没有这项扣分", "请从机构页面的信用记录进入"))
    about = {row.event for row in rows if row.case == charge}
    return _Said(found, APPEAL in about, bool(about & (APPEALS.keys() - {APPEAL})))


async def _write(case: AgencyCase, charge: ChargeView, event: str, points: int, says: str) -> None:
    """A row beside the deduction, which it names; nothing that was noted is ever changed."""
    start = charge.at if points else case.beat.at
    await Charge.insert(
        Charge(
            id=new_id(), agency=case.agency.id, event=event, points=points, case=charge.id, says=says,
            noted_at=case.beat.at, at=start, until=charge.until if points else start,
        )
    )  # fmt: skip
