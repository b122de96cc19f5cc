"""人员与角色: requests that wait for another's decision, roles in force, people without a role."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from kernel.accounts import grants, people, records
from kernel.accounts.records import MembershipView
from kernel.errors import NotFound, Problem
from kernel.identity import Actor
from kernel.permissions import permission
from kernel.web.account.home import shown
from kernel.web.account.shared import AnyRequest, account_page, done, may_grant, signed_in
from kernel.web.door import ROLE_NAMES, form_of

TAB = "/account/people"
OPT = {"act": "grant_role"}


@get(TAB, opt=OPT, include_in_schema=False)
async def people_page(request: AnyRequest) -> Response[str]:
    actor, _ = signed_in(request)
    official = actor.side in ("operate", "supervise")
    return await account_page(
        request,
        "account_people.html",
        tab=TAB,
        waiting=[_waiting(actor, view) for view in await people.waiting_for(actor)],
        held=[shown(view) for view in await people.in_force(actor)],
        idle=await people.without_role(actor) if official else [],
        official=official,
        may_create=bool(permission("create_official", actor.role)),
    )


@post(TAB + "/roles/{membership:uuid}/grant", opt=OPT, include_in_schema=False)
async def grant(request: AnyRequest, membership: FromPath[UUID]) -> Response[Any]:
    await grants.grant_role(signed_in(request)[0], membership)
    return done(TAB)


@post(TAB + "/roles/{membership:uuid}/refuse", opt=OPT, include_in_schema=False)
async def refuse(request: AnyRequest, membership: FromPath[UUID]) -> Response[Any]:
    await grants.refuse_role(signed_in(request)[0], membership)
    return done(TAB)


@post(TAB + "/roles/{membership:uuid}/revoke", opt=OPT, include_in_schema=False)
async def revoke(request: AnyRequest, membership: FromPath[UUID]) -> Response[Any]:
    actor, _ = signed_in(request)
    if (await form_of(request)).get("confirmed") == "yes":
        await grants.revoke_role(actor, membership)
        return done(TAB)
    found = next((view for view in await people.in_force(actor) if view.id == membership), None)
    if found is None:
        raise NotFound(Problem("no_such_membership", "没有这项有效的角色", "请刷新后再选"))
    return await account_page(request, "confirm.html", **_revoking(found))


HANDLERS = [people_page, grant, refuse, revoke]


def _waiting(actor: Actor, view: MembershipView) -> dict[str, Any]:
    own = actor.person in (view.person, view.asked_by)
    return {**shown(view), "may_grant": may_grant(actor, view), "own": own}


def _revoking(found: MembershipView) -> dict[str, Any]:
    return {
        "title": "撤销角色",
        "says": f"{found.person_name}　{found.organisation_name}　{ROLE_NAMES[found.role]}",
        "consequences": ["立即失效，下一次操作即被拒绝", "已办理的事项不受影响", "要恢复须重新申请，由另一人批准"],
        "action": f"{TAB}/roles/{found.id}/revoke",
        "fields": {"confirmed": "yes"},
        "confirm_label": "确认撤销",
        "cancel_href": TAB,
        "danger": True,
    }


async def person_options(actor: Actor) -> list[dict[str, str]]:
    """Whom a role may be asked for: people without one, then those who have one in the actor's region."""
    idle = await people.without_role(actor)
    found = {str(one.id): f"{one.name}（{one.created_at:%Y-%m-%d} 建立，尚无角色）" for one in idle if not one.own}
    for view in await people.in_force(actor):
        found.setdefault(str(view.person), f"{view.person_name}（{view.organisation_name}）")
    return [{"value": id, "label": label} for id, label in found.items()]


async def unit_by_code(code: str) -> UUID:
    """The unit of this credit code; NotFound beside the field."""
    found = await records.organisation_by_code(code.strip().upper())
    if found is None:
        remedy = "请核对统一社会信用代码；尚未登记的请先登记单位"
        raise NotFound(Problem("no_such_unit", "没有登记这个单位", remedy, field="organisation_code"))
    return found.id
