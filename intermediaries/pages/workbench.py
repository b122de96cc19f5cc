"""工作台 of the market: what waits for an agency, and where its cases stand."""

from litestar import Response, get

from intermediaries import request_desk
from intermediaries.doors import AnyRequest
from intermediaries.records import agencies
from kernel import clock, inbox
from kernel.web.auth import actor_of
from kernel.web.door import page
from kernel.web.waiting import waiting_for


@get("/market/workbench", opt={"act": "read_workbench"}, include_in_schema=False)
async def workbench(request: AnyRequest) -> Response[str]:
    actor, now = actor_of(request), await clock.now()
    return await page(
        request,
        "intermediaries/workbench.html",
        todos=await waiting_for(request, actor, now),
        rows=await request_desk.own_requests(actor),
        unread=await inbox.count_unread(actor.person, actor.organisation),
        agency=await agencies.agency_of(actor.organisation) if actor.role == "intermediary" else None,
        role=actor.role,
    )


HANDLERS = [workbench]
