"""How the JSON API describes itself: OpenAPI 3.1 in Chinese, every status and every refusal listed."""

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import HttpMethod, Litestar, Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Components, Reference, SecurityScheme
from litestar.serialization import encode_json
from litestar.types import ControllerRouterHandler
from pydantic import BaseModel, Field

from kernel.errors import (
    BadInput,
    Directed,
    Forbidden,
    NotFound,
    NotSignedIn,
    Refusal,
    Throttled,
    TooLarge,
    Unavailable,
)
from kernel.web.download import etag_of, not_modified
from kernel.web.faults import PROBLEM_JSON, Incident

SCHEMA = "/api/v1/openapi.json"
KINDS: tuple[type[Refusal], ...] = (
    NotSignedIn,
    Forbidden,
    NotFound,
    Refusal,
    TooLarge,
    BadInput,
    Directed,
    Throttled,
    Incident,
    Unavailable,
)
_TITLES = {kind.status: kind.title for kind in KINDS}
ALWAYS = (401, 403, 422, 429, 500, 503)
"""What any route may answer: a token that is unknown or does not cover it, bad input, too much, our own fault."""
WRITES = (409, 413)
"""What any write may answer besides: a request id used for something else, a body that is too large."""
_BESIDES = {202: "尚无最终结果，请稍后再取", 206: "所要的一段", 304: "没有变化", 416: "没有所要的一段"}


class ProblemShown(BaseModel):
    """One thing that is wrong."""

    code: Annotated[str, Field(description="稳定的小写代码")]
    says: Annotated[str, Field(description="错在哪里")]
    remedy: Annotated[str, Field(description="怎样改正")]
    article: Annotated[str, Field(description="法律依据，如 招标投标法第二十四条；没有时为空")]
    field: Annotated[str, Field(description="所在的字段；没有时为空")]


class Refused(BaseModel):
    """RFC 9457 problem details; all problems at once (一次性告知)."""

    type: str
    title: str
    status: int
    code: Annotated[str, Field(description="第一个问题的代码")]
    detail: str
    problems: list[ProblemShown]


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """The refusals a route may give, for its `responses`."""
    return {
        status: ResponseSpec(Refused, generate_examples=False, description=_TITLES[status], media_type=PROBLEM_JSON)
        for status in statuses
    }


def besides(*statuses: int) -> dict[int, ResponseSpec]:
    """Answers other than the usual one that are no refusals: a part, nothing new, not yet."""
    return {status: ResponseSpec(None, generate_examples=False, description=_BESIDES[status]) for status in statuses}


def declared(handlers: Sequence[ControllerRouterHandler]) -> list[ControllerRouterHandler]:
    """The same handlers, each with what any route of its method may answer besides its own."""
    for handler in handlers:
        if isinstance(handler, HTTPRouteHandler):
            writes = handler.http_methods & {HttpMethod.POST, HttpMethod.PUT}
            always = refusals(*ALWAYS, *(WRITES if writes else ()))
            handler.responses = {**always, **(handler.responses or {})}
    return list(handlers)


def document(app: Litestar) -> dict[str, Any]:
    """The site's OpenAPI document.

    Litestar lists 400 for what this house answers with 422: it is left out. A decimal's default is written as the
    number that its type says.
    """
    found = app.openapi_schema.to_schema()
    for path in found["paths"].values():
        for operation in path.values():
            operation["responses"].pop("400", None)
    for schema in found["components"]["schemas"].values():
        for member in schema.get("properties", {}).values():
            if member.get("type") == "number" and "default" in member:
                member["default"] = float(member["default"])
    return found


def openapi(title: str, description: str, version: str) -> OpenAPIConfig:
    """The configuration of a site's document; nothing here loads a script from anywhere."""
    schemes: dict[str, SecurityScheme | Reference] = {
        "token": SecurityScheme(type="http", scheme="bearer", description="接口密钥 yg1_…，在“密钥”页面发放"),
        "session": SecurityScheme(
            type="apiKey", name="x-csrftoken", security_scheme_in="header", description="登录 cookie 加此请求头"
        ),
    }
    # Litestar adds a router of its own; it needs an act as every route does.
    router = Router("/api/v1/schema", route_handlers=[], include_in_schema=False, opt={"act": "read_public"})
    return OpenAPIConfig(
        title=title,
        version=version,
        description=description,
        components=Components(security_schemes=schemes),
        security=[{}, {"token": []}, {"session": []}],
        openapi_router=router,
    )


def document_route() -> HTTPRouteHandler:
    """GET of the document itself."""

    @get(SCHEMA, opt={"act": "read_public", "no_identity": True}, include_in_schema=False, sync_to_thread=False)
    def openapi_json(request: Request[Any, Any, Any]) -> Response[bytes | None]:
        body = encode_json(document(request.app))
        etag = etag_of(body)
        headers = {"etag": etag, "cache-control": "no-cache"}
        if not_modified(request, etag):
            return Response(None, status_code=304, headers=headers)
        return Response(body, media_type="application/vnd.oai.openapi+json", headers=headers)

    return openapi_json
