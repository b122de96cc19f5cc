"""恢复: when a suspension of a request is over, the time it took is given back before anything else happens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from intermediaries.case import Tools
from intermediaries.quote_calls import set_last_call
from intermediaries.records import applicants
from intermediaries.records import requests as records
from intermediaries.request_case import RequestCase, Unmoved, is_packed, request_act, waiting_orders
from intermediaries.request_news import tell, tell_owner
from intermediaries.request_texts import write_text
from intermediaries.stages import Stage
from intermediaries.tables.requests import Selection
from kernel.box import records as box_records
from kernel.box import setup as box_setup
from kernel.clock import iso, when
from kernel.identity import Actor
from kernel.standstill import after, merged

REASON = "按监督指令暂停，恢复后顺延"


async def resume_request(tools: Tools, actor: Actor, case: UUID) -> None:
    """Move what the suspensions that are over have stopped; `Unmoved` when there are none."""
    async with request_act("resume_case", actor, case) as found:
        over = await waiting_orders(found.beat)
        if not over:
            raise Unmoved
        stretches = merged((one.since, one.until) for one in over if one.until is not None)
        moved = await _move(tools, found, stretches)
        found.beat.directive = str(over[-1].order.id)
        facts: dict[str, Any] = {
            "orders": [str(one.order.id) for one in over],
            "stretches": [[iso(since), iso(until)] for since, until in stretches],
            "moved": {name: iso(at) for name, at in sorted(moved.items())},
        }
        await found.record(facts=facts, hashes=await _published(found, facts))
        for at in {*moved.values(), found.beat.at}:
            await found.wake(at)
        until = moved.get("apply_until")
        if until is not None:
            await tell_owner(found, "request_resumed", until=when(until))
            for organisation in await applicants.to_tell(case):
                await tell(found, organisation, "request_resumed", until=when(until))


async def _published(case: RequestCase, facts: dict[str, Any]) -> dict[str, str]:
    """The public text: which orders are over, how long they stopped what, and where the clocks stand now."""
    if await is_packed(case.beat):
        return {}
    row = case.request
    sha256, _ = await write_text(row.id, row.code, row.name, "resumed", facts, case.beat.at)
    return {"text": sha256}


async def _move(tools: Tools, case: RequestCase, stretches: list[tuple[datetime, datetime]]) -> dict[str, datetime]:
    """The clocks of this stage, moved and written; what had run out before the suspension stays over."""
    row = case.request
    asked = await records.last_selection(row.id) if row.stage == Stage.SELECTED else None
    waits = asked is not None and not asked.answer
    quoted = row.mode_row["quotes"] and row.stage in (Stage.OPEN, Stage.CLOSED)
    box = await box_records.box(row.id) if quoted else None
    clocks = {
        "apply_until": row.apply_until if row.stage == Stage.OPEN else None,
        "answer_until": asked.answer_until if asked is not None and waits else None,
        "reveal_until": box.reveal_until if box is not None else None,
    }
    moved = after(clocks, stretches)
    if "apply_until" in moved:
        await case.change(apply_until=moved["apply_until"])
        if quoted:
            await box_setup.set_deadline(case.beat, moved["apply_until"], reason=REASON)
            await box_setup.sign_deadline(case.beat, tools.receipts)
    if "reveal_until" in moved:
        await box_setup.postpone(case.beat, moved["reveal_until"], None, None)
        await set_last_call(case, moved["reveal_until"])
    if asked is not None and "answer_until" in moved:
        await Selection.update({Selection.answer_until: moved["answer_until"]}).where(Selection.id == asked.id)
    return moved
