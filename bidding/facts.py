"""What supervision watches of a lot: where it stands, and its moments and amounts under the names of the law.

Nothing here counts or names who bids before the bids are opened.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from bidding import reports, results
from bidding.stages import Stage, shown
from kernel.clock import CHINA
from kernel.db import TRADING, reading
from kernel.watched import Fact, WatchedCase

_WATCHED = """
select l.id, l.code, p.name || '　' || l.name as title, p.region, p.department, l.procedure, l.stage,
    l.failure, p.registered_at, p.purchaser, p.agent
from bidding.lot l join bidding.project p on p.id = l.project
where ($1::uuid is null or l.id > $1) order by l.id limit $2
"""
_FACTS = """
select l.id, l.published_at as document_issued, l.published_at as notice_published,
    l.documents_until as document_closed, l.deadline as bid_deadline, l.opened_at,
    case when p.category like 'D%' then l.estimate end as budget, l.estimate, nullif(l.deposit, 0) as deposit,
    case when l.deposit > 0 and (convert_from(o.body, 'utf8')::jsonb ->> 'withdrawn')::int > 0 then o.at end
        as withdrawal_received,
    o.at as opening_concluded, jsonb_array_length(convert_from(o.body, 'utf8')::jsonb -> 'bids') as bidders_opened,
    (select max(n.published_at) from bidding.notice n where n.lot = l.id and n.kind = 'amendment'
        and (convert_from(n.body, 'utf8')::jsonb #>> '{content,affects_bids}') = 'true') as document_clarified,
    case when o.at is not null then (select count(*) from bidding.objection j
        where j.lot = l.id and j.about = 'opening' and j.raised_at < o.at
            and (j.answered_at is null or j.answered_at > o.at)) end as objections_open,
    (select min(e.at) from bidding.evaluation e where e.lot = l.id) as evaluation_begun,
    (select convert_from(a.body, 'utf8')::jsonb from bidding.paper a where a.lot = l.id and a.kind = 'award'
        order by a.n desc limit 1) as award
from bidding.lot l join bidding.project p on p.id = l.project left join bidding.opening o on o.lot = l.id
where l.id = any($1)
"""


async def counts_in(stem: str, departments: Sequence[str]) -> dict[Stage, int]:
    """How many lots stand at each stage in the regions whose code begins so, of these departments (none: all)."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select l.stage, count(*) as n from bidding.lot l join bidding.project p on p.id = l.project"
            " where p.region like $1 || '%' and (cardinality($2::text[]) = 0 or p.department = any($2))"
            " group by l.stage",
            *(stem, list(departments)),
        )
    return {Stage(row["stage"]): row["n"] for row in rows}


async def watched(after: UUID | None, limit: int) -> list[WatchedCase]:
    """The lots after this one in the order of their ids, whatever their stage."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(_WATCHED, after, limit)
    return [_case(row) for row in rows]


async def laws(cases: Sequence[UUID]) -> dict[UUID, str]:
    """The limits fixed for these lots, as `LawInForce.to_json`; they never change once the notice is out."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch("select id, law from bidding.lot where id = any($1) and law is not null", cases)
    return {row["id"]: row["law"] for row in rows}


async def facts(cases: Sequence[UUID]) -> dict[UUID, dict[str, Fact]]:
    """{lot: {measure: moment, yuan or count}}; what has not happened is not there.

    `objections_open`: objections of the opening session that were unanswered when it was concluded.
    """
    async with reading(TRADING) as connection:
        rows = await connection.fetch(_FACTS, list(cases))
    found = {row["id"]: {name: _fact(value) for name, value in row.items() if _is_fact(name, value)} for row in rows}
    judged, later = await reports.facts(cases), await results.facts(cases)
    return {
        row["id"]: found[row["id"]] | _of_award(row["award"]) | judged.get(row["id"], {}) | later.get(row["id"], {})
        for row in rows
    }


def _case(row: asyncpg.Record) -> WatchedCase:
    parties = {name: row[name] for name in ("purchaser", "agent") if row[name]}
    stage = Stage(row["stage"])
    code, name = shown(stage, row["failure"])
    return WatchedCase(
        duty="bidding",
        id=row["id"],
        code=row["code"],
        title=row["title"],
        region=row["region"],
        department=row["department"],
        procedure=row["procedure"],
        stage=code,
        stage_name=name,
        open=stage != Stage.ARCHIVED,
        law=None,
        since=row["registered_at"].astimezone(CHINA),
        parties=parties,
    )


def _is_fact(name: str, value: Any) -> bool:
    return name not in ("id", "award") and value is not None


def _of_award(award: str | None) -> dict[str, Fact]:
    if award is None:
        return {}
    said = json.loads(award)
    unreasoned = int(said["rank"]) > 1 and not said["passed_over"]
    return {"award_price": Decimal(said["price"]), "passed_over": "unreasoned" if unreasoned else "reasoned"}


def _fact(value: Any) -> Fact:
    fact: Fact = value if isinstance(value, int | str | Decimal) else value.astimezone(CHINA)
    return fact
