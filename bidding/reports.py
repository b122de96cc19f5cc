"""What came out of an evaluation, read only: reports with their signatures, the ranking, facts, pieces of packages."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from bidding import results
from bidding.judging import fetch, moved, sheets
from kernel.box import records as box_records
from kernel.clock import CHINA
from kernel.proofs.canonical import encode


@dataclass(frozen=True, slots=True)
class ReportView:
    """评标报告: as drawn up, and once every member has signed as it was closed (`signed`, with its own SHA-256)."""

    id: UUID
    round: int
    n: int
    body: bytes
    sha256: str
    sign_until: datetime
    at: datetime
    signed: bytes | None
    signed_sha256: str | None
    closed_at: datetime | None
    changed: bool | None

    @property
    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def signatures(self) -> list[dict[str, Any]]:
        """Of a closed report: {number, says, text, at} of every member."""
        return list(json.loads(self.signed)["signatures"]) if self.signed else []


@dataclass(frozen=True, slots=True)
class SignatureView:
    """One member under a report: signed, dissent, or deemed (视为同意)."""

    seat: UUID
    number: int
    kind: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RankedBid:
    """One bid as the closed report ranks it; money in yuan, marks as decimal text; rank 0 is rejected."""

    bidder: str
    organisation: UUID
    name: str
    rank: int
    tied: bool
    price: Decimal
    evaluated: Decimal | None
    price_score: str
    total: str
    items: Mapping[str, str]
    rejected: Sequence[Mapping[str, str]]
    form: Mapping[str, Any]


_REPORT = (
    "select r.id, r.round, r.n, r.body, r.sha256, r.sign_until, r.at, s.body as signed, s.sha256 as signed_sha256,"
    " s.at as closed_at, s.changed from bidding.report r left join bidding.signed_report s on s.report = r.id"
)


async def drafted(lot: UUID) -> ReportView | None:
    """The newest report, signed by all or not."""
    rows = await fetch(f"{_REPORT} where r.lot = $1 order by r.n desc limit 1", lot)
    if not rows:
        return None
    until = moved(rows[0]["at"], rows[0]["sign_until"], await results.suspended(lot))
    return ReportView(**{**rows[0], "sign_until": until})


async def report(lot: UUID) -> ReportView | None:
    """The newest report that is closed: what awards are made by. None before the evaluation has ended."""
    rows = await fetch(f"{_REPORT} where r.lot = $1 and s.id is not null order by r.n desc limit 1", lot)
    return ReportView(**rows[0]) if rows else None


async def signatures(report_id: UUID) -> list[SignatureView]:
    """The members who have signed a report, by seat number."""
    rows = await fetch(
        "select seat, number, kind, text, at from bidding.signature where report = $1 order by number", report_id
    )
    return [SignatureView(**row) for row in rows]


async def ranking(lot: UUID) -> list[RankedBid]:
    """The bids as the closed report ranks them, rejected last; empty before there is one."""
    found = await report(lot)
    if found is None:
        return []
    content = found.content
    bids = {bid["bidder"]: bid for bid in content["bids"]}
    standing = {bid.bidder: bid.organisation for bid in (await box_records.standing(lot))[0]}
    return [_ranked(row, bids[row["bidder"]], standing[row["bidder"]]) for row in content["ranking"]]


def _ranked(row: Mapping[str, Any], bid: Mapping[str, Any], organisation: UUID) -> RankedBid:
    shown = {key: row[key] for key in ("bidder", "rank", "tied", "price_score", "total", "items", "rejected")}
    return RankedBid(
        organisation=organisation,
        name=bid["name"],
        price=Decimal(row["price"]),
        evaluated=Decimal(row["evaluated"]) if row["evaluated"] else None,
        form=bid["form"],
        **shown,
    )


_FACTS = """
with closed as (
    select r.lot, r.n, r.at, s.at as signed_at from bidding.report r
        left join bidding.signed_report s on s.report = r.id
        left join bidding.first_opening f on f.lot = r.lot
    where r.lot = any($1)
        and case when f.lot is null then true
            else convert_from(r.body, 'utf8')::jsonb #>> '{evaluation,part}' is null end
), newest as (select distinct on (lot) lot, at, signed_at from closed order by lot, n desc)
select n.lot, (select max(c.signed_at) from closed c where c.lot = n.lot) as report_received,
    case when p.agent is not null then n.at end as evaluation_concluded,
    case when p.agent is not null then n.signed_at end as report_delivered
from newest n join bidding.lot l on l.id = n.lot join bidding.project p on p.id = l.project
"""


async def facts(cases: Sequence[UUID]) -> dict[UUID, dict[str, datetime]]:
    """{lot: {measure of law.toml: moment}} of the evaluation; the report on a first envelope alone counts for nothing.

    `report_received`: the report is closed. `evaluation_concluded`, `report_delivered`: the newest one was drawn up,
    and closed; only where an agency has to hand it over (政府采购法实施条例 43).
    """
    rows = await fetch(_FACTS, list(cases))
    return {
        row["lot"]: {name: at.astimezone(CHINA) for name, at in row.items() if name != "lot" and at} for row in rows
    }


EXTRACT = ("tender", "lot", "round", "n", "basis", "opening", "evaluation", "judged", "scores", "sheets", "ranking")
"""What of a report anybody may have once the award is made: enough to work the ranking out again, and no more."""


def extract(content: Mapping[str, Any]) -> bytes:
    """The part of a report that is public with the award, as canonical JSON; its hash is told as the report closes."""
    return encode({"type": "yangguang.ranking/1", **{name: content[name] for name in EXTRACT}})


async def evidence(lot: UUID) -> dict[str, bytes]:
    """Name → exact bytes of what packages hold: each sitting's basis, every member's marks, report and signatures."""
    found: dict[str, bytes] = {}
    for row in await fetch("select round, basis from bidding.evaluation where lot = $1 order by round", lot):
        found[f"evaluation/{row['round']}/basis.json"] = bytes(row["basis"])
    for n, sheet in enumerate(await sheets(lot), 1):
        found[f"evaluation/{sheet.round}/scores-{n:02}.json"] = sheet.body
    for row in await fetch(f"{_REPORT} where r.lot = $1 order by r.n", lot):
        found[f"evaluation/{row['round']}/report-{row['n']}.json"] = bytes(row["body"])
        found[f"evaluation/{row['round']}/ranking-{row['n']}.json"] = extract(json.loads(row["body"]))
        if row["signed"]:
            found[f"evaluation/{row['round']}/report-{row['n']}-signed.json"] = bytes(row["signed"])
    return found
