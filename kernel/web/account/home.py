"""The account itself: who one is here, one's roles, the password, and the browsers one is signed in with."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter

from kernel import codes
from kernel.accounts import credentials, grants, my_sessions, people, records
from kernel.accounts.records import MembershipView
from kernel.accounts.schemas import AskRole, AskRoleForSelf, ChangePassword
from kernel.accounts.second_factor import is_bound
from kernel.errors import Forbidden, NotFound, Problem
from kernel.identity import Actor
from kernel.permissions import permission
from kernel.web.account.shared import OWN, AnyRequest, account_page, done, signed_in, tabs
from kernel.web.commands import command, present, tried
from kernel.web.door import ROLE_NAMES, form_of
from kernel.web.gate import gate_of

STATES = {"asked": ("等待批准", "warn"), "held": ("有效", "open"), "ended": ("已结束", "neutral")}
TRADE_ROLES = ("purchaser", "agent", "bidder", "intermediary")


@get("/account", opt=OWN, include_in_schema=False)
async def account(request: AnyRequest) -> Response[str]:
    actor, signed = signed_in(request)
    person = await records.person(signed.person)
    return await account_page(
        request,
        "account_home.html",
        tab="/account",
        roles=[shown(view) for view in reversed(await records.memberships_of(signed.person))],
        trades=person is not None and person.side == "trade",
        bound=await is_bound(signed.person),
        waiting=len(await people.waiting_for(actor)) if permission("grant_role", actor.role) else 0,
    )


@get("/account/password", opt=OWN, include_in_schema=False)
async def password_page(request: AnyRequest) -> Response[str]:
    signed_in(request)
    return await account_page(request, "account_password.html", tab="/account/password")


@post("/account/password", opt=OWN, include_in_schema=False)
async def change_password(request: AnyRequest) -> Response[Any]:
    actor, _ = signed_in(request)
    form = await form_of(request)

    async def do() -> Response[Any]:
        asked = command(ChangePassword, present(form))
        await credentials.change_password(actor, asked.old, asked.new, gate_of(request).keys)
        return done("/signin?next=/account&why=password")

    async def again() -> Mapping[str, Any]:
        return {"tabs": tabs(request), "tab": "/account/password"}

    return await tried(request, do, "account_password.html", {"old": "", "new": ""}, again)


@get("/account/sessions", opt=OWN, include_in_schema=False)
async def sessions_page(request: AnyRequest) -> Response[str]:
    _, signed = signed_in(request)
    found = await my_sessions.open_sessions(signed)
    return await account_page(request, "account_sessions.html", tab="/account/sessions", sessions=found)


@post("/account/sessions/others/end", opt=OWN, include_in_schema=False)
async def end_others(request: AnyRequest) -> Response[Any]:
    await my_sessions.end_others(*signed_in(request))
    return done("/account/sessions")


@post("/account/sessions/{session:uuid}/end", opt=OWN, include_in_schema=False)
async def end_session(request: AnyRequest, session: FromPath[UUID]) -> Response[Any]:
    await my_sessions.end_session(signed_in(request)[0], session)
    return done("/account/sessions")


@get("/account/roles/new", opt=OWN, include_in_schema=False)
async def role_form(request: AnyRequest, code: Annotated[str, QueryParameter(max_length=18)] = "") -> Response[str]:
    actor, _ = signed_in(request)
    values = {"organisation_code": code or actor.organisation_code}
    return await account_page(request, "account_role_form.html", tab="/account", values=values, roles=trade_roles())


@post("/account/roles", opt=OWN, include_in_schema=False)
async def ask_for_self(request: AnyRequest) -> Response[Any]:
    actor, _ = signed_in(request)
    form = await form_of(request)

    async def do() -> Response[Any]:
        await ask_own(actor, command(AskRoleForSelf, present(form)))
        return done("/account")

    async def again() -> Mapping[str, Any]:
        return {"tabs": tabs(request), "tab": "/account", "roles": trade_roles()}

    return await tried(request, do, "account_role_form.html", form, again)


@post("/account/roles/{membership:uuid}/end", opt=OWN, include_in_schema=False)
async def end_own_role(request: AnyRequest, membership: FromPath[UUID]) -> Response[Any]:
    """Take one's own request back, or give one's own role up."""
    actor, signed = signed_in(request)
    found = await records.membership(membership)
    if found is None or found.person != signed.person:
        raise Forbidden(Problem("not_your_role", "您没有这项角色", "请在列出的角色中选择"))
    if found.state == "asked":
        await grants.refuse_role(actor, membership)
        return done("/account")
    if (await form_of(request)).get("confirmed") != "yes":
        return await account_page(request, "confirm.html", **_giving_up(found))
    await grants.revoke_role(actor, membership)
    return done("/account")


HANDLERS = [
    account,
    password_page,
    change_password,
    sessions_page,
    end_others,
    end_session,
    role_form,
    ask_for_self,
    end_own_role,
]


async def ask_own(actor: Actor, asked: AskRoleForSelf) -> UUID:
    """Ask for a trading role for oneself in a unit that is registered here."""
    unit = await records.organisation_by_code(codes.tidy(asked.organisation_code))
    if unit is None:
        remedy = "请核对统一社会信用代码；单位须先注册"
        raise NotFound(Problem("no_such_unit", "没有登记这个单位", remedy, field="organisation_code"))
    if actor.person is None:
        raise Forbidden(Problem("no_person", "须由本人办理", "请登录后办理"))
    return await grants.ask_role(actor, AskRole(person=actor.person, organisation=unit.id, role=asked.role))


def shown(view: MembershipView) -> dict[str, Any]:
    """A role as a page shows it."""
    label, tone = STATES[view.state]
    return {
        "id": view.id,
        "person": view.person,
        "person_name": view.person_name,
        "organisation": view.organisation_name,
        "code": view.organisation_code,
        "role": ROLE_NAMES[view.role],
        "departments": "、".join(view.departments),
        "state": view.state,
        "badge": {"label": label, "tone": tone},
        "at": view.since or view.asked_at,
    }


def trade_roles() -> list[dict[str, str]]:
    return [{"value": role, "label": ROLE_NAMES[role]} for role in TRADE_ROLES]


def _giving_up(found: MembershipView) -> dict[str, Any]:
    return {
        "title": "放弃这一身份",
        "says": f"{found.organisation_name}　{ROLE_NAMES[found.role]}",
        "consequences": ["立即失效，您不能再以这一身份办事", "要恢复须重新申请，由另一人批准"],
        "action": f"/account/roles/{found.id}/end",
        "fields": {"confirmed": "yes"},
        "confirm_label": "确认放弃",
        "cancel_href": "/account",
        "danger": True,
    }
