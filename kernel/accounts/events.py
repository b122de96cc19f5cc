"""An act about people leaves its event: what in the public half, who and by which name in the private half."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from kernel import log
from kernel.clock import CHINA
from kernel.db import HOME, TRADING, transaction
from kernel.identity import Actor

CASE = "accounts"
"""The one case of all of them, in the log of the site where the act was taken."""


@dataclass(frozen=True, slots=True)
class Pen:
    """An account act under way: rows of who somebody is go by `trading`, the event into the site's own log."""

    trading: asyncpg.Connection
    home: asyncpg.Connection
    actor: Actor

    async def record(
        self,
        act: str,
        subject: UUID | str,
        facts: Mapping[str, Any] | None = None,
        private: Mapping[str, Any] | None = None,
    ) -> None:
        """Call it last: it holds the head of all account events until the transaction ends."""
        await record(self.home, act, self.actor, subject, facts, private)


@asynccontextmanager
async def writing(actor: Actor) -> AsyncIterator[Pen]:
    """One transaction for row and event.

    In the supervision site they lie in two databases: TRADING's part commits inside HOME's, so that whatever
    fails before that leaves neither.
    """
    async with transaction(HOME) as home, transaction(TRADING) as trading:
        yield Pen(trading, home, actor)


async def record(
    home: asyncpg.Connection,
    act: str,
    actor: Actor,
    subject: UUID | str,
    facts: Mapping[str, Any] | None = None,
    private: Mapping[str, Any] | None = None,
) -> None:
    """The event of an act whose rows lie in HOME only."""
    at = (await home.fetchval("select kernel.law_now()")).astimezone(CHINA)
    await log.record(
        home,
        case_key=CASE,
        act=act,
        actor=actor,
        subject=str(subject),
        at=at,
        facts=dict(facts or {}),
        private=dict(private or {}),
    )
