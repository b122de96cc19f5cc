"""The folder store against crashes, full disks and hands on the disk."""

import asyncio
import hashlib
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from kernel.errors import NotFound, Unavailable
from storage.folder import FolderIncoming, FolderVault
from storage.incoming import Part
from storage.vault import Damaged, VaultSettings, open_store, open_vault

WRITER = """
import asyncio, os, sys
from pathlib import Path
from storage.folder import FolderVault

async def one(body):
    for start in range(0, len(body), 65536):
        yield body[start:start + 65536]

async def write(vault):
    while True:
        stored = await vault.put(one(os.urandom(300_000)), limit=300_000)
        sys.stdout.write(stored.sha256 + "\\n")
        sys.stdout.flush()

async def main(vault):
    await asyncio.gather(*(write(vault) for _ in range(4)))

asyncio.run(main(FolderVault(Path(sys.argv[1]))))
"""


async def one(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def whole(vault: FolderVault, sha256: str) -> bytes:
    return b"".join([step async for step in vault.get(sha256)])


def objects(root: Path) -> list[Path]:
    return [path for path in (root / "vault").rglob("*") if path.is_file()]


async def test_a_folder_never_calls_itself_write_once(tmp_path: Path) -> None:
    assert not (await open_vault(VaultSettings(folder=tmp_path))).write_once


async def test_an_unknown_kind_of_store_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="tape"):
        await open_store(VaultSettings(kind="tape", folder=tmp_path))


async def test_an_object_is_a_read_only_file_named_by_its_digest(tmp_path: Path) -> None:
    body = os.urandom(1000)
    stored = await FolderVault(tmp_path).put(one(body), limit=1000)
    (path,) = objects(tmp_path)
    assert path.name == stored.sha256 == hashlib.sha256(body).hexdigest()
    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_writer_killed_at_any_moment_leaves_no_hole_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for lines in (1, 7, 20):
        command = [sys.executable, "-c", WRITER, str(tmp_path)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        acknowledged += [writer.stdout.readline().strip() for _ in range(lines)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in writer.communicate()[0].splitlines() if len(line) == 64]
    kept = objects(tmp_path)
    assert {path.name for path in kept} >= set(acknowledged)
    for path in kept:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name


async def test_what_a_killed_process_left_is_cleared_after_a_day_and_not_before(tmp_path: Path) -> None:
    FolderVault(tmp_path)
    old, fresh = tmp_path / "tmp" / "old", tmp_path / "tmp" / "fresh"
    old.write_bytes(b"half")
    fresh.write_bytes(b"half")
    os.utime(old, (time.time() - 90_000,) * 2)
    FolderVault(tmp_path)
    assert not old.exists()
    assert fresh.exists()


async def test_an_object_changed_on_the_disk_is_read_as_damaged(tmp_path: Path) -> None:
    vault = FolderVault(tmp_path)
    stored = await vault.put(one(os.urandom(1000)), limit=1000)
    (path,) = objects(tmp_path)
    path.chmod(0o640)
    path.write_bytes(b"forged")
    with pytest.raises(Damaged):
        await whole(vault, stored.sha256)


async def test_a_folder_that_is_not_mounted_has_lost_nothing(tmp_path: Path) -> None:
    vault, incoming = FolderVault(tmp_path), FolderIncoming(tmp_path)
    stored = await vault.put(one(b"sealed"), limit=1000)
    tmp_path.joinpath("vault").rename(tmp_path / "elsewhere")
    tmp_path.joinpath("incoming").rmdir()
    part = Part(n=1, size=6, sha256=stored.sha256)
    for reading in (vault.get(stored.sha256), vault.get(stored.sha256, start=1), incoming.read(uuid4(), part)):
        with pytest.raises(Unavailable):
            assert [step async for step in reading]
    with pytest.raises(Unavailable):
        await vault.stat(stored.sha256)
    tmp_path.joinpath("elsewhere").rename(tmp_path / "vault")
    assert await whole(vault, stored.sha256) == b"sealed"


async def test_a_damaged_object_is_neither_acknowledged_again_nor_overwritten(tmp_path: Path) -> None:
    vault, body = FolderVault(tmp_path), os.urandom(1000)
    stored = await vault.put(one(body), limit=1000)
    (path,) = objects(tmp_path)
    path.chmod(0o640)
    path.write_bytes(b"forged")
    with pytest.raises(Damaged):
        await vault.put(one(body), limit=1000)
    with pytest.raises(Damaged):
        await vault.put(one(body), limit=1000, expect=stored.sha256)
    assert path.read_bytes() == b"forged"


async def test_a_full_disk_is_unavailable_and_leaves_nothing(tmp_path: Path) -> None:
    vault, body = FolderVault(tmp_path), os.urandom(3_000_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
    try:
        with pytest.raises(Unavailable) as refusal:
            await vault.put(one(body), limit=3_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refusal.value.code == "store_full"
    assert objects(tmp_path) == []
    assert list((tmp_path / "tmp").iterdir()) == []
    assert (await vault.put(one(body), limit=3_000_000)).size == 3_000_000


async def test_a_part_arriving_while_its_upload_is_erased_is_stored_or_refused_never_a_fault(
    tmp_path: Path,
) -> None:
    incoming, upload, body = FolderIncoming(tmp_path), uuid4(), os.urandom(100)
    part = Part(1, hashlib.sha256(body).hexdigest(), 100)
    arrivals = [incoming.receive(upload, part, one(body)) for _ in range(60)]
    erasures = [incoming.erase(upload) for _ in range(60)]
    mixed = [work for pair in zip(arrivals, erasures, strict=True) for work in pair]
    ends = await asyncio.gather(*mixed, return_exceptions=True)
    assert all(end is None or isinstance(end, NotFound) for end in ends)
    await incoming.erase(upload)
    assert await incoming.uploads() == {}


def test_nobody_else_on_the_machine_may_look_into_the_folder(tmp_path: Path) -> None:
    FolderVault(tmp_path)
    FolderIncoming(tmp_path)
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("vault", "incoming", "tmp")} == {0o700}
