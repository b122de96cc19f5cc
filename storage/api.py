"""The upload door: a file is announced, sent in parts that each carry their digest, resumed after a cut, given up."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, delete, get, post, put
from litestar.params import FromPath, HeaderParameter, JSONBody, PathParameter
from litestar.types import ControllerRouterHandler
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kernel.errors import Forbidden, Problem
from kernel.web.auth import actor_of
from kernel.web.door import PART_BODY
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals
from storage import keeping, uploads
from storage.limits import MAX_FILE, part_count
from storage.schemas import PartView, UploadView
from storage.vault import Store

AnyRequest = Request[Any, Any, Any]
OPT = {"act": "upload_part", "quiet": True}
TAGS = ["上传"]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class RegisterUpload(BaseModel):
    """A file to come. `purpose` is what it is for; an act takes only what was sent for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    size: Annotated[int, Field(description="字节数")]
    sha256: Digest | None = None
    purpose: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z_]{1,24}(:[0-9a-f-]{36})?$"),
        Field(description="tender_document，或 sealed_bid:标段编号"),
    ]


@post("/api/v1/uploads", opt=OPT, tags=TAGS, summary="登记一个要上传的文件", responses=refusals(409, 413))
async def register(request: AnyRequest, data: JSONBody[RegisterUpload], key: RequestId = None) -> UploadView:
    owner = _owner(request)

    async def do() -> dict[str, str]:
        made = await uploads.register(owner, data.purpose, data.size, sha256=data.sha256)
        return {"upload": str(made.id)}

    given = await once("upload_part", actor_of(request), key, data.model_dump(), do)
    return await uploads.show(UUID(given["upload"]), owner)


@get("/api/v1/uploads/{upload:uuid}", opt=OPT, tags=TAGS, summary="还缺哪些分片", responses=refusals(404))
async def show(request: AnyRequest, upload: FromPath[UUID]) -> UploadView:
    return await uploads.show(upload, _owner(request))


@delete("/api/v1/uploads/{upload:uuid}", opt=OPT, tags=TAGS, summary="放弃上传", responses=refusals(404, 409))
async def give_up(request: AnyRequest, upload: FromPath[UUID]) -> None:
    await keeping.erase(_store(request), upload, _owner(request))


@put(
    "/api/v1/uploads/{upload:uuid}/parts/{n:int}",
    opt=OPT,
    tags=TAGS,
    summary="送交第 n 片（从 1 起）",
    description="请求体为原始字节；重送同一片得到同一答复。",
    request_max_body_size=PART_BODY,
    responses=refusals(404, 409, 413),
)
async def receive(
    request: AnyRequest,
    upload: FromPath[UUID],
    n: Annotated[int, PathParameter(ge=1, le=part_count(MAX_FILE))],
    digest: Annotated[str, HeaderParameter(name="x-part-sha256", pattern=r"^[0-9a-f]{64}$")],
) -> PartView:
    return await uploads.receive(_store(request), upload, _owner(request), n, request.stream(), sha256=digest)


def upload_handlers() -> list[ControllerRouterHandler]:
    """All of the above."""
    return [register, show, give_up, receive]


def _store(request: AnyRequest) -> Store:
    store: Store = request.app.state.store
    return store


def _owner(request: AnyRequest) -> str:
    """Uploads belong to the organisation: a colleague may go on where one stopped."""
    organisation = actor_of(request).organisation
    if organisation is None:
        raise Forbidden(Problem("no_organisation", "您没有代表任何单位", "请先选择单位和角色"))
    return str(organisation)
