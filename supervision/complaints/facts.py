"""What the hall and the points know of complaints: where each stands, and its moments under the names of the law."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from kernel.clock import CHINA
from kernel.db import HOME, reading
from kernel.watched import Fact, WatchedCase
from supervision.complaints.stages import NAMES, OPEN, Stage

_WATCHED = """
select id, number, case_title, region, department, track, stage, filed_at from complaints.complaint
where ($1::uuid is null or id > $1) order by id limit $2
"""
_FACTS = """
select c.id, c.filed_at as complaint_received, c.admitted_at as complaint_admitted,
    coalesce(c.admitted_at, min(e.at) filter (where e.act in ('refuse', 'withdraw'))) as complaint_accepted,
    min(e.at) filter (where e.act in ('confirm', 'refuse', 'withdraw')) as complaint_decided,
    coalesce(sum((e.facts ->> 'workdays')::int) filter (where e.act = 'exclude'), 0) as excluded
from complaints.complaint c left join complaints.entry e on e.complaint = c.id
where c.id = any($1) group by c.id
"""


async def watched(after: UUID | None, limit: int) -> list[WatchedCase]:
    """The complaints after this one in the order of their ids, whatever their stage."""
    async with reading(HOME) as connection:
        rows = await connection.fetch(_WATCHED, after, limit)
    return [_case(row) for row in rows]


async def facts(cases: Sequence[UUID]) -> dict[UUID, dict[str, Fact]]:
    """{complaint: {measure: moment}}; `excluded:complaint_decided` the working days that do not count."""
    async with reading(HOME) as connection:
        rows = await connection.fetch(_FACTS, list(cases))
    moments = ("complaint_received", "complaint_admitted", "complaint_accepted", "complaint_decided")
    return {
        row["id"]: {name: row[name].astimezone(CHINA) for name in moments if row[name] is not None}
        | {"excluded:complaint_decided": int(row["excluded"])}
        for row in rows
    }


def _case(row: asyncpg.Record) -> WatchedCase:
    stage = Stage(row["stage"])
    return WatchedCase(
        duty="complaints",
        id=row["id"],
        code=row["number"],
        title=f"投诉：{row['case_title']}",
        region=row["region"],
        department=row["department"],
        procedure=row["track"],
        stage=row["stage"],
        stage_name=NAMES[stage],
        open=stage in OPEN,
        law=None,
        since=row["filed_at"].astimezone(CHINA),
        parties={},
    )
