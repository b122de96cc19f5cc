"""MinIO or any S3 store: locked versions in one bucket, parts on their way in another.

Whoever holds the credentials can put a newer version or a delete mark over an object, but cannot take away a
locked version; so what we store we remember, and read, by its version id.
"""

import asyncio
import logging
from collections.abc import AsyncIterable
from contextlib import aclosing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from minio.commonconfig import COMPLIANCE
from minio.retention import Retention

from kernel.errors import Problem, Unavailable
from storage.incoming import Part, transmitted
from storage.s3_client import Calls, ensure_bucket, erase_all, locked_until, upload, versions
from storage.spool import Spooled, clear_stale, spooled
from storage.vault import (
    Bytes,
    Damaged,
    Status,
    Store,
    Stored,
    VaultSettings,
    checked,
    damaged,
    missing,
    verified,
)
from storage.write_once import forget_old_probes, keeps_what_it_locks

LOG = logging.getLogger(__name__)
FLOOR = timedelta(days=1)  # every object is held this long from its first second, until its term is known


async def open_s3(settings: VaultSettings) -> Store:
    """Make the buckets, and let the store prove that it keeps what it locks. Unavailable when it is away."""
    calls, spool = Calls(settings), settings.folder / "tmp"
    await asyncio.to_thread(clear_stale, spool)
    await calls.run(ensure_bucket, calls.client, settings.bucket, lock=True)
    await calls.run(ensure_bucket, calls.client, f"{settings.bucket}-incoming", lock=False)
    write_once = await calls.run(keeps_what_it_locks, calls.client, settings.bucket)
    if write_once:
        await calls.run(forget_old_probes, calls.client, settings.bucket)
    else:
        LOG.warning("bucket %s does not keep locked objects: not write-once", settings.bucket)
    vault = S3Vault(calls, settings.bucket, spool, write_once=write_once)
    return Store(vault, S3Incoming(calls, f"{settings.bucket}-incoming", spool))


class S3Vault:
    """`<bucket>/<sha256>`, read by version id; `write_once` is what the store proved."""

    def __init__(self, calls: Calls, bucket: str, spool: Path, *, write_once: bool) -> None:
        self.calls, self.bucket, self.spool, self.write_once = calls, bucket, spool, write_once

    async def put(
        self,
        stream: AsyncIterable[bytes],
        *,
        limit: int,
        expect: str | None = None,
        until: datetime | None = None,
    ) -> Stored:
        if expect is not None and (held := await self._intact(checked(expect))):
            return await self._again(held, until)
        async with spooled(stream, self.spool, limit=limit) as file:
            if expect not in (None, file.sha256):
                raise damaged()
            if held := await self._intact(file.sha256):
                return await self._again(held, until)
            version = await self.calls.run(self._upload, file, until)
            return Stored(file.sha256, file.size, version)

    def _upload(self, file: Spooled, until: datetime | None) -> str:
        held = Retention(COMPLIANCE, self._term(until)) if self.write_once else None
        with file.path.open("rb") as body:
            version = upload(self.calls.client, self.bucket, file.sha256, body, file.size, retention=held)
        if self.write_once and not version:
            raise OSError("the store named no version")
        return version

    async def _again(self, held: Stored, until: datetime | None) -> Stored:
        if self.write_once:
            await self.lock(held.sha256, self._term(until), held.version)
        return held

    @staticmethod
    def _term(until: datetime | None) -> datetime:
        floor = datetime.now(UTC) + FLOOR
        return _whole_second(floor if until is None else max(until, floor))

    async def _intact(self, sha256: str) -> Stored | None:
        """The oldest version that hashes to its name, read through to be sure; None when there is none."""
        for found in await self.calls.run(versions, self.calls.client, self.bucket, sha256):
            version = found.version_id or ""
            try:
                async with aclosing(self.get(sha256, version)) as steps:
                    size = sum([len(step) async for step in steps])
            except Damaged:
                LOG.error("vault: version %s of %s is not what its name says", version, sha256)
                continue
            return Stored(sha256, size, version)
        return None

    async def _version(self, sha256: str, version: str | None) -> str:
        if version:
            return version
        found = await self.calls.run(versions, self.calls.client, self.bucket, checked(sha256))
        if not found:
            raise missing()
        if len(found) == 1:
            return found[0].version_id or ""
        held = await self._intact(sha256)
        if held is None:
            raise damaged()
        return held.version

    async def get(self, sha256: str, version: str | None = None, *, start: int = 0, length: int | None = None) -> Bytes:
        version = await self._version(checked(sha256), version)
        stream = self.calls.read(self.bucket, sha256, version or None, start, length)
        if start == 0 and length is None:
            stream = verified(stream, sha256)
        async with aclosing(stream):
            async for step in stream:
                yield step

    async def stat(self, sha256: str, version: str | None = None) -> Status:
        version = await self._version(checked(sha256), version)
        client = self.calls.client
        found = await self.calls.run(client.stat_object, self.bucket, sha256, version_id=version or None)
        return Status(sha256, found.size or 0, version, locked_until(found))

    async def lock(self, sha256: str, until: datetime, version: str | None = None) -> datetime:
        if not self.write_once:
            raise Unavailable(Problem("store_cannot_lock", "该存储不能锁定文件", "请改用支持对象锁定的存储"))
        status = await self.stat(sha256, version)
        if status.locked_until is not None and status.locked_until >= until:
            return status.locked_until
        end = _whole_second(until)
        client, held = self.calls.client, Retention(COMPLIANCE, end)
        await self.calls.run(client.set_object_retention, self.bucket, sha256, held, version_id=status.version)
        return end

    async def close(self) -> None:
        await asyncio.to_thread(self.calls.close)


