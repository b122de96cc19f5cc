"""Builds the supervision site: its own process, its own database, its own keys; trading seen through a narrow login."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from litestar import Litestar
from litestar.datastructures import State

from kernel.accounts.keys import Keys
from kernel.clock import mode, now, wall
from kernel.db import HOME, TRADING, connected, transaction
from kernel.settings import Settings, Surroundings, refuse_unsafe_start
from kernel.web.openapi import openapi
from kernel.web.site import Live, Plan, assemble, gate_of
from kernel.web.sites import SUPERVISION
from storage.vault import VaultSettings, open_vault
from supervision.api import api_handlers
from supervision.complaints.pages import complaint_handlers
from supervision.doors import door_handlers
from supervision.keys import own_log, supervision_keys, trust
from supervision.pages import page_handlers
from supervision.witness import witness_door

TEMPLATES = {"supervision": Path(__file__).parent / "templates"}
ABOUT = "行政监督平台的接口：只看、只督、只令，不办理任何交易事项。写请求请带 Idempotency-Key。"


def create() -> Litestar:
    """The site as uvicorn starts it (`supervision.asgi:create`), from the environment."""
    settings = Settings.read(os.environ)
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(name)s %(levelname)s %(message)s")
    identity = settings.identity_secret.encode() or None
    return build(settings, Keys.derive(settings.secret.encode(), identity_secret=identity), live(settings))


def build(settings: Settings, keys: Keys, running: Live) -> Litestar:
    """The site with `running` as its lifespan; refuses a route without an act (`RouteWithoutAct`)."""
    own = supervision_keys(settings.keys, settings.witness_name)
    return assemble(
        Plan(
            face=SUPERVISION,
            gate=gate_of(SUPERVISION, keys, settings.supervision_origin, settings.proxies),
            handlers=[*api_handlers(), *page_handlers(), *door_handlers(), *complaint_handlers(), witness_door],
            templates=TEMPLATES,
            running=running,
            document=openapi("行政监督平台接口", ABOUT, "1.0"),
            checks={"trading": _trading_answers},
            state={"own_keys": own, "own_log": own_log(settings), "settings": settings},
        )
    )


def live(settings: Settings) -> Live:
    """Both engines and the store, of which this site only reads."""

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        urls = settings.supervision_trading_url, settings.supervision_database_url
        async with connected(*urls, size=settings.pool_size):
            vault = await open_vault(VaultSettings.of(settings))
            try:
                seen = Surroundings(await mode(HOME), await wall(), datetime.now(UTC), vault.write_once)
                refuse_unsafe_start(settings, seen)
                app.state.update({"vault": vault, "trust": trust(settings, app.state.own_keys, await now(HOME))})
                yield
            finally:
                await vault.close()

    return running


async def _trading_answers(_: State) -> None:
    """Raises when the trading database does not answer this side's login."""
    async with transaction(TRADING, readonly=True) as connection:
        await connection.fetchval("select 1")
