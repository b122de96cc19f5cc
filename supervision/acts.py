"""An act of the supervision side leaves its event in supervision's own log, in its own database."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kernel import log
from kernel.clock import CHINA
from kernel.db import HOME, transaction
from kernel.identity import Actor


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
            case_key=f"supervision:{case}" if case else "supervision",
            act=act,
            actor=actor,
            subject=subject,
            at=at,
            hashes=dict(hashes or {}),
            facts=dict(facts or {}),
        )
