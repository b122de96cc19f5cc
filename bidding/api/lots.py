"""What the public sees of tenders: the search, one lot, its exact texts, the calendar of openings."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import PathParameter, QueryParameter

from bidding import records
from bidding.api.shared import AnyRequest, LotId
from bidding.views import LotCard, LotList, LotPage, Texts
from kernel import directives
from kernel.clock import CHINA, now
from kernel.errors import BadInput, NotFound, Problem
from kernel.web.download import send_exact
from kernel.web.openapi import besides, refusals

OPT = {"act": "read_public"}
TAGS = ["公告"]
LONGEST = timedelta(days=92)
Words = Annotated[str, QueryParameter(max_length=80, description="项目、标段、招标人名称中的词，或标段编号")]
Category = Annotated[str, QueryParameter(pattern=r"^([A-E](\d\d)?)?$", description="交易类别，如 A 或 A01")]
Region = Annotated[str, QueryParameter(pattern=r"^(\d{6})?$", description="行政区划代码，含下级")]
Stage = Annotated[str, QueryParameter(pattern=r"^[a-z]{0,12}$", description="所处环节")]
Since = Annotated[date | None, QueryParameter(name="from", description="发布日期自（含）")]
Until = Annotated[date | None, QueryParameter(name="to", description="发布日期至（含）")]
Page = Annotated[int, QueryParameter(ge=1, le=10_000)]
Size = Annotated[int, QueryParameter(ge=1, le=100)]


@get("/api/v1/lots", opt=OPT, tags=TAGS, summary="检索已公告的标段，新的在前")
async def search(
    q: Words = "",
    category: Category = "",
    region: Region = "",
    stage: Stage = "",
    since: Since = None,
    until: Until = None,
    page: Page = 1,
    size: Size = 20,
) -> LotList:
    days = {"from": since.isoformat() if since else "", "to": until.isoformat() if until else ""}
    filters = {"q": q, "category": category, "region": region, "stage": stage} | days
    rows, total = await records.search(filters, page=page, size=size)
    items = [LotCard.model_validate(row) for row in rows]
    return LotList(items=items, total=total, page=page, pages=-(-total // size), size=size)


@get(
    "/api/v1/lots/{lot:uuid}",
    opt=OPT,
    tags=TAGS,
    summary="一个标段：时间、法定期限、公告、文件",
    responses=refusals(404),
)
async def show(request: AnyRequest, lot: LotId) -> LotPage:
    found, moment = await records.public_lot(lot), await now()
    orders = await directives.on_show(lot, moment)
    opened = await records.opening(lot)
    texts = Texts(
        notices=await records.notices(lot),
        documents=await records.documents(lot),
        directives=orders,
        opening=opened[1] if opened else "",
        archived=await records.archive(lot) is not None,
    )
    return LotPage.of(found, texts, files=request.app.state.files, now=moment)


@get(
    "/api/v1/lots/{lot:uuid}/notices/{n:int}",
    opt=OPT,
    tags=TAGS,
    summary="一份公告的原文，逐字节即其指纹所指",
    responses=refusals(404) | besides(304),
)
async def notice(request: AnyRequest, lot: LotId, n: Annotated[int, PathParameter(ge=1, le=9999)]) -> Response[Any]:
    await records.public_lot(lot)
    found = next((text for text in await records.notices(lot) if text.n == n), None)
    if found is None:
        raise NotFound(Problem("no_notice", "没有这份公告", "请从标段页面进入"))
    return send_exact(request, found.body, "application/json")


@get("/api/v1/calendar", opt=OPT, tags=TAGS, summary="开标日历：[from, to) 内截止的标段，最多 92 天")
async def calendar(
    since: Annotated[date | None, QueryParameter(name="from", description="缺省为本月一日")] = None,
    until: Annotated[date | None, QueryParameter(name="to", description="缺省为 from 所在月之后的一日")] = None,
) -> dict[str, Any]:
    first = since or (await now()).date().replace(day=1)
    last = until or _next_month(first)
    if not first < last <= first + LONGEST:
        raise BadInput(Problem("days_out_of_range", "起止日期不对，或超过 92 天", "请缩短范围", field="to"))
    rows = await records.openings(_midnight(first), _midnight(last))
    items = [LotCard.model_validate(row) for row in rows]
    return {"from": first.isoformat(), "to": last.isoformat(), "items": items}


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


HANDLERS = [search, show, notice, calendar]
