"""Refuses what another site makes a browser send here.

A signed-in browser's unsafe request carries the session's own token, in the header or, from a plain form, in
a hidden field; an anonymous form carries a signed token that equals a cookie. Bodies other than plain forms
are read here only where a route asks for it: uploads send the header.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Any

from litestar import Request
from litestar.enums import RequestEncodingType, ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from kernel.accounts.schemas import Signed
from kernel.errors import Forbidden, Problem
from kernel.web.auth import UNKNOWN_TO_ALL, signed_of
from kernel.web.gate import Gate, gate_of

FIELD = "_csrf_token"
HEADER = "x-csrftoken"
FORM_FILE = "form_file"
"""A route with ``opt={"form_file": …}`` takes a form with a file and has its token looked for inside: `True` from who
is signed in, `ANYBODY` from everybody. Such a route says how large a body it takes, for it is read before the check."""
ANYBODY = "anybody"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_MINTED = "minted_form_token"


class CrossSite(ASGIMiddleware):
    """Stands after Authentication. Raises Forbidden; bearer tokens pass, since browsers do not add them.

    A route that asks nobody who he is (machines' doors) passes too: there is no session another site could use.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        signed = signed_of(request)
        asks_nobody = scope["route_handler"].opt.get(UNKNOWN_TO_ALL)
        if request.method not in SAFE and not asks_nobody and not (signed and signed.kind == "token"):
            _check_origin(request, self.gate)
            await _check_token(request, signed, self.gate)
        await next_app(scope, receive, _with_form_cookie(request, send, self.gate))


def _knows_nobody(scope: Scope) -> bool:
    """A route that asks nobody who he is (a witness's) gives another site nothing that it could abuse."""
    return bool(scope["route_handler"].opt.get(UNKNOWN_TO_ALL))


def form_token(request: "Request[Any, Any, Any]") -> str:
    """What the hidden field of a form on this page must hold.

    For somebody who is not signed in this also sets the cookie that goes with it.
    """
    gate, signed = gate_of(request), signed_of(request)
    if signed:
        return signed.csrf
    known = str(getattr(request.state, _MINTED, "")) or request.cookies.get(gate.form_cookie, "")
    if _is_ours(known, gate):
        return known
    fresh = _mint(gate)
    setattr(request.state, _MINTED, fresh)
    return fresh


def _check_origin(request: "Request[Any, Any, Any]", gate: Gate) -> None:
    """What the browser itself says of where the request came from; who says nothing still needs the token."""
    fetched = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if fetched not in ("same-origin", "none") or (origin is not None and not _is_own(origin, request, gate)):
        raise Forbidden(Problem("cross_site", "这个请求来自别的网站", "请在本平台的页面上重新操作"))


def _is_own(origin: str, request: "Request[Any, Any, Any]", gate: Gate) -> bool:
    if gate.origins:
        return origin in gate.origins
    return origin == f"{'https' if gate.https else 'http'}://{request.headers.get('host', '')}"


async def _check_token(request: "Request[Any, Any, Any]", signed: Signed | None, gate: Gate) -> None:
    kind = request.content_type[0]
    if signed is None and kind == RequestEncodingType.JSON:
        return  # another site cannot send this type unasked, and nobody is signed in to be abused
    expected = signed.csrf if signed else request.cookies.get(gate.form_cookie, "")
    given = request.headers.get(HEADER, "")
    takes = request.scope["route_handler"].opt.get(FORM_FILE)
    with_file = takes and (signed is not None or takes == ANYBODY)
    if not given and kind in (RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART if with_file else ""):
        given = str((await request.form()).get(FIELD, ""))
    if not _equal(given, expected) or (signed is None and not _is_ours(expected, gate)):
        says = "页面已失效，为安全起见没有办理"
        raise Forbidden(Problem("csrf_token", says, "请刷新页面后重新提交"))


def _with_form_cookie(request: "Request[Any, Any, Any]", send: Send, gate: Gate) -> Send:
    async def sending(message: Message) -> None:
        minted = getattr(request.state, _MINTED, "")
        if minted and message["type"] == "http.response.start":
            cookie = gate.make_cookie(gate.form_cookie, minted).to_header(header="")
            message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode("latin-1"))]
        await send(message)

    return sending


def _mint(gate: Gate) -> str:
    nonce = secrets.token_urlsafe(24)
    return f"{nonce}.{_mac(nonce, gate)}"


def _is_ours(token: str, gate: Gate) -> bool:
    """Whether this site made the token: a cookie planted by another host of the domain is not."""
    nonce, _, mac = token.partition(".")
    return bool(nonce) and _equal(mac, _mac(nonce, gate))


def _mac(nonce: str, gate: Gate) -> str:
    return hmac.new(gate.keys.form, nonce.encode(errors="replace"), sha256).hexdigest()


def _equal(given: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(given.encode(errors="replace"), expected.encode(errors="replace"))
