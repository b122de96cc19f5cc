"""Delivers messages through gateways (SMS, voice, mail), again until it succeeds; keeps the proof."""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from uuid import UUID

import anyio.to_thread

from kernel.db import HOME, Engine, transaction

TRIES = 10
LEASE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=6)

_TAKE = """
with due as (
    select id from kernel.outbox where state = 'waiting' and due_at <= clock_timestamp()
    order by due_at limit $1 for update skip locked)
update kernel.outbox o set attempts = attempts + 1, due_at = clock_timestamp() + $2 from due, kernel.message m
where o.id = due.id and m.id = o.message
returning o.id, o.gateway, o.address, o.attempts, m.subject, m.text, m.link
"""
_DELIVERED = """
update kernel.outbox set state = 'delivered', proof = $2, last_error = null
where id = $1 and state = 'waiting'
"""
_FAILED = """
update kernel.outbox set state = $2, due_at = clock_timestamp() + $3, last_error = $4
where id = $1 and state = 'waiting' and attempts = $5
"""
_log = logging.getLogger("yangguang.outbox")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for one address. `id` stays the same over all tries: a gateway can tell a repetition."""

    id: UUID
    gateway: str
    address: str
    subject: str
    text: str
    link: str
    attempts: int


class Gateway(Protocol):
    """Whoever carries a parcel out of the house."""

    async def deliver(self, parcel: Parcel) -> Mapping[str, str]:
        """Return the proof of delivery once it is certain; raise anything to be tried again later.

        The same parcel may come twice, after a crash or a slow answer, and must reach its reader once.
        """


class FileGateway:
    """Writes every parcel to a file of its own, for an operator without a carrier and for demonstrations."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def deliver(self, parcel: Parcel) -> Mapping[str, str]:
        """The proof names the file and the SHA-256 of what it holds."""
        return await anyio.to_thread.run_sync(self._write, parcel)

    def _write(self, parcel: Parcel) -> Mapping[str, str]:
        folder = self._folder / parcel.gateway
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        letter = {"to": parcel.address, "subject": parcel.subject, "text": parcel.text, "link": parcel.link}
        content = json.dumps({"id": str(parcel.id), **letter}, ensure_ascii=False, indent=1).encode()
        path = folder / f"{parcel.id}.json"
        aside = path.with_suffix(f".{os.urandom(4).hex()}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # The same parcel again has the same bytes: replacing it is not a second letter.
        aside.replace(path)
        return {"file": f"{parcel.gateway}/{path.name}", "sha256": sha256(content).hexdigest()}


async def deliver_due(db: Engine, gateways: Mapping[str, Gateway], *, limit: int = 50) -> int:
    """Try everything that is due, up to `limit`; the number delivered.

    No transaction is open while a gateway works. A process killed meanwhile leaves the parcel leased for two
    minutes, then it is tried again.
    """
    async with transaction(db) as connection:
        parcels = [Parcel(**row) for row in await connection.fetch(_TAKE, limit, LEASE)]
    delivered = 0
    for parcel in parcels:
        delivered += await _deliver(db, parcel, gateways.get(parcel.gateway))
    return delivered


async def proof_of_delivery(message: UUID, db: Engine = HOME) -> list[Mapping[str, str]]:
    """What the gateways proved about one message."""
    async with transaction(db) as connection:
        rows = await connection.fetch(
            "select proof from kernel.outbox where message = $1 and state = 'delivered' order by id", message
        )
    return [json.loads(row["proof"]) for row in rows]


async def _deliver(db: Engine, parcel: Parcel, gateway: Gateway | None) -> bool:
    try:
        if gateway is None:
            raise LookupError(f"no gateway for {parcel.gateway}")
        proof = dict(await gateway.deliver(parcel))
    except Exception as wrong:
        _log.warning("parcel %s by %s, try %d: %r", parcel.id, parcel.gateway, parcel.attempts, wrong)
        state = "dead" if parcel.attempts >= TRIES else "waiting"
        pause = min(LONGEST_PAUSE, timedelta(seconds=5 * 4 ** (parcel.attempts - 1)))
        async with transaction(db) as connection:
            await connection.execute(_FAILED, parcel.id, state, pause, repr(wrong)[:500], parcel.attempts)
        return False
    async with transaction(db) as connection:
        await connection.execute(_DELIVERED, parcel.id, json.dumps(proof))
    return True
