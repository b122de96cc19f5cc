"""One's own sign-in as JSON: password, second factor, sessions, a role asked for oneself.

No program's key opens these: only who has signed in himself.
"""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody
from pydantic import AwareDatetime, BaseModel, Field

from kernel.accounts import credentials, my_sessions, second_factor
from kernel.accounts.schemas import AskRoleForSelf, ChangePassword, ConfirmFactor
from kernel.web.account.home import ask_own
from kernel.web.account.shared import OWN, AnyRequest, signed_in
from kernel.web.gate import gate_of
from kernel.web.once import RequestId, once, once_alone
from kernel.web.openapi import refusals

TAGS = ["账户"]


class SessionShown(BaseModel):
    id: UUID
    address: str
    client: Annotated[str, Field(description="浏览器自称")]
    created_at: AwareDatetime
    last_seen: AwareDatetime
    current: Annotated[bool, Field(description="就是提出这个请求的会话")]


class Ended(BaseModel):
    ended: Annotated[int, Field(description="结束了几个")]


class FactorOffered(BaseModel):
    enrolment: Annotated[str, Field(description="15 分钟内原样交回")]
    uri: Annotated[str, Field(description="otpauth 地址，放入验证器")]
    secret: Annotated[str, Field(description="同一密钥的 base32 文字")]


class Bound(BaseModel):
    bound: bool


class RoleAsked(BaseModel):
    membership: UUID


@post(
    "/api/v1/me/password",
    opt=OWN,
    tags=TAGS,
    status_code=204,
    summary="更改密码；您的全部会话随即结束",
)
async def change_password(request: AnyRequest, data: JSONBody[ChangePassword], key: RequestId = None) -> None:
    (actor, _), keys = signed_in(request), gate_of(request).keys

    async def do() -> dict[str, bool]:
        await credentials.change_password(actor, data.old, data.new, keys)
        return {"changed": True}

    told = {"fingerprint": keys.fingerprint(data.model_dump_json().encode())}
    await once_alone("change_password", actor, key, told, do)


@get("/api/v1/me/sessions", opt=OWN, tags=TAGS, summary="登录着的设备，最近使用的在前")
async def sessions(request: AnyRequest) -> list[SessionShown]:
    _, signed = signed_in(request)
    return [SessionShown.model_validate(one, from_attributes=True) for one in await my_sessions.open_sessions(signed)]


@delete("/api/v1/me/sessions/{session:uuid}", opt=OWN, tags=TAGS, summary="结束一个会话", responses=refusals(404))
async def end_session(request: AnyRequest, session: FromPath[UUID]) -> None:
    await my_sessions.end_session(signed_in(request)[0], session)


@post("/api/v1/me/sessions/end-others", opt=OWN, status_code=200, tags=TAGS, summary="结束其他全部会话")
async def end_others(request: AnyRequest, key: RequestId = None) -> Ended:
    actor, signed = signed_in(request)

    async def do() -> dict[str, int]:
        return {"ended": await my_sessions.end_others(actor, signed)}

    return Ended.model_validate(await once("end_sessions", actor, key, {"but": str(signed.id)}, do))


@get("/api/v1/me/second-factor", opt=OWN, tags=TAGS, summary="开始绑定验证器：得到新的密钥，尚未生效")
async def offer_factor(request: AnyRequest) -> Response[FactorOffered]:
    actor, _ = signed_in(request)
    gate = gate_of(request)
    offered = await second_factor.begin(actor, gate.site, gate.keys)
    body = FactorOffered(enrolment=offered.sealed, uri=offered.uri, secret=offered.secret)
    return Response(body, headers={"cache-control": "no-store"})


@post(
    "/api/v1/me/second-factor/confirm",
    opt=OWN,
    status_code=200,
    tags=TAGS,
    summary="以新验证器的一个口令完成绑定；其他会话随即结束",
)
async def confirm_factor(request: AnyRequest, data: JSONBody[ConfirmFactor], key: RequestId = None) -> Bound:
    (actor, signed), keys = signed_in(request), gate_of(request).keys

    async def do() -> dict[str, bool]:
        await second_factor.confirm(actor, signed, data, keys)
        return {"bound": True}

    told = {"fingerprint": keys.fingerprint(data.model_dump_json().encode())}
    return Bound.model_validate(await once_alone("bind_factor", actor, key, told, do))


@post("/api/v1/me/roles", opt=OWN, tags=TAGS, summary="为自己申请交易角色，由该单位人员批准", responses=refusals(404))
async def ask_role(request: AnyRequest, data: JSONBody[AskRoleForSelf], key: RequestId = None) -> RoleAsked:
    actor, _ = signed_in(request)

    async def do() -> dict[str, Any]:
        return {"membership": str(await ask_own(actor, data))}

    return RoleAsked.model_validate(await once("ask_role", actor, key, data.model_dump(), do))


HANDLERS = [change_password, sessions, end_session, end_others, offer_factor, confirm_factor, ask_role]
