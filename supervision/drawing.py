"""The regulator's process in draws: its own book, in its own database, and whom it asks about a list.

The lists and the salts never leave this side before the procedure's moment. The duties are asked by their name: each
rebuilds its list from rows that this side's narrow login may read.
"""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID

import asyncpg

from kernel import inbox
from kernel.clock import iso, now, when
from kernel.db import HOME, lock_number, transaction
from kernel.identity import clockwork
from kernel.outbox import proof_of_delivery
from kernel.proofs.canonical import encode
from kernel.settings import Settings
from kernel.toss.book import Call
from kernel.toss.hand import site_hand
from kernel.toss.keeper import Keeper
from kernel.toss.schemas import CallTerms
from supervision.acts import record_once
from supervision.keys import platform_keys

ACTOR = clockwork("supervision")
ASKED = {"panel": "experts.records", "agency": "intermediaries.records.draws"}
"""Kind of draw → where its duty's `rebuild`, `screen` and `contact` stand."""

_KEEP = """
insert into supervision.drawn_list (toss, "case", digest, body, salt_key, at)
values ($1, $2, $3, $4, $5, kernel.law_now()) on conflict (toss) do nothing
"""
_SAME = 'select toss from supervision.drawn_list where "case" = $1 and digest = $2'
_CALLS = """
select id, toss, stratum, n, until, reply, coalesce(envelope, '') as envelope, seat, slip from supervision.draw_call
where toss = $1 order by called_at, id
"""
_RING = """
insert into supervision.draw_call
    (id, toss, stratum, n, token, terms, addresses, message, called_at, until)
values ($1, $2, $3, $4, $5, $6, $7, $8, kernel.law_now(), $9)
"""
_ASKED = """
select c.message, c.called_at, c.replied_at, d."case" from supervision.draw_call c
join supervision.drawn_list d on d.toss = c.toss where c.id = $1
"""
_SETTLE = """
update supervision.draw_call set envelope = $2, seat = $3, slip = $4 where id = $1 and envelope is null
returning terms, addresses
"""


async def _unlock(connection: asyncpg.Connection, lock: int) -> None:
    """Give the lock back, or end the session with it: a connection of the pool must not keep it."""
    try:
        await connection.execute("select pg_advisory_unlock($1)", lock)
    except BaseException:
        connection.terminate()
        raise


@dataclass(frozen=True, slots=True)
class Ledger:
    """A `kernel.toss.book.Book` in supervision's own database; `origin` is where the reply pages are."""

    origin: str

    @asynccontextmanager
    async def locked(self, toss: UUID) -> AsyncIterator[None]:
        # A lock of the session and no transaction: what is kept in here must stay, whatever comes after it.
        assert HOME.pool is not None, "the engine is started"
        async with HOME.pool.acquire() as connection:
            try:
                await connection.execute("select pg_advisory_lock($1)", lock_number(toss))
                yield
            finally:
                await _unlock(connection, lock_number(toss))

    async def keep(self, toss: UUID, case: UUID, digest: str, body: bytes, salt_key: bytes) -> None:
        async with transaction(HOME) as connection:
            await connection.execute(_KEEP, toss, case, digest, body, salt_key)

    async def kept(self, toss: UUID) -> tuple[bytes, bytes] | None:
        async with transaction(HOME) as connection:
            row = await connection.fetchrow("select body, salt_key from supervision.drawn_list where toss = $1", toss)
        return (row["body"], row["salt_key"]) if row else None

    async def same_lists(self, case: UUID, digest: str) -> list[UUID]:
        async with transaction(HOME) as connection:
            return [row["toss"] for row in await connection.fetch(_SAME, case, digest)]

    async def calls(self, toss: UUID) -> list[Call]:
        async with transaction(HOME) as connection:
            return [Call(**row) for row in await connection.fetch(_CALLS, toss)]

    async def ring(self, call: Call, addresses: Mapping[str, str], terms: CallTerms) -> None:
        token = secrets.token_urlsafe(24)
        fields = {"time": terms.time, "place": terms.place, "trade": terms.trade, "until": when(call.until)}
        async with transaction(HOME) as connection:
            link = f"{self.origin}/call/{token}"
            message = await inbox.send(connection, "draw_call", fields=fields, link=link, also=addresses)
            await connection.execute(
                _RING, call.id, call.toss, call.stratum, call.n, token_hash(token), json.dumps(asdict(terms)),
                json.dumps(dict(addresses)), message, call.until,
            )  # fmt: skip

    async def evidence(self, call: Call) -> bytes:
        """Put on this side's own record, with no address and no name, by the time it is used."""
        async with transaction(HOME) as connection:
            row = await connection.fetchrow(_ASKED, call.id)
        facts: dict[str, Any] = {
            "call": str(call.id), "toss": str(call.toss), "stratum": call.stratum, "n": call.n,
            "called_at": iso(row["called_at"]), "until": iso(call.until), "reply": call.reply,
            "replied_at": iso(row["replied_at"]) if row["replied_at"] else "",
            "delivered": [dict(proof) for proof in await proof_of_delivery(row["message"])],
        }  # fmt: skip
        content = encode(facts)
        hashes = {"evidence": sha256(content).hexdigest()}
        await record_once("settle_call", ACTOR, row["case"], str(call.id), hashes=hashes, facts=facts)
        return content

    async def settle(self, call: Call, envelope: bytes, seat: int, slip: str) -> None:
        async with transaction(HOME) as connection:
            row = await connection.fetchrow(_SETTLE, call.id, envelope, seat, slip)
            if row is not None and seat:
                terms = json.loads(row["terms"])
                fields = {"seat": str(seat), "slip": slip, "time": terms["time"], "place": terms["place"]}
                await inbox.send(connection, "draw_seated", fields=fields, also=json.loads(row["addresses"]))


def token_hash(token: str) -> str:
    """Under what a call's link is kept: who reads the table cannot answer for anybody."""
    return sha256(token.encode()).hexdigest()


def keeper_of(settings: Settings) -> Keeper:
    """The keeper of this site; one a process, for it remembers what it has looked at."""

    async def operators() -> list[bytes]:
        return list(platform_keys(settings, await now(HOME)))

    async def witness() -> bool:
        async with transaction(HOME) as connection:
            seen = "select exists (select from supervision.witness_cosigned where origin = $1)"
            return bool(await connection.fetchval(seen, settings.log_origin))

    return Keeper(
        hand=site_hand(settings.keys, "regulator"),
        operators=operators,
        book=Ledger(settings.supervision_origin),
        rebuild=_asked("rebuild"),
        screen=_asked("screen"),
        contact=_asked("contact"),
        recheck=_asked("recheck"),
        meanwhile=_asked("meanwhile"),
        witness=witness,
    )


def _asked(name: str) -> dict[str, Any]:
    """Kind → the duty's function of this name, of those duties that this house has."""
    found = {}
    for kind, module in ASKED.items():
        if find_spec(module.partition(".")[0]) and find_spec(module):
            function = getattr(import_module(module), name, None)
            if function is not None:
                found[kind] = function
    return found
