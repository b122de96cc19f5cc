"""合同备案: one side files the signed contract, the other confirms it; it may not differ from notice and selection."""

from uuid import UUID

from intermediaries.case import Tools
from intermediaries.records import items, services
from intermediaries.records import requests as records
from intermediaries.records.services import ContractView
from intermediaries.request_case import RequestCase, request_act
from intermediaries.request_news import tell, tell_owner
from intermediaries.request_sides import side_of
from intermediaries.rules.requests import PROCEDURE, contract_differences, unselected_contract_problems
from intermediaries.schemas.requests import ConfirmContract, FileContract, UnselectedContract
from intermediaries.stages import Stage
from intermediaries.tables.services import ServiceContract
from kernel.clock import now
from kernel.errors import BadInput, NotFound, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id
from storage import uploads
from storage.incoming import Digest

PURPOSE = "service_contract"


async def file_contract(tools: Tools, actor: Actor, case: UUID, command: FileContract) -> int:
    """File the contract for the other side to confirm; its number. `LawRefuses` names every difference."""
    digest = None
    if command.upload is not None:
        digest = await uploads.finish(tools.store, command.upload, str(actor.organisation))
    async with request_act("file_service_contract", actor, case) as found:
        side = await side_of(found, actor)
        _check_day(found, command)
        refuse_all(await _differences(found, command))
        n = len(await services.contracts(case)) + 1
        if command.upload is not None:
            await uploads.claim(found.beat.connection, command.upload, str(actor.organisation), PURPOSE)
        await ServiceContract.insert(_row(found, side, n, command, digest))
        hashes = {"contract": digest.sha256} if digest else {}
        facts = {"n": n, "price": str(command.price), "signed_on": command.signed_on.isoformat()}
        await found.record("file_contract", hashes=hashes, facts=facts)
        await _tell_other(found, side, "service_contract_filed")
    return n


async def confirm_contract(actor: Actor, case: UUID, command: ConfirmContract) -> None:
    """The other side confirms the contract as filed, and the service clock runs; or refuses it with the reason."""
    async with request_act("file_service_contract", actor, case) as found:
        side = await side_of(found, actor)
        waiting = await waiting_contract(case)
        if waiting is None:
            raise NotFound(Problem("no_contract", "没有待确认的合同", "请先由一方备案合同"))
        if waiting.filed_by == side:
            raise WrongStage(Problem("own_contract", "合同由您方备案，应由对方确认", "请等待对方确认"))
        if command.answer == "refuse":
            await _refuse(found, waiting, command.reason)
            return
        await ServiceContract.update({ServiceContract.confirmed_at: found.beat.at}).where(
            ServiceContract.id == waiting.id
        )
        await found.move(Stage.CONTRACTED, signed_at=found.beat.at)
        await found.record("confirm_contract", facts={"n": waiting.n, "signed_on": waiting.signed_on.isoformat()})
        await _tell_other(found, side, "service_contract_confirmed")


async def file_unselected_contract(tools: Tools, actor: Actor, command: UnselectedContract) -> None:
    """A contract without a selection here is never filed: `LawRefuses` says by which rule, and what to do."""
    at = await now()
    found = await items.item(command.item)
    law = tools.law.in_force(at.date(), command.region, PROCEDURE)
    refuse_all(
        unselected_contract_problems(
            law, listed=found.listed, fiscal_percent=command.fiscal_percent, amount=command.price
        )
    )


async def waiting_contract(case: UUID) -> ContractView | None:
    """The contract that waits for the other side; the latest filed one, unless it was refused or confirmed."""
    found = await services.contracts(case)
    return found[-1] if found and found[-1].confirmed_at is None and not found[-1].refused else None


async def _differences(case: RequestCase, command: FileContract) -> list[Problem]:
    row = case.request
    selected = (await records.selections(row.id))[-1].price
    return contract_differences(
        price=command.price, selected=selected, service_days=command.service_days, promised=row.service_days,
        amount=row.amount,
    )  # fmt: skip


def _check_day(case: RequestCase, command: FileContract) -> None:
    if command.signed_on > case.beat.at.date():
        raise BadInput(Problem("signed_in_future", "签订日期晚于今天", "请核对合同上的日期", field="signed_on"))
    if command.signed_on < case.request.published_at.date():
        says = "签订日期早于采购公告"
        raise BadInput(Problem("signed_too_early", says, "合同应在选取之后签订", field="signed_on"))


async def _refuse(case: RequestCase, waiting: ContractView, reason: str) -> None:
    if not reason:
        raise BadInput(Problem("refusal_reason_missing", "没有写明不确认的理由", "请填写", field="reason"))
    await ServiceContract.update({ServiceContract.refused: reason}).where(ServiceContract.id == waiting.id)
    await case.record("refuse_contract", facts={"n": waiting.n, "reason": reason})
    await _tell_other(
        case, "owner" if waiting.filed_by == "intermediary" else "intermediary", "service_contract_refused"
    )


async def _tell_other(case: RequestCase, side: str, template: str) -> None:
    asked = (await records.selections(case.request.id))[-1]
    if side == "owner":
        await tell(case, asked.organisation, template)
    else:
        await tell_owner(case, template)


def _row(case: RequestCase, side: str, n: int, command: FileContract, digest: Digest | None) -> ServiceContract:
    return ServiceContract(
        id=new_id(),
        request=case.request.id,
        n=n,
        filed_by=side,
        price=command.price,
        service_days=command.service_days,
        signed_on=command.signed_on,
        sha256=digest.sha256 if digest else "",
        size=digest.size if digest else 0,
        label=command.label,
        filed_at=case.beat.at,
    )
