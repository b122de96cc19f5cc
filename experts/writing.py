"""Writes what is known of experts: an old row is closed at the instant the new one begins."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from experts.tables import ExpertTie, Practice, Slot, Standing
from kernel.ids import new_id

_STANDING = """
with old as (
    update experts.standing set known_until = $2 where expert = $1 and known_until is null returning *
)
insert into experts.standing (id, expert, name, phone, region, title_level, title, years, employer_code,
    employer_name, stage, expires_on, says, known_from)
select $3, expert, name, phone, region, title_level, title, years, employer_code, employer_name,
    $4, coalesce($5, expires_on), $6, $2 from old
"""


async def restand(
    connection: asyncpg.Connection, expert: UUID, at: datetime, stage: str, *, expires_on: date | None, says: str
) -> None:
    """The same expert in another stage."""
    await connection.execute(_STANDING, expert, at, new_id(), stage, expires_on, says[:1000])


async def describe(connection: asyncpg.Connection, expert: UUID, at: datetime, values: Mapping[str, Any]) -> None:
    """An expert's data as they are from now on."""
    await close(connection, "standing", expert, at)
    await Standing.insert(Standing(id=new_id(), expert=expert, known_from=at, **values))


async def practise(connection: asyncpg.Connection, expert: UUID, at: datetime, professions: Iterable[str]) -> None:
    """The professions he judges from now on."""
    await close(connection, "practice", expert, at)
    rows = [Practice(id=new_id(), expert=expert, profession=code, known_from=at) for code in dict.fromkeys(professions)]
    await Practice.insert(*rows)


async def tie(expert: UUID, at: datetime, values: Mapping[str, Any]) -> UUID:
    """A tie that is known from now on."""
    row = ExpertTie(id=new_id(), expert=expert, known_from=at, **values)
    await ExpertTie.insert(row)
    return UUID(str(row.id))


async def take_time(expert: UUID, at: datetime, since: datetime, until: datetime, why: str) -> UUID:
    """A time he has none."""
    row = Slot(id=new_id(), expert=expert, since=since, until=until, why=why, known_from=at)
    await Slot.insert(row)
    return UUID(str(row.id))


async def close(
    connection: asyncpg.Connection, table: str, expert: UUID, at: datetime, row: UUID | None = None
) -> bool:
    """Close what is known of an expert in a table, or one row of it; whether there was any."""
    assert table in ("standing", "practice", "tie", "slot", "mark")
    closed = await connection.execute(
        f"update experts.{table} set known_until = $2"  # noqa: S608 - one of five names of our own
        " where expert = $1 and known_until is null and ($3::uuid is null or id = $3)",
        expert, at, row,
    )  # fmt: skip
    return not closed.endswith(" 0")
