"""The regulator's witness (C2SP tlog-witness): cosigns a log that only grew, keeps what contradicts it.

Its heads lie in supervision's own database, where the operator of the log has no account: a log that is
restored, rewritten or shown twice finds its own past here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
from litestar import Request, Response, post

from kernel.alarms import alarm
from kernel.clock import CHINA
from kernel.db import HOME, Engine, transaction
from kernel.ids import new_id
from kernel.proofs.errors import ProofError
from kernel.proofs.merkle import EMPTY_ROOT
from kernel.proofs.note_keys import Signer, VerifierKey
from kernel.proofs.notes import MAX_NOTE_BYTES
from kernel.proofs.witnessing import (
    SIZE_TYPE,
    Cosigned,
    Head,
    Refused,
    Why,
    decide,
    origin_of,
    parse_add_checkpoint,
)

TEXT = "text/plain; charset=utf-8"

_LOCKED = """
insert into supervision.witness_head (origin, size, root, at) values ($1, 0, $2, clock_timestamp())
on conflict (origin) do update set size = witness_head.size
returning size, root, extract(epoch from clock_timestamp())::bigint as second
"""
_SEEN = """
select exists (select from supervision.witness_cosigned where origin = $1 and size = $2 and root = $3)
"""
_ALARMS = """
select a.origin, why, known_size, claimed_size, claimed_root, request, a.at, c.id is not null as settled
from supervision.witness_alarm a left join supervision.witness_cosigned c
    on (c.origin, c.size, c.root) = (a.origin, a.claimed_size, a.claimed_root)
order by a.at desc, a.id
"""
_ALARM = """
insert into supervision.witness_alarm (id, origin, why, known_size, claimed_size, claimed_root, request, at)
values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())
on conflict (origin, why, claimed_size, claimed_root) do nothing
"""


@dataclass(frozen=True, slots=True)
class Trust:
    """The witness's own key (type `COSIGNATURE_V1`) and, for each log it knows, the keys that sign for it."""

    signer: Signer
    logs: Mapping[str, tuple[VerifierKey, ...]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send back: status, body, and its media type."""

    status: int
    body: str
    media_type: str = TEXT


@dataclass(frozen=True, slots=True)
class Alarm:
    """A contradiction. `settled`: the same checkpoint was cosigned after all, only its proof was bad."""

    origin: str
    why: str
    known_size: int
    claimed_size: int
    claimed_root: bytes = field(repr=False)
    request: bytes = field(repr=False)
    at: datetime
    settled: bool


async def add_checkpoint(body: bytes, trust: Trust, db: Engine = HOME) -> Answer:
    """Answer one request. Durable before it returns: a cosignature once given can never be forgotten."""
    try:
        request = parse_add_checkpoint(body)
        origin = origin_of(request)
    except ProofError as wrong:
        return Answer(400, f"{wrong}\n")
    keys = trust.logs.get(origin)
    if keys is None:
        return Answer(404, "this witness does not know the log\n")
    async with transaction(db) as connection:
        row = await connection.fetchrow(_LOCKED, origin, EMPTY_ROOT)
        head = Head(row["size"], row["root"])
        decision = decide(body, keys, head, trust.signer, row["second"])
        if isinstance(decision, Cosigned):
            await _advance(connection, decision, request.note)
            return Answer(decision.status, decision.line)
        alarmed = await _contradicts(connection, decision)
        if alarmed:
            await _raise_alarm(connection, decision, head, body)
    if alarmed:
        reason = f"{decision.why.value}，已签 {head.size} 条"
        fields = {"witness": trust.signer.key.name, "reason": f"{origin}：{reason}"}
        await alarm(("regulator", "inspector"), "witness_alarm", fields, once=f"witness:{origin}:{decision.why.value}")
    return Answer(decision.status, decision.body, TEXT if decision.known_size is None else SIZE_TYPE)


async def heads(db: Engine = HOME) -> dict[str, list[Head]]:
    """Origin → every tree cosigned, the oldest first: what `kernel.logcheck` holds a log to."""
    async with transaction(db) as connection:
        rows = await connection.fetch(
            "select origin, size, root from supervision.witness_cosigned order by origin, size"
        )
    found: dict[str, list[Head]] = {}
    for row in rows:
        found.setdefault(row["origin"], []).append(Head(row["size"], row["root"]))
    return found


async def alarms(db: Engine = HOME) -> list[Alarm]:
    """What the regulator's hall must show, the newest first."""
    async with transaction(db) as connection:
        rows = await connection.fetch(_ALARMS)
    return [Alarm(**{**row, "at": row["at"].astimezone(CHINA)}) for row in rows]


@post(
    "/witness/add-checkpoint",
    opt={"act": "witness", "no_identity": True},
    request_max_body_size=2 * MAX_NOTE_BYTES,
    include_in_schema=False,
)
async def witness_door(request: Request[Any, Any, Any]) -> Response[str]:
    """The witness's door; what it knows is `app.state.trust`, a `Trust`."""
    answer = await add_checkpoint(await request.body(), request.app.state.trust)
    return Response(answer.body, status_code=answer.status, media_type=answer.media_type)


async def _advance(connection: asyncpg.Connection, decision: Cosigned, note: bytes) -> None:
    claim = decision.checkpoint
    await connection.execute(
        "update supervision.witness_head set size = $2, root = $3, at = clock_timestamp() where origin = $1",
        claim.origin, claim.size, claim.root,
    )  # fmt: skip
    await connection.execute(
        "insert into supervision.witness_cosigned (id, origin, size, root, note, at)"
        " values ($1, $2, $3, $4, $5, clock_timestamp()) on conflict (origin, size) do nothing",
        new_id(), claim.origin, claim.size, claim.root, note,
    )  # fmt: skip


async def _contradicts(connection: asyncpg.Connection, decision: Refused) -> bool:
    """Whether the log itself is accused; anybody may replay an old checkpoint, and that is no rollback."""
    claim = decision.claimed
    if claim is None or not decision.why.alarms:
        return False
    if decision.why is Why.ROLLBACK:
        return not await connection.fetchval(_SEEN, claim.origin, claim.size, claim.root)
    return True


async def _raise_alarm(connection: asyncpg.Connection, decision: Refused, head: Head, body: bytes) -> None:
    claim = decision.claimed
    if claim is not None:
        place = (claim.origin, decision.why.value, head.size, claim.size, claim.root)
        await connection.execute(_ALARM, new_id(), *place, body)
