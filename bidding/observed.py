"""What supervision observes of a lot beside its moments: the opening itself, the report, odd marks, shared origins.

Nothing here is known before the bids are opened, and no person is named: a sign is a number that an officer looks into.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from kernel.clock import CHINA
from kernel.db import TRADING, reading
from kernel.watched import ENDED, Fact

_MOMENTS = """
select l.id, case when l.failure = '' or b.countersigned_at is not null then l.deadline end as opening_due,
    b.countersigned_at as opening_begun,
    (select min(n.published_at) from bidding.notice n where n.lot = l.id and n.kind = 'award') as result_published,
    case when l.failure <> '' then (select max(e.at) from box.seen_event e
        where e.case_key = l.id::text and e.act in ('fail_lot', 'end_case')) end as ended,
    (select count(*) from box.seen_event e where e.case_key = l.id::text and e.act = 'box_damaged') as files_damaged
from bidding.lot l left join box.box b on b."case" = l.id where l.id = any($1)
"""
_REPORTS = """
select distinct on (r.lot) r.lot, r.body from bidding.report r join bidding.signed_report s on s.report = r.id
    join bidding.lot l on l.id = r.lot
where r.lot = any($1) and l.stage <> 'archived' order by r.lot, r.n desc
"""
_SIGNED = """
select r.round, s.sha256, s.at, s.body from bidding.report r join bidding.signed_report s on s.report = r.id
where r.lot = $1 order by r.n desc limit 1
"""
_ORIGINS = 'select "case" as lot, one_address, one_person from box.shared_origin where "case" = any($1)'


@dataclass(frozen=True, slots=True)
class SignedReport:
    """评标报告 as it was closed: what each member said under it, by seat number; nobody's name.

    `signatures`: {number, says: signed | dissent | deemed, text}; a dissent's text are the member's own words.
    """

    round: int
    sha256: str
    closed_at: datetime
    signatures: Sequence[Mapping[str, Any]]


async def signed_report(lot: UUID) -> SignedReport | None:
    """The newest closed report of a lot, or None before there is one."""
    async with reading(TRADING) as connection:
        row = await connection.fetchrow(_SIGNED, lot)
    if row is None:
        return None
    said = json.loads(row["body"])["signatures"]
    return SignedReport(row["round"], row["sha256"], row["at"].astimezone(CHINA), said)


async def facts(cases: Sequence[UUID]) -> dict[UUID, dict[str, Fact]]:
    """{lot: {measure: moment or number}}; what is not known yet is not there.

    `bidders_of_one_address`, `bidders_of_one_person`: the most bidders whose bids came from one network address, or
    were handed in by one person. `marks_apart`: see `marks_apart`. `ended`: the lot failed or was ended then.
    `files_damaged`: stored files of bids that the log calls altered or lost.
    """
    async with reading(TRADING) as connection:
        moments = await connection.fetch(_MOMENTS, list(cases))
        closed = await connection.fetch(_REPORTS, list(cases))
        origins = await connection.fetch(_ORIGINS, list(cases))
    found: dict[UUID, dict[str, Fact]] = {case: {} for case in cases}
    for row in moments:
        told = {ENDED if name == "ended" else name: at for name, at in row.items() if isinstance(at, datetime)}
        found[row["id"]] |= {name: at.astimezone(CHINA) for name, at in told.items()}
        found[row["id"]] |= {"files_damaged": row["files_damaged"]} if row["files_damaged"] else {}
    for row in closed:
        if (apart := marks_apart(json.loads(row["body"]))) is not None:
            found[row["lot"]]["marks_apart"] = apart
    for row in origins:
        known = {"bidders_of_one_address": row["one_address"], "bidders_of_one_person": row["one_person"]}
        found[row["lot"]] |= {name: most for name, most in known.items() if most}
    return found


def marks_apart(report: Mapping[str, Any]) -> int | None:
    """By how many percent, rounded down, one member's mark lies at most away from the mean of the whole panel's.

    Only what members judge for themselves is looked at; None where the method has nothing of the kind. Integers and
    fractions throughout: the same marks give the same number everywhere.
    """
    judged = [item["id"] for item in report["evaluation"].get("items", ()) if item["kind"] == "subjective"]
    sheets = list(report["scores"].values())
    shares = [
        share
        for item in judged
        for bidder in (sheets[0] if sheets else {})
        if (share := _furthest([Fraction(Decimal(sheet[bidder][item])) for sheet in sheets])) is not None
    ]
    return int(max(shares) * 100) if shares else None


def _furthest(marks: Sequence[Fraction]) -> Fraction | None:
    """The greatest distance of a mark from the mean, as a share of the mean; None where all gave nought."""
    mean = sum(marks, Fraction()) / len(marks)
    return max(abs(mark - mean) for mark in marks) / mean if mean else None
