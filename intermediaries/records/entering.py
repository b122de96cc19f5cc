"""What supervision watches of agencies on their way in: where each stands, and when its form had to be checked."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from intermediaries.stages import AGENCY_NAMES, AgencyStage
from kernel.clock import CHINA
from kernel.db import TRADING, reading
from kernel.watched import Fact, WatchedCase

_WATCHED = """
select id, organisation, code, name, region, affiliation, stage, entered_at from intermediaries.agency
where ($1::uuid is null or id > $1) and filed_at is not null order by id limit $2
"""
_FACTS = """
select id, filed_at as entry_filed, check_due as entry_check_due,
    case when checked_at >= filed_at then checked_at end as entry_checked
from intermediaries.agency where id = any($1)
"""
WAITING = {AgencyStage.FORM_CHECK, AgencyStage.RETURNED, AgencyStage.PUBLICITY}


async def watched(after: UUID | None, limit: int) -> list[WatchedCase]:
    """The agencies after this one that have ever filed their entry, in the order of their ids."""
    return [_case(row) for row in await _fetch(_WATCHED, after, limit)]


async def facts(cases: Sequence[UUID]) -> dict[UUID, dict[str, Fact]]:
    """{agency: {measure: moment}} of its last filing; a check before it was of an earlier one."""
    rows = await _fetch(_FACTS, list(cases))
    moments = ("entry_filed", "entry_check_due", "entry_checked")
    return {row["id"]: {name: row[name].astimezone(CHINA) for name in moments if row[name]} for row in rows}


def _case(row: asyncpg.Record) -> WatchedCase:
    stage = AgencyStage(row["stage"])
    return WatchedCase(
        duty="entries",
        id=row["id"],
        code=row["code"],
        title=f"入驻：{row['name']}",
        region=row["region"],
        department=row["affiliation"],
        procedure="agency_entry",
        stage=row["stage"],
        stage_name=AGENCY_NAMES[stage],
        open=stage in WAITING,
        law=None,
        since=row["entered_at"].astimezone(CHINA),
        parties={"agency": row["organisation"]},
    )


async def _fetch(sql: str, *values: Any) -> list[asyncpg.Record]:
    async with reading(TRADING) as connection:
        return list(await connection.fetch(sql, *values))
