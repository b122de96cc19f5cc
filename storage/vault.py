"""What every vault promises: bytes named by their SHA-256, kept as they came, never overwritten."""

import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

from kernel.errors import NotFound, Problem, Unavailable
from kernel.settings import Settings

if TYPE_CHECKING:
    from storage.incoming import Incoming

STEP = 1024 * 1024  # bytes moved at once
DIGEST = re.compile(r"[0-9a-f]{64}")
Bytes = AsyncGenerator[bytes, None]
"""Bytes in steps of at most STEP; leave it early with `contextlib.aclosing`."""


class Damaged(Unavailable):
    """What the store holds under a digest is not what was put there: tampering or a failing disk."""


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """Where the bytes lie. `folder` is the folder store itself, or the local spool of an S3 store."""

    kind: str = "folder"
    folder: Path = Path("var/vault")
    endpoint: str = ""
    access: str = ""
    secret: str = field(default="", repr=False)
    bucket: str = "yangguang"
    secure: bool = True
    region: str = "us-east-1"

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Where this house keeps its bytes."""
        return cls(
            kind=settings.vault_kind,
            folder=settings.vault_folder,
            endpoint=settings.s3_endpoint,
            access=settings.s3_access,
            secret=settings.s3_secret,
            bucket=settings.s3_bucket,
            secure=settings.s3_secure,
            region=settings.s3_region,
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """An acknowledged object: durable when you hold this. `size` in bytes; `version` is empty in a folder."""

    sha256: str
    size: int
    version: str


@dataclass(frozen=True, slots=True)
class Status:
    """What the store says of an object now; `locked_until` is None when nothing holds it."""

    sha256: str
    size: int
    version: str
    locked_until: datetime | None


@runtime_checkable
class Vault(Protocol):
    """A store of immutable bytes. Digests are 64 lower-case hex digits; times are aware.

    Every method raises Unavailable when the store is away, NotFound for a digest or version it does not
    hold, and Damaged when bytes no longer match their digest.
    """

    write_once: bool
    """True only when the store proved, when it was opened, that it keeps a locked object."""

    async def put(
        self,
        stream: AsyncIterable[bytes],
        *,
        limit: int,
        expect: str | None = None,
        until: datetime | None = None,
    ) -> Stored:
        """Store a stream of at most `limit` bytes (else TooLarge); durable on return, or nothing is stored.

        With `expect`, other bytes are refused as Damaged, and an intact copy already held is answered
        without reading the stream. `until` locks the object in the same act.
        """
        ...

    def get(self, sha256: str, version: str | None = None, *, start: int = 0, length: int | None = None) -> Bytes:
        """The bytes from `start`, `length` of them or all. A whole read ends in Damaged if it does not hash.

        Without `version` the oldest intact one is meant: a later one put over it by another hand is not read.
        """
        ...

    async def stat(self, sha256: str, version: str | None = None) -> Status: ...

    async def lock(self, sha256: str, until: datetime, version: str | None = None) -> datetime:
        """Hold the object until `until`; never shortens. Returns the moment that now stands."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Store:
    """The two halves of one place: what is kept for good, and what is on its way."""

    vault: Vault
    incoming: "Incoming"

    async def close(self) -> None:
        await self.vault.close()


async def open_store(settings: VaultSettings) -> Store:
    """Open vault and incoming; an S3 store is asked to prove that it locks. Unavailable when it is away."""
    if settings.kind == "folder":
        from storage.folder import FolderIncoming, FolderVault  # noqa: PLC0415 - the stores import this file

        return Store(FolderVault(settings.folder), FolderIncoming(settings.folder))
    if settings.kind == "s3":
        from storage.s3 import open_s3  # noqa: PLC0415 - the stores import this file

        return await open_s3(settings)
    raise ValueError(f"unknown kind of vault: {settings.kind!r}")


async def open_vault(settings: VaultSettings) -> Vault:
    """The vault alone, for who only reads."""
    return (await open_store(settings)).vault


def checked(sha256: str) -> str:
    """The digest itself when it is one; NotFound otherwise, so that no name from outside becomes a path."""
    if not DIGEST.fullmatch(sha256):
        raise missing()
    return sha256


def missing() -> NotFound:
    return NotFound(Problem("blob_missing", "没有这份文件", "请核对文件编号"))


def away() -> Unavailable:
    return Unavailable(Problem("store_unavailable", "文件存储暂时不可用，未保存任何内容", "请稍后重试"))


def damaged() -> Damaged:
    return Damaged(Problem("blob_damaged", "文件与其校验值不符", "请勿使用，并立即通知平台运维"))


async def verified(stream: Bytes, sha256: str) -> Bytes:
    """The same stream, ending in Damaged when its SHA-256 is another."""
    hashed = hashlib.sha256()
    async with aclosing(stream):
        async for step in stream:
            hashed.update(step)
            yield step
    if hashed.hexdigest() != sha256:
        raise damaged()
