"""What every vault promises, held against the folder and a real S3 server alike."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from kernel.errors import NotFound, TooLarge
from storage.vault import Damaged, Store, Vault

MIB = 1024 * 1024


@pytest.fixture
def vault(store: Store) -> Vault:
    return store.vault


async def sent(body: bytes, step: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(body), step):
        yield body[start : start + step]


async def cut(body: bytes) -> AsyncIterator[bytes]:
    yield body
    raise ConnectionResetError


async def unread() -> AsyncIterator[bytes]:
    raise AssertionError("the stream was read")
    yield b""


async def whole(vault: Vault, sha256: str, version: str | None = None) -> bytes:
    return b"".join([step async for step in vault.get(sha256, version)])


async def ranged(vault: Vault, sha256: str, start: int, length: int | None) -> bytes:
    return b"".join([step async for step in vault.get(sha256, start=start, length=length)])


def name_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("size", [0, 1, 100_001, 3 * MIB + 7])
async def test_what_is_put_comes_back_byte_for_byte(vault: Vault, size: int) -> None:
    body = os.urandom(size)
    stored = await vault.put(sent(body), limit=size)
    assert (stored.sha256, stored.size) == (name_of(body), size)
    assert await whole(vault, stored.sha256, stored.version) == body
    assert await whole(vault, stored.sha256) == body
    status = await vault.stat(stored.sha256, stored.version)
    assert (status.size, status.version) == (size, stored.version)


async def test_an_object_larger_than_one_part_comes_back(vault: Vault) -> None:
    body = os.urandom(MIB) * 17
    stored = await vault.put(sent(body, MIB), limit=len(body))
    assert name_of(await whole(vault, stored.sha256, stored.version)) == name_of(body)


@pytest.mark.parametrize(
    ("start", "length"),
    [(0, 10), (5, 1), (99_990, None), (2 * MIB - 1, 2), (3 * MIB, None), (3 * MIB + 9, 4), (7, 0)],
)
async def test_a_range_is_the_same_slice(vault: Vault, start: int, length: int | None) -> None:
    body = (b"0123456789abcdef" * 65536) * 3
    stored = await vault.put(sent(body, MIB), limit=len(body))
    end = len(body) if length is None else start + length
    assert await ranged(vault, stored.sha256, start, length) == body[start:end]


async def test_more_than_the_limit_is_refused_and_nothing_stays(vault: Vault) -> None:
    body = os.urandom(5000)
    with pytest.raises(TooLarge):
        await vault.put(sent(body, 1000), limit=4999)
    with pytest.raises(NotFound):
        await vault.stat(name_of(body))


async def test_a_stream_cut_short_stores_nothing(vault: Vault) -> None:
    body = os.urandom(5000)
    with pytest.raises(ConnectionResetError):
        await vault.put(cut(body), limit=10_000)
    with pytest.raises(NotFound):
        await vault.stat(name_of(body))


async def test_the_same_bytes_twice_are_one_object(vault: Vault) -> None:
    body = os.urandom(5000)
    first = await vault.put(sent(body), limit=5000)
    assert await vault.put(sent(body), limit=5000) == first


async def test_the_same_bytes_at_once_are_acknowledged_and_readable(vault: Vault) -> None:
    body = os.urandom(50_000)
    answers = await asyncio.gather(*(vault.put(sent(body), limit=50_000) for _ in range(6)))
    assert {(a.sha256, a.size) for a in answers} == {(name_of(body), 50_000)}
    for answer in answers:
        assert await whole(vault, answer.sha256, answer.version) == body


async def test_other_bytes_than_expected_are_refused_and_nothing_stays(vault: Vault) -> None:
    body, other = os.urandom(500), os.urandom(500)
    with pytest.raises(Damaged):
        await vault.put(sent(other), limit=500, expect=name_of(body))
    for digest in (name_of(body), name_of(other)):
        with pytest.raises(NotFound):
            await vault.stat(digest)


async def test_expected_bytes_already_held_are_answered_without_reading_the_stream(vault: Vault) -> None:
    body = os.urandom(500)
    first = await vault.put(sent(body), limit=500)
    assert await vault.put(unread(), limit=500, expect=first.sha256) == first


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "A" * 64, "", "ab", "0" * 63 + "\n"])
async def test_an_unknown_or_malformed_digest_is_not_found(vault: Vault, name: str) -> None:
    with pytest.raises(NotFound):
        await vault.stat(name)
    with pytest.raises(NotFound):
        await whole(vault, name)
    with pytest.raises(NotFound):
        await vault.lock(name, datetime.now(UTC) + timedelta(days=1))


async def test_a_lock_stands_and_is_only_ever_lengthened(vault: Vault) -> None:
    stored = await vault.put(sent(os.urandom(100)), limit=100)
    near, far = (datetime.now(UTC) + timedelta(days=d) for d in (400, 5500))
    assert await vault.lock(stored.sha256, near, stored.version) >= near
    standing = await vault.lock(stored.sha256, far, stored.version)
    assert far <= standing < far + timedelta(seconds=2)
    assert await vault.lock(stored.sha256, near, stored.version) == standing
    status = await vault.stat(stored.sha256, stored.version)
    assert status.locked_until == standing


async def test_an_object_can_be_put_and_locked_in_one_act(vault: Vault) -> None:
    until = datetime.now(UTC) + timedelta(days=5500)
    stored = await vault.put(sent(os.urandom(100)), limit=100, until=until)
    locked = (await vault.stat(stored.sha256, stored.version)).locked_until
    assert locked is not None
    assert until <= locked < until + timedelta(seconds=2)


async def test_many_objects_at_once_all_arrive(vault: Vault) -> None:
    bodies = [os.urandom(30_000) for _ in range(40)]
    stored = await asyncio.gather(*(vault.put(sent(b), limit=30_000) for b in bodies))
    back = await asyncio.gather(*(whole(vault, s.sha256, s.version) for s in stored))
    assert back == bodies


async def test_a_reader_who_leaves_early_leaves_the_vault_working(vault: Vault) -> None:
    body = os.urandom(3 * MIB)
    stored = await vault.put(sent(body, MIB), limit=len(body))
    for _ in range(40):
        stream = vault.get(stored.sha256, stored.version)
        assert body.startswith(await anext(stream))
        await stream.aclose()
    assert await whole(vault, stored.sha256, stored.version) == body
