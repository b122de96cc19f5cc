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
    return [
        SeenEvent(
            **{
                **dict(row),
                "at": row["at"].astimezone(CHINA),
                "leaf": row["leaf"].hex(),
                "hashes": json.loads(row["hashes"]),
                "facts": json.loads(row["facts"]),
            }
        )
        for row in rows
    ]
