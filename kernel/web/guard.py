"""One guard at the top: every route names its act, and the table of acts says who may take it."""

from typing import Any
from uuid import UUID

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from kernel.accounts.schemas import Signed
from kernel.errors import Forbidden, NotSignedIn, Problem
from kernel.identity import PUBLIC, Actor
from kernel.permissions import ACTS, permission
from kernel.refusals import refusal


class RouteWithoutAct(RuntimeError):
    """A route that nobody gave an act, or one that is not in the table: the site does not start."""


async def act_guard(connection: "ASGIConnection[Any, Any, Any, Any]", handler: BaseRouteHandler) -> None:
    """Let through who may take the route's act at all; `own` is held to by the step itself (beat 3).

    Raises NotSignedIn where signing in might help, Forbidden where it would not; what is forbidden somebody known on
    a case goes on record. OPTIONS only tells methods.
    """
    if connection.scope.get("method") == "OPTIONS":
        return
    act: str = handler.opt["act"]
    actor = connection.scope.get("user")
    actor = actor if isinstance(actor, Actor) else PUBLIC
    refused = _refused(act, actor, connection.scope.get("auth"))
    if refused is None:
        return
    case = next((value for value in connection.path_params.values() if isinstance(value, UUID)), None)
    if case is not None:
        await refusal(act, actor, case, refused)
    raise refused


def _refused(act: str, actor: Actor, signed: Any) -> Forbidden | NotSignedIn | None:
    if not permission(act, actor.role):
        return _refusal(actor)
    if isinstance(signed, Signed) and signed.kind == "token" and not _covers(signed, act):
        return Forbidden(Problem("token_scope", "令牌不包含这一事项", "请换用包含该事项的令牌"))
    return None


def _covers(signed: Signed, act: str) -> bool:
    """A token may do what it names, and read what everybody may read."""
    return act in signed.acts or (permission(act, "public") == "any" and act.startswith(("read_", "check_")))


def _refusal(actor: Actor) -> Forbidden | NotSignedIn:
    if actor.person is None:
        return NotSignedIn(Problem("sign_in_first", "这项业务需要先登录", "请登录后再办理"))
    if actor.role == "public":
        return Forbidden(Problem("choose_role", "您还没有选择或取得角色", "请选择身份，或等待角色获批"))
    return Forbidden(Problem("not_your_act", "您当前的身份不能办理这项业务", "请更换身份，或由有权人员办理"))


def check_routes(app: Litestar) -> None:
    """Refuse to start while any route has no act of the table; names every such route at once."""
    lacking = [
        f"{route.path} {handler.opt.get('act', '')}".strip()
        for route in app.routes
        for handler in _handlers(route)
        if handler.opt.get("act") not in ACTS
    ]
    if lacking:
        raise RouteWithoutAct("routes without an act of the table: " + ", ".join(sorted(set(lacking))))


def _handlers(route: Any) -> list[BaseRouteHandler]:
    """The handlers of a route; Litestar's own answer to OPTIONS needs no act."""
    found = list(getattr(route, "route_handlers", None) or [route.route_handler])
    return [
        handler
        for handler in found
        if not (isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"})
    ]
