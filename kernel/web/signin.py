"""Signing in and out, choosing the role one acts in, and keys for programs; the same on both sites."""

from typing import Annotated, Any
from uuid import UUID

import pydantic
from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from kernel.accounts import records, sessions, tokens
from kernel.accounts.schemas import MakeToken, NewSession, SignIn
from kernel.accounts.sessions import actor_of
from kernel.errors import BadInput, NotSignedIn, Problem, Refusal
from kernel.permissions import permission
from kernel.web.auth import actor_of as current_actor
from kernel.web.auth import signed_of
from kernel.web.door import ROLE_NAMES, form_of, page
from kernel.web.gate import gate_of
from kernel.web.names import act_name
from kernel.web.problems import of_pydantic

AnyRequest = Request[Any, Any, Any]
HOME_PAGE = "/workbench"
WHY = {"password": {"tone": "good", "title": "密码已更改", "says": "您在各处的登录都已结束，请用新密码登录。"}}
"""Why somebody is asked to sign in, where he might wonder."""


@get("/signin", opt={"act": "sign_in"}, include_in_schema=False)
async def signin_page(
    request: AnyRequest,
    next: Annotated[str, QueryParameter(max_length=500)] = "",
    why: Annotated[str, QueryParameter(max_length=20)] = "",
) -> Response[str]:
    return await page(request, "signin.html", next=_local(next), flash=WHY.get(why))


@post("/signin", opt={"act": "sign_in"}, include_in_schema=False)
async def signin(request: AnyRequest) -> Response[Any]:
    form = await form_of(request)
    onward = _local(str(form.pop("next", "")))
    try:
        new = await _sign_in(request, _sign_in_command(form))
    except Refusal as refusal:
        if not isinstance(refusal, BadInput | NotSignedIn):
            raise
        values = {"login": str(form.get("login", ""))}
        return await page(request, "signin.html", status=422, problems=refusal.problems, values=values, next=onward)
    return _redirect(request, onward or await _first_page(new), new.token)


@post("/signout", opt={"act": "sign_in"}, include_in_schema=False)
async def signout(request: AnyRequest) -> Response[Any]:
    await sessions.sign_out(_cookie(request))
    return _redirect(request, "/", "")


@get("/role", opt={"act": "sign_in"}, include_in_schema=False)
async def role_page(request: AnyRequest) -> Response[str]:
    signed = signed_of(request)
    if signed is None:
        raise NotSignedIn(Problem("sign_in_first", "请先登录", "登录后可选择身份"))
    return await page(request, "role.html", memberships=await _held(signed.person), current=signed.membership)


@post("/role", opt={"act": "sign_in"}, include_in_schema=False)
async def choose_role(request: AnyRequest) -> Response[Any]:
    form = await form_of(request)
    try:
        membership = UUID(str(form.get("membership", "")))
    except ValueError:
        raise BadInput(Problem("no_role_chosen", "没有选择身份", "请在列出的身份中选择一个")) from None
    actor = current_actor(request)
    new = await sessions.switch_role(_cookie(request), membership, gate_of(request).site, actor.address, actor.client)
    return _redirect(request, HOME_PAGE, new.token)


@get("/tokens", opt={"act": "manage_account"}, include_in_schema=False)
async def tokens_page(request: AnyRequest) -> Response[str]:
    return await _tokens_page(request)


@post("/tokens", opt={"act": "manage_account"}, include_in_schema=False)
async def make_token(request: AnyRequest) -> Response[str]:
    form, signed = await form_of(request, "acts"), signed_of(request)
    if signed is None:
        raise NotSignedIn(Problem("sign_in_first", "请先登录", "登录后可管理密钥"))
    values = {name: value for name, value in form.items() if name in MakeToken.model_fields and value}
    try:
        made = await tokens.make_token(current_actor(request), signed, _make_token_command(values))
    except BadInput as refusal:
        return await _tokens_page(request, status=422, problems=refusal.problems, values=form)
    return await _tokens_page(request, fresh=made.token)


