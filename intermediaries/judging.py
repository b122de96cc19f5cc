"""An agency's entry judged with all its papers: the rules, given what the records know."""

from dataclasses import replace
from datetime import datetime

from intermediaries.profile import lines
from intermediaries.records import agencies as records
from intermediaries.records import items as catalogue
from intermediaries.records.agency_rows import AgencyRow, CertificateView
from intermediaries.rules.agencies import Applicant, Party, entry_problems, offer_problems, tie_problems
from kernel.errors import Problem


async def judged_entry(agency: AgencyRow, at: datetime, *, committed: bool) -> list[Problem]:
    """Everything that keeps this agency out now; papers nobody has looked at yet count as they were filed."""
    applicant = Applicant(
        code=agency.code,
        name=agency.name,
        legal_rep=agency.legal_rep,
        office=agency.office,
        phone=agency.phone,
        bank_account=agency.bank_account,
        committed=committed,
        lines=await lines(agency),
    )
    known = {row.id: row.item for row in await catalogue.catalogue()}
    offered = [known[promise.item] for promise in await records.promises(agency.id) if promise.item in known]
    papers = [as_filed(paper, at) for paper in await records.certificates(agency.id)]
    return entry_problems(applicant, papers, offered, at)


def as_filed(paper: CertificateView, at: datetime) -> CertificateView:
    """A paper nobody has looked at, as if it had been found right."""
    return paper if paper.checked_at is not None else replace(paper, checked_at=at)


async def service_problems(
    agency: AgencyRow, item: catalogue.ItemRow, owner: Party, at: datetime, avoided: frozenset[str] = frozenset()
) -> list[Problem]:
    """Whether this agency may serve this owner with this item at this moment: papers, article 43, ties, avoidance.

    `avoided` are codes the owner has named. Where the agency stands is not asked: the caller looks at its stage.
    """
    papers = await records.certificates(agency.id)
    own = {one.code for one in await records.avoidances(agency.id)}
    here = Party(agency.code, agency.controller, agency.name)
    found = offer_problems(item.item, papers, await lines(agency), at)
    return found + tie_problems(here, owner, sorted(own | avoided))
