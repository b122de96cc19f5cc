"""形式核验: the centre looks at form only, within its clock; it lets in, or sends everything back at once."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import Column

from intermediaries import profile
from intermediaries.case import AgencyCase, agency_act
from intermediaries.judging import judged_entry
from intermediaries.records import agencies as records
from intermediaries.records.agency_rows import AgencyRow, CertificateView
from intermediaries.schemas.agencies import CheckEntry, CheckPapers, RefusedPaper
from intermediaries.stages import AgencyStage
from intermediaries.tables import Certificate
from kernel.clock import now, when
from kernel.errors import BadInput, NotFound, Problem, refuse_all
from kernel.identity import Actor
from kernel.law import LawInForce
from kernel.workdays import deadline

SHOWN = ("entry_checked", "entry_active")
"""A limit that measures these says how long an entry is shown to the public before it counts."""


async def check_entry(actor: Actor, agency: UUID, command: CheckEntry) -> None:
    """Let a complete entry in, or return it with all that is wrong; refuses either when it is not so."""
    async with agency_act("check_entry", actor, agency) as case:
        problems = await _problems(case, command)
        if command.decision == "return":
            await _return(case, problems)
        else:
            refuse_all(problems, BadInput)
            await _let_in(case)


async def check_papers(actor: Actor, agency: UUID, command: CheckPapers) -> None:
    """Look at the new certificates of an agency that is in: what is not refused counts from now."""
    async with agency_act("check_entry", actor, agency, window="check_papers") as case:
        waiting = [paper for paper in await records.certificates(agency) if paper.checked_at is None]
        if not waiting:
            raise BadInput(Problem("nothing_to_check", "没有待核验的新证书", "无须办理"))
        reasons = _reasons(command.refused, waiting)
        await _mark(case, waiting, reasons)
        facts = {"taken": len(waiting) - len(reasons), "refused": sorted(reasons.values())}
        await case.beat.record(case.agency.code, act="check_papers", facts=facts)
        served = await profile.refresh(await records.agency(agency), case.beat.at)
        if case.agency.stage == AgencyStage.SUSPENDED and case.agency.halted_by == "certificate" and served:
            await case.move(AgencyStage.ACTIVE, halted_by="", halted_why="", halted_at=None)
            await case.beat.record(case.agency.code, act="restore_agency", facts={"why": "新证书核验通过"})
        said = "；".join(reasons.values()) or "全部通过"
        await case.tell("papers_checked", at=when(case.beat.at), result=said[:400])


async def missing(agency: AgencyRow) -> list[Problem]:
    """What the form check would find by itself at this moment: for the page that asks for a decision."""
    return await judged_entry(agency, await now(), committed=agency.commitment is not None)


async def _problems(case: AgencyCase, command: CheckEntry) -> list[Problem]:
    found = await judged_entry(case.agency, case.beat.at, committed=case.agency.commitment is not None)
    papers = await records.certificates(case.agency.id)
    reasons = _reasons(command.refused, papers)
    found += [
        Problem("certificate_refused", f"证书 {paper.number}：{reasons[paper.id]}", "请更换后重新提交", field="kind")
        for paper in papers
        if paper.id in reasons
    ]
    if command.remarks:
        found.append(Problem("remarks", command.remarks, "请按说明补正"))
    return found


def _reasons(refused: Sequence[RefusedPaper], papers: Sequence[CertificateView]) -> dict[UUID, str]:
    known = {paper.id for paper in papers}
    if any(one.certificate not in known for one in refused):
        raise NotFound(Problem("no_certificate", "没有这份证书", "请从机构页面进入"))
    return {one.certificate: one.reason for one in refused}


async def _return(case: AgencyCase, problems: Sequence[Problem]) -> None:
    if not problems:
        raise BadInput(Problem("nothing_missing_here", "材料齐全，不得退回", "请通过核验，或写明须补正的事项"))
    listed = [{"code": p.code, "says": p.says, "remedy": p.remedy, "article": p.article} for p in problems]
    await case.move(AgencyStage.RETURNED, returned=json.dumps(listed, ensure_ascii=False), checked_at=case.beat.at)
    await case.beat.record(case.agency.code, act="return_entry", facts={"problems": listed})
    await case.tell("entry_returned", reason="；".join(p.says for p in problems)[:400])


async def _let_in(case: AgencyCase) -> None:
    await _mark(case, await records.certificates(case.agency.id), {})
    at = case.beat.at
    shown = _publicity(case.agency, at)
    changes = {"checked_at": at, "returned": None}
    if shown is not None:
        await case.move(AgencyStage.PUBLICITY, publicity_until=shown, **changes)
        await case.wake(shown)
    else:
        await case.move(AgencyStage.ACTIVE, active_at=at, **changes)
    await profile.refresh(await records.agency(case.agency.id), at)
    await case.beat.record(case.agency.code, facts={"stage": str(case.agency.stage)})
    await case.tell("entry_passed", at=when(at), stage=case.agency.stage_name)


def _publicity(agency: AgencyRow, at: datetime) -> datetime | None:
    law = LawInForce.from_json(agency.law) if agency.law else ()
    limit = next((limit for limit in law if limit.measures == SHOWN and limit.at_least is not None), None)
    if limit is None or limit.at_least is None:
        return None
    return deadline(at, int(limit.at_least), "workday" if limit.unit == "workday" else "day")


async def _mark(case: AgencyCase, papers: Sequence[CertificateView], reasons: Mapping[UUID, str]) -> None:
    for paper in papers:
        if paper.checked_at is None:
            refused = reasons.get(paper.id, "")
            values: dict[Column | str, Any] = {"checked_at": case.beat.at, "refused": refused}
            await Certificate.update(values).where(Certificate.id == paper.id)
