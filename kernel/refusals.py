"""A refused act on a case is an event too: written once the refused act is undone, in a transaction of its own.

Such events stand in the site's own log under ``refused:<case>`` and never among the case's own: those are numbered
without gaps up to the archive and go into the evidence packages, where tries would count bidders before the opening.
"""

import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import partial
from uuid import UUID

from kernel import log
from kernel.accounts.throttle import times_within
from kernel.clock import CHINA
from kernel.db import HOME, LOST, afterwards, transaction
from kernel.errors import NotSignedIn, Refusal, Throttled, Unavailable
from kernel.identity import Actor
from kernel.proofs.errors import ProofError

ACT = "refuse"
"""The act of these events; their subject is the act that was refused."""
EVERY = 60
"""Seconds in which the same refusal of the same person on the same case is one event."""
MOST = 60
"""Events that one person's refusals may leave in that time, over all cases: tries by thousands fill no log."""
SILENT = (NotSignedIn, Throttled, Unavailable)
"""Refusals that say nothing about a case: nobody tried, too often, or a part of the platform was away."""

_log = logging.getLogger("yangguang.refusals")
_watched: ContextVar[bool] = ContextVar("refusals_watched", default=False)


@asynccontextmanager
async def on_record(act: str, actor: Actor, case: UUID) -> AsyncIterator[None]:
    """Whatever refuses `act` in this block goes on record and is raised on; the outermost block alone records."""
    if _watched.get() or actor.door == "clockwork":
        yield
        return
    token = _watched.set(True)
    try:
        yield
    except (Refusal, ProofError) as refused:
        await refusal(act, actor, case, refused)
        raise
    finally:
        _watched.reset(token)


async def refusal(act: str, actor: Actor, case: UUID, refused: Refusal | ProofError) -> None:
    """Put one refusal on record, now or when the running transaction has undone itself."""
    if not isinstance(refused, SILENT):
        await afterwards(HOME, partial(_write, act, actor, case, refused))


def key_of(case: UUID) -> str:
    """Under which key the refusals of a case stand in the log of the site that refused."""
    return f"refused:{case}"


async def _write(act: str, actor: Actor, case: UUID, refused: Refusal | ProofError) -> None:
    """A log that is away takes no refusal back: what was refused stays refused, and the line names nobody."""
    if HOME.pool is None:
        return
    try:
        if await _is_news(act, actor, case, refused.code):
            await _record(act, actor, case, refused)
    except LOST as lost:
        _log.warning("a refusal could not be put on record: %s", type(lost).__name__)


async def _is_news(act: str, actor: Actor, case: UUID, code: str) -> bool:
    who = str(actor.person or actor.address)
    this = hashlib.sha256(f"{who}\0{case}\0{act}\0{code}".encode()).hexdigest()
    if await times_within(f"refusal:{this}", EVERY) > 1:
        return False
    return await times_within(f"refusals:{who}"[:120], EVERY) <= MOST


async def _record(act: str, actor: Actor, case: UUID, refused: Refusal | ProofError) -> None:
    codes = [problem.code for problem in refused.problems] if isinstance(refused, Refusal) else [refused.code]
    status = refused.status if isinstance(refused, Refusal) else 422
    async with transaction(HOME) as connection:
        await log.record(
            connection,
            case_key=key_of(case),
            act=ACT,
            actor=actor,
            subject=act,
            at=(await connection.fetchval("select kernel.law_now()")).astimezone(CHINA),
            facts={"codes": list(dict.fromkeys(codes)), "status": status},
        )
