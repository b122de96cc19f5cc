"""Credit kept: what an event costs, from when until when; the score is counted anew from what is in force."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from intermediaries.case import Tools
from intermediaries.credit import CREDIT, CreditEvent, months_later
from intermediaries.records import agencies as records
from intermediaries.records.agency_rows import AgencyRow
from intermediaries.tables import Charge
from kernel import inbox
from kernel.acts import Beat
from kernel.clock import iso, when
from kernel.ids import new_id
from kernel.jobs import schedule
from kernel.workdays import deadline

_IN_FORCE = """
select coalesce(sum(points), 0) from intermediaries.charge
where agency = $1 and at <= $2 and (until is null or until > $2)
"""
_SCORE = "update intermediaries.agency set credit = $2 where id = $1 and credit <> $2"


@dataclass(frozen=True, slots=True)
class Cost:
    """What happened: the event of credit.toml, the case it happened in, and in words."""

    event: str
    case: UUID
    says: str


async def charge(tools: Tools, beat: Beat, agency: UUID, cost: Cost) -> UUID:
    """Note a deduction in the act's transaction; its number. It counts at once where an authority has decided, else
    after the time to appeal (law.toml M03), for as many months as credit.toml says.

    KeyError for an event that credit.toml does not have. The act's own event tells of it.
    """
    event, row = CREDIT.events[cost.event], await records.agency(agency)
    at = _from_when(tools, event, row, beat.at)
    until = months_later(at, event.months)
    number = new_id()
    await Charge.insert(
        Charge(
            id=number,
            agency=agency,
            event=event.id,
            points=event.points,
            case=cost.case,
            says=cost.says[:400],
            noted_at=beat.at,
            at=at,
            until=until,
        )
    )
    await recount(beat.connection, agency, beat.at)
    for moment in (at, until):
        dedup = f"agency:{agency}:{iso(moment)}"
        await schedule(beat.connection, "agency", {"agency": str(agency)}, run_at=moment, dedup=dedup)
    fields = {"agency": row.name, "event": event.name, "points": str(event.points), "at": when(at)}
    await inbox.send(
        beat.connection, "credit_charged", fields=fields, organisation=row.organisation, link=f"/agencies/{agency}"
    )
    return number


async def recount(connection: asyncpg.Connection, agency: UUID, at: datetime) -> int:
    """The score of an agency at this moment, written where the search looks."""
    score = CREDIT.score([await connection.fetchval(_IN_FORCE, agency, at)])
    await connection.execute(_SCORE, agency, score)
    return score


def _from_when(tools: Tools, event: CreditEvent, agency: AgencyRow, at: datetime) -> datetime:
    if event.at_once:
        return at
    law = tools.law.in_force(at.date(), agency.region, "agency_entry")
    wait = law["M03"]
    return deadline(at, int(wait.at_least or 0), "workday" if wait.unit == "workday" else "day")
