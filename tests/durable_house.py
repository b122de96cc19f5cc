"""A house that flushes to its disk: an embedded PostgreSQL of its own with fsync, and the trading site in a process.

For faults: the site and the database can be killed at any moment and started again; a bidder speaks HTTP to it.
"""

import asyncio
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from house_databases import ROOT, Databases, empty
from road import PROCESS, Bidder, County, b64
from trading_site import SECRET, token_of

from app.embedded import EmbeddedPostgres
from app.migrate import migrate_database
from kernel.clock import now
from kernel.db import connected
from kernel.proofs.anchors import build_anchors
from kernel.signing_keys import site_signer
from storage.limits import PART_SIZE

PATIENCE = 30.0


class Server:
    """The database server with fsync, which can be killed."""

    def __init__(self, folder: Path) -> None:
        self.postgres = EmbeddedPostgres(folder)
        self._engines = AsyncExitStack()

    async def start(self) -> None:
        await asyncio.to_thread(self.postgres.start)

    async def kill(self) -> None:
        """kill -9 of the postmaster: its children find out and go."""
        os.kill(int((self.postgres.folder / "pg" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    async def stop(self) -> None:
        """An orderly stop, as for an update: every connection is closed, the socket is gone."""
        await self.close_engines()
        assert await asyncio.to_thread(self.postgres.stop), "nobody else uses it"

    @property
    def databases(self) -> Databases:
        url = self.postgres.url
        return Databases(
            owner=url("owner", "trading"),
            trading=url("trading", "trading"),
            supervision_trading=url("supervision", "trading"),
            admin=url("postgres", "trading"),
            supervision_owner=url("owner", "supervision"),
            supervision=url("supervision", "supervision"),
            supervision_admin=url("postgres", "supervision"),
        )

    async def admin(self) -> asyncpg.Connection:
        """The superuser in the trading database, to look with."""
        return await asyncpg.connect(self.databases.admin)

    async def open_engines(self) -> None:
        """Open this process's engines on it, anew after a crash."""
        await self._engines.aclose()
        await self._engines.enter_async_context(connected(self.databases.trading))

    async def close_engines(self) -> None:
        await self._engines.aclose()


@asynccontextmanager
async def durable_server(folder: Path) -> AsyncIterator[Server]:
    """A cluster with both databases migrated; no engine is open in this process yet."""
    server = Server(folder)
    await server.start()
    try:
        await migrate_database("trading", server.databases.owner, "test")
        await migrate_database("supervision", server.databases.supervision_owner, "test")
        yield server
    finally:
        await server.close_engines()
        await asyncio.to_thread(server.postgres.stop)


class Forker:
    """The process that forks sites (tests/forked_site.py)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "forked_site.py")],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def fork(self, environment: dict[str, str]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(environment), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)


@dataclass
class RunningSite:
    """`yangguang serve` over a county's own vault and keys."""

    forker: Forker
    server: Server
    county: County
    port: int
    pid: int = 0
    http: httpx.AsyncClient = field(init=False)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def var(self) -> Path:
        return self.county.folder / "var"

    async def start(self) -> None:
        """A new process; returns when it is ready to serve."""
        environment = self.server.databases.environment() | {
            "YANGGUANG_SECRET": SECRET,
            "YANGGUANG_VAR": str(self.var),
            "YANGGUANG_VAULT": "folder",  # an S3 server that is named is for the vault's own tests
            "YANGGUANG_VAULT_FOLDER": str(self.county.folder / "vault"),
            "YANGGUANG_PORT": str(self.port),
            "YANGGUANG_TRADING_ORIGIN": self.address,
            "YANGGUANG_LOG_LEVEL": "error",
        }
        self.pid = self.forker.fork(environment)
        limits = httpx.Limits(max_connections=None)
        self.http = httpx.AsyncClient(base_url=self.address, trust_env=False, timeout=PATIENCE, limits=limits)
        async with asyncio.timeout(PATIENCE):
            while not await _ready(self.http):  # noqa: ASYNC110 - another process is waited for
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """kill -9; returns when nobody listens any more."""
        os.kill(self.pid, signal.SIGKILL)
        async with asyncio.timeout(PATIENCE):
            while _listens(self.port):  # noqa: ASYNC110 - the system tells of no port
                await asyncio.sleep(0.005)

    async def stop(self) -> None:
        await self.kill()
        await self.http.aclose()

    async def sender(self, bidder: Bidder) -> "Sender":
        """The bidder with a token of his."""
        return Sender(self, bidder, await token_of(bidder.actor))


@dataclass
class Sender:
    """A bidder who sends over HTTP, and remembers what was confirmed to him."""

    site: RunningSite
    bidder: Bidder
    token: str
    confirmed: list[dict[str, Any]] = field(default_factory=list)

    async def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """One request to the API as this bidder."""
        headers = {"authorization": f"Bearer {self.token}", **request.pop("headers", {})}
        return await self.site.http.request(method, f"/api/v1{path}", headers=headers, **request)

    async def send_bid(self, lot: UUID, key: UUID | None = None) -> httpx.Response:
        """Upload what is not there yet and submit: the answer, which is kept when it is a receipt."""
        return await self.submit(lot, await self.command(lot), key)

    async def command(self, lot: UUID) -> dict[str, Any]:
        """Send every file of the last sealed bid that is not carried over."""
        assert self.bidder.sealed is not None
        bid, sent = self.bidder.sealed.bid, {}
        for file in (file for stage in bid.stages if stage.seq == bid.seq for file in stage.files):
            content = (self.bidder.folder / file.n).read_bytes()
            sent[file.sha256] = await self.upload(f"sealed_bid:{lot}", content)
        envelope = b64(self.bidder.sealed.signed.to_bytes())
        return {"envelope": envelope, "public_key": b64(self.bidder.signer.public), "uploads": sent}

    async def upload(self, purpose: str, content: bytes) -> str:
        """Announce and send one file; the upload's number."""
        upload = await self.announce(purpose, len(content))
        for n in range(-(-len(content) // PART_SIZE)):
            (await self.part(upload, n + 1, content[n * PART_SIZE : (n + 1) * PART_SIZE])).raise_for_status()
        return upload

    async def announce(self, purpose: str, size: int) -> str:
        made = await self.ask("POST", "/uploads", json={"size": size, "purpose": purpose})
        made.raise_for_status()
        return str(made.json()["id"])

    async def part(self, upload: str, n: int, part: bytes) -> httpx.Response:
        digest = hashlib.sha256(part).hexdigest()
        headers = {"x-part-sha256": digest}
        return await self.ask("PUT", f"/uploads/{upload}/parts/{n}", content=part, headers=headers)

    async def submit(self, lot: UUID, command: dict[str, Any], key: UUID | None = None) -> httpx.Response:
        headers = {"idempotency-key": str(key or uuid4())}
        answer = await self.ask("POST", f"/lots/{lot}/bids", json=command, headers=headers)
        if answer.status_code == 201:
            self.confirmed.append(answer.json())
        return answer

    async def receipts(self, lot: UUID) -> list[dict[str, Any]]:
        """What the site says it has of him."""
        answer = await self.ask("GET", f"/lots/{lot}/receipts")
        answer.raise_for_status()
        return list(answer.json()["receipts"])


async def county_on(server: Server, folder: Path) -> County:
    """An empty database, a county in it, and the keys and anchors of the site that will serve it."""
    await empty(server.databases)
    await server.open_engines()
    county = await County.make(folder, server.databases)
    county.tools = replace(county.tools, receipts=site_signer(folder / "var" / "keys", "receipts"))
    anchors = build_anchors(issuer="测试", issued=await now(), officers=[], processes=[PROCESS.public])
    (folder / "var" / "anchors.json").write_bytes(anchors)
    return county


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


async def _ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/ready")).status_code == 200
    except httpx.TransportError:
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