def _whole_second(until: datetime) -> datetime:
    """Stores keep whole seconds: rounded up, for a lock may be longer and never shorter than asked."""
    return until.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=int(until.microsecond > 0))


class S3Incoming:
    """`<bucket>-incoming/<upload>/<n>-<sha256>`: plain objects, without versions or locks."""

    def __init__(self, calls: Calls, bucket: str, spool: Path) -> None:
        self.calls, self.bucket, self.spool = calls, bucket, spool

    @staticmethod
    def _name(upload: UUID, part: Part) -> str:
        return f"{upload}/{part.n}-{checked(part.sha256)}"

    async def receive(self, upload: UUID, part: Part, body: AsyncIterable[bytes]) -> None:
        name = self._name(upload, part)
        async with spooled(transmitted(body, part), self.spool, limit=part.size) as file:
            await self.calls.run(self._put, name, file)

    def _put(self, name: str, file: Spooled) -> None:
        with file.path.open("rb") as body:
            upload(self.calls.client, self.bucket, name, body, file.size)

    def read(self, upload: UUID, part: Part, *, start: int = 0) -> Bytes:
        return self.calls.read(self.bucket, self._name(upload, part), None, start)

    async def erase_part(self, upload: UUID, part: Part) -> None:
        await self.calls.run(self.calls.client.remove_object, self.bucket, self._name(upload, part))

    async def erase(self, upload: UUID) -> None:
        await self.calls.run(self._erase, f"{upload}/")

    def _erase(self, prefix: str) -> None:
        found = self.calls.client.list_objects(self.bucket, prefix=prefix, recursive=True)
        erase_all(self.calls.client, self.bucket, [o.object_name or "" for o in found])

    async def uploads(self) -> dict[UUID, datetime]:
        return await self.calls.run(self._seen)

    def _seen(self) -> dict[UUID, datetime]:
        last: dict[UUID, datetime] = {}
        for found in self.calls.client.list_objects(self.bucket, recursive=True):
            with suppress(ValueError):  # a name that is none of ours
                upload_id = UUID((found.object_name or "").split("/")[0])
                at = found.last_modified or datetime.now(UTC)
                last[upload_id] = max(at, last.get(upload_id, at))
        return last
