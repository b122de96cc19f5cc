"""The first pages of regulators and inspectors: workbench, a tender, alarms, log entries, and what they looked at."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from bidding.records import LotRow
from bidding.stages import GROUPED, Stage
from kernel.box import rehearsal
from kernel.law import LawInForce
from kernel.permissions import permission
from kernel.web.auth import actor_of
from kernel.web.door import page
from kernel.web.trustee_pages import trustee_handlers
from supervision import audit, card_records, cases, desk, drafts, evidence, tries, watch
from supervision.acts import record
from supervision.complaints import records as complaints
from supervision.todos import todos

AnyRequest = Request[Any, Any, Any]
LotId = FromPath[UUID]
LISTED = 100
"""Alarms and refused tries one page shows."""


@get("/", opt={"act": "read_public"}, include_in_schema=False)
async def home(request: AnyRequest) -> Response[Any]:
    """There is nothing public here: to work, or to sign in."""
    return Redirect("/workbench" if actor_of(request).person else "/signin", status_code=303)


@get("/workbench", opt={"act": "read_workbench"}, include_in_schema=False)
async def workbench(
    request: AnyRequest, stage: Annotated[Stage | None, QueryParameter(description="只看这一环节")] = None
) -> Response[str]:
    actor = actor_of(request)
    watches = bool(permission("read_reads", actor.role))
    lots, total = await cases.cases(actor, stage)
    return await page(
        request,
        "supervision/workbench_regulator.html",
        todos=await todos(actor),
        drafts=[draft for draft in await drafts.waiting(actor) if watches or draft.person == actor.person],
        cards=await card_records.standing_counts(actor),
        lots=lots,
        total=total,
        stages=await cases.by_stage(actor),
        stage=stage or "",
        stage_label=GROUPED[stage] if stage else "",
        alerts=(await watch.alarms(actor))[:5],
        watches=watches,
        me=actor.person,
    )


@get("/cases/{lot:uuid}", opt={"act": "supervise_case"}, include_in_schema=False)
async def case_page(request: AnyRequest, lot: LotId) -> Response[str]:
    actor = actor_of(request)
    row = await cases.look(actor, lot)
    orders = await cases.orders([row.id])
    return await page(
        request,
        "supervision/case.html",
        lot=row,
        steps=await cases.steps(row),
        events=await cases.events(row),
        orders=orders,
        directives=[order for order in orders if order["stands"]],
        cards=await card_records.cards_of(row.id),
        letters=await desk.correspondence(row.id),
        complaints=await complaints.of_case(row.id),
        draws=await cases.draws(row.id),
        report=await cases.report(row.id),
        limits=list(LawInForce.from_json(row.law)) if row.law else [],
        can_order=bool(permission("order_directive", actor.role)),
        rehearsals=len(await rehearsal.of_lot(row.id)),
        to_audit=await _to_audit(row),
    )


async def _to_audit(row: LotRow) -> int:
    """How many of its envelopes wait for a holder to show his key."""
    return len((await audit.contested(row.id))[0]) if row.stage == Stage.OPENING else 0


@get("/alarms", opt={"act": "supervise_case"}, include_in_schema=False)
async def alarms_page(request: AnyRequest) -> Response[str]:
    found = await watch.alarms(actor_of(request))
    return await page(request, "supervision/alarms.html", alarms=found[:LISTED], checked=await watch.last_read_back())


@get("/entries/{leaf:str}", opt={"act": "supervise_case"}, include_in_schema=False)
async def entry_page(
    request: AnyRequest,
    leaf: FromPath[str],
    case: Annotated[UUID | None, QueryParameter(description="所属项目")] = None,
) -> Response[str]:
    """The log entry behind an alert, a step or a card; looking at it is on record too."""
    actor = actor_of(request)
    found = await evidence.entry(actor, leaf, case)
    await record("read_entry", actor, case, leaf)
    return await page(request, "supervision/entry.html", entry=found)


@get("/reads", opt={"act": "read_reads"}, include_in_schema=False)
async def reads_page(request: AnyRequest) -> Response[str]:
    actor = actor_of(request)
    tried = (await tries.refused(actor))[:LISTED]
    return await page(request, "supervision/reads.html", reads=await watch.reads(actor), tried=tried)


def page_handlers() -> list[ControllerRouterHandler]:
    """Every page of this file."""
    keys = trustee_handlers(lambda request: str(request.app.state.settings.supervision_origin))
    return [home, workbench, case_page, alarms_page, entry_page, reads_page, *keys]
