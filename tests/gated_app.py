"""A small site behind the real gate, for tests of the doors: the real middlewares, guard, faults and sign-in."""

from typing import Any

import httpx
from litestar import Litestar, Request, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.plugins.pydantic import PydanticPlugin
from pydantic import BaseModel, ConfigDict, Field
from seeded_people import KEYS

from kernel.errors import LawRefuses, Problem
from kernel.web.auth import Authentication, actor_of
from kernel.web.csrf import CrossSite
from kernel.web.door import PAGE_BODY, security_headers
from kernel.web.faults import exception_handlers
from kernel.web.gate import Gate
from kernel.web.guard import act_guard, check_routes
from kernel.web.signin import signin_handlers
from kernel.web.sites import SUPERVISION, TRADING
from kernel.web.static import Assets, static_route
from kernel.web.templating import Renderer, build_environment

ORIGIN = "http://yangguang.test"
BROWSER = {"origin": ORIGIN, "sec-fetch-site": "same-origin", "accept": "text/html"}


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=2, max_length=5)
    count: int = Field(default=1, ge=1, le=9)


@get("/api/v1/who", opt={"act": "read_public"})
async def who(request: Request[Any, Any, Any]) -> dict[str, Any]:
    actor = actor_of(request)
    return {"role": actor.role, "door": actor.door, "address": actor.address, "code": actor.organisation_code}


@get("/page", opt={"act": "read_workbench"})
async def workbench(request: Request[Any, Any, Any]) -> str:
    return actor_of(request).role


@post("/api/v1/bids", opt={"act": "submit_bid"})
async def bid(data: JSONBody[Thing]) -> dict[str, str]:
    return {"name": data.name}


@post("/form", opt={"act": "read_public"})
async def form(request: Request[Any, Any, Any]) -> str:
    return str((await request.form()).get("name", ""))


@post("/form-with-file", opt={"act": "read_public", "form_file": True})
async def form_with_file(request: Request[Any, Any, Any]) -> str:
    sheet = (await request.form())["sheet"]
    return str(sheet.filename)


@post("/anybodys-file", opt={"act": "read_public", "form_file": "anybody"}, request_max_body_size=10_000)
async def anybodys_file(request: Request[Any, Any, Any]) -> str:
    sheet = (await request.form())["sheet"]
    return str(sheet.filename)


@post("/api/v1/raw", opt={"act": "read_public"}, request_max_body_size=100)
async def raw(request: Request[Any, Any, Any]) -> int:
    return len(await request.body())


@get("/api/v1/things/{count:int}", opt={"act": "read_public"})
async def thing(count: FromPath[int]) -> int:
    return count


def gated(
    *more: Any,
    site: Any = "trading",
    https: bool = False,
    proxies: tuple[str, ...] = (),
    pages: bool = True,
    origin: str = ORIGIN,
) -> Litestar:
    """The small site; `more` are further handlers; without an `origin` it goes by the Host it is asked for."""
    known = origin.replace("http:", "https:") if https else origin
    gate = Gate(site, KEYS, frozenset({known} if known else ()), https, proxies)
    assets = Assets.load()
    face = TRADING if site == "trading" else SUPERVISION
    renderer = Renderer(build_environment(face, assets))
    return Litestar(
        [
            *signin_handlers(),
            static_route(assets, opt={"act": "read_public", "no_identity": True}),
            who,
            workbench,
            bid,
            form,
            form_with_file,
            anybodys_file,
            raw,
            thing,
            *more,
        ],
        middleware=[Authentication(gate), CrossSite(gate)],
        guards=[act_guard],
        exception_handlers=exception_handlers(),
        before_send=[security_headers],
        plugins=[PydanticPlugin(prefer_alias=True)],
        request_max_body_size=PAGE_BODY,
        on_startup=[check_routes],
        openapi_config=None,
        logging_config=None,
        state=State({"gate": gate} | ({"renderer": renderer} if pages else {})),
    )


def browser(app: Litestar, https: bool = False) -> httpx.AsyncClient:
    """A browser with its own cookies, at the site's address."""
    origin = ORIGIN.replace("http:", "https:") if https else ORIGIN
    transport = httpx.ASGITransport(app=app, client=("203.0.113.9", 4711))
    return httpx.AsyncClient(transport=transport, base_url=origin, headers=BROWSER | {"origin": origin})


def refusal(*codes: str) -> LawRefuses:
    """A refusal with several problems, each with its article."""
    return LawRefuses(*(Problem(code, f"说明{code}", "办法", "某法第一条") for code in codes))
