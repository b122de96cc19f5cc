"""入驻: an agency describes itself, gathers its papers, signs its commitment and files; an owner enters at once."""

from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from piccolo.columns import Column

from intermediaries import profile
from intermediaries.case import AgencyCase, Tools, agency_act
from intermediaries.judging import judged_entry
from intermediaries.records import agencies as records
from intermediaries.rules.agencies import office_deadline
from intermediaries.schemas.agencies import DescribeAgency, EnterOwner, FileEntry
from intermediaries.stages import AgencyStage
from intermediaries.tables import Agency, Owner
from intermediaries.texts import commitment
from kernel.accounts import records as accounts
from kernel.accounts.natural import is_natural
from kernel.accounts.records import OrganisationView
from kernel.acts import acting, answer, answered_before
from kernel.clock import when
from kernel.errors import BadInput, Forbidden, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id


async def enter_market(actor: Actor, command: DescribeAgency, request: UUID | None = None) -> UUID:
    """Open the entry of the actor's organisation, or correct what it says of itself; the agency's id."""
    unit = await _unit(actor, "intermediary")
    asked = command.model_dump(mode="json")
    if (known := await answered_before("enter_market", actor, request, asked)) is not None:
        return UUID(known["agency"])
    standing = await records.agency_of(unit.id)
    if standing is not None:
        await _describe(actor, standing.id, command)
        return standing.id
    agency = new_id()
    async with acting("enter_market", actor, unit.id) as beat:
        if await records.agency_of(unit.id) is not None:
            raise WrongStage(Problem("entered_already", "本单位已经登记", "请从工作台进入"))
        await Agency.insert(_row(agency, unit, command, beat.at))
        await beat.record(unit.code, case=agency, facts=asked)
        await answer(beat, request, asked, {"agency": str(agency)})
    return agency


async def file_entry(tools: Tools, actor: Actor, agency: UUID, command: FileEntry, request: UUID | None = None) -> None:
    """Sign the commitment and hand everything to the centre's form check; its clock starts. All problems at once."""
    asked = command.model_dump(mode="json") | {"agency": str(agency)}
    if await answered_before("enter_market", actor, request, asked) is not None:
        return
    async with agency_act("enter_market", actor, agency, window="file_entry") as case:
        at = case.beat.at
        refuse_all(await judged_entry(case.agency, at, committed=True), BadInput)
        law = tools.law.in_force(at.date(), case.agency.region, "agency_entry")
        letter = commitment("agency", case.agency.code, case.agency.name, actor.person, at)
        due = office_deadline(law["M01"], at)
        await case.move(
            AgencyStage.FORM_CHECK,
            commitment=letter,
            committed_at=at,
            filed_at=at,
            check_due=due,
            law=law.to_json(),
            returned=None,
        )
        await case.beat.record(
            case.agency.code,
            act="file_entry",
            hashes={"commitment": sha256(letter).hexdigest()},
            facts={"law": law.sha256()},
        )
        await case.tell("entry_filed", at=when(at), due=when(due))
        await answer(case.beat, request, asked, {})


async def enter_owner(actor: Actor, command: EnterOwner, request: UUID | None = None) -> UUID:
    """An owner comes in, on his commitment and without any check; the owner's id is his organisation's."""
    unit = await _unit(actor, "purchaser")
    asked = command.model_dump(mode="json")
    if (known := await answered_before("enter_market", actor, request, asked)) is not None:
        return UUID(known["owner"])
    async with acting("enter_market", actor, unit.id) as beat:
        letter = commitment("owner", unit.code, unit.name, actor.person, beat.at)
        given: dict[str, Any] = {"contact": command.contact, "complaints_phone": command.complaints_phone}
        if await records.owner(unit.id) is None:
            who: dict[str, Any] = {"code": unit.code, "name": unit.name, "kind": _kind(unit), "region": unit.region}
            await Owner.insert(Owner(id=unit.id, controller=unit.controller, committed_at=beat.at, **who, **given))
        else:
            changed = cast(dict[Column | str, Any], given | {"committed_at": beat.at})
            await Owner.update(changed).where(Owner.id == unit.id)
        await beat.record(unit.code, act="enter_owner", hashes={"commitment": sha256(letter).hexdigest()}, facts=given)
        await answer(beat, request, asked, {"owner": str(unit.id)})
    return unit.id


async def _describe(actor: Actor, agency: UUID, command: DescribeAgency) -> None:
    async with agency_act("enter_market", actor, agency) as case:
        said = command.model_dump()
        if case.agency.stage not in (AgencyStage.APPLIED, AgencyStage.RETURNED):
            _refuse_change_of_line(case, command)
        await case.change(**said)
        await case.beat.record(case.agency.code, act="describe_agency", facts=command.model_dump(mode="json"))
        await profile.refresh(await records.agency(agency), case.beat.at)


def _refuse_change_of_line(case: AgencyCase, command: DescribeAgency) -> None:
    """Once it was looked at, a supervising department may be added and never be taken back by the agency itself."""
    if case.agency.affiliation and command.affiliation != case.agency.affiliation:
        says = "主管单位已经核验，不能自行更改"
        remedy = "请由交易中心核验变更材料，或重新申请入驻"
        raise Forbidden(Problem("affiliation_fixed", says, remedy, field="affiliation"))


async def _unit(actor: Actor, role: str) -> OrganisationView:
    found = await accounts.organisation(actor.organisation) if actor.organisation else None
    if found is None or actor.role != role:
        raise Forbidden(Problem("no_organisation", "您没有代表任何单位", "请先选择单位和角色"))
    return found


def _kind(unit: OrganisationView) -> str:
    return "person" if is_natural(unit.code) else unit.kind


def _row(agency: UUID, unit: OrganisationView, command: DescribeAgency, at: Any) -> Agency:
    return Agency(
        id=agency,
        organisation=unit.id,
        code=unit.code,
        name=unit.name,
        region=unit.region,
        kind=unit.kind,
        controller=unit.controller,
        stage=str(AgencyStage.APPLIED),
        entered_at=at,
        **command.model_dump(),
    )
