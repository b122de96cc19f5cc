"""What an officer may look at: the cases of his region and department, and nothing that tells who bids."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from bidding import facts, observed
from bidding import records as bidding
from bidding.observed import SignedReport
from bidding.records import LotRow
from bidding.stages import GROUPED, Stage
from bidding.timeline import timeline
from kernel import directives
from kernel.accounts import records as accounts
from kernel.accounts.rules import in_scope
from kernel.box import records as boxes
from kernel.box import seen
from kernel.box.seen import SeenEvent
from kernel.clock import now
from kernel.db import TRADING, reading, transaction
from kernel.directives import Given, Standing
from kernel.errors import Forbidden, NotFound, Problem
from kernel.identity import Actor
from kernel.refusals import on_record
from kernel.toss import records as tosses
from kernel.toss.schemas import TossView
from kernel.web.door import ROLE_NAMES
from kernel.web.download import File
from supervision import hall
from supervision.acts import record
from supervision.direct import KINDS
from supervision.scope import covers, scope_of
from supervision.words import act_name, told

SIZE = 50
"""Cases one page lists."""
SHOWN = ("id", "kind", "says", "article", "issued_by", "posted_at", "until")
STEP_OF = {
    "register_project": "进场登记",
    "accept_project": "受理",
    "publish_notice": "发布公告",
    "close_lot": "截标",
    "box_opened": "开标",
    "conclude_opening": "开标记录",
    "begin_evaluation": "评标",
    "close_report": "评标报告",
    "publicise_candidates": "公示中标候选人",
    "decide_award": "定标",
    "confirm_contract": "签订合同",
    "archive_case": "归档",
}
"""Act → the title of the step on the timeline that its log entry stands behind."""


async def cases(actor: Actor, stage: Stage | None = None, page: int = 1) -> tuple[list[LotRow], int]:
    """Tenders of the officer's region and below, and of his departments; newest first: (one page, how many in all)."""
    _, (stem, departments) = scope_of(actor)
    if actor.role == "regulator" and not departments:
        return [], 0
    found = await facts.counts_in(stem, departments)
    lots = await bidding.lots_where(
        region=actor.region,
        stages=(stage,) if stage else (),
        departments=departments,
        limit=SIZE,
        offset=(max(page, 1) - 1) * SIZE,
    )
    return lots, found.get(stage, 0) if stage else sum(found.values())


async def by_stage(actor: Actor) -> list[dict[str, Any]]:
    """How many tenders of the officer's scope stand at each stage."""
    _, (stem, departments) = scope_of(actor)
    found = {} if actor.role == "regulator" and not departments else await facts.counts_in(stem, departments)
    return [{"code": stage.value, "label": GROUPED[stage], "count": found.get(stage, 0)} for stage in Stage]


async def own_case(actor: Actor, lot: UUID) -> LotRow:
    """One case; `Forbidden` outside the officer's region and department, `NotFound` for none."""
    async with on_record("supervise_case", actor, lot):
        row = await bidding.lot(lot)
        if not in_scope(actor, row.region, row.department):
            raise Forbidden(Problem("out_of_region", "不在您的地区或部门范围内", "请由项目的监督部门办理"))
    return row


async def is_of_box(lot: UUID, tender: str, number: str) -> bool:
    """Whether the sealed box of this case goes by these names in what is signed of it."""
    box = await boxes.box(lot)
    return (box.tender, box.lot) == (tender, number)


async def look(actor: Actor, lot: UUID) -> LotRow:
    """The same, put on supervision's own record: who looked at which case is seen by the inspectors."""
    row = await own_case(actor, lot)
    await record("supervise_case", actor, lot, row.code)
    return row


async def archive(actor: Actor, lot: UUID) -> File:
    """The full evidence package of a finished case, for the officer's own check; taking it goes on record."""
    row = await own_case(actor, lot)
    found = await bidding.archive(lot)
    if found is None:
        raise NotFound(Problem("no_archive", "还没有证据包", "归档后即可下载"))
    await record("read_archive", actor, lot, row.code, hashes={"archive": found["archive_sha256"]})
    return File(found["archive_sha256"], found["archive_size"], f"{row.code}-archive.zip", "application/zip")


