"""Requests: what the public sees of them, and an owner's own doors: publish, withdraw, choose."""

from typing import Annotated, Any

from litestar import Response, get, post, route
from litestar.params import FromPath, JSONBody, PathParameter, QueryParameter

from intermediaries.doors import AnyRequest, RequestPath, tools_of
from intermediaries.records import requests as records
from intermediaries.records import services
from intermediaries.request_look import own_shortlist, public_view, result_for
from intermediaries.schemas.request_views import RequestCard, RequestList, RequestShown, ShortlistShown
from intermediaries.schemas.requests import ChooseAgency, PublishRequest, UnselectedContract, WithdrawRequest
from intermediaries.steps.contract import file_unselected_contract
from intermediaries.steps.request import publish_request, withdraw_request
from intermediaries.steps.select import choose_agency
from kernel.errors import NotFound, Problem
from kernel.web.auth import actor_of
from kernel.web.download import File, send_exact, send_file
from kernel.web.once import RequestId, once
from kernel.web.openapi import besides, refusals
from storage import keeping
from storage.vault import Bytes

TAGS = ["中介超市·采购需求"]
PUBLIC = {"act": "read_public"}
Words = Annotated[str, QueryParameter(max_length=80, description="项目、业主、事项名称中的词，或编号")]
Region = Annotated[str, QueryParameter(pattern=r"^(\d{6})?$", description="行政区划代码，含下级")]
Stage = Annotated[str, QueryParameter(pattern=r"^[a-z]{0,12}$", description="所处环节")]
ModeId = Annotated[str, QueryParameter(pattern=r"^[a-z_]{0,24}$", description="选取方式")]
ItemCode = Annotated[str, QueryParameter(pattern=r"^([A-Z]{3}-\d\d)?$", description="服务事项编码")]
Page = Annotated[int, QueryParameter(ge=1, le=10_000)]
Size = Annotated[int, QueryParameter(ge=1, le=100)]


