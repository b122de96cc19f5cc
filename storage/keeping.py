"""Bytes after the act: promoted into the vault, read wherever they are, held longer, or erased."""

import hashlib
from collections.abc import AsyncIterable, Iterable
from contextlib import aclosing, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from kernel import jobs
from kernel.clock import wall
from kernel.db import TRADING
from kernel.errors import NotFound, Problem, Unavailable, WrongStage
from storage import records, rows
from storage.incoming import joined
from storage.incoming import promote as copy_into_vault
from storage.retention import lock_moment, locked_until
from storage.vault import Bytes, Damaged, Store, Stored, missing, verified

FIRST_TERM = "tender_file"  # held at least this long from the first day; the archive lengthens it
LOOKED_FOR = 10  # of the first files and of the last, at a start
TOO_FEW = 5  # files: of so few all may have been lost
ABANDONED = timedelta(days=1)  # bytes without a row: the process that wrote them is long gone


async def promote(store: Store, upload_id: UUID) -> Stored:
    """Copy a claimed upload into the vault, lock it there, then drop its parts. Repeatable at any point."""
    row = await rows.upload(upload_id)
    if row is None or row["state"] not in ("claimed", "kept"):
        raise WrongStage(Problem("upload_unclaimed", "没有办理事项使用该文件", "请先提交"))
    if row["state"] == "claimed":
        until = await _first_term()
        parts = await rows.parts(upload_id)
        try:
            stored = await copy_into_vault(store.incoming, store.vault, upload_id, parts, row["sha256"], until=until)
        except NotFound:  # another process was quicker and has dropped the parts
            return await _kept(row["sha256"])
        await _record(store, stored, until, upload_id)
    await store.incoming.erase(upload_id)
    await rows.drop_parts(upload_id)
    return await _kept(row["sha256"])


async def keep(store: Store, stream: AsyncIterable[bytes], *, limit: int, until: datetime | None = None) -> Stored:
    """Put a document of our own straight into the vault, with its row; `limit` in bytes."""
    until = until or await _first_term()
    stored = await store.vault.put(stream, limit=limit, until=until)
    await _record(store, stored, until)
    return await _kept(stored.sha256)


async def extend(store: Store, sha256: str, until: datetime) -> datetime:
    """Hold bytes until `until` at least; what an act claimed and is still on its way is promoted first."""
    waiting = await rows.claimed_with(sha256)
    if waiting is not None:
        await promote(store, waiting)
    kept = await _kept(sha256)
    standing = await store.vault.lock(sha256, until, kept.version)
    await rows.lengthen(sha256, until)
    return standing


def read(store: Store, sha256: str, *, start: int = 0, length: int | None = None) -> Bytes:
    """Bytes an act refers to, from the vault or, until they are there, from their parts.

    NotFound when no act refers to them; a whole read ends in Damaged when it does not hash. They may be moved
    while they are read: the reader does not notice.
    """
    stream = _wherever(store, sha256, start, length)
    return verified(stream, sha256) if start == 0 and length is None else stream


async def first_bytes(store: Store, sha256: str, limit: int) -> bytes:
    """At most `limit` bytes from the beginning; empty where the store has lost what an act refers to.

    A store that is away is `Unavailable` as ever: what it holds is not lost.
    """
    try:
        return b"".join([step async for step in read(store, sha256, length=limit)])
    except (NotFound, Damaged):
        return b""


async def digest(store: Store, sha256: str) -> str:
    """SHA-256 (hex) of what now stands under this name, read once in steps; empty where the store has lost it.

    A store that is away is `Unavailable` as ever: what it holds is not lost.
    """
    hashed = hashlib.sha256()
    try:
        async with aclosing(_wherever(store, sha256, 0, None)) as steps:
            async for step in steps:
                hashed.update(step)
    except (NotFound, Damaged):
        return ""
    return hashed.hexdigest()


async def expect_what_is_kept(store: Store) -> None:
    """Unavailable where the store has none of the files that it took in first and last: another folder, or not mounted.

    Asked at the start: else it would seem that the operator had lost every bid.
    """
    known = await records.ends(LOOKED_FOR)
    for blob in known:
        with suppress(NotFound):
            await store.vault.stat(blob.sha256, blob.version)
            return
    if len(known) >= TOO_FEW:
        says = f"文件存储里没有登记过的文件，最早和最近存入的 {len(known)} 份全都不在"
        raise Unavailable(Problem("store_is_another", says, "请检查存储文件夹是否挂载、存储地址与桶名是否正确"))


