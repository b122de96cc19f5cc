"""The forms about officials: a new account, a role asked for somebody, a unit that is not known yet."""

import re
from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post

from kernel import regions
from kernel.accounts import grants, people
from kernel.accounts.register import create_official
from kernel.accounts.rules import MAY_MAKE, SITE_SIDES
from kernel.accounts.schemas import AddUnit, AskRole, CreateOfficial
from kernel.identity import SIDES, Actor
from kernel.web.account.factor import qr
from kernel.web.account.people import TAB, person_options, unit_by_code
from kernel.web.account.shared import AnyRequest, account_page, done, signed_in, tabs
from kernel.web.commands import command, present, tried
from kernel.web.door import ROLE_NAMES, form_of
from kernel.web.gate import gate_of
from kernel.web.names import region_options

SIDE_NAMES = {"operate": "交易中心人员", "supervise": "监督、监察人员", "judge": "评审专家"}
NEVER_SHOWN_AGAIN = frozenset({"password", "identity_number"})
CREATE, ASK = {"act": "create_official"}, {"act": "ask_role"}


@get(TAB + "/new", opt=CREATE, include_in_schema=False)
async def new_official_page(request: AnyRequest) -> Response[str]:
    actor, _ = signed_in(request)
    sides = _sides(request, actor)
    values = {"side": sides[0]["value"]} if len(sides) == 1 else {}
    return await account_page(request, "account_official_form.html", tab=TAB, sides=sides, values=values)


@post(TAB + "/new", opt=CREATE, include_in_schema=False)
async def new_official(request: AnyRequest) -> Response[Any]:
    actor, _ = signed_in(request)
    form = await form_of(request)

    async def do() -> Response[Any]:
        gate = gate_of(request)
        asked = command(CreateOfficial, present(form))
        made = await create_official(actor, asked, gate.site, gate.keys)
        code = qr(made.totp_uri) if made.totp_uri else ""
        return await account_page(request, "account_official_made.html", tab=TAB, asked=asked, made=made, qr=code)

    async def again() -> Mapping[str, Any]:
        return {"tabs": tabs(request), "tab": TAB, "sides": _sides(request, actor)}

    kept = {name: "" if name in NEVER_SHOWN_AGAIN else value for name, value in form.items()}
    return await tried(request, do, "account_official_form.html", kept, again)


@get(TAB + "/ask", opt=ASK, include_in_schema=False)
async def ask_page(request: AnyRequest) -> Response[str]:
    actor, _ = signed_in(request)
    values = {"organisation_code": actor.organisation_code}
    return await account_page(request, "account_ask_form.html", values=values, **await _asking(request, actor))


@post(TAB + "/ask", opt=ASK, include_in_schema=False)
async def ask(request: AnyRequest) -> Response[Any]:
    actor, _ = signed_in(request)
    form = await form_of(request)

    async def do() -> Response[Any]:
        fields = present(form)
        code = str(fields.pop("organisation_code", ""))
        departments = [name for name in re.split(r"[、，,;；\s]+", str(fields.pop("departments", ""))) if name]
        unit = await unit_by_code(code)
        asked = command(AskRole, {**fields, "organisation": unit, "departments": departments})
        await grants.ask_role(actor, asked)
        return done(TAB)

    async def again() -> Mapping[str, Any]:
        return await _asking(request, actor)

    return await tried(request, do, "account_ask_form.html", form, again)


@get(TAB + "/unit", opt=CREATE, include_in_schema=False)
async def unit_page(request: AnyRequest) -> Response[str]:
    return await account_page(request, "account_unit_form.html", **_unit(request))


@post(TAB + "/unit", opt=CREATE, include_in_schema=False)
async def add_unit(request: AnyRequest) -> Response[Any]:
    actor, _ = signed_in(request)
    form = await form_of(request)

    async def do() -> Response[Any]:
        await people.add_unit(actor, command(AddUnit, present(form)))
        return done(TAB)

    async def again() -> Mapping[str, Any]:
        return _unit(request)

    return await tried(request, do, "account_unit_form.html", form, again)


HANDLERS = [new_official_page, new_official, ask_page, ask, unit_page, add_unit]


def _sides(request: AnyRequest, actor: Actor) -> list[dict[str, str]]:
    """The sides whose accounts this actor may make at this site."""
    here = SITE_SIDES[gate_of(request).site]
    return [{"value": side, "label": name} for side, name in SIDE_NAMES.items() if _makes(actor, side) and side in here]


async def _asking(request: AnyRequest, actor: Actor) -> dict[str, Any]:
    roles = [{"value": role, "label": ROLE_NAMES[role]} for role, side in SIDES.items() if _makes(actor, side)]
    return {"tabs": tabs(request), "tab": TAB, "people": await person_options(actor), "roles": roles}


def _makes(actor: Actor, side: str) -> bool:
    return actor.side in MAY_MAKE[side]


def _unit(request: AnyRequest) -> dict[str, Any]:
    actor, _ = signed_in(request)
    roots = regions.below(regions.NATION) if actor.region == regions.NATION else (actor.region,)
    return {"tabs": tabs(request), "tab": TAB, "regions": region_options(*roots)}
