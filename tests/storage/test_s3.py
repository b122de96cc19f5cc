"""An S3 store against those who hold its credentials: they can hide, not change and not take away."""

import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import httpx
import pytest
from minio import Minio
from minio.commonconfig import GOVERNANCE
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.retention import Retention

from kernel.errors import NotFound, Unavailable
from storage.s3_client import ensure_bucket
from storage.vault import Store, Stored, Vault, VaultSettings, open_store, open_vault


@pytest.fixture(scope="module")
async def s3_store(s3: VaultSettings) -> AsyncIterator[Store]:
    opened = await open_store(s3)
    yield opened
    await opened.close()


@pytest.fixture
def vault(s3_store: Store) -> Vault:
    return s3_store.vault


@pytest.fixture(scope="module")
def root(s3: VaultSettings) -> Minio:
    return Minio(s3.endpoint, s3.access, s3.secret, secure=s3.secure, region=s3.region)


async def one(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def whole(vault: Vault, stored: Stored, *, by_version: bool) -> bytes:
    version = stored.version if by_version else None
    return b"".join([step async for step in vault.get(stored.sha256, version)])


def put_over(root: Minio, bucket: str, stored: Stored) -> None:
    root.put_object(bucket, stored.sha256, BytesIO(b"forged"), 6)


def mark_deleted(root: Minio, bucket: str, stored: Stored) -> None:
    root.remove_object(bucket, stored.sha256)


def delete_version(root: Minio, bucket: str, stored: Stored) -> None:
    target = DeleteObject(stored.sha256, stored.version)
    refusals = list(root.remove_objects(bucket, [target], bypass_governance_mode=True))
    assert refusals


def weaken_then_delete(root: Minio, bucket: str, stored: Stored) -> None:
    soon = Retention(GOVERNANCE, datetime.now(UTC) + timedelta(seconds=1))
    with pytest.raises(S3Error):
        root.set_object_retention(bucket, stored.sha256, soon, version_id=stored.version)
    with pytest.raises(S3Error):
        root.remove_object(bucket, stored.sha256, version_id=stored.version)


def drop_the_bucket(root: Minio, bucket: str, stored: Stored) -> None:
    with pytest.raises(S3Error):
        root.remove_bucket(bucket)


ATTACKS = [put_over, mark_deleted, delete_version, weaken_then_delete, drop_the_bucket]


def test_a_real_server_proves_write_once(vault: Vault) -> None:
    assert vault.write_once


async def test_every_object_is_read_after_root_covers_hides_and_deletes_it(
    vault: Vault, root: Minio, s3: VaultSettings
) -> None:
    bodies = [os.urandom(2000) for _ in range(10)]
    stored = [await vault.put(one(body), limit=2000) for body in bodies]
    for number, item in enumerate(stored):
        for attack in ATTACKS[number % 5 :] + ATTACKS[: number % 5]:
            attack(root, s3.bucket, item)
    for item, body in zip(stored, bodies, strict=True):
        assert await whole(vault, item, by_version=True) == body
        assert await whole(vault, item, by_version=False) == body
        status = await vault.stat(item.sha256)
        assert (status.version, status.size) == (item.version, 2000)


async def test_bytes_planted_under_a_name_beforehand_are_passed_over(
    vault: Vault, root: Minio, s3: VaultSettings
) -> None:
    body = os.urandom(500)
    name = hashlib.sha256(body).hexdigest()
    root.put_object(s3.bucket, name, BytesIO(b"planted"), 7)
    stored = await vault.put(one(body), limit=500)
    assert await whole(vault, stored, by_version=True) == body
    assert await whole(vault, stored, by_version=False) == body
    assert await vault.put(one(body), limit=500) == stored


async def test_a_covered_object_put_again_is_the_original(vault: Vault, root: Minio, s3: VaultSettings) -> None:
    body = os.urandom(500)
    stored = await vault.put(one(body), limit=500)
    put_over(root, s3.bucket, stored)
    mark_deleted(root, s3.bucket, stored)
    assert await vault.put(one(body), limit=500) == stored


async def test_every_object_is_locked_from_its_first_second(vault: Vault) -> None:
    stored = await vault.put(one(os.urandom(500)), limit=500)
    locked = (await vault.stat(stored.sha256, stored.version)).locked_until
    assert locked is not None
    assert locked > datetime.now(UTC) + timedelta(hours=23)


async def test_an_unknown_version_is_not_found(vault: Vault) -> None:
    stored = await vault.put(one(os.urandom(500)), limit=500)
    other = await vault.put(one(os.urandom(500)), limit=500)
    with pytest.raises(NotFound):
        await vault.stat(stored.sha256, other.version)
    with pytest.raises(NotFound):
        await whole(vault, Stored(stored.sha256, 500, other.version), by_version=True)


async def test_a_bucket_without_lock_may_not_call_itself_write_once(s3: VaultSettings, root: Minio) -> None:
    plain = replace(s3, bucket=f"{s3.bucket}-plain")
    ensure_bucket(root, plain.bucket, lock=False)
    vault = await open_vault(plain)
    assert not vault.write_once
    body = os.urandom(500)
    stored = await vault.put(one(body), limit=500)
    assert await whole(vault, stored, by_version=True) == body
    with pytest.raises(Unavailable):
        await vault.lock(stored.sha256, datetime.now(UTC) + timedelta(days=1))
    await vault.close()


async def test_a_wrong_secret_is_refused_as_unavailable(s3: VaultSettings) -> None:
    with pytest.raises(Unavailable):
        await open_store(replace(s3, secret=s3.access))


async def test_a_store_that_is_away_is_refused_as_unavailable(s3: VaultSettings) -> None:
    with pytest.raises(Unavailable):
        await open_store(replace(s3, endpoint="127.0.0.1:1"))


async def test_nobody_without_credentials_reads_an_object(vault: Vault, s3: VaultSettings) -> None:
    stored = await vault.put(one(os.urandom(500)), limit=500)
    async with httpx.AsyncClient(trust_env=False) as stranger:
        answer = await stranger.get(f"{'https' if s3.secure else 'http'}://{s3.endpoint}/{s3.bucket}/{stored.sha256}")
    assert answer.status_code == 403