async def _wherever(store: Store, sha256: str, start: int, length: int | None) -> Bytes:
    sent = 0
    with suppress(NotFound):  # the parts are promoted and dropped while we read: the rest is in the vault
        async with aclosing(_from_parts(store, sha256, start, length)) as steps:
            async for step in steps:
                sent += len(step)
                yield step
        return
    kept = await _kept(sha256)
    rest = (kept.size - start if length is None else length) - sent
    async with aclosing(store.vault.get(sha256, kept.version, start=start + sent, length=max(0, rest))) as steps:
        async for step in steps:
            yield step


async def _from_parts(store: Store, sha256: str, start: int, length: int | None) -> Bytes:
    """The bytes while they are on their way; NotFound as soon as they are not."""
    upload_id = None if await records.blob(sha256) else await rows.claimed_with(sha256)
    parts = await rows.parts(upload_id) if upload_id else []
    if upload_id is None or not parts:
        raise missing()
    left = sum(part.size for part in parts) if length is None else length
    async with aclosing(joined(store.incoming, upload_id, parts, start=start)) as steps:
        async for step in steps:
            if left <= 0:
                return
            yield step[:left]
            left -= len(step)


async def erase(store: Store, upload_id: UUID, owner_key: str) -> None:
    """Give up an upload that no act claimed; NotFound for another's, WrongStage once it is part of an act."""
    row = await rows.upload(upload_id)
    if row is None or row["owner_key"] != owner_key:
        raise NotFound(Problem("upload_missing", "没有这次上传", "请重新登记上传"))
    if not await rows.begin_erasing(upload_id):
        raise WrongStage(Problem("upload_in_use", "该文件已随办理事项提交，不能删除", "请在相应事项中撤回"))
    await _finish_erasing(store, [upload_id])


async def sweep(store: Store) -> int:
    """Erase expired uploads, what a crash left half erased, and bytes without a row. Returns how many."""
    await rows.begin_erasing_expired()
    marked = await rows.being_erased()
    await _finish_erasing(store, marked)
    done = len(marked)
    for upload_id in await rows.kept_with_parts():
        await promote(store, upload_id)
        done += 1
    before = datetime.now(UTC) - ABANDONED
    old = [upload_id for upload_id, at in (await store.incoming.uploads()).items() if at < before]
    for upload_id in await rows.unknown(old):
        await store.incoming.erase(upload_id)
        done += 1
    return done


async def promote_waiting(store: Store, *, older_than: int = 0, limit: int = 100) -> int:
    """Promote claimed uploads registered at least `older_than` seconds ago; heals lost jobs. How many."""
    waiting = await rows.claimed_before(older_than, limit)
    for upload_id in waiting:
        await promote(store, upload_id)
    return len(waiting)


async def _finish_erasing(store: Store, marked: Iterable[UUID]) -> None:
    for upload_id in marked:
        await store.incoming.erase(upload_id)
        await rows.erased(upload_id)


async def _first_term() -> datetime:
    return lock_moment(locked_until([FIRST_TERM], (await wall(TRADING)).date()))


async def _record(store: Store, stored: Stored, until: datetime, upload_id: UUID | None = None) -> None:
    version = await rows.keep(stored, until, upload=upload_id)
    if version != stored.version:  # the same bytes were put twice at once: the version that counts is held too
        await store.vault.lock(stored.sha256, until, version)


async def _kept(sha256: str) -> Stored:
    blob = await records.blob(sha256)
    if blob is None:
        raise missing()
    return Stored(blob.sha256, blob.size, blob.version)


async def abandon(connection: asyncpg.Connection, purpose: str) -> list[str]:
    """Give up every upload of this purpose that no act has claimed, and have the sweep erase its parts at once.

    The owners of what was given up, each once, for an act that owes them word of it.
    """
    owners = await rows.begin_erasing_of(connection, purpose)
    await jobs.schedule(connection, "storage.sweep", {}, dedup=f"storage.sweep:{purpose}", law_time=False)
    return owners
