"""Parts on their way, held against the folder and a real S3 server alike."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from kernel.errors import BadInput, NotFound
from storage.incoming import Part, digest, joined, promote
from storage.vault import Damaged, Store


async def sent(body: bytes, step: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, len(body), step):
        yield body[start : start + step]


def part_of(n: int, body: bytes) -> Part:
    return Part(n, hashlib.sha256(body).hexdigest(), len(body))


async def send(store: Store, upload: UUID, bodies: list[bytes]) -> list[Part]:
    parts = [part_of(n, body) for n, body in enumerate(bodies, 1)]
    for part, body in zip(parts, bodies, strict=True):
        await store.incoming.receive(upload, part, sent(body))
    return parts


async def read(store: Store, upload: UUID, parts: list[Part], start: int = 0) -> bytes:
    return b"".join([step async for step in joined(store.incoming, upload, parts, start=start)])


async def test_parts_sent_in_any_order_join_into_the_file(store: Store) -> None:
    upload, bodies = uuid4(), [os.urandom(50_000), os.urandom(50_000), os.urandom(7)]
    parts = [part_of(n, body) for n, body in enumerate(bodies, 1)]
    for n in (2, 0, 1):
        await store.incoming.receive(upload, parts[n], sent(bodies[n]))
    assert await read(store, upload, parts) == b"".join(bodies)
    whole = await digest(store.incoming, upload, parts)
    assert (whole.sha256, whole.size) == (hashlib.sha256(b"".join(bodies)).hexdigest(), 100_007)


@pytest.mark.parametrize("start", [1, 49_999, 50_000, 50_001, 100_000, 100_006, 100_007])
async def test_a_join_can_begin_anywhere(store: Store, start: int) -> None:
    upload, bodies = uuid4(), [b"a" * 50_000, b"b" * 50_000, b"c" * 7]
    parts = await send(store, upload, bodies)
    assert await read(store, upload, parts, start) == b"".join(bodies)[start:]


async def test_the_same_part_again_changes_nothing(store: Store) -> None:
    upload, body = uuid4(), os.urandom(5000)
    part = part_of(1, body)
    await asyncio.gather(*(store.incoming.receive(upload, part, sent(body)) for _ in range(4)))
    await store.incoming.receive(upload, part, sent(body))
    assert await read(store, upload, [part]) == body


async def test_bytes_other_than_announced_are_refused_and_not_kept(store: Store) -> None:
    upload, body = uuid4(), os.urandom(5000)
    part = part_of(1, body)
    for wrong, code in [
        (os.urandom(5000), "part_wrong_digest"),
        (body[:-1], "part_wrong_size"),
        (body + b"x", "part_wrong_size"),
        (b"", "part_wrong_size"),
    ]:
        with pytest.raises(BadInput) as refusal:
            await store.incoming.receive(upload, part, sent(wrong))
        assert refusal.value.code == code
    with pytest.raises(NotFound):
        await read(store, upload, [part])


async def test_a_digest_that_is_none_never_becomes_a_name(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.incoming.receive(uuid4(), Part(1, "../../x", 1), sent(b"x"))


async def test_an_erased_upload_is_gone_and_erasing_again_is_no_fault(store: Store) -> None:
    upload, other = uuid4(), uuid4()
    parts = await send(store, upload, [os.urandom(100), os.urandom(100)])
    kept = await send(store, other, [b"kept"])
    await store.incoming.erase_part(upload, parts[0])
    with pytest.raises(NotFound):
        await read(store, upload, parts[:1])
    await store.incoming.erase(upload)
    await store.incoming.erase(upload)
    with pytest.raises(NotFound):
        await read(store, upload, parts[1:])
    assert await read(store, other, kept) == b"kept"


async def test_what_lies_here_is_listed_with_its_age(store: Store) -> None:
    upload = uuid4()
    await send(store, upload, [b"one", b"two"])
    listed = await store.incoming.uploads()
    assert abs(listed[upload] - datetime.now(UTC)) < timedelta(minutes=5)
    await store.incoming.erase(upload)
    assert upload not in await store.incoming.uploads()


async def test_a_promoted_upload_is_in_the_vault_and_locked(store: Store) -> None:
    upload, bodies = uuid4(), [os.urandom(50_000), os.urandom(9)]
    parts = await send(store, upload, bodies)
    whole = await digest(store.incoming, upload, parts)
    until = datetime.now(UTC) + timedelta(days=1000)
    stored = await promote(store.incoming, store.vault, upload, parts, whole.sha256, until=until)
    assert (stored.sha256, stored.size) == (whole.sha256, whole.size)
    assert b"".join([s async for s in store.vault.get(stored.sha256, stored.version)]) == b"".join(bodies)
    locked = (await store.vault.stat(stored.sha256, stored.version)).locked_until
    assert locked is not None
    assert abs(locked - until) < timedelta(seconds=2)


async def test_promoting_again_even_after_the_parts_are_gone_is_the_same_answer(store: Store) -> None:
    upload = uuid4()
    parts = await send(store, upload, [os.urandom(50_000), os.urandom(9)])
    whole = await digest(store.incoming, upload, parts)
    first = await promote(store.incoming, store.vault, upload, parts, whole.sha256)
    await store.incoming.erase(upload)
    assert await promote(store.incoming, store.vault, upload, parts, whole.sha256) == first


async def test_a_promotion_begun_and_lost_midway_is_simply_done_again(store: Store) -> None:
    upload, bodies = uuid4(), [os.urandom(50_000), os.urandom(9)]
    parts = await send(store, upload, bodies)
    whole = await digest(store.incoming, upload, parts)
    await store.incoming.erase_part(upload, parts[1])
    with pytest.raises(NotFound):
        await promote(store.incoming, store.vault, upload, parts, whole.sha256)
    with pytest.raises(NotFound):
        await store.vault.stat(whole.sha256)
    await store.incoming.receive(upload, parts[1], sent(bodies[1]))
    stored = await promote(store.incoming, store.vault, upload, parts, whole.sha256)
    assert stored.size == 50_009


async def test_parts_that_do_not_make_the_claimed_file_never_reach_the_vault(store: Store) -> None:
    upload = uuid4()
    parts = await send(store, upload, [os.urandom(500), os.urandom(500)])
    whole = await digest(store.incoming, upload, parts)
    with pytest.raises(Damaged):
        await promote(store.incoming, store.vault, upload, parts[::-1], whole.sha256)
    with pytest.raises(NotFound):
        await store.vault.stat(whole.sha256)
