"""An act of the supervision side leaves its event in supervision's own log, in its own database."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kernel import log
from kernel.clock import CHINA
from kernel.db import HOME, transaction
from kernel.identity import Actor

_SAID_BEFORE = """
select exists (select from kernel.log_event where case_key = $1 and act = $2
    and convert_from(body, 'utf8')::jsonb ->> 'subject' = $3
    and convert_from(body, 'utf8')::jsonb -> 'hashes' @> $4::text::jsonb)
"""


async def record(
    act: str,
    actor: Actor,
    case: UUID | None,
    subject: str,
    *,
    hashes: Mapping[str, str] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write the event; `case` None for what belongs to no case."""
    async with transaction(HOME) as connection:
        at = (await connection.fetchval("select kernel.law_now()")).astimezone(CHINA)
        await log.record(
            connection,
            case_key=key_of(case),
            act=act,
            actor=actor,
            subject=subject,
            at=at,
            hashes=dict(hashes or {}),
            facts=dict(facts or {}),
        )


async def record_once(
    act: str, actor: Actor, case: UUID | None, subject: str, *, hashes: Mapping[str, str], facts: Mapping[str, Any]
) -> bool:
    """The same, unless this has been said already of the same subject and hashes; whether it was new.

    What is looked at every few seconds is put on record when it first goes wrong, not every time.
    """
    async with transaction(HOME) as connection:
        known = await connection.fetchval(_SAID_BEFORE, key_of(case), act, subject, json.dumps(dict(hashes)))
        if known:
            return False
        await record(act, actor, case, subject, hashes=hashes, facts=facts)
    return True


def key_of(case: UUID | None) -> str:
    """Under which key a case's events stand in supervision's own log."""
    return f"supervision:{case}" if case else "supervision"
