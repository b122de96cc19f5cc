"""A MinIO server killed without warning: whatever it acknowledged is there when it comes back."""

import asyncio
import hashlib
import os
import secrets
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import urllib3

from kernel.errors import Refusal
from storage.incoming import Part
from storage.vault import Store, Stored, VaultSettings, open_store

UPLOAD = uuid4()


class Server:
    """One MinIO process on a folder and a fixed port, to be killed and started again."""

    def __init__(self, program: str, data: Path) -> None:
        self.secret = secrets.token_hex(12)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.endpoint = f"127.0.0.1:{free.getsockname()[1]}"
        self.command = [program, "server", str(data), "--address", self.endpoint, "--quiet"]
        self.environment = {
            **os.environ,
            "MINIO_ROOT_USER": "crash-test",
            "MINIO_ROOT_PASSWORD": self.secret,
            "MINIO_BROWSER": "off",
        }

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        retries = urllib3.Retry(60, backoff_factor=0.05, backoff_max=0.2, status_forcelist=[503])
        ready = urllib3.request("GET", f"http://{self.endpoint}/minio/health/ready", retries=retries)
        assert ready.status == 200

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    program = os.environ.get("YANGGUANG_MINIO")
    if not program:
        pytest.skip("no MinIO program to kill: YANGGUANG_MINIO is not set (run `make s3`)")
    server = Server(program, tmp_path / "data")
    server.start()
    yield server
    server.kill()


async def one(body: bytes) -> AsyncIterator[bytes]:
    yield body


class Acknowledged:
    """What the server has confirmed so far, and the signal that it is enough to be worth a kill."""

    def __init__(self) -> None:
        self.objects: list[tuple[Stored, bytes]] = []
        self.parts: list[tuple[Part, bytes]] = []
        self.enough = asyncio.Event()

    def look(self) -> None:
        if len(self.objects) >= 60 and len(self.parts) >= 30:
            self.enough.set()


async def put_until_killed(store: Store, done: Acknowledged) -> None:
    while True:
        body = os.urandom(20_000)
        done.objects.append((await store.vault.put(one(body), limit=20_000), body))
        done.look()


async def send_until_killed(store: Store, done: Acknowledged) -> None:
    while True:
        body = os.urandom(20_000)
        part = Part(1, hashlib.sha256(body).hexdigest(), 20_000)
        await store.incoming.receive(UPLOAD, part, one(body))
        done.parts.append((part, body))
        done.look()


async def test_every_acknowledged_object_and_part_is_there_after_the_server_is_killed(
    server: Server, tmp_path: Path
) -> None:
    settings = VaultSettings(
        kind="s3",
        folder=tmp_path / "spool",
        endpoint=server.endpoint,
        access="crash-test",
        secret=server.secret,
        bucket="crash",
        secure=False,
    )
    store = await open_store(settings)
    done = Acknowledged()
    writers = [asyncio.create_task(put_until_killed(store, done)) for _ in range(4)]
    writers += [asyncio.create_task(send_until_killed(store, done)) for _ in range(2)]
    await asyncio.wait_for(done.enough.wait(), 60)
    await asyncio.to_thread(server.kill)
    endings = await asyncio.gather(*writers, return_exceptions=True)
    assert all(isinstance(ending, Refusal) and ending.status == 503 for ending in endings)

    await asyncio.to_thread(server.start)
    for stored, body in done.objects:
        steps = [step async for step in store.vault.get(stored.sha256, stored.version)]
        assert b"".join(steps) == body
    for part, body in done.parts:
        assert b"".join([step async for step in store.incoming.read(UPLOAD, part)]) == body
    await store.close()
