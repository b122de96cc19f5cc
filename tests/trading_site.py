"""The trading site for tests: the real application over the open engines, and people of the road with their tokens."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from lent_sites import Shelf
from litestar import Litestar
from road import PROCESS, County, as_admin

from app.asgi import build
from bidding.live import Halls
from kernel.accounts.keys import Keys
from kernel.accounts.schemas import MakeToken, Signed
from kernel.accounts.tokens import grantable, make_token
from kernel.clock import now, wall
from kernel.identity import SIDES, Actor
from kernel.ids import new_id
from kernel.proofs.anchors import build_anchors
from kernel.settings import Settings
from kernel.web.access import Meters
from kernel.web.openapi import document

SECRET = "a secret for tests, 32 bytes or more"  # noqa: S105
ORIGIN = "http://127.0.0.1:8000"


def settings(folder: Path, **more: str) -> Settings:
    """A test site's settings."""
    environ = {"YANGGUANG_MODE": "test", "YANGGUANG_SECRET": SECRET, "YANGGUANG_VAR": str(folder)}
    return Settings.read(environ | {"YANGGUANG_TRADING_ORIGIN": ORIGIN} | more)


@dataclass
class Site:
    """One site, its county, and a client for everybody who asks for one."""

    app: Litestar
    county: County
    clients: dict[UUID | None, httpx.AsyncClient] = field(default_factory=dict)
    declared: dict[str, Any] = field(default_factory=dict)

    def public(self) -> httpx.AsyncClient:
        return self._client(None, {})

    async def of(self, actor: Actor, acts: Iterable[str] = ()) -> httpx.AsyncClient:
        """A client with a token of this person, for all his role may do unless `acts` says less."""
        key = None if acts else actor.person
        if key is None or key not in self.clients:
            token = await token_of(actor, tuple(acts))
            return self._client(key or new_id(), {"authorization": f"Bearer {token}"})
        return self.clients[key]

    def _client(self, key: UUID | None, headers: dict[str, str]) -> httpx.AsyncClient:
        if key not in self.clients:
            transport = httpx.ASGITransport(app=self.app)
            hooks: Any = {"response": [self._check_declared]}
            self.clients[key] = httpx.AsyncClient(
                transport=transport, base_url=f"{ORIGIN}/api/v1", headers=headers, event_hooks=hooks
            )
        return self.clients[key]

    async def _check_declared(self, answer: httpx.Response) -> None:
        """Every status the site gives stands in its own document."""
        found = _operation(self.declared, answer.request)
        assert found is None or str(answer.status_code) in found["responses"], (
            f"{answer.request.method} {answer.request.url.path} gave an undeclared {answer.status_code}"
        )


@asynccontextmanager
async def trading_site(county: County) -> AsyncIterator[Site]:
    """The site with the county's own tools, while the test's engines are open."""

    moment = await now()
    data = build_anchors(issuer="测试", issued=moment, officers=[], processes=[PROCESS.public])
    with _SITES.lent() as app:
        app.state.update({"store": county.tools.store, "tools": county.tools, "anchors": data})
        site = Site(app, county, declared=_declared(app))
        try:
            yield site
        finally:
            for client in site.clients.values():
                await client.aclose()


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    yield


def _built() -> Litestar:
    return build(settings(Path("nowhere")), Keys.derive(SECRET.encode(), light=True), _running)


_SITES = Shelf(_built, {"halls": Halls, "meters": Meters})
_declared = cache(document)


async def token_of(actor: Actor, acts: tuple[str, ...] = ()) -> str:
    """A token of this person in his role, which is granted on the way."""
    assert actor.person is not None
    membership = await as_admin("select id from accounts.membership where person = $1", actor.person)
    if membership is None:
        membership = await as_admin(
            "insert into accounts.membership (id, person, side, organisation, role, departments, asked_at, since)"
            " values ($1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp()) returning id",
            new_id(), actor.person, SIDES[actor.role], actor.organisation, actor.role, list(actor.departments),
        )  # fmt: skip
    signed = Signed(new_id(), "session", actor.person, membership, "", frozenset(), await wall())
    made = await make_token(actor, signed, MakeToken(name="测试", acts=acts or grantable(actor.role)))
    return made.token


def _operation(declared: dict[str, Any], request: httpx.Request) -> dict[str, Any] | None:
    """The operation of a request in the document, by its path's pattern."""
    asked = request.url.path.strip("/").split("/")
    for path, item in declared["paths"].items():
        pattern = path.strip("/").split("/")
        same = len(pattern) == len(asked) and all(
            ours.startswith("{") or ours == theirs for ours, theirs in zip(pattern, asked, strict=True)
        )
        if same and request.method.lower() in item:
            return dict(item[request.method.lower()])
    return None
