"""休假代理: who stands in for whom, from one day to another."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from kernel.accounts import people
from kernel.accounts.delegations import delegate, delegations_seen_by, revoke_delegation
from kernel.accounts.records import MembershipView
from kernel.accounts.schemas import Delegate
from kernel.web.account.shared import AnyRequest, account_page, done, from_day, signed_in, tabs, through_day
from kernel.web.commands import command, present, tried
from kernel.web.door import ROLE_NAMES, form_of, request_id
from kernel.web.once import once

TAB = "/account/leave"
OPT = {"act": "delegate"}


@get(TAB, opt=OPT, include_in_schema=False)
async def leave_page(request: AnyRequest) -> Response[str]:
    _, signed = signed_in(request)
    values = {"absent": str(signed.membership)}
    return await account_page(request, "account_leave.html", values=values, **await _context(request))


@post(TAB, opt=OPT, include_in_schema=False)
async def decide(request: AnyRequest) -> Response[Any]:
    actor, _ = signed_in(request)
    form = await form_of(request)

    async def do() -> Response[Any]:
        days = {"since": from_day, "until": through_day}
        given = present(form)
        moments = {name: turn(str(given[name])) for name, turn in days.items() if name in given}
        asked, sent = command(Delegate, given | moments), await request.form()

        async def decided() -> dict[str, str]:
            return {"delegation": str(await delegate(actor, asked))}

        key = request_id(request, sent, required=False)
        await once("delegate", actor, key, asked.model_dump(mode="json"), decided)
        return done(TAB)

    async def again() -> Mapping[str, Any]:
        return {"tabs": tabs(request), **await _context(request)}

    return await tried(request, do, "account_leave.html", form, again)


@post(TAB + "/{delegation:uuid}/revoke", opt=OPT, include_in_schema=False)
async def revoke(request: AnyRequest, delegation: FromPath[UUID]) -> Response[Any]:
    await revoke_delegation(signed_in(request)[0], delegation)
    return done(TAB)


HANDLERS = [leave_page, decide, revoke]


async def _context(request: AnyRequest) -> dict[str, Any]:
    actor, _ = signed_in(request)
    options = [_option(view) for view in await people.colleagues(actor)]
    return {"tab": TAB, "delegations": await delegations_seen_by(actor), "colleagues": options}


def _option(view: MembershipView) -> dict[str, str]:
    departments = f"（{'、'.join(view.departments)}）" if view.departments else ""
    label = f"{view.person_name}　{view.organisation_name}　{ROLE_NAMES[view.role]}{departments}"
    return {"value": str(view.id), "label": label}
