"""Every write to storage's rows: small, each safe to repeat, inside whatever transaction is running."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from kernel.db import TRADING, reading, transaction
from storage.incoming import Digest, Part
from storage.vault import Stored

_KEEP = """
insert into storage.blob (sha256, size, version, locked_until, kept_at)
values ($1, $2, $3, $4, clock_timestamp())
on conflict (sha256) do update set locked_until = greatest(blob.locked_until, excluded.locked_until)
returning version
"""
_ADD_UPLOAD = """
insert into storage.upload (id, owner_key, purpose, size, expected, state, created_at, expires_at)
values ($1, $2, $3, $4, $5, 'open', clock_timestamp(), clock_timestamp() + make_interval(days => $6))
"""
_CLAIM = """
update storage.upload set state = 'claimed'
where id = any($1) and owner_key = $2 and purpose = $3 and state = 'complete' returning id, sha256, size
"""
_ADD_PART = """
insert into storage.upload_part (id, upload, n, sha256, size) values (gen_random_uuid(), $1, $2, $3, $4)
on conflict (upload, n) do nothing
"""
_TO_ERASE = """
update storage.upload set state = 'erasing'
where state in ('open', 'complete') and expires_at < clock_timestamp()
"""
_UPLOADS = "select * from storage.upload where id = any($1)"
_PARTS = "select upload, n, sha256, size from storage.upload_part where upload = any($1) order by upload, n"
_COMPLETE = """
update storage.upload set state = 'complete', sha256 = done.sha256
from unnest($1::uuid[], $2::text[]) as done (id, sha256) where upload.id = done.id and state = 'open'
"""
# Kept uploads whose parts were not cleared, because a process ended between the two.
_LEFT = """
select id from storage.upload u
where state = 'kept' and exists (select from storage.upload_part where upload = u.id)
"""


async def add_upload(id: UUID, *, owner_key: str, purpose: str, size: int, expected: str | None, days: int) -> None:
    async with transaction(TRADING) as connection:
        await connection.execute(
            _ADD_UPLOAD, id, owner_key, purpose, size, expected, days
        )  # fmt: skip


async def under_way(owner_key: str) -> tuple[int, int]:
    """Bytes and number of this owner's unclaimed uploads; holds his others off until the transaction ends."""
    async with transaction(TRADING) as connection:
        await connection.execute(
            "select pg_advisory_xact_lock(hashtextextended('storage.upload:' || $1, 0))", owner_key
        )
        row = await connection.fetchrow(
            "select coalesce(sum(size), 0)::bigint as bytes, count(*) as uploads from storage.upload"
            " where owner_key = $1 and state in ('open', 'complete')",
            owner_key,
        )
        return row["bytes"], row["uploads"]


async def upload(id: UUID, *, held: str = "") -> asyncpg.Record | None:
    """The upload's row; `held` is `for share` or `for update`, inside a transaction."""
    async with reading(TRADING) as connection:
        return await connection.fetchrow(f"select * from storage.upload where id = $1 {held}", id)  # noqa: S608


