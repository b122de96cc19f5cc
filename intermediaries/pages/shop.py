"""The shop window: search with facets, an agency, up to four side by side."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.params import QueryParameter

from intermediaries import records
from intermediaries.catalogue import CATEGORIES, QUALIFICATIONS
from intermediaries.credit import APPEAL, APPEALS, CREDIT
from intermediaries.doors import AgencyId, AnyRequest
from intermediaries.records import agencies, services
from intermediaries.records import search as finding
from intermediaries.records.search import MOST, Found, Question
from intermediaries.rules.requests import GRADES, ITEMS
from kernel import clock
from kernel.permissions import permission
from kernel.regions import below, level, lineage, name
from kernel.web.auth import actor_of
from kernel.web.door import page

PUBLIC = {"act": "read_public"}
SIZE = 20
Words = Annotated[str, QueryParameter(max_length=80)]
Category = Annotated[str, QueryParameter(pattern=r"^[a-z]{0,12}$")]
Item = Annotated[str, QueryParameter(pattern=r"^([A-Z]{3}-\d\d)?$")]
Region = Annotated[str, QueryParameter(pattern=r"^(\d{6})?$")]
Qualification = Annotated[str, QueryParameter(max_length=30)]
Stars = Annotated[str, QueryParameter(pattern=r"^[1-5]?$")]
Number = Annotated[int, QueryParameter(name="page", ge=1, le=10_000)]
Beside = Annotated[list[UUID] | None, QueryParameter(name="a", max_items=20)]


@get("/market", opt=PUBLIC, include_in_schema=False)
async def market(
    request: AnyRequest,
    q: Words = "",
    category: Category = "",
    item: Item = "",
    region: Region = "",
    qualification: Qualification = "",
    stars: Stars = "",
    number: Number = 1,
) -> Response[str]:
    chosen = {"q": q.strip(), "category": category, "item": item, "region": region}
    chosen |= {"qualification": qualification, "stars": stars}
    question = Question(q, category, item, region, qualification, int(stars or 0), page=number, size=SIZE)
    found = await finding.search(question)
    said = urlencode({key: value for key, value in chosen.items() if value})
    return await page(
        request,
        "intermediaries/market.html",
        found=found,
        chosen=chosen,
        facets=await _facets(found, chosen),
        page_number=number,
        pages=-(-found.total // SIZE),
        href=f"/market?{said}{'&' if said else ''}page={{page}}",
    )


@get("/agencies/{agency:uuid}", opt=PUBLIC, include_in_schema=False)
async def agency_page(request: AnyRequest, agency: AgencyId) -> Response[str]:
    row, now, actor = await records.public_agency(agency), await clock.now(), actor_of(request)
    charges = await agencies.charges(agency)
    return await page(
        request,
        "intermediaries/agency.html",
        column=await finding.column(row, now),
        charges=charges,
        appealed={one.case for one in charges if one.event == APPEAL},
        settled={one.case for one in charges if one.event in APPEALS and one.event != APPEAL},
        mine=actor.role == "intermediary" and actor.organisation == row.organisation,
        may_settle=actor.side == "operate" and bool(permission("settle_appeal", actor.role)),
        history=await services.history(agency),
        ratings=await services.ratings_of(agency),
        grade_names=GRADES,
        rating_items=ITEMS,
        qualifications=QUALIFICATIONS,
        credit=CREDIT,
    )


@get("/market/compare", opt=PUBLIC, include_in_schema=False)
async def compare(request: AnyRequest, a: Beside = None) -> Response[str]:
    columns = await finding.compared(a or [])
    offered = {promise.item: promise for column in columns for promise in column.served}
    return await page(
        request,
        "intermediaries/compare.html",
        columns=columns,
        items=sorted(offered.values(), key=lambda promise: promise.code),
        qualifications=QUALIFICATIONS,
        most=MOST,
        asked=len(a or []),
    )


async def _facets(found: Found, chosen: dict[str, str]) -> list[dict[str, Any]]:
    """What may be chosen next, each with how many it would leave; what is chosen stays even at nought."""
    counts = found.facets
    items = {row.item.code: row.item for row in await records.catalogue()} if chosen["category"] else {}
    shown = {code: item.name for code, item in items.items() if item.category == chosen["category"]}
    kinds = {kind: q.name for kind, q in QUALIFICATIONS.items()}
    at_least = {str(n): sum(count for s, count in counts["s"].items() if int(s) >= n) for n in (5, 4, 3)}
    return [
        _facet("服务类别", "category", dict(CATEGORIES), counts["c"], chosen),
        *([_facet("服务事项", "item", shown, counts["i"], chosen)] if shown else []),
        _facet("地区", "region", _places(chosen["region"], counts["r"]), counts["r"], chosen),
        _facet("评价", "stars", {"5": "5 星", "4": "4 星及以上", "3": "3 星及以上"}, at_least, chosen),
        _facet("资质", "qualification", kinds, counts["q"], chosen),
    ]


def _facet(label: str, key: str, names: dict[str, str], counts: Any, chosen: dict[str, str]) -> dict[str, Any]:
    wanted = chosen[key]
    options = [
        {"value": value, "label": said, "count": counts.get(value, 0)}
        for value, said in names.items()
        if counts.get(value) or value == wanted
    ]
    return {"label": label, "key": key, "options": options, "chosen": wanted}


def _places(chosen: str, counts: Any) -> dict[str, str]:
    """The regions one level below the chosen one, with the way back up; provinces at first."""
    if not chosen:
        return {code: name(code) or code for code in sorted(counts) if level(code) == "province"}
    up = [code for code in reversed(lineage(chosen)) if code != "000000"]
    return {code: name(code) or code for code in [*up, *below(chosen)]}


HANDLERS = [market, agency_page, compare]
