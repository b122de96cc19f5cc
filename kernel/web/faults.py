"""The two faces of an error, problem+json and a page, and the one place that turns anything into a refusal.

What is no refusal of ours is an incident: the answer tells its number and nothing else; the log gets the
number, the route and the frames, never a message, a header or a body: any of them may hold what is sealed.
"""

import logging
import traceback
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import asyncpg
import pydantic
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from kernel.clock import CHINA
from kernel.errors import (
    BadInput,
    Forbidden,
    NotFound,
    NotSignedIn,
    Problem,
    Refusal,
    Throttled,
    TooLarge,
    Unavailable,
)
from kernel.web.csrf import form_token
from kernel.web.door import is_htmx, viewer_of
from kernel.web.problems import of_litestar, of_pydantic

LOG = logging.getLogger("yangguang.faults")
PROBLEM_JSON = "application/problem+json"
RETRY = 2
"""Seconds after which to try again when a part of the platform was away."""

AWAY: tuple[type[BaseException], ...] = (
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.TooManyConnectionsError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
)
"""What passes by itself: a lock held too long, a database that restarts, a pool empty for a moment.

InternalClientError is how asyncpg answers the first statement on an idle connection that the server has cut.
"""

UNREADABLE = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)


class MethodNotAllowed(Refusal):
    status, title = 405, "不支持这种请求方式"


class Incident(Refusal):
    """Our own fault; its number is all the outside is told."""

    status, title = 500, "系统出错"


_HTTP: dict[int, tuple[type[Refusal], Problem]] = {
    401: (NotSignedIn, Problem("sign_in_first", "这项业务需要先登录", "请登录后再办理")),
    403: (Forbidden, Problem("forbidden", "无权办理", "请更换身份，或由有权人员办理")),
    404: (NotFound, Problem("no_such_page", "没有这个地址", "请核对网址，或从首页进入")),
    405: (MethodNotAllowed, Problem("method_not_allowed", "这个地址不支持这种请求方式", "请查看接口说明")),
    413: (TooLarge, Problem("body_too_large", "提交的内容超过上限", "请减小后重新提交；文件请分段上传")),
    429: (Throttled, Problem("too_many_requests", "请求过于频繁", "请稍候再试")),
    503: (Unavailable, Problem("unavailable", "系统暂时不能服务", "请稍候重试；没有保存任何内容")),
}


def exception_handlers() -> ExceptionHandlersMap:
    """For ``Litestar(exception_handlers=…)``: everything goes through `answer`."""
    return {HTTPException: answer, Exception: answer}


def answer(request: "Request[Any, Any, Any]", error: Exception) -> Response[Any]:
    """The error in the face the client reads: problem+json (RFC 9457) or a page of the site."""
    refusal = as_refusal(error, request)
    headers = _headers(refusal, error)
    if wants_json(request):
        return Response(refusal.as_json(), status_code=refusal.status, media_type=PROBLEM_JSON, headers=headers)
    if refusal.status == 401 and request.method == "GET":
        return _to_sign_in(request)
    html = _page(request, refusal)
    return Response(html, status_code=refusal.status, media_type=MediaType.HTML, headers=headers)


def as_refusal(error: Exception, request: "Request[Any, Any, Any]") -> Refusal:
    """The refusal that an exception means; an incident is logged here."""
    if isinstance(error, Refusal):
        return error
    if bad := _bad_input(error):
        return bad
    if _is_away(error):
        LOG.warning("away %s %s: %s", request.method, _route(request), type(error).__name__)
        return Unavailable(_HTTP[503][1])
    if isinstance(error, HTTPException) and (known := _of_http(error)):
        return known
    return _incident(error, request)


def _bad_input(error: Exception) -> BadInput | None:
    if isinstance(error, ValidationException):
        return BadInput(*of_litestar(error))
    if isinstance(error, pydantic.ValidationError):
        return BadInput(*of_pydantic(error.errors(include_input=False, include_url=False)))
    if isinstance(error, UNREADABLE):
        return BadInput(Problem("unreadable_text", "含有不能保存的字符", "请删去不可见字符后重新提交"))
    if isinstance(error, RecursionError) and _while_decoding(error):
        return BadInput(Problem("nested_too_deep", "内容嵌套层数过多", "请按接口说明提交"))
    return None


def _while_decoding(error: Exception) -> bool:
    """Whether it was the client's JSON that went too deep, and not we."""
    return any(frame.name == "decode_json" for frame in traceback.extract_tb(error.__traceback__))


def wants_json(request: "Request[Any, Any, Any]") -> bool:
    """Programs are answered in JSON: below /api, or when they accept JSON and no page."""
    accepted = request.headers.get("accept", "")
    return request.scope["path"].startswith("/api/") or ("json" in accepted and "html" not in accepted)


def _is_away(error: Exception) -> bool:
    if isinstance(error, asyncpg.InterfaceError):  # also raised for faults of ours, which must not hide here
        return "closed" in str(error) or "closing" in str(error)
    return isinstance(error, AWAY)


def _of_http(error: HTTPException) -> Refusal | None:
    if error.status_code in _HTTP:
        kind, problem = _HTTP[error.status_code]
        return kind(problem)
    if "disconnected" in str(error.detail):
        return BadInput(Problem("upload_cut", "传输中断，没有收全", "请重新提交；文件可从断点续传"))
    if error.status_code < 500:
        return BadInput(Problem("malformed_request", "请求格式不正确", "请按接口说明或页面提示重新提交"))
    return None


def _incident(error: Exception, request: "Request[Any, Any, Any]") -> Incident:
    number = uuid4().hex[:12]
    frames = "".join(traceback.format_tb(error.__traceback__))
    LOG.error("incident %s %s %s: %s\n%s", number, request.method, _route(request), type(error).__name__, frames)
    says = f"系统出错，没有保存任何内容。事故编号 {number}"
    return Incident(Problem("incident", says, "请稍候重试；仍不行请把事故编号告诉交易中心"))


def _route(request: "Request[Any, Any, Any]") -> str:
    """The route's pattern: an address itself may hold what a log must not."""
    return str(request.scope.get("path_template") or "unrouted")


def _headers(refusal: Refusal, error: Exception) -> dict[str, str]:
    headers = {"cache-control": "no-store"}
    if refusal.status in (429, 503):
        headers["retry-after"] = str(getattr(refusal, "retry_after", RETRY))
    if refusal.status == 401:
        headers["www-authenticate"] = 'Bearer realm="yangguang"'
    if isinstance(error, HTTPException) and error.headers:
        headers |= {name.lower(): value for name, value in error.headers.items() if name.lower() == "allow"}
    return headers


def _to_sign_in(request: "Request[Any, Any, Any]") -> Response[Any]:
    target = "/signin?next=" + quote(request.url.path, safe="/")
    if is_htmx(request):
        return Response(None, status_code=401, headers={"hx-redirect": target, "cache-control": "no-store"})
    return Redirect(target, status_code=303, headers={"cache-control": "no-store"})


def _page(request: "Request[Any, Any, Any]", refusal: Refusal) -> str:
    renderer = request.app.state.get("renderer")
    if renderer is None:
        return f"<!doctype html><html lang=zh-CN><title>{refusal.title}</title><h1>{refusal.title}</h1>"
    # The machine's clock, not the law's: an error page must not need the database, which may be what is away.
    at = datetime.now(CHINA)
    return str(
        renderer.render("error.html", now=at, viewer=viewer_of(request), csrf=form_token(request), refusal=refusal)
    )
