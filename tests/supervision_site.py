"""The supervision site for tests: the real application over the open engines, and its officers' clients."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from house_databases import Databases, login
from house_faces import Faces
from lent_sites import Shelf
from litestar import Litestar
from road import REGION, County, Holder, as_admin

from kernel.accounts.keys import Keys
from kernel.accounts.schemas import MakeToken, Signed
from kernel.accounts.tokens import grantable, make_token
from kernel.clock import now, wall
from kernel.db import HOME
from kernel.identity import SIDES, Actor
from kernel.ids import new_id
from kernel.settings import Settings
from kernel.web.access import Meters
from supervision.asgi import build
from supervision.keys import supervision_keys, trust

SECRET = "another secret for tests, 32 bytes or more"  # noqa: S105
ORIGIN = "http://127.0.0.1:8001"


def settings(folder: Path, **more: str) -> Settings:
    """A test site's settings."""
    environ = {"YANGGUANG_MODE": "test", "YANGGUANG_SECRET": SECRET, "YANGGUANG_VAR": str(folder)}
    return Settings.read(environ | {"YANGGUANG_SUPERVISION_ORIGIN": ORIGIN} | more)


@dataclass
class Watching:
    """The supervision site over a county whose trading steps run beside it, one face at a time."""

    app: Litestar
    county: County
    house: Databases
    faces: Faces
    settings: Settings
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    async def here(self) -> None:
        """Turn the engines to the supervision site."""
        await self.faces.turn("supervision")

    async def there(self) -> None:
        """Turn the engines to the trading site."""
        await self.faces.turn("trading")

    def officers(self) -> list[Holder]:
        """The regulator's two holders of the county."""
        return [holder for holder in self.county.holders if holder.actor.role == "regulator"]

    async def client(self, actor: Actor | None = None, *acts: str) -> httpx.AsyncClient:
        """A client of this officer by a token, for all his role may do or for `acts`; of nobody without one."""
        headers = {"authorization": f"Bearer {await _token(actor, acts)}"} if actor else {}
        transport = httpx.ASGITransport(app=self.app)
        made = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)
        self.clients.append(made)
        return made


@asynccontextmanager
async def supervision_site(
    county: County, house: Databases, faces: Faces, folder: Path, origin: str = ORIGIN
) -> AsyncIterator[Watching]:
    """The site; the engines stand at supervision when it is given, and at trading when it ends.

    Without `origin` it goes by whatever address a browser asks for.
    """

    await faces.turn("supervision")
    own = replace(settings(folder), supervision_origin=origin)
    keys = supervision_keys(own.keys, own.witness_name)
    with _shelf(origin).lent() as app:
        app.state.update({"settings": own, "own_keys": keys, "trust": trust(own, keys, await now(HOME))})
        site = Watching(app, county, house, faces, own)
        try:
            yield site
        finally:
            for client in site.clients:
                await client.aclose()


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    yield


@cache
def _shelf(origin: str) -> Shelf:
    """The sites that go by this address; each is built with keys of a folder of its own, which no test uses."""

    def built() -> Litestar:
        with TemporaryDirectory() as folder:
            own = replace(settings(Path(folder)), supervision_origin=origin)
            return build(own, Keys.derive(SECRET.encode(), light=True), _running)

    return Shelf(built, {"meters": Meters})


async def officer(role: str, name: str, *, region: str = REGION, departments: tuple[str, ...] = ()) -> Actor:
    """A supervisor of this region and these departments, known to the accounts."""
    organisation, person = new_id(), new_id()
    await as_admin(
        "insert into accounts.organisation (id, code, name, region, kind, created_at)"
        " values ($1, $2, $3, $4, 'government', clock_timestamp())",
        organisation, organisation.hex[:18].upper(), name, region,
    )  # fmt: skip
    await as_admin(
        "insert into accounts.person (id, id_hash, id_sealed, name, phone, side, created_at)"
        " values ($1, $2, 'x', $3, '13800000000', 'supervise', clock_timestamp())",
        person, person.bytes * 2, f"{name}的人",
    )  # fmt: skip
    return Actor(
        role=role,
        person=person,
        name=f"{name}的人",
        organisation=organisation,
        organisation_code=organisation.hex[:18].upper(),
        organisation_name=name,
        region=region,
        departments=departments,
        door="api",
    )


async def as_supervision_admin(house: Databases, sql: str, *values: object) -> object:
    """One statement in supervision's own database, by its superuser."""
    async with login(house.supervision_admin) as connection:
        return await connection.fetchval(sql, *values)


async def _token(actor: Actor, acts: tuple[str, ...]) -> str:
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
