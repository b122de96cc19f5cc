"""Puts a site together: gate, guard, middleware, faults, static files and machines, the same for both sites."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.openapi.config import OpenAPIConfig
from litestar.plugins.pydantic import PydanticPlugin
from litestar.types import ControllerRouterHandler

from kernel.accounts.keys import Keys
from kernel.errors import BadInput, Problem, WrongStage
from kernel.proofs.errors import ProofError
from kernel.web import faults
from kernel.web.access import Meters, Stopwatch, note_answer
from kernel.web.account import account_handlers
from kernel.web.auth import Authentication
from kernel.web.csrf import CrossSite
from kernel.web.door import PAGE_BODY, security_headers
from kernel.web.gate import Gate
from kernel.web.guard import act_guard, check_routes
from kernel.web.machines import Check, database, machine_handlers
from kernel.web.me import me_handlers
from kernel.web.openapi import declared, document_route
from kernel.web.signin import signin_handlers
from kernel.web.sites import Site
from kernel.web.static import Assets, static_route
from kernel.web.templating import Renderer, build_environment

Live = Callable[[Litestar], AbstractAsyncContextManager[None]]
"""What is open while a site runs."""
UNSEEN = {"act": "read_public", "no_identity": True, "quiet": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What differs between the two sites.

    `templates` maps a duty to its folder; `checks` are further parts that /ready asks for; `state` is what the
    handlers find in `app.state` besides the gate, the renderer and the meters.
    """

    face: Site
    gate: Gate
    handlers: Sequence[ControllerRouterHandler]
    templates: Mapping[str, Path]
    running: Live
    document: OpenAPIConfig
    checks: Mapping[str, Check] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)


def gate_of(face: Site, keys: Keys, origin: str, proxies: str) -> Gate:
    """Whom this site admits, and by which address browsers know it; `proxies` separated by commas."""
    trusted = tuple(part.strip() for part in proxies.split(",") if part.strip())
    return Gate(face.face, keys, frozenset({origin} if origin else ()), origin.startswith("https://"), trusted)


def assemble(plan: Plan) -> Litestar:
    """The site; refuses to start with a route that names no act (`RouteWithoutAct`)."""
    assets = Assets.load()
    renderer = Renderer(build_environment(plan.face, assets, plan.templates))
    common = [
        *signin_handlers(),
        *account_handlers(),
        *me_handlers(),
        document_route(),
        static_route(assets, opt=UNSEEN),
    ]
    machines = machine_handlers({"database": database, **plan.checks})
    return Litestar(
        declared([*plan.handlers, *common, *machines]),
        lifespan=[plan.running],
        on_startup=[check_routes],
        guards=[act_guard],
        middleware=[Stopwatch(), Authentication(plan.gate), CrossSite(plan.gate)],
        before_send=[security_headers, note_answer],
        exception_handlers={
            **faults.exception_handlers(),
            ProofError: _not_a_proof,
            asyncpg.UniqueViolationError: _twice_at_once,
        },
        request_max_body_size=PAGE_BODY,
        plugins=[PydanticPlugin()],
        openapi_config=plan.document,
        logging_config=None,
        state=State(
            {"gate": plan.gate, "renderer": renderer, "meters": Meters(), **plan.state, "offline": assets.tools}
        ),
    )


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
