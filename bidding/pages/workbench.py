"""工作台: one page a role, with what waits and where the cases stand."""

from datetime import timedelta
from typing import Any

from litestar import Response, get

from bidding import desk, records
from bidding.pages.forms import AnyRequest, go, tools_of
from bidding.records import LotRow
from bidding.stages import Stage
from kernel import clock, inbox
from kernel.box import records as box_records
from kernel.box.records import BoxView
from kernel.errors import NotSignedIn, Problem
from kernel.identity import Actor
from kernel.web.auth import actor_of
from kernel.web.door import page
from kernel.web.trustee_pages import trustee_handlers
from kernel.web.waiting import waiting_for

TEMPLATES = {"purchaser": "purchaser", "agent": "purchaser", "operator": "operator", "bidder": "bidder"}
STATES = {"ready": ("已递交", "sealed"), "opened": ("已开启", "done"), "failed": ("未开启", "warn")}


@get("/workbench", opt={"act": "read_workbench"}, include_in_schema=False)
async def workbench(request: AnyRequest) -> Response[Any]:
    actor = actor_of(request)
    if actor.role == "expert":
        return go("/experts/me")
    if actor.role == "intermediary":
        return go("/market/workbench")
    if actor.role not in TEMPLATES:
        raise NotSignedIn(Problem("no_role", "请先选择办事的角色", "在右上角选择单位和角色"))
    now = await clock.now()
    context = await {"purchaser": _purchaser, "operator": _operator, "bidder": _bidder}[TEMPLATES[actor.role]](actor)
    template = f"bidding/workbench_{TEMPLATES[actor.role]}.html"
    unread = await inbox.count_unread(actor.person, actor.organisation)
    shared: dict[str, Any] = {"todos": await waiting_for(request, actor, now), "unread": unread, "role": actor.role}
    return await page(request, template, **shared, **context)


async def _purchaser(actor: Actor) -> dict[str, Any]:
    return {"lots": await records.lots_where(purchaser=actor.organisation)}


async def _operator(actor: Actor) -> dict[str, Any]:
    today = (await clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "lots": await records.lots_where(region=actor.region, stages=(Stage.REGISTERED,)),
        "openings": await records.openings(today, today + timedelta(days=1)),
    }


async def _bidder(actor: Actor) -> dict[str, Any]:
    bids = [await _bid(actor, lot, box) for lot, box in await desk.own_bids(actor)]
    return {"bids": bids, "lots": (await records.search({"stage": str(Stage.ANNOUNCED)}, size=10))[0]}


async def _bid(actor: Actor, lot: LotRow, box: BoxView) -> dict[str, Any]:
    last = (await box_records.chain(box.case, actor.organisation_code))[-1]
    label, tone = STATES.get(box.state, ("等待开标", "judging"))
    if last.kind == "withdraw":
        label, tone = "已撤回", "neutral"
    return {"lot": lot, "seq": last.seq, "state_label": label, "state_tone": tone, "received": last.received}


HANDLERS = [workbench, *trustee_handlers(lambda request: tools_of(request).origin)]
