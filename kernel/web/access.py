"""One line and one count a request: method, route pattern, status, time; nothing of what was asked, by whom, or sent.

Before an opening nothing may count bids or those who prepare one: a route with ``opt={"quiet": True}`` leaves no line
and no count at all (招标投标法第二十二条).
"""

import logging
import time
from dataclasses import dataclass, field
from typing import Any

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_log = logging.getLogger("yangguang.access")
_BEGAN = "began"
_STEPS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(frozen=True, slots=True)
class Meters:
    """What a site counts, in a registry of its own: kept as `app.state.meters`."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    levels: Gauge = field(init=False)

    def __post_init__(self) -> None:
        labels = ("method", "route", "status")
        made = {
            "requests": Counter("yangguang_requests", "answered requests", labels, registry=self.registry),
            "seconds": Histogram(
                "yangguang_seconds", "until the answer begins", ("route",), buckets=_STEPS, registry=self.registry
            ),
            "levels": Gauge("yangguang_level", "where the house stands", ("of",), registry=self.registry),
        }
        for name, meter in made.items():
            object.__setattr__(self, name, meter)


class Stopwatch(ASGIMiddleware):
    """Stands first: notes when the request came."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        scope["state"][_BEGAN] = time.perf_counter()
        await next_app(scope, receive, send)


async def note_answer(message: Message, scope: Scope) -> None:
    """A `before_send` hook: the line and the count, when the answer begins."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP or _is_quiet(scope):
        return
    route, status = str(scope.get("path_template") or "unrouted"), message["status"]
    began = scope.get("state", {}).get(_BEGAN)
    seconds = time.perf_counter() - began if began is not None else 0.0
    _log.info("%s %s %d %.1f ms", scope["method"], route, status, seconds * 1000)
    meters: Meters = scope["litestar_app"].state.meters
    meters.requests.labels(scope["method"], route, str(status)).inc()
    meters.seconds.labels(route).observe(seconds)


def _is_quiet(scope: Scope) -> bool:
    handler: Any = scope.get("route_handler")
    return bool(handler is not None and handler.opt.get("quiet"))