@post("/tokens/{id:uuid}/revoke", opt={"act": "manage_account"}, include_in_schema=False)
async def revoke_token(request: AnyRequest, id: FromPath[UUID]) -> Response[Any]:
    await tokens.revoke_token(current_actor(request), id)
    return Redirect("/tokens", status_code=303)


@post(
    "/api/v1/session",
    opt={"act": "sign_in"},
    tags=["会话"],
    summary="登录",
    description="返回会话 cookie 与后续写请求须在 x-csrftoken 中携带的令牌。程序请改用接口密钥。",
)
async def open_session(request: AnyRequest, data: JSONBody[SignIn]) -> Response[dict[str, Any]]:
    new = await _sign_in(request, data)
    gate = gate_of(request)
    actor = await actor_of(new.token, gate.site)
    body = {
        "csrf": new.csrf,
        "person": str(new.person),
        "role": actor.role,
        "organisation": actor.organisation_code,
        "expires_at": new.expires_at.isoformat(),
    }
    return Response(body, status_code=201, cookies=[gate.make_cookie(gate.cookie, new.token)])


@delete("/api/v1/session", opt={"act": "sign_in"}, tags=["会话"], summary="退出")
async def close_session(request: AnyRequest) -> Response[None]:
    await sessions.sign_out(_cookie(request))
    gate = gate_of(request)
    return Response(None, status_code=204, cookies=[gate.make_cookie(gate.cookie, "")])


def signin_handlers() -> list[ControllerRouterHandler]:
    """All of the above, for both sites' route lists."""
    return [
        signin_page,
        signin,
        signout,
        role_page,
        choose_role,
        tokens_page,
        make_token,
        revoke_token,
        open_session,
        close_session,
    ]


async def _sign_in(request: AnyRequest, command: SignIn) -> NewSession:
    """A new session; the one this browser may have had ends, so that no token outlives a sign-in."""
    gate, actor = gate_of(request), current_actor(request)
    new = await sessions.sign_in(command, gate.site, gate.keys, actor.address, actor.client)
    await sessions.sign_out(_cookie(request))
    return new


def _sign_in_command(form: dict[str, Any]) -> SignIn:
    try:
        return SignIn.model_validate({name: form.get(name, "") for name in SignIn.model_fields})
    except pydantic.ValidationError as error:
        raise BadInput(*of_pydantic(error.errors(include_input=False))) from None


def _make_token_command(values: dict[str, Any]) -> MakeToken:
    try:
        return MakeToken.model_validate(values)
    except pydantic.ValidationError as error:
        raise BadInput(*of_pydantic(error.errors(include_input=False))) from None


def _cookie(request: AnyRequest) -> str:
    return request.cookies.get(gate_of(request).cookie, "")


def _redirect(request: AnyRequest, target: str, token: str) -> Response[Any]:
    gate = gate_of(request)
    cookies: list[Cookie] = [gate.make_cookie(gate.cookie, token)]
    return Redirect(target, status_code=303, cookies=cookies)


async def _first_page(new: NewSession) -> str:
    """Straight to work for who has one role, else to the choice."""
    return HOME_PAGE if len(await _held(new.person)) == 1 else "/role"


async def _held(person: UUID) -> list[dict[str, Any]]:
    return [
        {
            "id": held.id,
            "organisation_name": held.organisation_name,
            "role_name": ROLE_NAMES[held.role],
        }
        for held in await records.memberships_of(person)
        if held.state == "held"
    ]


async def _tokens_page(request: AnyRequest, *, status: int = 200, **context: Any) -> Response[str]:
    actor = current_actor(request)
    known = await records.tokens_of(actor.person) if actor.person else []
    acts = [
        {"value": act, "label": act_name(act)} for act in tokens.grantable(actor.role) if not permission(act, "public")
    ]
    return await page(request, "tokens.html", status=status, tokens=known, acts=acts, **({"fresh": None} | context))


def _local(target: str) -> str:
    """A path of this site to go on to, or nothing: no link may choose where a sign-in leads."""
    ok = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if ok else ""
