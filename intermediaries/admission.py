"""May this agency take part in this request: everything that is looked at, at the door and again at the close."""

from datetime import datetime

from intermediaries.catalogue import Need, ServiceItem
from intermediaries.profile import lines
from intermediaries.records import agencies, applicants
from intermediaries.records.agency_rows import AgencyRow
from intermediaries.records.requests import RequestRow
from intermediaries.request_case import RequestCase
from intermediaries.rules.agencies import Party, offer_problems, tie_problems
from intermediaries.rules.requests import licence_problems, staff_problems
from intermediaries.stages import AgencyStage
from intermediaries.tables.requests import Application
from kernel.errors import Forbidden, Problem, refuse_all
from kernel.ids import secret_id
from kernel.proofs.canonical import encode


async def admit(case: RequestCase, says: str = "") -> Application:
    """The applicant's row, made now where there is none. Refuses with every ground at once.

    Nothing here depends on who else applied: a refusal tells nobody about a rival.
    """
    actor, row = case.beat.actor, case.request
    agency = await agencies.agency_of(actor.organisation)
    if agency is None:
        raise Forbidden(Problem("not_in_market", "您的单位还没有入驻中介超市", "请先办理入驻"))
    refuse_all(await problems(agency, row, case.beat.at), Forbidden)
    same = (Application.request == row.id) & (Application.organisation == agency.organisation)
    found = await Application.objects().where(same).first()
    if found is not None:
        if found.left_at is not None or says:
            await Application.update(
                {Application.left_at: None, Application.says: says, Application.applied_at: case.beat.at}
            ).where(same)
        return found
    made = _application(row, agency, says, case.beat.at)
    await Application.insert(made)
    return made


async def problems(agency: AgencyRow, row: RequestRow, at: datetime) -> list[Problem]:
    """Every ground against this agency in this request now: standing, papers, staff, 条例43, ties, a refusal before."""
    if agency.stage != AgencyStage.ACTIVE:
        says = f"机构现处于“{agency.stage_name}”，不能报名"
        return [Problem("agency_not_active", says, "恢复在库后再报名")]
    item = ServiceItem.of(row.item_row)
    papers = await agencies.certificates(agency.id)
    wanted = {key: [Need(**one) for one in row.terms[key]] for key in ("any_of", "all_of")}
    avoided = [a.code for a in await agencies.avoidances(agency.id)] + [a["code"] for a in row.terms["avoid"]]
    held = sum(p.expires_at is None or p.expires_at > at for p in await agencies.practitioners(agency.id))
    owner = Party(row.owner_code, row.owner_controller or row.owner_code, row.owner_name)
    return [
        *offer_problems(item, papers, await lines(agency), at),
        *licence_problems(papers, wanted["any_of"], wanted["all_of"], at),
        *staff_problems(held, row.terms["staff"]),
        *tie_problems(Party(agency.code, agency.controller, agency.name), owner, avoided),
        *await _refused_before(agency, row),
        *_credit(agency, row),
    ]


def record_of(agency: AgencyRow) -> bytes:
    """What the draw's list holds of an agency: canonical JSON."""
    return encode(
        {"id": str(agency.id), "code": agency.code, "name": agency.name, "employer": agency.controller or agency.code}
    )


def _credit(agency: AgencyRow, row: RequestRow) -> list[Problem]:
    least = int(row.mode_row["credit"])
    if agency.credit >= least:
        return []
    return [Problem("credit_too_low", f"信用分低于 {least}，不能参加择优选取", "信用恢复后再报名")]


async def _refused_before(agency: AgencyRow, row: RequestRow) -> list[Problem]:
    """Who was selected for this project and did not take it may not apply for it again."""
    from_project = await applicants.refusals(row.project)
    if agency.organisation not in from_project:
        return []
    return [Problem("declined_before", "曾中选本项目后放弃，不得再次报名", "请选择其他项目")]


def _application(row: RequestRow, agency: AgencyRow, says: str, at: datetime) -> Application:
    return Application(
        id=secret_id(),
        request=row.id,
        agency=agency.id,
        organisation=agency.organisation,
        code=agency.code,
        name=agency.name,
        controller=agency.controller,
        record=record_of(agency),
        says=says,
        applied_at=at,
    )
