"""Uploads on their way: parts with a digest each, unlocked, resumable, erased when no act refers to them.

A part's name carries its digest, so what is stored never changes meaning; which part counts is decided by the
row in `storage.uploads`, never by what happens to lie here.
"""

import hashlib
from collections.abc import AsyncIterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from kernel.errors import BadInput, Problem
from storage.vault import Bytes, Stored, Vault, damaged


@dataclass(frozen=True, slots=True)
class Part:
    """Part `n` (from 1) of an upload: its SHA-256 in hex and its size in bytes."""

    n: int
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Digest:
    """A whole upload: the SHA-256 of its parts in order and their size together, in bytes."""

    sha256: str
    size: int


class Incoming(Protocol):
    """Where parts lie before the vault. Every method raises Unavailable when the store is away."""

    async def receive(self, upload: UUID, part: Part, body: AsyncIterable[bytes]) -> None:
        """Store a part; durable on return. BadInput when `body` is not what `part` says; repeatable."""
        ...

    def read(self, upload: UUID, part: Part, *, start: int = 0) -> Bytes:
        """A part's bytes from `start`; NotFound when it is not here."""
        ...

    async def erase_part(self, upload: UUID, part: Part) -> None: ...

    async def erase(self, upload: UUID) -> None:
        """Erase all that lies under an upload; repeatable."""
        ...

    async def uploads(self) -> dict[UUID, datetime]:
        """Every upload that has bytes here, with the moment it was last touched."""
        ...


async def transmitted(body: AsyncIterable[bytes], part: Part) -> Bytes:
    """The body of a part, refused as BadInput when it is longer, shorter or other than announced."""
    hashed, size = hashlib.sha256(), 0
    async for step in body:
        size += len(step)
        if size > part.size:
            break
        hashed.update(step)
        yield step
    if size != part.size:
        says = f"第{part.n}片应为{part.size}字节，实收不符"
        raise BadInput(Problem("part_wrong_size", says, "请重新发送这一片"))
    if hashed.hexdigest() != part.sha256:
        raise BadInput(Problem("part_wrong_digest", f"第{part.n}片与其校验值不符", "传输可能出错，请重新发送这一片"))


async def joined(incoming: Incoming, upload: UUID, parts: Sequence[Part], *, start: int = 0) -> Bytes:
    """The upload's bytes from `start`, part after part."""
    for part in parts:
        if start < part.size:
            async with aclosing(incoming.read(upload, part, start=start)) as steps:
                async for step in steps:
                    yield step
        start = max(0, start - part.size)


async def digest(incoming: Incoming, upload: UUID, parts: Sequence[Part]) -> Digest:
    """Hash the stored bytes again, each part against its own digest; Damaged when one does not hold."""
    return (await digest_and_head(incoming, upload, parts, 0))[0]


async def digest_and_head(incoming: Incoming, upload: UUID, parts: Sequence[Part], length: int) -> tuple[Digest, bytes]:
    """`digest`, and the first `length` bytes, from one reading."""
    whole, size, head = hashlib.sha256(), 0, b""
    for part in parts:
        hashed = hashlib.sha256()
        async for step in incoming.read(upload, part):
            hashed.update(step)
            whole.update(step)
            size += len(step)
            head += step[: length - len(head)]
        if hashed.hexdigest() != part.sha256:
            raise damaged()
    return Digest(whole.hexdigest(), size), head


async def promote(
    incoming: Incoming,
    vault: Vault,
    upload: UUID,
    parts: Sequence[Part],
    sha256: str,
    *,
    until: datetime | None = None,
) -> Stored:
    """Copy an upload into the vault and lock it there; the parts stay until `erase`.

    Safe to repeat after a crash at any point: a copy already kept is verified and answered, not made again.
    """
    size = sum(part.size for part in parts)
    return await vault.put(joined(incoming, upload, parts), limit=size, expect=sha256, until=until)
