"""暂停与恢复: carries a regulator's order out: all are told at once; when it is over, the lot's clocks are moved.

The order stops every act by itself (beat 2). `stand_still` puts it on the lot's own record; `go_on` gives the time
back before anything else may happen (`case.py`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bidding import records, results
from bidding.case import LotCase, Tools, lot_act
from bidding.followers import tell_followers
from bidding.stages import PUBLIC, Stage
from bidding.texts import write_notice, write_paper
from kernel import directives, inbox
from kernel.box import records as box_records
from kernel.box import setup as box_setup
from kernel.clock import iso, now, when
from kernel.db import TRADING, transaction
from kernel.directives import Suspension
from kernel.errors import NotFound
from kernel.identity import Actor
from kernel.standstill import merged, resumed

OVER = (Stage.FAILED, Stage.ARCHIVED)
REASON = "按监督指令暂停，恢复后顺延"
OF_THE_BOX = ("reveal_until", "fallback_until", "cure_until")
"""What is counted in minutes while the box is being opened."""


class _Nothing(Exception):
    """Another turn was quicker: the empty act leaves no trace."""


async def carry_out(tools: Tools, actor: Actor, lot: UUID) -> None:
    """Do what the mailbox asks of this lot; safe at any time, any number of times."""
    async with transaction(TRADING) as connection:
        found = await directives.suspensions(connection, lot)
    if not found or (await records.lot(lot)).stage in OVER:
        return
    told = await _told(lot)
    try:
        if any(str(one.order.id) not in told for one in found):
            await stand_still(tools, actor, lot)
        at, moved = await now(), await results.resumed_orders(lot)
        if not any(one.stands(at) for one in found) and any(str(one.order.id) not in moved for one in found):
            await go_on(tools, actor, lot)
    except _Nothing:
        return


async def stand_still(tools: Tools, actor: Actor, lot: UUID) -> None:
    """Put a new suspension on the lot's record, publish it and tell everybody concerned."""
    async with lot_act("suspend_case", actor, lot, obeys=False) as case:
        known = await _told(lot)
        ordered = await directives.suspensions(case.beat.connection, lot)
        fresh = [one for one in ordered if str(one.order.id) not in known]
        if not fresh:
            raise _Nothing
        for one in fresh:
            await _put_on_record(tools, case, one)
            if one.order.until is not None:
                await case.wake(one.order.until)


async def go_on(tools: Tools, actor: Actor, lot: UUID) -> None:
    """The suspensions are over: move the clocks, publish where they stand now, tell everybody."""
    async with lot_act("resume_case", actor, lot) as case:
        moved_before = await results.resumed_orders(lot)
        over = [one for one in case.beat.suspended if str(one.order.id) not in moved_before]
        if not over:
            raise _Nothing
        stretches = merged((one.since, one.until) for one in over if one.until is not None)
        before = await _clocks(case)
        clocks = dict(before)
        for since, until in stretches:
            clocks |= resumed(clocks, since, until)
        moved = {name: at for name, at in clocks.items() if at is not None and at != before[name]}
        await _move(case, clocks, moved)
        await _publish(tools, case, over, stretches, moved)


async def _put_on_record(tools: Tools, case: LotCase, one: Suspension) -> None:
    order = one.order
    content = {
        "order": str(order.id),
        "since": iso(one.since),
        "until": iso(order.until) if order.until else "",
        "says": order.says,
        "article": order.article,
        "issued_by": order.issued_by,
    }
    hashes = {"suspension": await write_paper(case, "suspension", content)}
    if case.lot.stage in PUBLIC:
        title = f"{case.lot.project_name} {case.lot.name}暂停公告"
        hashes["notice"] = await write_notice(case, "suspended", title, content, [])
    case.beat.directive = str(order.id)
    await case.beat.record(case.lot.code, hashes=hashes, facts={"since": content["since"]})
    fields = {"authority": order.issued_by, "at": when(one.since), "reason": order.says[:200]}
    await _tell(case, "case_suspended", fields)


async def _clocks(case: LotCase) -> dict[str, datetime | None]:
    """Every moment of the lot that time alone brings."""
    lot = case.lot
    found: dict[str, datetime | None] = {
        "documents_until": lot.documents_until,
        "deadline": lot.deadline,
        "session_until": lot.session_until,
        "publicity_until": lot.publicity_until,
    }
    try:
        box = await box_records.box(lot.id)
    except NotFound:
        return found
    return found | {name: getattr(box, name) for name in OF_THE_BOX}


async def _move(case: LotCase, clocks: dict[str, datetime | None], moved: dict[str, datetime]) -> None:
    own = ("documents_until", "deadline", "session_until", "publicity_until")
    changed: dict[str, Any] = {name: at for name, at in moved.items() if name in own}
    if changed:
        await case.change(**changed)
        case.lot = replace(case.lot, **changed)
    if "deadline" in moved:
        await box_setup.set_deadline(case.beat, moved["deadline"], reason=REASON)
    if set(OF_THE_BOX) & set(moved):
        await box_setup.postpone(case.beat, *(clocks[name] for name in OF_THE_BOX))
    for at in moved.values():
        await case.wake(at)
    await case.wake(case.beat.at)


async def _publish(
    tools: Tools,
    case: LotCase,
    over: Sequence[Suspension],
    stretches: Sequence[tuple[datetime, datetime]],
    moved: dict[str, datetime],
) -> None:
    content: dict[str, Any] = {
        "orders": [str(one.order.id) for one in over],
        "stretches": [[iso(since), iso(until)] for since, until in stretches],
        "moved": {name: iso(at) for name, at in sorted(moved.items())},
    }
    hashes = {"resumption": await write_paper(case, "resumption", content)}
    if case.lot.stage in PUBLIC:
        title = f"{case.lot.project_name} {case.lot.name}恢复公告"
        hashes["notice"] = await write_notice(case, "resumed", title, content, [])
    if "deadline" in moved:
        await box_setup.set_notice(case.beat, hashes["notice"])
    case.beat.directive = str(over[-1].order.id)
    facts: dict[str, Any] = {"stretches": content["stretches"], "moved": content["moved"]}
    if case.lot.deadline is not None:
        facts["deadline"] = iso(case.lot.deadline)
    await case.beat.record(case.lot.code, hashes=hashes, facts=facts)
    deadline = when(case.lot.deadline) if case.lot.deadline else "另行公告"
    fields = {"authority": over[-1].order.issued_by, "at": when(case.beat.at), "deadline": deadline}
    await _tell(case, "case_resumed", fields)
    if "deadline" in moved:
        await tell_followers(tools, case, "暂停结束，投标截止时间顺延", moved["deadline"])


async def _tell(case: LotCase, template: str, fields: dict[str, str]) -> None:
    """The purchaser and everybody whose bid stands; he alone reads his message."""
    bidders = [bid.organisation for bid in (await box_records.standing(case.lot.id))[0]]
    fields = {"project": case.lot.name, "code": case.lot.code, **fields}
    for organisation in [case.lot.purchaser, *bidders]:
        link = f"/lots/{case.lot.id}"
        await inbox.send(case.beat.connection, template, fields=fields, organisation=organisation, link=link)


async def _told(lot: UUID) -> set[str]:
    return {found.content["order"] for found in await results.papers(lot, "suspension")}
