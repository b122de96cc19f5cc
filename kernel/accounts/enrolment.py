"""Many people at once: those of a sheet, found by their identity numbers or put on one side of the house."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from kernel.accounts.keys import Keys
from kernel.ids import new_id

_FIND = "select id_hash, id, side from accounts.person where id_hash = any($1)"
_WRITE = """
insert into accounts.person (id, id_hash, id_sealed, name, phone, side, created_by, created_at)
select u.id, u.hash, u.sealed, u.name, u.phone, $6, $7, clock_timestamp()
from unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::text[], $5::text[]) as u(id, hash, sealed, name, phone)
"""


@dataclass(frozen=True, slots=True)
class Enrolling:
    """One line of a sheet."""

    identity: str
    name: str
    phone: str


async def known_sides(
    connection: asyncpg.Connection, identities: Sequence[str], keys: Keys
) -> dict[str, tuple[UUID, str]]:
    """Identity number → (person, side), of those who are known; one query for all."""
    hashes = {keys.identity(number): number for number in identities}
    return {hashes[row["id_hash"]]: (row["id"], row["side"]) for row in await connection.fetch(_FIND, list(hashes))}


async def enrol(
    connection: asyncpg.Connection, people: Sequence[Enrolling], side: str, keys: Keys, by: UUID | None
) -> dict[str, UUID]:
    """Put in people whom nobody knows, without sign-in and role; identity number → person. One statement for all.

    The database refuses somebody who is there already: ask `known_sides` first, in the same transaction.
    """
    ids = {one.identity: new_id() for one in people}
    await connection.execute(
        _WRITE,
        [ids[one.identity] for one in people],
        [keys.identity(one.identity) for one in people],
        [keys.seal_identity(one.identity) for one in people],
        [one.name for one in people],
        [one.phone for one in people],
        side,
        by,
    )
    return ids
