"""What time does to an agency: a certificate ends, a warning falls due, publicity is over, credit comes and goes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from intermediaries import charges, profile
from intermediaries.case import AgencyCase, agency_act
from intermediaries.catalogue import QUALIFICATIONS
from intermediaries.records import agencies as records
from intermediaries.records.agency_rows import CertificateView
from intermediaries.rules.agencies import WARNING
from intermediaries.stages import AgencyStage
from intermediaries.tables import Certificate
from kernel.clock import when
from kernel.identity import Actor


class NothingDue(Exception):
    """Time has done nothing to this agency since somebody last looked; no act, no event."""


async def lapse_papers(actor: Actor, agency: UUID) -> None:
    """Do everything that is due for one agency; safe at any time, any number of times. Raises NothingDue."""
    async with agency_act("enter_market", actor, agency, window="lapse_papers") as case:
        at = case.beat.at
        papers = await records.certificates(agency)
        before = len(case.beat.events)
        await _end_publicity(case, at)
        await _warn(case, papers, at)
        await _lapse(case, papers, at)
        await _rejudge(case, at)
        if len(case.beat.events) == before:
            raise NothingDue


async def _end_publicity(case: AgencyCase, at: datetime) -> None:
    until = case.agency.publicity_until
    if case.agency.stage == AgencyStage.PUBLICITY and until is not None and until <= at:
        await case.move(AgencyStage.ACTIVE, active_at=at)
        await case.beat.record(case.agency.code, act="end_publicity")
        await case.tell("entry_passed", at=when(at), stage=case.agency.stage_name)


async def _warn(case: AgencyCase, papers: Sequence[CertificateView], at: datetime) -> None:
    """Thirty days before a certificate ends, once: after that there is nothing more to be told but the end."""
    for paper in papers:
        if paper.expires_at is None or paper.warned_at or not paper.expires_at - WARNING <= at < paper.expires_at:
            continue
        await Certificate.update({Certificate.warned_at: at}).where(Certificate.id == paper.id)
        await case.beat.record(paper.number, act="warn_certificate")
        await case.tell("certificate_ends", certificate=_name(paper), at=when(paper.expires_at))


async def _lapse(case: AgencyCase, papers: Sequence[CertificateView], at: datetime) -> None:
    for paper in papers:
        if paper.expires_at is None or paper.expires_at > at or paper.lapsed_at is not None:
            continue
        await Certificate.update({Certificate.lapsed_at: at}).where(Certificate.id == paper.id)
        await case.beat.record(paper.number, act="lapse_certificate")
        await case.tell("certificate_ended", certificate=_name(paper), at=when(paper.expires_at))


async def _rejudge(case: AgencyCase, at: datetime) -> None:
    """What it may still serve; an agency that may serve nothing is suspended until it may again."""
    row = await records.agency(case.agency.id)
    before = {promise.code for promise in await records.promises(row.id) if promise.standing}
    credit = row.credit
    served = await profile.refresh(row, at)
    score = await charges.recount(case.beat.connection, row.id, at)
    if score != credit:
        await case.beat.record(row.code, act="recount_credit", facts={"credit": score})
    if before != set(served):
        await case.beat.record(row.code, act="rejudge_promises", facts={"serves": sorted(served)})
    if row.stage == AgencyStage.ACTIVE and not served:
        why = "没有一项服务事项的资质仍然有效"
        await case.move(AgencyStage.SUSPENDED, halted_by="certificate", halted_why=why, halted_at=at)
        await case.beat.record(row.code, act="suspend_agency", facts={"why": why})
        await case.tell("agency_suspended", reason=why)


def _name(paper: CertificateView) -> str:
    kind = QUALIFICATIONS.get(paper.kind)
    return f"{kind.name if kind else paper.kind}{paper.grade}（{paper.number}）"
