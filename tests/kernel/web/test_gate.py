"""Whose address a request has, and what its cookies are called."""

from typing import Any

import pytest
from litestar.types import Scope
from seeded_people import KEYS

from kernel.web.gate import Gate, client_address

PROXIES = ("10.0.0.1", "192.168.0.0/16", "fd00::/8")


def _scope(client: str | None, *forwarded: str) -> Scope:
    scope: Any = {
        "client": (client, 1) if client else None,
        "headers": [(b"x-forwarded-for", value.encode()) for value in forwarded],
    }
    return scope  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("1.1.1.1, 198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("1.1.1.1", "198.51.100.1"), "198.51.100.1"),
        ("10.0.0.1", ("198.51.100.1, 192.168.3.4",), "198.51.100.1"),
        ("10.0.0.1", ("192.168.3.4",), "192.168.3.4"),
        ("10.0.0.1", ("<script>, 192.168.3.4",), "192.168.3.4"),
        ("10.0.0.1", ("nonsense",), "10.0.0.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("fd00::1", ("2001:db8::5",), "2001:db8::5"),
        (None, ("198.51.100.1",), ""),
    ],
)
def test_only_trusted_proxies_are_believed(client: str | None, forwarded: tuple[str, ...], address: str) -> None:
    assert client_address(_scope(client, *forwarded), PROXIES) == address


def test_without_proxies_nobody_is_believed() -> None:
    assert client_address(_scope("10.0.0.1", "198.51.100.1")) == "10.0.0.1"


def test_the_two_sites_never_read_each_others_cookie() -> None:
    assert Gate("trading", KEYS).cookie == "yg_trading"
    assert Gate("supervision", KEYS).cookie == "yg_supervision"


def test_behind_tls_the_cookie_is_bound_to_its_host() -> None:
    gate = Gate("trading", KEYS, https=True)
    header = gate.make_cookie(gate.cookie, "value").to_header(header="")
    assert header.startswith("__Host-yg_trading=value;")
    assert "secure" in header.lower()
    assert "httponly" in header.lower()
    assert "domain" not in header.lower()
    assert "path=/" in header.lower()
