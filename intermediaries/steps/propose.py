"""清单申报: the department that answers for a service proposes its row; the regulator decides on his own site."""

from uuid import UUID

from intermediaries.catalogue import ServiceItem
from intermediaries.records import items as records
from intermediaries.rules.items import item_problems
from intermediaries.schemas.agencies import ProposeItem
from intermediaries.tables import ItemProposal
from kernel.accounts import records as accounts
from kernel.accounts.records import OrganisationView
from kernel.acts import acting, answer, answered_before
from kernel.errors import BadInput, Forbidden, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id


async def propose_item(actor: Actor, command: ProposeItem, request: UUID | None = None) -> UUID:
    """Ask to have an item listed, changed or withdrawn; the proposal's id. Only a department of government may."""
    unit = await _department(actor)
    refuse_all(item_problems(command.row), BadInput)
    if command.row["department"] != command.department:
        says = "只能申报本部门主管的服务事项"
        raise Forbidden(Problem("other_department", says, "请由该事项的主管部门申报", field="row.department"))
    item = ServiceItem.of(command.row)
    asked = command.model_dump(mode="json")
    if (known := await answered_before("propose_item", actor, request, asked)) is not None:
        return UUID(known["proposal"])
    proposal = new_id()
    async with acting("propose_item", actor, item.id) as beat:
        await _check_standing(item, command)
        await ItemProposal.insert(
            ItemProposal(
                id=proposal,
                item=item.id,
                code=item.code,
                kind=command.kind,
                body=item.data,
                sha256=item.sha256,
                says=command.says,
                department=command.department,
                region=unit.region,
                organisation=unit.id,
                organisation_name=unit.name,
                proposed_by=actor.person,
                proposed_at=beat.at,
            )
        )
        await beat.record(item.code, hashes={"row": item.sha256}, facts={"kind": command.kind, "says": command.says})
        await answer(beat, request, asked, {"proposal": str(proposal)})
    return proposal


async def _department(actor: Actor) -> OrganisationView:
    unit = await accounts.organisation(actor.organisation) if actor.organisation else None
    if unit is None or actor.role != "purchaser" or unit.kind != "government":
        says = "服务事项由行业主管部门申报"
        raise Forbidden(Problem("not_a_department", says, "请用行政机关的账号办理", "优化营商环境条例第四十三条"))
    return unit


async def _check_standing(item: ServiceItem, command: ProposeItem) -> None:
    if any(one.item == item.id for one in await records.waiting_items()):
        raise WrongStage(Problem("proposal_waits", "这个事项已有一份申报等待审批", "请等待审批结果"))
    standing = next((row for row in await records.catalogue(withdrawn=True) if row.id == item.id), None)
    if command.kind == "withdraw" and (standing is None or not standing.listed):
        raise WrongStage(Problem("item_not_listed", "清单中没有这个事项", "请核对编码", field="row.code"))
    if command.kind == "approve" and standing is not None and standing.listed and standing.sha256 == item.sha256:
        raise BadInput(Problem("nothing_changed", "与现行清单完全一致", "请修改后再申报", field="row"))
