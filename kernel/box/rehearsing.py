"""The beats of a rehearsal: the same lock and clock as an act's, but its events lie apart, under another origin."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from kernel.acts import Beat
from kernel.box.tables import Rehearsed
from kernel.clock import CHINA, iso
from kernel.db import TRADING, lock_case, transaction
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.log import EVENT_TYPE, Recorded
from kernel.proofs.canonical import encode
from kernel.proofs.merkle import entry_hash


class RehearsalBeat(Beat):
    """An act of a rehearsal: what it records never enters the real log."""

    async def record(
        self,
        subject: str,
        *,
        act: str = "",
        hashes: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
        private: Mapping[str, Any] | None = None,
        case: UUID | None = None,
    ) -> Recorded:
        """The event in the rehearsal's own list: numbered, with a salt, hashed as entries of the log are."""
        n = await Rehearsed.count().where(Rehearsed.case == self.case) + 1
        body = encode(
            {"type": EVENT_TYPE, "case": str(self.case), "n": n, "act": act or self.act, "role": self.actor.role}
            | {"organisation": self.actor.organisation_code, "subject": subject, "at": iso(self.at)}
            | {"hashes": dict(hashes or {}), "facts": dict(facts or {}), "rehearsal": True}
        )
        salt, ident = os.urandom(32), new_id()
        row = Rehearsed(id=ident, case=self.case, n=n, act=act or self.act, body=body, salt=salt, at=self.at)
        await Rehearsed.insert(row)
        event = Recorded(n, entry_hash(salt, body), ident, salt)
        self.events.append(event)
        return event


@asynccontextmanager
async def rehearsing(act: str, actor: Actor, case: UUID) -> AsyncIterator[RehearsalBeat]:
    """One transaction and the rehearsal's own lock; a rehearsal obeys no directive, since nothing is traded in it."""
    async with transaction(TRADING) as connection:
        await lock_case(connection, case, exclusive=True)
        at = (await connection.fetchval("select kernel.law_now()")).astimezone(CHINA)
        yield RehearsalBeat(act, actor, case, at, connection)
