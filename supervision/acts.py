"""An act of the supervision side leaves its event in supervision's own log, in its own database."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kernel import log
from kernel.clock import CHINA
from kernel.db import HOME, transaction
from kernel.identity import Actor
from kernel.log_records import said_before


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
        if await said_before(connection, key_of(case), act, subject, hashes):
            return False
        await record(act, actor, case, subject, hashes=hashes, facts=facts)
    return True


def key_of(case: UUID | None) -> str:
    """Under which key a case's events stand in supervision's own log."""
    return f"supervision:{case}" if case else "supervision"
