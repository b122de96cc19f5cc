"""What an officer may look at: the cases of his region and department, and nothing that tells who bids."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from bidding import records as bidding
from bidding.desk import timeline
from bidding.records import LotRow
from bidding.stages import NAMES, Stage
from kernel import directives
from kernel.accounts import records as accounts
from kernel.accounts.rules import in_scope
from kernel.box import seen
from kernel.box.seen import SeenEvent
from kernel.clock import now
from kernel.db import TRADING, transaction
from kernel.directives import Given, Standing
from kernel.errors import Forbidden, NotFound, Problem
from kernel.identity import Actor
from kernel.web.door import ROLE_NAMES
from kernel.web.download import File
from supervision.acts import record
from supervision.words import act_name, told

MOST = 1000
"""Cases a workbench counts and filters at once, the newest first."""
SHOWN = ("id", "kind", "says", "article", "issued_by", "posted_at", "until")
STEP_OF = {
    "register_project": "进场登记",
    "accept_project": "受理",
    "publish_notice": "发布公告",
    "close_lot": "截标",
    "box_opened": "开标",
    "conclude_opening": "开标记录",
    "archive_case": "归档",
}
"""Act → the title of the step on the timeline that its log entry stands behind."""


async def cases(actor: Actor, stage: Stage | None = None) -> list[LotRow]:
    """The cases of the officer's region and below, and of his departments; newest first."""
    found = await bidding.lots_where(region=actor.region, stages=(stage,) if stage else (), limit=MOST)
    return [lot for lot in found if in_scope(actor, lot.region, lot.department)]


async def own_case(actor: Actor, lot: UUID) -> LotRow:
    """One case; `Forbidden` outside the officer's region and department, `NotFound` for none."""
    row = await bidding.lot(lot)
    if not in_scope(actor, row.region, row.department):
        raise Forbidden(Problem("out_of_region", "不在您的地区或部门范围内", "请由项目的监督部门办理"))
    return row


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


def by_stage(lots: Sequence[LotRow]) -> list[dict[str, Any]]:
    """How many cases stand at each stage."""
    return [
        {"code": stage.value, "label": NAMES[stage], "count": sum(lot.stage == stage for lot in lots)}
        for stage in Stage
    ]


async def events(lot: LotRow) -> list[dict[str, Any]]:
    """The log entries of a case in words, oldest first; before the opening none of a bidder's."""
    names: dict[str, str] = {}
    for event in (found := await seen.events(lot.id)):
        if event.organisation and event.organisation not in names:
            unit = await accounts.organisation_by_code(event.organisation)
            names[event.organisation] = unit.name if unit else event.organisation
    return [_shown(event, names) for event in found]


async def steps(lot: LotRow) -> list[dict[str, Any]]:
    """The road of the case with the law behind each step, and the log entry behind those that are done."""
    behind = {STEP_OF[event.act]: event for event in await seen.events(lot.id) if event.act in STEP_OF}
    found = [_with_entry(step, behind.get(step["title"])) for step in timeline(lot)]
    last = max((n for n, step in enumerate(found) if step["title"] in behind), default=-1)
    for n, step in enumerate(found):
        if step["state"] != "stopped":
            step["state"] = "done" if n <= last else "now" if n == last + 1 else "next"
    return found


def _with_entry(step: dict[str, Any], event: SeenEvent | None) -> dict[str, Any]:
    return step | {"at": step["at"] or event.at, "hash": event.leaf} if event else step


async def orders(lots: Sequence[LotRow]) -> list[dict[str, Any]]:
    """Every order ever given on these cases, newest first, and whether it stands."""
    named = {lot.id: lot for lot in lots}
    async with transaction(TRADING) as connection:
        found = await directives.given(connection, list(named), await now())
    return [_order(given) | {"lot": named[given.case]} for given in found]


async def standing(lot: UUID) -> list[Standing]:
    """The orders in force on a case: a suspension first, then what is to be corrected."""
    async with transaction(TRADING) as connection:
        at = await now()
        stop = await directives.standing(connection, lot, at)
        return [*([stop] if stop else []), *await directives.corrections(connection, lot, at)]


def _order(given: Given) -> dict[str, Any]:
    fields = {name: getattr(given.order, name) for name in SHOWN}
    return fields | {"label": directive_name(given.order.kind), "lifts": given.lifts, "stands": given.stands}


def directive_name(kind: str) -> str:
    """责令暂停, 恢复 or 责令改正."""
    return {"suspend": "责令暂停", "resume": "恢复", "correct": "责令改正"}[kind]


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