async def events(lot: LotRow) -> list[dict[str, Any]]:
    """The log entries of a tender in words, oldest first; before the opening none of a bidder's."""
    return await events_of(lot.id)


async def events_of(case: UUID) -> list[dict[str, Any]]:
    """The same of a case of any duty."""
    names: dict[str, str] = {}
    for event in (found := await seen.events(case)):
        if event.organisation and event.organisation not in names:
            unit = await accounts.organisation_by_code(event.organisation)
            names[event.organisation] = unit.name if unit else event.organisation
    return [_shown(event, names) for event in found]


async def steps(lot: LotRow) -> list[dict[str, Any]]:
    """The road of the case with the law behind each step, and the log entry behind those that are done."""
    behind = {STEP_OF[event.act]: event for event in await seen.events(lot.id) if event.act in STEP_OF}
    found = [_with_entry(step, behind.get(step["title"]), lot.id) for step in timeline(lot)]
    last = max((n for n, step in enumerate(found) if step["title"] in behind), default=-1)
    for n, step in enumerate(found):
        if step["state"] != "stopped":
            step["state"] = "done" if n <= last else "now" if n == last + 1 else "next"
    return found


def _with_entry(step: dict[str, Any], event: SeenEvent | None, lot: UUID) -> dict[str, Any]:
    if event is None:
        return step
    href = f"/entries/{event.leaf}?case={lot}"
    return step | {"at": step["at"] or event.at, "hash": event.leaf, "href": href}


async def report(lot: UUID) -> SignedReport | None:
    """What the members of the panel said under its closed report; None before it is closed."""
    return await observed.signed_report(lot)


async def orders(cases: Sequence[UUID]) -> list[dict[str, Any]]:
    """Every order ever given on these cases, newest first, and whether it stands."""
    async with transaction(TRADING) as connection:
        found = await directives.given(connection, list(cases), await now())
    return [_order(given) for given in found]


async def orders_in(actor: Actor, limit: int = 100) -> list[dict[str, Any]]:
    """The newest orders on cases of the officer's scope, with what each case is called."""
    async with transaction(TRADING) as connection:
        ordered = await directives.newest_cases(connection, 5 * limit)
    named = {case: place for case, place in (await places(ordered)).items() if _own(actor, place)}
    return [order | {"place": named[order["case"]]} for order in await orders(list(named))][:limit]


async def places(cases: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """Case → what it is called and where it is shown; one that no round has listed yet is asked for itself."""
    found = await hall.titles(list(cases))
    for case in cases:
        if case not in found:
            try:
                lot = await bidding.lot(case)
            except NotFound:
                continue
            place = {"text": f"{lot.project_name}　{lot.name}", "href": f"/cases/{lot.id}"}
            found[case] = {**place, "region": lot.region, "department": lot.department}
    return found


async def draws(case: UUID) -> list[TossView]:
    """The draws of a case, the first first: panels, or an agency by lot."""
    async with reading(TRADING) as connection:
        return await tosses.tosses_of(connection, case)


def _own(actor: Actor, place: dict[str, str]) -> bool:
    return covers(actor, place["region"], place["department"])


async def standing(lot: UUID) -> list[Standing]:
    """The orders in force on a case: a suspension first, then what is to be corrected."""
    async with transaction(TRADING) as connection:
        at = await now()
        stop = await directives.standing(connection, lot, at)
        return [*([stop] if stop else []), *await directives.corrections(connection, lot, at)]


def _order(given: Given) -> dict[str, Any]:
    fields = {name: getattr(given.order, name) for name in SHOWN}
    more = {"case": given.case, "label": KINDS[given.order.kind], "lifts": given.lifts, "stands": given.stands}
    return fields | more


def _shown(event: SeenEvent, names: dict[str, str]) -> dict[str, Any]:
    role = "平台时钟" if event.role == "clockwork" else ROLE_NAMES.get(event.role, event.role)
    return {
        "at": event.at,
        "role": event.role,
        "who": names.get(event.organisation, role),
        "act": act_name(event.act),
        "says": told(event),
        "index": None,
        "hash": event.leaf,
    }
