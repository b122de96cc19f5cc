"""The embedded store: one folder, each object a read-only file named by its SHA-256.

A crash leaves at most a temporary file or an object nobody refers to; a name in the vault always stands for
whole, flushed bytes. A folder can hold nobody off who has the disk, so it never calls itself write-once.
"""

import asyncio
import errno
import hashlib
import os
import shutil
from collections.abc import AsyncIterable
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from kernel.errors import NotFound, Refusal
from storage.incoming import Part, transmitted
from storage.spool import Spooled, clear_stale, disk_refusals, spooled
from storage.vault import STEP, Bytes, Status, Stored, away, checked, damaged, missing, verified


class FolderVault:
    """`<root>/vault/aa/bb/<sha256>`; the file's time of change is the moment until which it is locked."""

    write_once = False

    def __init__(self, root: Path) -> None:
        self.root, self.tmp = root / "vault", root / "tmp"
        clear_stale(self.tmp)
        self.root.mkdir(0o700, parents=True, exist_ok=True)

    def _path(self, sha256: str) -> Path:
        return self.root / checked(sha256)[:2] / sha256[2:4] / sha256

    async def put(
        self,
        stream: AsyncIterable[bytes],
        *,
        limit: int,
        expect: str | None = None,
        until: datetime | None = None,
    ) -> Stored:
        if expect is not None and await asyncio.to_thread(self._path(expect).exists):
            return await self._again(expect, until)
        async with spooled(stream, self.tmp, limit=limit) as file:
            if expect not in (None, file.sha256):
                raise damaged()
            path = self._path(file.sha256)
            if not await asyncio.to_thread(place, file, path, self.root, until):
                return await self._again(file.sha256, until)
            return Stored(file.sha256, file.size, "")

    async def _again(self, sha256: str, until: datetime | None) -> Stored:
        """Answer for a copy already held, once it is known to be intact and on the disk."""
        path = self._path(sha256)
        if await asyncio.to_thread(digest_of, path) != sha256:
            raise damaged()
        await asyncio.to_thread(flush_up_to, path.parent, self.root)
        if until is not None:
            await self.lock(sha256, until)
        return Stored(sha256, (await self.stat(sha256)).size, "")

    def get(self, sha256: str, version: str | None = None, *, start: int = 0, length: int | None = None) -> Bytes:
        stream = _there(self.root, read_file(self._path(sha256), start, length))
        return verified(stream, sha256) if start == 0 and length is None else stream

    async def stat(self, sha256: str, version: str | None = None) -> Status:
        try:
            found = await asyncio.to_thread(self._path(sha256).stat)
        except FileNotFoundError:
            raise _gone(self.root) from None
        until = datetime.fromtimestamp(found.st_mtime, UTC)
        return Status(sha256, found.st_size, "", until if until > datetime.now(UTC) else None)

    async def lock(self, sha256: str, until: datetime, version: str | None = None) -> datetime:
        standing = (await self.stat(sha256)).locked_until
        if standing is not None and standing >= until:
            return standing
        await asyncio.to_thread(hold, self._path(sha256), until)
        return until

    async def close(self) -> None:
        return None


class FolderIncoming:
    """`<root>/incoming/<upload>/<n>-<sha256>`: parts that may still be erased."""

    def __init__(self, root: Path) -> None:
        self.root, self.tmp = root / "incoming", root / "tmp"
        clear_stale(self.tmp)
        self.root.mkdir(0o700, parents=True, exist_ok=True)

    def _path(self, upload: UUID, part: Part) -> Path:
        return self.root / str(upload) / f"{part.n}-{checked(part.sha256)}"

    async def receive(self, upload: UUID, part: Part, body: AsyncIterable[bytes]) -> None:
        path = self._path(upload, part)
        async with spooled(transmitted(body, part), self.tmp, limit=part.size) as file:
            try:
                await asyncio.to_thread(place, file, path, self.root)
            except FileNotFoundError:  # the upload is being erased under our feet
                raise missing() from None

    def read(self, upload: UUID, part: Part, *, start: int = 0) -> Bytes:
        return _there(self.root, read_file(self._path(upload, part), start, None))

    async def erase_part(self, upload: UUID, part: Part) -> None:
        await asyncio.to_thread(self._path(upload, part).unlink, missing_ok=True)

    async def erase(self, upload: UUID) -> None:
        await asyncio.to_thread(shutil.rmtree, self.root / str(upload), onerror=_unless_moving)

    async def uploads(self) -> dict[UUID, datetime]:
        return await asyncio.to_thread(self._seen)

    def _seen(self) -> dict[UUID, datetime]:
        found = {}
        for folder in self.root.iterdir():
            with suppress(ValueError, FileNotFoundError):  # not ours, or just erased
                found[UUID(folder.name)] = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        return found


async def _there(root: Path, stream: Bytes) -> Bytes:
    """The stream; where its file is not found, whether that is lost or the whole folder is away."""
    async with aclosing(stream) as steps:
        try:
            async for step in steps:
                yield step
        except NotFound:
            raise _gone(root) from None


def _gone(root: Path) -> Refusal:
    """A folder that is not mounted has lost nothing."""
    return missing() if root.is_dir() else away()


def place(file: Spooled, path: Path, root: Path, until: datetime | None = None) -> bool:
    """Give the flushed file its final name; False, and nothing changed, when that name is taken.

    A hard link, because a rename would silently replace what is there.
    """
    with disk_refusals():
        os.fchmod(file.fd, 0o440)
        os.utime(file.fd, _times(until) if until else None)
        os.fsync(file.fd)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file.path, path)
        except FileExistsError:
            fresh = False
        else:
            fresh = True
        flush_up_to(path.parent, root)
    return fresh


def _unless_moving(_call: object, _path: str, failure: tuple[object, BaseException, object]) -> None:
    """Another erasure took it, or a part just came in; that part is refused, and swept later."""
    error = failure[1]
    if not (isinstance(error, OSError) and error.errno in (errno.ENOENT, errno.ENOTEMPTY)):
        raise error


def flush_up_to(folder: Path, root: Path) -> None:
    """Flush `folder` and its parents up to `root`: a name must survive a power cut, not only the bytes."""
    while True:
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        if folder == root:
            return
        folder = folder.parent


def hold(path: Path, until: datetime) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.utime(fd, _times(until))
        os.fsync(fd)
    finally:
        os.close(fd)


def _times(until: datetime) -> tuple[float, float]:
    return until.timestamp(), until.timestamp()


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def read_file(path: Path, start: int, length: int | None) -> Bytes:
    """The file's bytes from `start` in steps; NotFound when it is not there."""
    try:
        fd = await asyncio.to_thread(os.open, path, os.O_RDONLY)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise missing() from None
        raise
    try:
        left = length
        while left is None or left > 0:
            step = await asyncio.to_thread(os.pread, fd, STEP if left is None else min(STEP, left), start)
            if not step:
                return
            start += len(step)
            left = None if left is None else left - len(step)
            yield step
    finally:
        os.close(fd)
