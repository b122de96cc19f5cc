"""Small acts that the tests of uploads share: a sender who sends, and an act that claims."""

import hashlib
from collections.abc import AsyncIterator
from uuid import UUID

from kernel.db import transaction
from storage import uploads
from storage.incoming import Digest
from storage.limits import PART_SIZE
from storage.vault import Store

OWNER, STRANGER = "organisation-1", "organisation-2"
PURPOSE = "bid_file"


def digest_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


async def stream(body: bytes, step: int = 1 << 20) -> AsyncIterator[bytes]:
    for start in range(0, len(body), step):
        yield body[start : start + step]


def part_body(body: bytes, n: int) -> bytes:
    return body[(n - 1) * PART_SIZE : n * PART_SIZE]


async def send_part(store: Store, upload_id: UUID, body: bytes, n: int) -> None:
    piece = part_body(body, n)
    await uploads.receive(store, upload_id, OWNER, n, stream(piece), sha256=digest_of(piece))


async def sent(store: Store, body: bytes) -> UUID:
    """An upload whose parts have all arrived."""
    upload = await uploads.register(OWNER, PURPOSE, len(body))
    for n in upload.missing:
        await send_part(store, upload.id, body, n)
    return upload.id


async def finished(store: Store, body: bytes) -> UUID:
    upload_id = await sent(store, body)
    await uploads.finish(store, upload_id, OWNER)
    return upload_id


async def claim(upload_id: UUID, owner: str = OWNER, purpose: str = PURPOSE) -> Digest:
    """An act that refers to the upload, and commits."""
    async with transaction() as connection:
        return await uploads.claim(connection, upload_id, owner, purpose)


async def claimed(store: Store, body: bytes) -> UUID:
    upload_id = await finished(store, body)
    await claim(upload_id)
    return upload_id
