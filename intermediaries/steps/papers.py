"""What an agency brings along: certificates with their scans, people, promises, owners to keep away from."""

from mimetypes import guess_type
from typing import Any, cast
from uuid import UUID

from piccolo.columns import Column

from intermediaries import profile
from intermediaries.case import CERTIFICATE, AgencyCase, Tools, agency_act
from intermediaries.catalogue import QUALIFICATIONS
from intermediaries.records import agencies as records
from intermediaries.records import items as catalogue
from intermediaries.records.agency_rows import Paper
from intermediaries.rules.agencies import WARNING, offer_problems, paper_problems
from intermediaries.schemas.agencies import AddCertificate, AddPractitioner, DeclareAvoidance, PromiseItem
from intermediaries.stages import FILED
from intermediaries.tables import Avoidance, Certificate, Practitioner, Promise
from kernel.codes import check_credit_code
from kernel.errors import BadInput, LawRefuses, NotFound, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id
from storage import uploads

SCAN = 50 * 1024 * 1024
"""A scan of one certificate is no larger than 50 MiB."""
MOST = {"certificates": 100, "practitioners": 1000, "avoidances": 200}


async def add_certificate(tools: Tools, actor: Actor, agency: UUID, command: AddCertificate) -> UUID:
    """Add a certificate with its scan; in the market already, the centre looks at it before it counts."""
    owner = str(actor.organisation)
    await uploads.finish(tools.store, command.upload, owner)
    async with agency_act("enter_market", actor, agency) as case:
        refuse_all(await _certificate_problems(case, command), BadInput)
        scan = await uploads.claim(case.beat.connection, command.upload, owner, CERTIFICATE)
        if scan.size > SCAN:
            raise BadInput(Problem("scan_too_large", "证书扫描件超过 50 MiB", "请压缩后上传", field="upload"))
        paper = new_id()
        said = command.model_dump(exclude={"valid_through", "upload", "label"})
        await Certificate.insert(
            Certificate(
                id=paper,
                agency=agency,
                expires_at=command.expires_at,
                sha256=scan.sha256,
                media=guess_type(command.label)[0] or "application/octet-stream",
                size=scan.size,
                added_at=case.beat.at,
                **said,
            )
        )
        facts = command.model_dump(mode="json", exclude={"upload"}, exclude_none=True)
        await case.beat.record(command.number, act="add_certificate", hashes={"scan": scan.sha256}, facts=facts)
        if command.expires_at is not None:
            await case.wake(max(command.expires_at - WARNING, case.beat.at))
            await case.wake(command.expires_at)
    return paper


async def remove_certificate(actor: Actor, agency: UUID, certificate: UUID) -> None:
    """Take a certificate out; it stays on record, and promises that rest on it no longer stand."""
    async with agency_act("enter_market", actor, agency) as case:
        paper = await records.certificate(agency, certificate)
        await Certificate.update({Certificate.removed_at: case.beat.at}).where(Certificate.id == certificate)
        await case.beat.record(paper.number, act="remove_certificate")
        await profile.refresh(case.agency, case.beat.at)
        await case.wake(case.beat.at)


async def add_practitioner(actor: Actor, agency: UUID, command: AddPractitioner) -> UUID:
    """Register a person who works for the agency; his licence may stand in one agency only."""
    async with agency_act("enter_market", actor, agency) as case:
        elsewhere = await records.practitioner_elsewhere(command.profession, command.number)
        if elsewhere is not None:
            whose = "本机构" if elsewhere == agency else "另一家机构"
            says = f"这本执业证书已登记在{whose}"
            raise BadInput(Problem("practitioner_elsewhere", says, "一人只能在一家机构执业", field="number"))
        _not_too_many("practitioners", len(await records.practitioners(agency)))
        person = new_id()
        said = command.model_dump(exclude={"valid_through"})
        row = Practitioner(id=person, agency=agency, expires_at=command.expires_at, added_at=case.beat.at, **said)
        await Practitioner.insert(row)
        facts = command.model_dump(mode="json", exclude_none=True)
        await case.beat.record(command.number, act="add_practitioner", facts=facts)
    return person


async def remove_practitioner(actor: Actor, agency: UUID, practitioner: UUID) -> None:
    """A person no longer works for the agency."""
    async with agency_act("enter_market", actor, agency) as case:
        found = next((p for p in await records.practitioners(agency) if p.id == practitioner), None)
        if found is None:
            raise NotFound(Problem("no_practitioner", "没有这名执业人员", "请从机构资料进入"))
        await Practitioner.update({Practitioner.removed_at: case.beat.at}).where(Practitioner.id == practitioner)
        await case.beat.record(found.number, act="remove_practitioner")


