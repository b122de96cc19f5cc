"""A stream on its way into a store: hashed while it is written to a temporary file, in threads."""

import asyncio
import errno
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import Problem, TooLarge, Unavailable
from storage.vault import STEP

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_AWAY = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE, errno.ENOTDIR}
STALE = 24 * 3600  # seconds after which a temporary file belongs to no living process


@dataclass(frozen=True, slots=True)
class Spooled:
    """A complete temporary file: its open descriptor, path, digest and size in bytes."""

    fd: int
    path: Path
    sha256: str
    size: int


@asynccontextmanager
async def spooled(stream: AsyncIterable[bytes], folder: Path, *, limit: int) -> AsyncIterator[Spooled]:
    """Write `stream` to a file in `folder` that goes when the block is left; TooLarge past `limit` bytes."""
    with disk_refusals():
        fd, name = await asyncio.to_thread(tempfile.mkstemp, dir=folder)
    try:
        sha256, size = await _write(stream, fd, limit)
        yield Spooled(fd, Path(name), sha256, size)
    finally:
        os.close(fd)
        os.unlink(name)


async def _write(stream: AsyncIterable[bytes], fd: int, limit: int) -> tuple[str, int]:
    hashed, size, held = hashlib.sha256(), 0, bytearray()
    async for step in stream:
        size += len(step)
        if size > limit:
            raise TooLarge(Problem("too_many_bytes", f"超过上限{limit}字节", "请压缩或拆分后重试"))
        held += step
        if len(held) >= STEP:
            full, held = held, bytearray()
            await asyncio.to_thread(_append, fd, hashed, full)
    await asyncio.to_thread(_append, fd, hashed, held)
    return hashed.hexdigest(), size


def _append(fd: int, hashed: "hashlib._Hash", block: bytearray) -> None:
    hashed.update(block)
    rest = memoryview(block)
    with disk_refusals():
        while rest:
            rest = rest[os.write(fd, rest) :]


@contextmanager
def disk_refusals() -> Iterator[None]:
    """What the store's disk will not do becomes Unavailable: it is full, or away; any other fault stays what it is."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            says = Problem("store_full", "存储空间已满，未保存任何内容", "请稍后重试或联系平台运维")
            raise Unavailable(says) from error
        if error.errno in _AWAY:
            says = Problem("store_away", "文件存储暂时不可用，未保存任何内容", "请稍后重试或联系平台运维")
            raise Unavailable(says) from error
        raise


def clear_stale(folder: Path) -> None:
    """Make `folder` and drop what a killed process left in it more than a day ago."""
    folder.mkdir(0o700, parents=True, exist_ok=True)
    oldest = time.time() - STALE
    for path in folder.iterdir():
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:  # another process starting now was quicker
            continue
