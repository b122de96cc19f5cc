"""People of one's side as JSON: accounts of officials, roles asked for and decided, units, leave."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import AwareDatetime, BaseModel, Field

from kernel.accounts import grants, people
from kernel.accounts.delegations import delegate, delegations_seen_by, revoke_delegation
from kernel.accounts.register import create_official
from kernel.accounts.schemas import AddUnit, AskRole, CreateOfficial, Delegate
from kernel.identity import Actor
from kernel.web.account.shared import AnyRequest, signed_in
from kernel.web.gate import gate_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

TAGS = ["人员"]
CREATE, ASK, GRANT, LEAVE = ({"act": act} for act in ("create_official", "ask_role", "grant_role", "delegate"))


class OfficialMade(BaseModel):
    person: UUID
    totp_uri: Annotated[str, Field(description="otpauth 地址，只给出这一次（同一请求编号除外）；评审专家为空")]


class RoleShown(BaseModel):
    id: UUID
    person: UUID
    person_name: str
    organisation: UUID
    organisation_code: str
    organisation_name: str
    role: str
    departments: list[str]
    asked_by: UUID | None
    asked_at: AwareDatetime
    since: AwareDatetime | None
    state: str


class RoleDecided(BaseModel):
    membership: UUID


class UnitAdded(BaseModel):
    organisation: UUID


class DelegationShown(BaseModel):
    id: UUID
    absent: str
    substitute: str
    organisation: str
    departments: list[str]
    since: AwareDatetime
    until: AwareDatetime
    reason: str
    revoked_at: AwareDatetime | None


class DelegationDecided(BaseModel):
    delegation: UUID


@post(
    "/api/v1/officials",
    opt=CREATE,
    tags=TAGS,
    summary="建立人员账户；角色由另一人申请、第三人批准",
)
async def make_official(request: AnyRequest, data: JSONBody[CreateOfficial], key: RequestId = None) -> OfficialMade:
    actor, _ = signed_in(request)
    gate = gate_of(request)

    async def do() -> dict[str, str]:
        made = await create_official(actor, data, gate.site, gate.keys)
        return {"person": str(made.person), "totp": gate.keys.seal_answer(made.totp_uri, made.person.bytes)}

    told = {"fingerprint": gate.keys.fingerprint(data.model_dump_json().encode())}
    given = await once("create_official", actor, key, told, do)
    person = UUID(given["person"])
    return OfficialMade(person=person, totp_uri=gate.keys.open_answer(given["totp"], person.bytes))


@post("/api/v1/units", opt=CREATE, tags=TAGS, summary="登记本地区的机构，以便为其人员申请角色")
async def add_unit(request: AnyRequest, data: JSONBody[AddUnit], key: RequestId = None) -> UnitAdded:
    actor, _ = signed_in(request)

    async def do() -> dict[str, str]:
        return {"organisation": str(await people.add_unit(actor, data))}

    return UnitAdded.model_validate(await once("create_official", actor, key, data.model_dump(), do))


@get("/api/v1/memberships", opt=GRANT, tags=TAGS, summary="本单位、本地区的角色：等待批准的，或有效的")
async def roles(
    request: AnyRequest, which: Annotated[Literal["asked", "held"], QueryParameter(name="state")] = "asked"
) -> list[RoleShown]:
    actor, _ = signed_in(request)
    found = await (people.waiting_for if which == "asked" else people.in_force)(actor)
    return [RoleShown.model_validate(view, from_attributes=True) for view in found]


@post("/api/v1/memberships", opt=ASK, tags=TAGS, summary="为一个人申请角色", responses=refusals(404))
async def ask_role(request: AnyRequest, data: JSONBody[AskRole], key: RequestId = None) -> RoleDecided:
    actor, _ = signed_in(request)

    async def do() -> dict[str, str]:
        return {"membership": str(await grants.ask_role(actor, data))}

    return RoleDecided.model_validate(await once("ask_role", actor, key, data.model_dump(mode="json"), do))


@post(
    "/api/v1/memberships/{membership:uuid}/{decision:str}",
    opt=GRANT,
    status_code=200,
    tags=TAGS,
    summary="决定一项角色：grant 批准、refuse 不批准、revoke 撤销",
    responses=refusals(404),
)
async def decide(
    request: AnyRequest,
    membership: FromPath[UUID],
    decision: FromPath[Literal["grant", "refuse", "revoke"]],
    key: RequestId = None,
) -> RoleDecided:
    actor, _ = signed_in(request)

    async def do() -> dict[str, str]:
        await DECISIONS[decision](actor, membership)
        return {"membership": str(membership)}

    told = {"membership": str(membership), "decision": decision}
    return RoleDecided.model_validate(await once("grant_role", actor, key, told, do))


DECISIONS: dict[str, Callable[[Actor, UUID], Awaitable[None]]] = {
    "grant": grants.grant_role,
    "refuse": grants.refuse_role,
    "revoke": grants.revoke_role,
}


@get("/api/v1/delegations", opt=LEAVE, tags=TAGS, summary="本方本地区的休假代理，新的在前")
async def delegations(request: AnyRequest) -> list[DelegationShown]:
    found = await delegations_seen_by(signed_in(request)[0])
    return [DelegationShown.model_validate(view, from_attributes=True) for view in found]


@post("/api/v1/delegations", opt=LEAVE, tags=TAGS, summary="指定休假期间的代理人", responses=refusals(404))
async def decide_leave(request: AnyRequest, data: JSONBody[Delegate], key: RequestId = None) -> DelegationDecided:
    actor, _ = signed_in(request)

    async def do() -> dict[str, Any]:
        return {"delegation": str(await delegate(actor, data))}

    return DelegationDecided.model_validate(await once("delegate", actor, key, data.model_dump(mode="json"), do))


@post(
    "/api/v1/delegations/{delegation:uuid}/revoke",
    opt=LEAVE,
    status_code=200,
    tags=TAGS,
    summary="结束一项代理，立即生效",
    responses=refusals(404),
)
async def end_leave(request: AnyRequest, delegation: FromPath[UUID], key: RequestId = None) -> DelegationDecided:
    actor, _ = signed_in(request)

    async def do() -> dict[str, Any]:
        await revoke_delegation(actor, delegation)
        return {"delegation": str(delegation)}

    return DelegationDecided.model_validate(await once("delegate", actor, key, {"revoke": str(delegation)}, do))


HANDLERS = [make_official, add_unit, roles, ask_role, decide, delegations, decide_leave, end_leave]