async def promise_item(actor: Actor, agency: UUID, command: PromiseItem) -> None:
    """Offer an item, or change its promised price and days; an agency already in must hold what the item needs."""
    async with agency_act("enter_market", actor, agency) as case:
        row = await catalogue.listed_item(command.item)
        under = await profile.lines(case.agency)
        papers = await records.certificates(agency)
        problems = offer_problems(row.item, papers, under, case.beat.at)
        if case.agency.stage in FILED:  # its papers may still come; whom it stands under will not change
            problems = [problem for problem in problems if problem.code == "under_approving_department"]
        refuse_all(problems, LawRefuses)
        said = {"price": command.price, "days": command.days, "says": command.says, "since": case.beat.at}
        await _promise(agency, command.item, said)
        facts = command.model_dump(mode="json", exclude_none=True)
        await case.beat.record(row.item.code, act="promise_item", facts=facts)
        await profile.refresh(case.agency, case.beat.at)


async def withdraw_promise(actor: Actor, agency: UUID, item: UUID) -> None:
    """No longer offer an item."""
    async with agency_act("enter_market", actor, agency) as case:
        found = next((p for p in await records.promises(agency) if p.item == item), None)
        if found is None:
            raise NotFound(Problem("no_promise", "没有承诺这一事项", "请从机构资料进入"))
        await Promise.delete().where(Promise.id == found.id)
        await case.beat.record(found.code, act="withdraw_promise")
        await profile.refresh(case.agency, case.beat.at)


async def declare_avoidance(actor: Actor, agency: UUID, command: DeclareAvoidance) -> UUID:
    """Name an owner to keep away from."""
    wrong = check_credit_code(command.code, "code")
    refuse_all([wrong] if wrong else [], BadInput)
    async with agency_act("enter_market", actor, agency) as case:
        standing = await records.avoidances(agency)
        if any(one.code == command.code for one in standing):
            raise WrongStage(Problem("avoidance_known", "已经申报回避这家单位", "无须重复申报", field="code"))
        _not_too_many("avoidances", len(standing))
        avoidance = new_id()
        said = command.model_dump()
        await Avoidance.insert(Avoidance(id=avoidance, agency=agency, declared_at=case.beat.at, **said))
        await case.beat.record(command.code, act="declare_agency_avoidance", facts=said)
    return avoidance


async def end_avoidance(actor: Actor, agency: UUID, avoidance: UUID) -> None:
    """The reason is gone; the row stays on record."""
    async with agency_act("enter_market", actor, agency) as case:
        found = next((a for a in await records.avoidances(agency) if a.id == avoidance), None)
        if found is None:
            raise NotFound(Problem("no_avoidance", "没有这项回避", "请从机构资料进入"))
        await Avoidance.update({Avoidance.ended_at: case.beat.at}).where(Avoidance.id == avoidance)
        await case.beat.record(found.code, act="end_avoidance")


async def _certificate_problems(case: AgencyCase, command: AddCertificate) -> list[Problem]:
    paper = Paper(command.kind, command.grade, command.number, command.expires_at)
    problems = paper_problems(paper, case.beat.at)
    if command.issued_on > case.beat.at.date():
        problems.append(Problem("issued_later", "发证日期晚于今天", "请按证书填写", field="issued_on"))
    standing = await records.certificates(case.agency.id)
    if any((p.kind, p.number, p.expires_at) == (command.kind, command.number, command.expires_at) for p in standing):
        name = QUALIFICATIONS[command.kind].name if command.kind in QUALIFICATIONS else "证书"
        problems.append(
            Problem("certificate_known", f"{name}（{command.number}）已经登记", "无须重复上传", field="number")
        )
    _not_too_many("certificates", len(standing))
    return problems


async def _promise(agency: UUID, item: UUID, said: dict[str, Any]) -> None:
    known = await Promise.exists().where(Promise.agency == agency, Promise.item == item)
    if known:
        await Promise.update(cast(dict[Column | str, Any], said)).where(Promise.agency == agency, Promise.item == item)
    else:
        await Promise.insert(Promise(id=new_id(), agency=agency, item=item, **said))


def _not_too_many(what: str, count: int) -> None:
    if count >= MOST[what]:
        raise BadInput(Problem("too_many_papers", f"登记已达上限 {MOST[what]} 条", "请先清理不再使用的"))
