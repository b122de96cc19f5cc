"""Builds the trading site: its routes, its gate, its middleware, and what is open while it runs."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from litestar import Litestar, Request, Response, get
from litestar.datastructures import State
from litestar.openapi.config import OpenAPIConfig
from litestar.plugins.pydantic import PydanticPlugin
from litestar.types import ControllerRouterHandler

import bidding
from app.events import Cursors, feed
from app.safe_start import vault_settings
from app.tools import derived, equip
from bidding.api import bidding_handlers
from bidding.api.shared import AnyRequest, tools_of
from bidding.hall import Halls
from bidding.schemas import SignedObject
from bidding.steps.open import hold_share
from kernel.accounts.keys import Keys
from kernel.clock import mode, wall
from kernel.db import connected
from kernel.errors import BadInput, NotFound, Problem, WrongStage
from kernel.proofs.errors import ProofError
from kernel.settings import Settings, Surroundings, refuse_unsafe_start
from kernel.web import faults
from kernel.web.access import Meters, Stopwatch, note_answer
from kernel.web.auth import Authentication, actor_of
from kernel.web.box_door import PostMessage, box_handlers
from kernel.web.csrf import CrossSite
from kernel.web.door import PAGE_BODY, security_headers
from kernel.web.download import send_exact
from kernel.web.gate import Gate
from kernel.web.guard import act_guard, check_routes
from kernel.web.machines import database, machine_handlers
from kernel.web.me import me_handlers
from kernel.web.openapi import besides, declared, document_route, openapi
from kernel.web.signin import signin_handlers
from kernel.web.sites import TRADING as SITE
from kernel.web.static import Assets, static_route
from kernel.web.templating import Renderer, build_environment
from storage.api import upload_handlers
from storage.vault import Store, open_store

HERE = Path(__file__).parent
TEMPLATES = {"app": HERE / "templates", "bidding": Path(bidding.__file__).parent / "templates"}
ABOUT = "阳光交易平台的接口。与页面走同样的步骤；写请求请带 Idempotency-Key；拒绝以 problem+json 一次列出全部问题。"
Live = Callable[[Litestar], AbstractAsyncContextManager[None]]
"""What is open while the site runs; sets app.state.tools, .store and .anchors."""


def create() -> Litestar:
    """The site as uvicorn starts it (`app.asgi:create`), from the environment."""
    settings = Settings.read(os.environ)
    identity = settings.identity_secret.encode() or None
    return build(settings, Keys.derive(settings.secret.encode(), identity_secret=identity), live(settings))


def build(settings: Settings, keys: Keys, running: Live) -> Litestar:
    """The site with `running` as its lifespan; refuses a route without an act (`RouteWithoutAct`)."""
    assets = Assets.load()
    gate = gate_of(settings, keys)
    state = State(
        {
            "gate": gate,
            "renderer": Renderer(build_environment(SITE, assets, TEMPLATES)),
            "meters": Meters(),
            "halls": Halls(),
            "cursors": Cursors(derived(settings, "feed")),
            "files": settings.files_origin,
        }
    )
    return Litestar(
        declared([*_api(), *_pages(), *_machinery(assets, state)]),
        lifespan=[running],
        on_startup=[check_routes],
        guards=[act_guard],
        middleware=[Stopwatch(), Authentication(gate), CrossSite(gate)],
        before_send=[security_headers, note_answer],
        exception_handlers={
            **faults.exception_handlers(),
            ProofError: _not_a_proof,
            asyncpg.UniqueViolationError: _twice_at_once,
        },
        request_max_body_size=PAGE_BODY,
        plugins=[PydanticPlugin()],
        openapi_config=_document(),
        state=state,
    )


def gate_of(settings: Settings, keys: Keys) -> Gate:
    """Whom this site admits, and by which address browsers know it."""
    origins = frozenset({settings.trading_origin} if settings.trading_origin else ())
    proxies = tuple(part.strip() for part in settings.proxies.split(",") if part.strip())
    return Gate("trading", keys, origins, settings.trading_origin.startswith("https://"), proxies)


def live(settings: Settings) -> Live:
    """Engines, store, keys; opened in that order, closed in the other."""

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        async with connected(settings.database_url, size=settings.pool_size):
            store = await open_store(vault_settings(settings))
            try:
                seen = Surroundings(await mode(), await wall(), datetime.now(UTC), store.vault.write_once)
                refuse_unsafe_start(settings, seen)
                equipment = await equip(settings, store)
                app.state.update({"store": store, "tools": equipment.tools, "anchors": equipment.anchors})
                yield
            finally:
                await store.close()

    return running


def _api() -> list[ControllerRouterHandler]:
    """Every route under /api/v1."""
    doors = [*bidding_handlers(), *upload_handlers(), *box_handlers(_deliver), *me_handlers()]
    return [*doors, feed, anchors, document_route()]


def _pages() -> list[ControllerRouterHandler]:
    """Every page: signing in, and what app/portal.py and bidding/pages.py give."""
    return [*signin_handlers()]


def _machinery(assets: Assets, state: State) -> list[ControllerRouterHandler]:
    """What no person asks for."""
    static = static_route(assets, opt={"act": "read_public", "no_identity": True, "quiet": True})
    return [static, *machine_handlers({"database": database, "store": lambda: _store_answers(state.store)})]


def _document() -> OpenAPIConfig:
    return openapi("阳光交易平台接口", ABOUT, "1.0")


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
    command = SignedObject(envelope=message.envelope)
    await hold_share(tools_of(request), actor_of(request), case, message.kind, message.stage, command)


def _not_a_proof(request: "Request[Any, Any, Any]", wrong: ProofError) -> Response[Any]:
    """Signed bytes that are not what they should be are bad input, wherever they were read."""
    problem = Problem(wrong.code, wrong.says, "请用本平台的工具重新生成", field=wrong.where)
    return faults.answer(request, BadInput(problem))


def _twice_at_once(request: "Request[Any, Any, Any]", wrong: asyncpg.UniqueViolationError) -> Response[Any]:
    """Of two requests with one id the second comes here; anything else that is there already is a fault of ours."""
    if wrong.table_name != "request":
        return faults.answer(request, wrong)
    says = "同一请求编号的办理正在进行"
    return faults.answer(request, WrongStage(Problem("request_in_progress", says, "请稍后用同一编号重试")))


async def _store_answers(store: Store) -> None:
    """Raises when the vault does not answer; that it does not know a digest is an answer."""
    try:
        await store.vault.stat("0" * 64)
    except NotFound:
        return
