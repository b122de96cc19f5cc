"""An act's event: written in the act's own transaction, numbered without gaps and chained within its case."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import asyncpg

from kernel.clock import iso
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.proofs.canonical import encode
from kernel.proofs.merkle import entry_hash

EVENT_TYPE = "etb.event/1"
NOTHING: Mapping[str, Any] = MappingProxyType({})

_NEXT = """
insert into kernel.case_head as head (case_key, n) values ($1, 1)
on conflict (case_key) do update set n = head.n + 1 returning n, leaf
"""
_WRITE = """
with chained as (update kernel.case_head set leaf = $9 where case_key = $2)
insert into kernel.log_event (id, case_key, n, act, body, salt, private, private_salt, leaf, at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_OF_CASE = """
select id, n, act, body, salt, private_salt, leaf, at from kernel.log_event where case_key = $1 order by n
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it stands in its case: the n-th, the 32-byte log entry that commits to it, and its salt."""

    n: int
    leaf: bytes
    event_id: UUID
    salt: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """An event with what opens its entry: the exact bytes of event.json and their salt."""

    id: UUID
    n: int
    act: str
    body: bytes
    salt: bytes
    private_salt: bytes
    leaf: bytes
    at: datetime


async def record(
    connection: asyncpg.Connection,
    *,
    case_key: str,
    act: str,
    actor: Actor,
    subject: str,
    at: datetime,
    hashes: Mapping[str, str] = NOTHING,
    facts: Mapping[str, Any] = NOTHING,
    directive: str | None = None,
    private: Mapping[str, Any] = NOTHING,
) -> Recorded:
    """Write the event of an act and return its place in the case; two statements.

    Call it last: it holds the case's head until the transaction ends. `hashes` are hex SHA-256; `facts` and
    `private` hold objects, arrays, strings, integers and booleans only (else `Malformed`). Who and from where
    goes into the private half, of which event.json holds a salted hash alone.
    """
    if not connection.is_in_transaction():
        raise RuntimeError("an event is written in its act's transaction, never beside it")
    event, salt, private_salt = new_id(), os.urandom(32), os.urandom(32)
    hidden = encode({**_person(actor), **private})
    ((n, last),) = await connection.fetch(_NEXT, case_key)
    body = encode({
        "type": EVENT_TYPE, "case": case_key, "n": n, "prev": (last or b"").hex(), "act": act,
        "role": actor.role, "organisation": actor.organisation_code, "subject": subject, "at": iso(at),
        "directive": directive or "", "hashes": dict(hashes), "facts": dict(facts),
        "private": private_hash(private_salt, hidden),
    })  # fmt: skip
    leaf = entry_hash(salt, body)
    await connection.execute(_WRITE, event, case_key, n, act, body, salt, hidden, private_salt, leaf, at)
    return Recorded(n, leaf, event, salt)


async def events_of(connection: asyncpg.Connection, case_key: str) -> list[Event]:
    """All events of a case in their order, with salts: what an evidence package discloses."""
    return [Event(**row) for row in await connection.fetch(_OF_CASE, case_key)]


def private_hash(salt: bytes, private_json: bytes) -> str:
    """What event.json says of its private half: hex SHA-256("etb/1/event-private\\0" ‖ salt ‖ its bytes)."""
    return hashlib.sha256(b"etb/1/event-private\0" + salt + private_json).hexdigest()


def _person(actor: Actor) -> dict[str, str]:
    """电子招标投标办法 art. 49: who, from which network address, by which means."""
    return {
        "person": str(actor.person or ""),
        "name": actor.name,
        "address": actor.address,
        "client": actor.client,
        "door": actor.door,
    }
