"""The log of one case as the supervision site may see it: nothing of it counts sealed bids before the opening."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.clock import CHINA
from kernel.db import TRADING, transaction

_OF_CASE = """
select id, act, at, leaf, role, organisation, subject, hashes, facts from box.seen_event
where case_key = $1 order by at, id
"""
_OF_ACT = """
select id, case_key, act, at, leaf, role, organisation, subject, hashes, facts from box.seen_event
where act = $2 order by at desc, id desc limit $1
"""


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """An event without its number in the case. `leaf` (hex) is the log entry that commits to it."""

    id: UUID
    act: str
    at: datetime
    leaf: str
    role: str
    organisation: str
    subject: str
    hashes: Mapping[str, str]
    facts: Mapping[str, Any]


async def events(case: UUID) -> list[SeenEvent]:
    """What may be seen of a case now, oldest first."""
    async with transaction(TRADING) as connection:
        rows = await connection.fetch(_OF_CASE, str(case))
    return [_seen(dict(row)) for row in rows]


async def refusals(limit: int = 200) -> list[tuple[UUID, SeenEvent]]:
    """(case, event) of the newest acts that the trading site has refused and that may be seen now, newest first."""
    return await newest("refuse", limit)


async def newest(act: str, limit: int = 200) -> list[tuple[UUID, SeenEvent]]:
    """(case, event) of the newest events of this act that may be seen now, newest first."""
    async with transaction(TRADING) as connection:
        rows = [dict(row) for row in await connection.fetch(_OF_ACT, limit, act)]
    return [(UUID(row.pop("case_key").rpartition(":")[2]), _seen(row)) for row in rows]


def _seen(row: dict[str, Any]) -> SeenEvent:
    said = {name: json.loads(row[name]) for name in ("hashes", "facts")}
    return SeenEvent(**{**row, "at": row["at"].astimezone(CHINA), "leaf": row["leaf"].hex(), **said})
