"""Looking without an act: what waits for the centre, an entry with its papers, for those who may."""

from dataclasses import dataclass
from uuid import UUID

from intermediaries.case import check_agency_actor
from intermediaries.judging import judged_entry
from intermediaries.records import agencies as records
from intermediaries.records.agency_rows import (
    AgencyRow,
    AvoidanceView,
    CertificateView,
    ChargeView,
    PractitionerView,
    PromiseView,
)
from kernel.clock import now
from kernel.errors import Problem
from kernel.identity import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """An agency with everything it has handed in, and what the form check would find at this moment."""

    agency: AgencyRow
    certificates: list[CertificateView]
    practitioners: list[PractitionerView]
    promises: list[PromiseView]
    avoidances: list[AvoidanceView]
    missing: list[Problem]

    @property
    def unchecked(self) -> list[CertificateView]:
        return [paper for paper in self.certificates if paper.checked_at is None]


async def entry(act: str, actor: Actor, agency: UUID) -> Entry:
    """One entry for its own agency or the centre of its region; refuses like the act would."""
    row = await records.agency(agency)
    check_agency_actor(act, actor, row)
    committed = act == "enter_market" or row.commitment is not None
    return Entry(
        row,
        await records.certificates(agency),
        await records.practitioners(agency),
        await records.promises(agency),
        await records.avoidances(agency),
        await judged_entry(row, await now(), committed=committed),
    )


async def waiting(actor: Actor) -> list[AgencyRow]:
    """Whose form waits for this centre, the first due first."""
    return await records.waiting_agencies(stem(actor.region))


async def with_new_papers(actor: Actor) -> list[AgencyRow]:
    """Agencies in the market of this centre's region with certificates nobody has looked at."""
    return await records.with_new_papers(stem(actor.region))


async def open_appeals(actor: Actor) -> list[tuple[AgencyRow, ChargeView]]:
    """Appeals that wait for this centre: (agency, the deduction it appeals against), the first to count first."""
    return await records.open_appeals(stem(actor.region))


def stem(region: str) -> str:
    """330000 → 33, 330100 → 3301: what the codes of a region and all below it begin with."""
    for digits in (2, 4):
        if region[digits:] == "0" * (6 - digits):
            return region[:digits]
    return region
