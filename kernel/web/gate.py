"""What a site's gate is told at its start: whom it admits, from which addresses, with which keys."""

from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, Literal

from litestar import Request
from litestar.datastructures import Cookie
from litestar.types import Scope

from kernel.accounts.keys import Keys
from kernel.accounts.sessions import LONGEST


@dataclass(frozen=True, slots=True)
class Gate:
    """One site's gate; kept as `app.state.gate`.

    `origins` are the addresses browsers know the site by (``https://…``); empty means whatever Host they
    asked for. `proxies` are addresses or networks whose X-Forwarded-For is believed; none by default.
    """

    site: Literal["trading", "supervision"]
    keys: Keys
    origins: frozenset[str] = frozenset()
    https: bool = False
    proxies: tuple[str, ...] = field(default=())

    @property
    def cookie(self) -> str:
        """The session cookie's name: another on each site, and bound to the host where there is TLS."""
        return f"{'__Host-' if self.https else ''}yg_{self.site}"

    @property
    def form_cookie(self) -> str:
        """The cookie that protects forms of people who are not signed in."""
        return f"{self.cookie}_form"

    def make_cookie(self, name: str, value: str) -> Cookie:
        """A cookie for this host only, out of reach of scripts; an empty value takes it away."""
        return Cookie(
            key=name,
            value=value,
            path="/",
            max_age=LONGEST if value else 0,
            secure=self.https,
            httponly=True,
            samesite="lax",
        )


def gate_of(request: "Request[Any, Any, Any]") -> Gate:
    """The gate of the site that answers this request."""
    gate: Gate = request.app.state.gate
    return gate


def client_address(scope: Scope, proxies: tuple[str, ...] = ()) -> str:
    """Where the request came from: the connection's other end, or what a trusted proxy says of it.

    X-Forwarded-For is read from its right end, past trusted proxies only: whatever stands left of the first
    stranger was written by the stranger.
    """
    client = scope.get("client")
    address = client[0] if client else ""
    if not _trusted(address, proxies):
        return address
    forwarded = [
        part.strip()
        for name, value in scope["headers"]
        if name == b"x-forwarded-for"
        for part in value.decode("latin-1").split(",")
    ]
    for hop in reversed(forwarded):
        if not _is_address(hop):
            return address
        address = hop
        if not _trusted(hop, proxies):
            return hop
    return address


def _trusted(address: str, proxies: tuple[str, ...]) -> bool:
    return _is_address(address) and any(ip_address(address) in ip_network(proxy, strict=False) for proxy in proxies)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
