"""The beats every act of every duty goes through, in one place: lock, directive, time, answer once, event.

1 open a transaction and take the case's lock · 2 obey any directive · 3 may this stage, this second, take this
act by this actor? · 4 does it keep the rules? · 5 write · 6 record the event. This file does 1, 2 and 6 and the
request ids; a duty's `case.py` does 3; its steps do 4 and 5.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kernel import directives, log
from kernel.clock import CHINA
from kernel.db import HOME, TRADING, lock_case, transaction
from kernel.errors import Problem, Refusal
from kernel.identity import Actor
from kernel.refusals import on_record


@dataclass(slots=True)
class Beat:
    """An act under way: who, on what, at which instant of the law, and what it will leave in the log.

    `suspended` are the suspensions of the case that are over.
    """

    act: str
    actor: Actor
    case: UUID
    at: datetime
    connection: asyncpg.Connection
    directive: str = ""
    suspended: tuple[directives.Suspension, ...] = ()
    events: list[log.Recorded] = field(default_factory=list)

    async def record(
        self,
        subject: str,
        *,
        act: str = "",
        hashes: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
        private: Mapping[str, Any] | None = None,
        case: UUID | None = None,
    ) -> log.Recorded:
        """Beat 6: the act's event, in the act's own transaction; `hashes` are hex SHA-256.

        `case` where one act opens several cases at once.
        """
        event = await log.record(
            self.connection,
            case_key=str(case or self.case),
            act=act or self.act,
            actor=self.actor,
            subject=subject,
            hashes=dict(hashes or {}),
            facts=dict(facts or {}),
            private=dict(private or {}),
            directive=self.directive or None,
            at=self.at,
        )
        self.events.append(event)
        return event


@asynccontextmanager
async def acting(
    act: str, actor: Actor, case: UUID, *, exclusive: bool = True, obeys: bool = True
) -> AsyncIterator[Beat]:
    """Beats 1 and 2: one transaction, the case's lock, the mailbox; then the instant is read.

    `exclusive` for what moves the stage, shared for what many do at once. `obeys=False` only for what carries a
    directive out. Leaving without an event is a fault of ours and undoes everything: no act without its event.
    A refusal undoes everything too, and then leaves an event of its own elsewhere (`kernel.refusals`).
    """
    async with on_record(act, actor, case), transaction(TRADING) as connection:
        await lock_case(connection, case, exclusive=exclusive)
        at = (await connection.fetchval("select kernel.law_now()")).astimezone(CHINA)
        over = await directives.obey(connection, case, at) if obeys else ()
        beat = Beat(act, actor, case, at, connection, suspended=over)
        yield beat
        if not beat.events:
            raise RuntimeError(f"{act} left no event")


async def answered_before(
    act: str, actor: Actor, request: UUID | None, command: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The answer this request id was given before, or None; refuses an id that came with other contents.

    Asked before the act begins, so that a repeat neither waits for the lock nor meets a stage that has moved on.
    """
    if request is None:
        return None
    async with transaction(HOME) as connection:
        row = await connection.fetchrow("select person, act, digest, answer from kernel.request where id = $1", request)
    if row is None:
        return None
    if (row["person"], row["act"], row["digest"]) != (actor.person, act, _digest(command)):
        raise Refusal(Problem("request_id_reused", "这个请求编号已用于另一次办理", "请换一个新的请求编号"))
    return dict(json.loads(row["answer"]))


async def answer(beat: Beat, request: UUID | None, command: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Keep the answer under its request id, in the act's transaction; of two at once the second is refused."""
    await keep_answer(beat.connection, beat.act, beat.actor, request, command, given)


async def keep_answer(
    connection: asyncpg.Connection,
    act: str,
    actor: Actor,
    request: UUID | None,
    command: Mapping[str, Any],
    given: Mapping[str, Any],
) -> None:
    """The same where the answer is made outside a beat; `connection` holds a transaction on HOME."""
    if request is not None:
        await connection.execute(
            "insert into kernel.request (id, person, act, digest, answer, at)"
            " values ($1, $2, $3, $4, $5, clock_timestamp())",
            request,
            actor.person,
            act,
            _digest(command),
            json.dumps(given),
        )


def _digest(command: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(json.dumps(command, sort_keys=True, default=str).encode()).digest()
