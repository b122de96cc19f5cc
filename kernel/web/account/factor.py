"""动态口令: binding an authenticator by a QR code, and confirming it with one of its codes."""

from collections.abc import Mapping
from typing import Any

import segno
from litestar import Response, get, post

from kernel.accounts import second_factor
from kernel.accounts.schemas import ConfirmFactor
from kernel.accounts.second_factor import Enrolment
from kernel.errors import BadInput
from kernel.web.account.shared import OWN, AnyRequest, account_page, done, signed_in, tabs
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of
from kernel.web.gate import gate_of

TAB = "/account/second-factor"


@get(TAB, opt=OWN, include_in_schema=False)
async def factor_page(request: AnyRequest) -> Response[str]:
    return await account_page(request, "account_factor.html", **await _fresh(request))


@post(TAB, opt=OWN, include_in_schema=False)
async def confirm_factor(request: AnyRequest) -> Response[Any]:
    actor, signed = signed_in(request)
    form = await form_of(request)

    async def do() -> Response[Any]:
        await second_factor.confirm(actor, signed, command(ConfirmFactor, present(form)), gate_of(request).keys)
        return done("/account")

    async def again() -> Mapping[str, Any]:
        return {"tabs": tabs(request), **await _same(request, str(form.get("enrolment", "")))}

    return await tried(request, do, "account_factor.html", dict.fromkeys(form, ""), again)


HANDLERS = [factor_page, confirm_factor]


def qr(uri: str) -> str:
    """The address as a QR code for an `img`: SVG in a data: URI, dark on white whatever the page's colours."""
    return str(segno.make_qr(uri, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff"))


async def _fresh(request: AnyRequest) -> dict[str, Any]:
    actor, _ = signed_in(request)
    gate = gate_of(request)
    return await _context(request, await second_factor.begin(actor, gate.site, gate.keys))


async def _same(request: AnyRequest, sealed: str) -> dict[str, Any]:
    """The key shown before, so that a mistyped code needs no second scan; a fresh one when that is over."""
    actor, _ = signed_in(request)
    gate = gate_of(request)
    try:
        return await _context(request, await second_factor.reopen(actor, sealed, gate.site, gate.keys))
    except BadInput:
        return await _fresh(request)


async def _context(request: AnyRequest, enrolment: Enrolment) -> dict[str, Any]:
    _, signed = signed_in(request)
    bound = await second_factor.is_bound(signed.person)
    return {"tab": TAB, "bound": bound, "enrolment": enrolment, "qr": qr(enrolment.uri)}
