"""What a site's own log says, read back as words: for those who watch the people of that site."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kernel.clock import CHINA
from kernel.db import HOME, Engine, transaction

_NEWEST = """
select id, case_key, act, at, body, private, leaf from kernel.log_event
where act = any($1) and ($2::text is null or case_key = $2) order by at desc, id desc limit $3
"""
_SAID = """
select exists (select from kernel.log_event where case_key = $1 and act = $2
    and convert_from(body, 'utf8')::jsonb ->> 'subject' = $3
    and convert_from(body, 'utf8')::jsonb -> 'hashes' @> $4::text::jsonb)
"""


@dataclass(frozen=True, slots=True)
class Said:
    """An event with who did it; `leaf` (hex) is the log entry that commits to it."""

    id: UUID
    case_key: str
    act: str
    at: datetime
    role: str
    organisation: str
    name: str
    subject: str
    hashes: Mapping[str, str]
    facts: Mapping[str, Any]
    leaf: str


async def newest(*acts: str, case_key: str | None = None, limit: int = 200, db: Engine = HOME) -> list[Said]:
    """The newest events of these acts, the newest first; of one case where `case_key` is given."""
    async with transaction(db) as connection:
        rows = await connection.fetch(_NEWEST, list(acts), case_key, limit)
    return [_said(row) for row in rows]


async def said_before(
    connection: asyncpg.Connection, case_key: str, act: str, subject: str, hashes: Mapping[str, str]
) -> bool:
    """Whether this act has been recorded of the same subject with these hashes."""
    return bool(await connection.fetchval(_SAID, case_key, act, subject, json.dumps(dict(hashes))))


def cases_of(events: Sequence[Said]) -> list[UUID]:
    """The cases these events belong to, each once; events of no case are left out."""
    return list(dict.fromkeys(case for event in events if (case := case_of(event)) is not None))


def case_of(event: Said) -> UUID | None:
    """The case in the event's key (``…:uuid`` or a uuid), or None."""
    try:
        return UUID(event.case_key.rpartition(":")[2])
    except ValueError:
        return None


def _said(row: asyncpg.Record) -> Said:
    event, private = json.loads(row["body"]), json.loads(row["private"])
    return Said(
        id=row["id"],
        case_key=row["case_key"],
        act=row["act"],
        at=row["at"].astimezone(CHINA),
        role=event["role"],
        organisation=event["organisation"],
        name=private.get("name", ""),
        subject=event["subject"],
        hashes=event["hashes"],
        facts=event["facts"],
        leaf=row["leaf"].hex(),
    )
