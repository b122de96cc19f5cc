"""Builds the trading site: its routes, and what is open while it runs."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from litestar import Litestar, Request, Response, get
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler

import bidding
import experts
import intermediaries
from app import offline_tools, portal
from app.events import Cursors, feed
from app.introduce import complain
from app.panel_facts import lot_facts
from app.safe_start import vault_settings
from app.tools import derived, equip
from bidding import desk as bidding_desk
from bidding import pages
from bidding.api import bidding_handlers
from bidding.api.shared import AnyRequest, tools_of
from bidding.live import Halls
from bidding.schemas import SignedObject
from bidding.steps.open import hold_share
from experts import pages as judges
from experts.api import expert_handlers
from intermediaries import desk as market_desk
from intermediaries import pages as market
from intermediaries import request_desk as market_requests
from intermediaries.api import market_handlers
from kernel.accounts.keys import Keys
from kernel.clock import mode, wall
from kernel.db import connected
from kernel.errors import NotFound
from kernel.settings import Settings, Surroundings, refuse_unsafe_start
from kernel.web.auth import actor_of
from kernel.web.box_door import PostMessage, box_handlers
from kernel.web.download import send_exact
from kernel.web.letters import letter_handlers
from kernel.web.openapi import besides, openapi
from kernel.web.rooms import room_handlers
from kernel.web.site import Live, Plan, assemble, gate_of
from kernel.web.sites import TRADING as FACE
from storage.api import upload_handlers
from storage.keeping import expect_what_is_kept
from storage.vault import Store, open_store

HERE = Path(__file__).parent
TEMPLATES = {
    "app": HERE / "templates",
    "bidding": Path(bidding.__file__).parent / "templates",
    "experts": Path(experts.__file__).parent / "templates",
    "intermediaries": Path(intermediaries.__file__).parent / "templates",
}
ABOUT = "阳光交易平台的接口。与页面走同样的步骤；写请求请带 Idempotency-Key；拒绝以 problem+json 一次列出全部问题。"


def create() -> Litestar:
    """The site as uvicorn starts it (`app.asgi:create`), from the environment."""
    settings = Settings.read(os.environ)
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(name)s %(levelname)s %(message)s")
    identity = settings.identity_secret.encode() or None
    return build(settings, Keys.derive(settings.secret.encode(), identity_secret=identity), live(settings))


def build(settings: Settings, keys: Keys, running: Live) -> Litestar:
    """The site with `running` as its lifespan, which sets app.state.tools, .store and .anchors."""
    plan = Plan(
        face=FACE,
        gate=gate_of(FACE, keys, settings.trading_origin, settings.proxies),
        handlers=[*_doors(), *_pages()],
        templates=TEMPLATES,
        running=running,
        document=openapi("阳光交易平台接口", ABOUT, "1.0"),
        checks={"store": _store_answers},
        state={
            "halls": Halls(),
            "lots": lot_facts,
            "cursors": Cursors(derived(settings, "feed")),
            "files": settings.files_origin,
            "supervision": settings.supervision_origin,
            "todos": (bidding_desk.todos, market_desk.todos, market_requests.turns),
        },
    )
    return assemble(plan)


def live(settings: Settings) -> Live:
    """Engines, store, keys; opened in that order, closed in the other; refuses an unsafe start."""

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        async with connected(settings.database_url, size=settings.pool_size):
            store = await open_store(vault_settings(settings))
            try:
                seen = Surroundings(await mode(), await wall(), datetime.now(UTC), store.vault.write_once)
                refuse_unsafe_start(settings, seen)
                await expect_what_is_kept(store)
                equipment = await equip(settings, store)
                app.state.update({"store": store, "tools": equipment.tools, "anchors": equipment.anchors})
                yield
            finally:
                await store.close()

    return running


def _doors() -> list[ControllerRouterHandler]:
    """Every route under /api/v1 that is the trading site's own."""
    return [
        *bidding_handlers(),
        *expert_handlers(),
        *market_handlers(),
        *upload_handlers(),
        *box_handlers(_deliver),
        feed,
        anchors,
    ]


def _pages() -> list[ControllerRouterHandler]:
    """Every page: what app/portal.py and bidding/pages give."""
    shared = [*letter_handlers(), *room_handlers(), *offline_tools.HANDLERS]
    return [*shared, *portal.HANDLERS, complain, *pages.HANDLERS, *judges.HANDLERS, *market.HANDLERS]


@get(
    "/api/v1/anchors",
    opt={"act": "read_public", "no_identity": True},
    tags=["平台"],
    summary="信任锚文件原文",
    responses=besides(304),
)
async def anchors(request: Request[Any, Any, Any]) -> Response[Any]:
    return send_exact(request, request.app.state.anchors, "application/json")


async def _deliver(request: AnyRequest, case: UUID, message: PostMessage) -> None:
    """A holder of the trading side posts through the tender's own step."""
    command = SignedObject(envelope=message.envelope, wrap=message.wrap)
    await hold_share(tools_of(request), actor_of(request), case, message.kind, message.stage, command)


async def _store_answers(state: State) -> None:
    """The vault; that it does not know a digest is an answer."""
    store: Store = state.store
    try:
        await store.vault.stat("0" * 64)
    except NotFound:
        return
