"""What every door needs: the request id, a form's fields, limits, headers, and a page in the site's shell."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.datastructures import MutableScopeHeaders, UploadFile
from litestar.enums import MediaType
from litestar.types import Message, Scope

from kernel import clock
from kernel.errors import BadInput, Problem
from kernel.web.auth import actor_of
from kernel.web.csrf import FIELD, form_token
from kernel.web.headers import SECURITY_HEADERS
from kernel.web.sites import Viewer
from kernel.web.templating import Renderer

PAGE_BODY = 1024 * 1024
"""Bytes a form or JSON command may have; more is 413. The app's `request_max_body_size`."""

PART_BODY = 16 * 1024 * 1024
"""Bytes one part of an upload may have, for the routes that take parts."""

ROLE_NAMES = {
    "public": "尚无角色",
    "purchaser": "招标人（采购人）",
    "agent": "代理机构",
    "bidder": "投标人（供应商）",
    "intermediary": "中介服务机构",
    "expert": "评审专家",
    "operator": "交易中心",
    "regulator": "行政监督",
    "inspector": "监察",
}


def request_id(
    request: "Request[Any, Any, Any]", form: Mapping[str, Any] | None = None, *, required: bool = True
) -> UUID | None:
    """The id under which a repeat gets the same answer: Idempotency-Key, or the form's `request_id`.

    Raises BadInput when it is no UUID, or missing where it is required.
    """
    given = request.headers.get("idempotency-key", "").strip().strip('"') or str((form or {}).get("request_id", ""))
    if not given and not required:
        return None
    try:
        return UUID(given)
    except ValueError:
        says = "缺少请求编号，或请求编号不是UUID"
        remedy = "接口请在 Idempotency-Key 中给出；页面请刷新后重新提交"
        raise BadInput(Problem("request_id", says, remedy, field="request_id")) from None


async def form_of(request: "Request[Any, Any, Any]", *lists: str) -> dict[str, Any]:
    """A form's text fields without token and request id; `lists` are fields that may come repeatedly."""
    sent = await request.form()
    fields: dict[str, Any] = {
        name: value
        for name, value in sent.multi_items()
        if name not in (FIELD, "request_id", *lists) and not isinstance(value, UploadFile)
    }
    return fields | {name: [v for v in sent.getall(name, []) if isinstance(v, str)] for name in lists}


async def security_headers(message: Message, scope: Scope) -> None:
    """A `before_send` hook: the strict headers on every answer, refusals too, that does not set its own."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in SECURITY_HEADERS.items():
            if name not in headers:
                headers[name] = value
        if scope["path"].startswith("/api/") or scope.get("auth"):
            headers.setdefault("cache-control", "no-store")


def is_htmx(request: "Request[Any, Any, Any]") -> bool:
    """Whether a script asks for a part of a page."""
    return request.headers.get("hx-request") == "true"


def viewer_of(request: "Request[Any, Any, Any]") -> Viewer | None:
    """Who is signed in, as the header of a page shows it."""
    actor = actor_of(request)
    if actor.person is None:
        return None
    return Viewer(actor.name, actor.organisation_name, ROLE_NAMES[actor.role])


async def page(request: "Request[Any, Any, Any]", template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """A page in the site's shell: the law's time, who looks at it and the form token are added."""
    renderer: Renderer = request.app.state.renderer
    html = renderer.render(
        template, now=await clock.now(), viewer=viewer_of(request), csrf=form_token(request), **context
    )
    return Response(html, status_code=status, media_type=MediaType.HTML)
