"""监督大厅: every case of one's region and department on one screen, and a case of any duty as its timeline."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter

from kernel.permissions import permission
from kernel.regions import name as region_name
from kernel.web.auth import actor_of
from kernel.web.door import page
from supervision import card_records, cases, desk, hall, sources
from supervision.acts import record
from supervision.complaints import records as complaints
from supervision.hall import STATES, Count, Filters

AnyRequest = Request[Any, Any, Any]
Short = Annotated[str, QueryParameter(max_length=80)]


@get("/hall", opt={"act": "supervise_case"}, include_in_schema=False)
async def hall_page(
    request: AnyRequest,
    duty: Short = "",
    stage: Short = "",
    region: Short = "",
    only: Annotated[str, QueryParameter(name="state", pattern="^(|today|late|still|open)$")] = "",
    q: Short = "",
    page_number: Annotated[int, QueryParameter(name="page", ge=1, le=1000)] = 1,
) -> Response[str]:
    actor = actor_of(request)
    filters = Filters(duty, stage, region, only, q)
    found = await hall.overview(actor, filters, page_number)
    asked = {name: getattr(filters, name) for name in ("duty", "stage", "region", "state", "q")}
    said = {name: value for name, value in asked.items() if value}
    await record("read_hall", actor, None, urlencode(said)[:200] or "全部")
    return await page(
        request,
        "supervision/hall.html",
        hall=found,
        filters=asked,
        states=STATES,
        facets=[
            ("业务", "duty", _options(found.duties)),
            (
                "地区",
                "region",
                [{**o, "label": region_name(o["value"]) or o["value"]} for o in _options(found.regions)],
            ),
        ],
        bars=[count for count in found.stages if not duty or count.duty == duty],
        page_number=page_number,
        pages=max(1, -(-found.total // hall.SIZE)),
        href=f"/hall?{urlencode(said)}&page={{page}}" if said else "/hall?page={page}",
    )


@get("/hall/{case:uuid}", opt={"act": "supervise_case"}, include_in_schema=False)
async def any_case(request: AnyRequest, case: FromPath[UUID]) -> Response[str]:
    """A case of a duty that has no page of its own here: its road, its log, its cards and letters."""
    actor = actor_of(request)
    watched = await hall.case(actor, case)
    await record("supervise_case", actor, case, watched.code)
    orders = await cases.orders([case])
    return await page(
        request,
        "supervision/any_case.html",
        case=watched,
        duty_name=sources.DUTY_NAMES[watched.duty],
        steps=await sources.timeline(watched.duty, case),
        events=await cases.events_of(case),
        orders=orders,
        directives=[order for order in orders if order["stands"]],
        cards=await card_records.cards_of(case),
        letters=await desk.correspondence(case),
        complaints=await complaints.of_case(case),
        draws=await cases.draws(case),
        can_order=bool(permission("order_directive", actor.role)),
    )


HANDLERS = [hall_page, any_case]


def _options(counts: list[Count]) -> list[dict[str, Any]]:
    return [{"value": count.value, "label": count.label, "count": count.n} for count in counts]
