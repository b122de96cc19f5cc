"""Who is knocking: reads the session cookie or the bearer token and puts the Actor into the scope, always."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from kernel.accounts.schemas import Signed
from kernel.accounts.sessions import Admission, admit
from kernel.accounts.tokens import admit_token
from kernel.errors import NotSignedIn, Problem
from kernel.identity import PUBLIC, Actor
from kernel.web.gate import Gate, client_address

UNKNOWN_TO_ALL = "no_identity"
"""A route with ``opt={"no_identity": True}`` (static files, health) asks nobody who he is: no query."""


class Authentication(ASGIMiddleware):
    """Sets ``scope["user"]`` to an Actor (the public for nobody) and ``scope["auth"]`` to Signed or None.

    Also for OPTIONS, since guards run there too. An unknown bearer token is an error (RFC 6750 §3.1), an
    unknown cookie is the public: browsers keep cookies of sessions that have ended.
    """

    scopes = (ScopeType.HTTP, ScopeType.WEBSOCKET, ScopeType.ASGI)

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        address = client_address(scope, self.gate.proxies)
        scope["user"], scope["auth"] = _public(connection, address), None
        if not scope["route_handler"].opt.get(UNKNOWN_TO_ALL):
            found = await self._admission(connection, address)
            if found:
                scope["user"], scope["auth"] = found.actor, found.session
        await next_app(scope, receive, send)

    async def _admission(self, connection: "ASGIConnection[Any, Any, Any, Any]", address: str) -> Admission | None:
        client = connection.headers.get("user-agent", "")[:300]
        bearer = _bearer(connection.headers.get("authorization", ""))
        if bearer:
            found = await admit_token(bearer, self.gate.site, address, client)
            if found is None:
                raise NotSignedIn(Problem("token_unknown", "令牌无效、已到期或已撤销", "请换用有效的令牌"))
            return found
        cookie = connection.cookies.get(self.gate.cookie)
        return await admit(cookie, self.gate.site, address, client, _door(connection)) if cookie else None


def actor_of(request: "Request[Any, Any, Any]") -> Actor:
    """The actor of this request; the public where routing failed before anybody was asked."""
    found = request.scope.get("user")
    return found if isinstance(found, Actor) else PUBLIC


def signed_of(request: "Request[Any, Any, Any]") -> Signed | None:
    """By what this request is signed in, if it is."""
    found = request.scope.get("auth")
    return found if isinstance(found, Signed) else None


def _public(connection: "ASGIConnection[Any, Any, Any, Any]", address: str) -> Actor:
    client = connection.headers.get("user-agent", "")[:300]
    return Actor(role="public", door=_door(connection), address=address, client=client)


def _door(connection: "ASGIConnection[Any, Any, Any, Any]") -> str:
    return "api" if connection.scope["path"].startswith("/api/") else "page"


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