async def uploads(ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    """The rows of those that are there."""
    async with reading(TRADING) as connection:
        return {row["id"]: row for row in await connection.fetch(_UPLOADS, list(ids))}


async def parts(id: UUID) -> list[Part]:
    """The parts that have arrived, in order."""
    return (await parts_of([id])).get(id, [])


async def parts_of(ids: Sequence[UUID]) -> dict[UUID, list[Part]]:
    """The parts of many uploads that have arrived, in order."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(_PARTS, list(ids))
    found: dict[UUID, list[Part]] = {}
    for row in rows:
        found.setdefault(row["upload"], []).append(Part(row["n"], row["sha256"], row["size"]))
    return found


async def part(id: UUID, n: int) -> Part | None:
    async with reading(TRADING) as connection:
        row = await connection.fetchrow(
            "select n, sha256, size from storage.upload_part where upload = $1 and n = $2", id, n
        )
        return Part(**row) if row else None


async def add_part(id: UUID, arrived: Part) -> None:
    """Count these bytes as that part, unless another did so first."""
    async with transaction(TRADING) as connection:
        await connection.execute(_ADD_PART, id, arrived.n, arrived.sha256, arrived.size)


async def complete(digests: Mapping[UUID, str]) -> None:
    """Close open uploads, each with the SHA-256 of its whole."""
    async with transaction(TRADING) as connection:
        await connection.execute(_COMPLETE, list(digests), list(digests.values()))


async def claim(ids: Sequence[UUID], owner_key: str, purpose: str) -> dict[UUID, Digest]:
    """Hand complete uploads to the running act; those are left out that are not there to be taken."""
    async with transaction(TRADING) as connection:
        taken = await connection.fetch(_CLAIM, list(ids), owner_key, purpose)
        return {row["id"]: Digest(row["sha256"], row["size"]) for row in taken}


async def keep(stored: Stored, until: datetime, *, upload: UUID | None = None) -> str:
    """Record what the vault holds, and that the upload is kept; returns the version that counts."""
    async with transaction(TRADING) as connection:
        version = await connection.fetchval(_KEEP, stored.sha256, stored.size, stored.version, until)
        if upload is not None:
            await connection.execute(
                "update storage.upload set state = 'kept' where id = $1 and state = 'claimed'", upload
            )
        return str(version)


async def lengthen(sha256: str, until: datetime) -> None:
    async with transaction(TRADING) as connection:
        await connection.execute(
            "update storage.blob set locked_until = greatest(locked_until, $2) where sha256 = $1",
            sha256, until,
        )  # fmt: skip


async def claimed_with(sha256: str) -> UUID | None:
    """An upload of these bytes that an act refers to and that is not in the vault yet."""
    async with reading(TRADING) as connection:
        found: UUID | None = await connection.fetchval(
            "select id from storage.upload where sha256 = $1 and state = 'claimed' limit 1", sha256
        )
        return found


async def claimed_before(seconds: int, limit: int) -> list[UUID]:
    """Claimed uploads older than that whose promotion did not happen yet."""
    async with reading(TRADING) as connection:
        found = await connection.fetch(
            "select id from storage.upload where state = 'claimed'"
            " and created_at <= clock_timestamp() - make_interval(secs => $1) order by created_at limit $2",
            float(seconds), limit,
        )  # fmt: skip
        return [row["id"] for row in found]


async def drop_parts(id: UUID) -> None:
    async with transaction(TRADING) as connection:
        await connection.execute("delete from storage.upload_part where upload = $1", id)


async def begin_erasing(id: UUID) -> bool:
    """Mark an unclaimed upload: from now on no act can claim it. False, and nothing marked, when one did."""
    async with transaction(TRADING) as connection:
        marked = await connection.fetchval(
            "update storage.upload set state = 'erasing'"
            " where id = $1 and state in ('open', 'complete', 'erasing') returning true",
            id,
        )
        return bool(marked)


async def begin_erasing_of(connection: asyncpg.Connection, purpose: str) -> list[str]:
    """Mark every unclaimed upload of a purpose, in the act that ends it; whose they were, each owner once."""
    rows = await connection.fetch(
        "update storage.upload set state = 'erasing' where purpose = $1 and state in ('open', 'complete')"
        " returning owner_key",
        purpose,
    )
    return sorted({row["owner_key"] for row in rows})


async def begin_erasing_expired() -> None:
    async with transaction(TRADING) as connection:
        await connection.execute(_TO_ERASE)


async def being_erased() -> list[UUID]:
    async with reading(TRADING) as connection:
        return [row["id"] for row in await connection.fetch("select id from storage.upload where state = 'erasing'")]


async def erased(id: UUID) -> None:
    async with transaction(TRADING) as connection:
        await connection.execute("delete from storage.upload where id = $1 and state = 'erasing'", id)


async def kept_with_parts() -> list[UUID]:
    async with reading(TRADING) as connection:
        return [row["id"] for row in await connection.fetch(_LEFT)]


async def unknown(ids: Sequence[UUID]) -> list[UUID]:
    """Those of `ids` that have no row."""
    async with reading(TRADING) as connection:
        found = await connection.fetch(
            "select id from unnest($1::uuid[]) as id where not exists"
            " (select from storage.upload where upload.id = id.id)",
            list(ids),
        )
        return [row["id"] for row in found]
