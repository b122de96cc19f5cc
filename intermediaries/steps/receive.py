"""验收: the owner accepts the result, which stops the service clock and goes on to the department, or returns it."""

from datetime import date
from uuid import UUID

from intermediaries.case import Tools
from intermediaries.charges import Cost, charge
from intermediaries.profile import count_delivery
from intermediaries.records import requests as records
from intermediaries.records import services
from intermediaries.records.services import ContractView, DeliveryView
from intermediaries.request_case import RequestCase, request_act
from intermediaries.request_news import tell, tell_owner
from intermediaries.schemas.requests import AcceptResult
from intermediaries.stages import Stage
from intermediaries.tables.services import Delivery
from kernel import workdays
from kernel.clock import when
from kernel.errors import BadInput, Problem
from kernel.identity import Actor


async def accept_result(tools: Tools, actor: Actor, case: UUID, command: AcceptResult) -> None:
    """Accept, or return with every reason at once. Whether the agency was late is judged by when it handed over."""
    async with request_act("accept_result", actor, case) as found:
        given = (await services.deliveries(case))[-1]
        if command.answer == "return":
            await _return(tools, found, given, command.reasons)
        else:
            await _accept(tools, found, given)


async def _accept(tools: Tools, case: RequestCase, given: DeliveryView) -> None:
    row, at = case.request, case.beat.at
    contract = next(c for c in await services.contracts(row.id) if c.confirmed_at is not None)
    days, late = service_days(contract, at.date()), service_days(contract, given.delivered_at.date())
    is_late = late > contract.service_days
    await Delivery.update(
        {Delivery.outcome: "accepted", Delivery.decided_at: at, Delivery.days: days, Delivery.late: is_late}
    ).where(Delivery.id == given.id)
    await case.move(Stage.COMPLETED, finished_at=at)
    asked = (await records.selections(row.id))[-1]
    await count_delivery(case.beat.connection, asked.agency, days, late=is_late)
    if is_late:
        says = f"约定 {contract.service_days} 个工作日，第 {late} 个工作日交付：{row.name}"
        await charge(tools, case.beat, asked.agency, Cost("late_result", row.id, says))
    hashes = {f"file_{i:02}": file["sha256"] for i, file in enumerate(given.files, 1)}
    await case.record(facts={"n": given.n, "days": days, "late": is_late})
    await case.record("pass_result", hashes=hashes, facts={"department": row.department})
    until = row.limits["S06"].deadline(at)
    await case.wake(until)
    await tell(case, asked.organisation, "result_accepted", days=str(days))
    await tell_owner(case, "rating_wanted", until=when(until))


async def _return(tools: Tools, case: RequestCase, given: DeliveryView, reasons: str) -> None:
    if not reasons:
        says = "没有写明退回的理由"
        raise BadInput(Problem("reasons_missing", says, "请一次写明全部需要修改的内容", field="reasons"))
    await Delivery.update(
        {Delivery.outcome: "returned", Delivery.reasons: reasons, Delivery.decided_at: case.beat.at}
    ).where(Delivery.id == given.id)
    await case.move(Stage.CONTRACTED)
    asked = (await records.selections(case.request.id))[-1]
    says = f"成果第 {given.n} 次交付被退回：{case.request.name}"
    await charge(tools, case.beat, asked.agency, Cost("returned_result", case.request.id, says))
    await case.record("return_result", facts={"n": given.n, "reasons": reasons})
    await tell(case, asked.organisation, "result_returned", reasons=reasons[:200])


def service_days(contract: ContractView, until: date) -> int:
    """Working days from the day after the signature to this day, both sides of the service clock."""
    return workdays.between(contract.signed_on, until, "workday")
