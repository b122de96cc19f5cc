"""The public face: the first page, search, the calendar of openings, and checking a fingerprint oneself."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from app import lot_page, result_page
from bidding import fingerprints, records
from bidding.fingerprints import Known
from bidding.records import LotRow
from bidding.stages import GROUPED
from intermediaries.records.published import Published, published
from kernel import clock
from kernel.checkpoints import newest
from kernel.clock import CHINA
from kernel.db import TRADING
from kernel.web.door import page
from kernel.web.registration import registration_handlers

AnyRequest = Request[Any, Any, Any]
PUBLIC = {"act": "read_public"}
SIZE = 20
Words = Annotated[str, QueryParameter(max_length=100)]
Category = Annotated[str, QueryParameter(pattern=r"^([A-E](\d\d)?)?$")]
Region = Annotated[str, QueryParameter(pattern=r"^(\d{6})?$")]
Stage = Annotated[str, QueryParameter(pattern=r"^[a-z]{0,12}$")]
Since = Annotated[str, QueryParameter(name="from", pattern=r"^(\d{4}-\d\d-\d\d)?$")]
Until = Annotated[str, QueryParameter(name="to", pattern=r"^(\d{4}-\d\d-\d\d)?$")]
Number = Annotated[int, QueryParameter(name="page", ge=1, le=10_000)]
Month = Annotated[str, QueryParameter(pattern=r"^(20\d\d-(0[1-9]|1[0-2]))?$")]
Digest = Annotated[str, QueryParameter(max_length=200)]


@get("/", opt=PUBLIC, include_in_schema=False)
async def home(request: AnyRequest) -> Response[str]:
    today = (await clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    latest, _ = await records.search({}, size=8)
    openings = await records.openings(today, today + timedelta(days=2))
    counts = dict((await records.facets())["category"])
    return await page(request, "app/portal_home.html", lots=latest, openings=openings, counts=counts)


@get("/search", opt=PUBLIC, include_in_schema=False)
async def search(
    request: AnyRequest,
    q: Words = "",
    category: Category = "",
    region: Region = "",
    stage: Stage = "",
    since: Since = "",
    until: Until = "",
    number: Number = 1,
) -> Response[str]:
    filters = {"q": q.strip(), "category": category, "region": region, "stage": stage, "from": since, "to": until}
    lots, total = await records.search(filters, page=number, size=SIZE)
    chosen = urlencode({name: value for name, value in filters.items() if value})
    return await page(
        request,
        "app/search.html",
        lots=lots,
        total=total,
        page_number=number,
        pages=-(-total // SIZE),
        filters=filters,
        facets=await records.facets(),
        stage_names=GROUPED,
        href=f"/search?{chosen}{'&' if chosen else ''}page={{page}}",
    )


@get("/openings", opt=PUBLIC, include_in_schema=False)
async def openings(request: AnyRequest, month: Month = "") -> Response[str]:
    today = (await clock.now()).date()
    first = date.fromisoformat(f"{month}-01") if month else today.replace(day=1)
    following = _next_month(first)
    found: dict[date, list[LotRow]] = {}
    for lot in await records.openings(_midnight(first), _midnight(following)):
        assert lot.deadline is not None, "found by its deadline"
        found.setdefault(lot.deadline.astimezone(CHINA).date(), []).append(lot)
    return await page(
        request,
        "app/openings_calendar.html",
        month=first,
        previous=(first - timedelta(days=1)).replace(day=1),
        next=following,
        today=today,
        days=[{"day": day, "lots": lots} for day, lots in sorted(found.items())],
    )


@get("/check", opt=PUBLIC, include_in_schema=False)
async def check(request: AnyRequest, sha256: Digest = "") -> Response[str]:
    asked = "".join(sha256.split()).lower()
    seen = await newest(TRADING)
    return await page(
        request,
        "app/check.html",
        result=await _result(asked) if asked else None,
        sha256=asked[:80],
        origin=seen.origin if seen else "",
        checkpoint=seen,
    )


async def _result(asked: str) -> dict[str, Any]:
    if len(asked) != 64 or not all(sign in "0123456789abcdef" for sign in asked):
        says = "SHA-256 指纹是 64 位十六进制数字（0–9、a–f）。请核对有没有漏字。"
        return {"good": False, "title": "这不是一个 SHA-256 指纹", "says": says, "rows": []}
    found = await fingerprints.known(asked)
    services = await published(asked)
    if not found and not services:
        says = "可能抄录有误，文件被改动过，或者还没有公布。投标文件的指纹在开标记录公布之后才查得到。"
        return {"good": False, "title": "本平台没有公布过这个指纹", "says": says, "rows": []}
    rows = [row for one in found for row in _rows(one)] + [row for one in services for row in _service_rows(one)]
    return {"good": True, "title": "一致：这是本平台公布过的内容", "says": "", "rows": rows}


def _rows(one: Known) -> list[dict[str, Any]]:
    place = f"/lots/{one.lot.id}"
    where = {"text": f"{one.lot.project_name} {one.lot.name}", "href": f"{place}/{one.page}" if one.page else place}
    received = one.kind.startswith("投标文件")
    return [
        {"label": "内容", "value": f"{one.kind}：{one.label}" if one.label != one.kind else one.kind},
        {"label": "标段", "value": where, "kind": "link"},
        {"label": "收到时间" if received else "公布时间", "value": one.at, "kind": "when"},
    ]


def _service_rows(one: Published) -> list[dict[str, Any]]:
    return [
        {"label": "内容", "value": one.label},
        {"label": "采购需求", "value": {"text": one.name, "href": f"/requests/{one.request}"}, "kind": "link"},
        {"label": "公布时间", "value": one.at, "kind": "when"},
    ]


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


HANDLERS: list[ControllerRouterHandler] = [
    home,
    search,
    openings,
    check,
    *lot_page.HANDLERS,
    *result_page.HANDLERS,
    *registration_handlers("app/register_account.html"),
]
