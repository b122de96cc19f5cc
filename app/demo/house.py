"""The house of a demonstration: database, both sites and their workers in one folder, and a clock to set."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx

from app.children import Children
from app.demo.steps import until
from app.demo_keys import make_keys, officer_homes
from app.demo_people import NAME_OF, ORGANISATIONS, PASSPHRASE, PEOPLE, ROLE_OF
from app.embedded import EmbeddedPostgres
from app.launch import commands, on_embedded, processes, site_secrets
from app.migrate import DEMO_START, migrate
from app.officer import home
from experts.case import PANEL
from kernel import clock, jobs
from kernel.accounts.keys import Keys
from kernel.accounts.seeding import seed
from kernel.db import HOME, TRADING, connected, transaction
from kernel.proofs.age import Passphrase
from kernel.publishing import PUBLISH
from kernel.settings import Settings
from kernel.toss.records import tosses_of

_WORK = 12  # scrypt of the demonstration's key files: nobody attacks them, and there are six


@dataclass(frozen=True, slots=True)
class House:
    """Running sites, and what only a demonstration may do: set both law's clocks forward, hurry a job."""

    settings: Settings
    holders: dict[str, home.Home]

    def site_of(self, login: str) -> str:
        """The site this person signs in at."""
        watching = ROLE_OF[login] in ("regulator", "inspector")
        return self.settings.supervision_origin if watching else self.settings.trading_origin

    async def now(self) -> datetime:
        return await clock.now()

    async def forward(self, moment: datetime) -> None:
        """Set both clocks to `moment`, running on from there, and wake the workers."""
        for db in (TRADING, HOME):
            await clock.set_forward(moment, frozen=False, db=db)
            async with transaction(db) as connection:
                await connection.execute("select pg_notify($1, '')", jobs.CHANNEL)

    async def hurry(self, *lots: UUID, request: UUID | None = None) -> None:
        """Publish the log now and look at these lots, their panels and this request now: all due within a minute."""
        async with transaction(TRADING) as connection:
            await jobs.schedule(connection, PUBLISH, {})
            for lot in lots:
                await jobs.schedule(connection, PANEL, {"lot": str(lot)})
                await jobs.schedule(connection, "lot", {"lot": str(lot)})
            if request is not None:
                await jobs.schedule(connection, "request", {"request": str(request)})

    async def sealed(self, case: UUID) -> bool:
        """Whether both processes have sealed their pieces of this case's draw: a set clock would outrun them."""
        async with transaction(TRADING) as connection:
            return all(toss.stage != "begun" for toss in await tosses_of(connection, case))

    def letters(self) -> list[dict[str, str]]:
        """What the supervision site's messenger has put out for telephones, the oldest first."""
        folder = self.settings.var / "supervision" / "outbox" / "sms"
        found = sorted(folder.rglob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        return [json.loads(path.read_bytes()) for path in found]


@asynccontextmanager
async def prepared(folder: Path) -> AsyncIterator[Settings]:
    """An embedded server with both databases made and migrated; stopped at the end."""
    ports = _free_ports(2)
    settings = Settings(
        mode="demo", var=folder, vault_folder=folder / "vault", anchors=folder / "anchors.json", log_level="error",
        port=ports[0], supervision_port=ports[1], trading_origin=f"http://127.0.0.1:{ports[0]}",
        supervision_origin=f"http://127.0.0.1:{ports[1]}", grace=1,
    )  # fmt: skip
    settings.vault_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    await asyncio.to_thread(server.start)
    try:
        settings = on_embedded(settings, server)
        await migrate(settings)
        yield settings
    finally:
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[House]:
    """Keys and people put in, both sites and workers up; all ended at the end."""
    with Children(commands(), grace=settings.grace + 3) as children:
        holders = _keys(settings)
        await _seed(settings)
        running = asyncio.create_task(children.run(*processes(settings)))
        try:
            async with connected(settings.owner_database_url, settings.supervision_owner_database_url, size=3):
                for origin in (settings.trading_origin, settings.supervision_origin):
                    await _ready(origin)
                yield House(settings, holders)
        finally:
            children.stop()
            await running


def _keys(settings: Settings) -> dict[str, home.Home]:
    """Both sites' keys, the six holders', and the anchors that name them."""
    for login, folder in officer_homes(settings).items():
        if not (folder / home.SECRET).exists():
            home.create(folder, ROLE_OF[login], NAME_OF[login], Passphrase(PASSPHRASE, work=_WORK), None)
    return dict(make_keys(settings, settings.var / "supervision" / "keys", DEMO_START))


async def _seed(settings: Settings) -> None:
    """The county's people; persons go to the trading database, each one's sign-in to his own site's."""
    own = site_secrets(settings.var)
    identity = own.identity.encode()
    async with connected(settings.owner_database_url):
        await seed(PEOPLE, ORGANISATIONS, "trading", Keys.derive(own.trading.encode(), identity_secret=identity))
    async with connected(settings.owner_database_url, settings.supervision_owner_database_url):
        watching = Keys.derive(own.supervision.encode(), identity_secret=identity)
        await seed(PEOPLE, ORGANISATIONS, "supervision", watching)


async def _ready(origin: str) -> None:
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:

        async def answers() -> bool:
            try:
                return (await client.get(f"{origin}/health")).is_success
            except httpx.TransportError:
                return False

        await until(f"{origin} 启动", answers)


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()