@get("/api/v1/requests", opt=PUBLIC, tags=TAGS, summary="检索采购需求，新的在前")
async def search(
    q: Words = "",
    region: Region = "",
    stage: Stage = "",
    mode: ModeId = "",
    item: ItemCode = "",
    page: Page = 1,
    size: Size = 20,
) -> RequestList:
    filters = {"q": q, "region": region, "stage": stage, "mode": mode, "item": item}
    rows, total = await records.search_requests(filters, page=page, size=size)
    items = [RequestCard.model_validate(row) for row in rows]
    return RequestList(items=items, total=total, page=page, pages=-(-total // size))


@get(
    "/api/v1/requests/{case:uuid}",
    opt=PUBLIC,
    tags=TAGS,
    summary="一项采购需求：公告、结果、合同、交付、评价",
    responses=refusals(404),
)
async def show(case: RequestPath) -> RequestShown:
    return await public_view(case)


@get(
    "/api/v1/requests/{case:uuid}/texts/{n:int}",
    opt=PUBLIC,
    tags=TAGS,
    summary="一份公告的原文，逐字节即其指纹所指",
    responses=refusals(404) | besides(304),
)
async def text(request: AnyRequest, case: RequestPath, n: Annotated[int, PathParameter(ge=1)]) -> Response[Any]:
    found = next((one for one in await records.texts(case) if one.n == n), None)
    if found is None:
        raise NotFound(Problem("no_text", "没有这份公告", "请从采购需求页面进入"))
    return send_exact(request, found.body, "application/json")


@route(
    "/api/v1/requests/{case:uuid}/public.zip",
    http_method=["GET", "HEAD"],
    opt=PUBLIC,
    tags=TAGS,
    summary="公开证据包，任何人可在自己的机器上核验",
    responses=refusals(404) | besides(206, 304, 416),
)
async def package(request: AnyRequest, case: RequestPath) -> Response[Any]:
    row, kept = await records.request(case), await records.package(case)
    if kept is None:
        raise NotFound(Problem("no_package", "还没有公开证据包", "评价或流标后、经见证即可下载"))
    store, (sha256, size) = tools_of(request).store, kept

    def read(start: int, length: int) -> Bytes:
        return keeping.read(store, sha256, start=start, length=length)

    return send_file(request, File(sha256, size, f"{row.code}-public.zip", "application/zip"), read)


@post(
    "/api/v1/requests",
    opt={"act": "publish_request"},
    tags=TAGS,
    summary="发布采购需求",
    responses=refusals(404, 409, 413, 423),
)
async def publish(request: AnyRequest, data: JSONBody[PublishRequest], key: RequestId = None) -> dict[str, Any]:
    return await publish_request(tools_of(request), actor_of(request), data, key)


@post(
    "/api/v1/requests/{case:uuid}/withdrawal",
    opt={"act": "withdraw_request"},
    status_code=200,
    tags=TAGS,
    summary="报名截止前撤回采购需求，理由公开",
    responses=refusals(404, 409, 413, 423),
)
async def withdraw(
    request: AnyRequest, case: RequestPath, data: JSONBody[WithdrawRequest], key: RequestId = None
) -> dict[str, Any]:
    actor = actor_of(request)

    async def do() -> dict[str, Any]:
        await withdraw_request(actor, case, data)
        return {"request": str(case)}

    return await once("withdraw_request", actor, key, {"case": str(case), **data.model_dump(mode="json")}, do)


@get(
    "/api/v1/requests/{case:uuid}/shortlist",
    opt={"act": "choose_agency"},
    tags=TAGS,
    summary="业主可选的机构：价格、评价、信用；选取时按此固定",
    responses=refusals(404, 409),
)
async def listed(request: AnyRequest, case: RequestPath) -> ShortlistShown:
    return await own_shortlist(actor_of(request), case)


@post(
    "/api/v1/requests/{case:uuid}/choice",
    opt={"act": "choose_agency"},
    status_code=200,
    tags=TAGS,
    summary="业主选取机构，写明理由",
    responses=refusals(404, 409, 413, 423),
)
async def choose(
    request: AnyRequest, case: RequestPath, data: JSONBody[ChooseAgency], key: RequestId = None
) -> dict[str, Any]:
    actor = actor_of(request)

    async def do() -> dict[str, Any]:
        await choose_agency(actor, case, data)
        return {"request": str(case), "agency": str(data.agency)}

    return await once("choose_agency", actor, key, {"case": str(case), **data.model_dump(mode="json")}, do)


@post(
    "/api/v1/service-contracts",
    opt={"act": "file_service_contract"},
    tags=TAGS,
    summary="备案未经平台选取的合同：一律不予备案，并说明依据和办法",
    responses=refusals(404, 409, 413, 423),
)
async def unselected(request: AnyRequest, data: JSONBody[UnselectedContract], key: RequestId = None) -> None:
    """Always refused: the same id is refused again, so nothing is kept under it."""
    await file_unselected_contract(tools_of(request), actor_of(request), data)


@get(
    "/api/v1/requests/{case:uuid}/result/files/{sha256:str}",
    opt={"act": "read_request"},
    tags=TAGS,
    summary="成果文件，只给业主、中选机构和有权的部门",
    responses=refusals(404) | besides(206, 304, 416),
)
async def result_file(request: AnyRequest, case: RequestPath, sha256: FromPath[str]) -> Response[Any]:
    await result_for(actor_of(request), case)
    files = [file for delivery in await services.deliveries(case) for file in delivery.files]
    found = next((file for file in files if file["sha256"] == sha256), None)
    if found is None:
        raise NotFound(Problem("no_result_file", "没有这个成果文件", "请从项目页面进入"))
    store = tools_of(request).store

    def read(start: int, length: int) -> Bytes:
        return keeping.read(store, sha256, start=start, length=length)

    return send_file(request, File(sha256, found["size"], found["label"]), read)


HANDLERS = [search, show, text, package, publish, withdraw, listed, choose, unselected, result_file]
