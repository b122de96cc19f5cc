"""截止报名: at the deadline the list of applicants is fixed; too few of them end the request by rule."""

from uuid import UUID

from intermediaries import quotes, tosses
from intermediaries.case import Tools
from intermediaries.opening_incidents import incidents
from intermediaries.quote_calls import call_agencies, set_last_call
from intermediaries.records import applicants
from intermediaries.records import requests as records
from intermediaries.records.draws import list_of
from intermediaries.request_case import RequestCase, Unmoved, request_act
from intermediaries.request_ends import fail
from intermediaries.request_news import tell_owner
from intermediaries.request_texts import write_text
from intermediaries.rules.draws import Applied, twins
from intermediaries.stages import Stage
from intermediaries.tables.requests import Application
from kernel.box import records as box_records
from kernel.clock import iso
from kernel.identity import Actor
from storage import keeping


async def close_request(tools: Tools, actor: Actor, case: UUID) -> None:
    """Close one request when its deadline has come; `Unmoved` when there is nothing to do yet."""
    async with request_act("close_request", actor, case) as found:
        row = found.request
        if row.stage != Stage.OPEN or row.apply_until is None or found.beat.at < row.apply_until:
            raise Unmoved
        await found.move(Stage.CLOSED, closed_at=found.beat.at)
        if row.mode_row["quotes"]:
            await keeping.abandon(found.beat.connection, f"sealed_bid:{row.id}")
        await _shut_twins(found)
        stand = [a for a in await applicants.applicants(row.id) if not a.shut]
        await found.record(facts={"applicants": len(stand)})
        if row.mode_row["quotes"]:
            await quotes.advance(tools, found)
            await _wake_for_box(found)
        elif len(stand) < int(row.mode_row["least"][row.funds]):
            await fail(found, _too_few(found, len(stand)))
        elif row.mode_row["picks"] == "choice":
            await tell_owner(found, "request_closed")


async def open_quotes(tools: Tools, actor: Actor, case: UUID) -> None:
    """Walk the box of sealed quotes; once all are resolved the record of what was quoted is published."""
    async with request_act("open_quotes", actor, case) as found:
        row = found.request
        if row.stage != Stage.CLOSED or not row.mode_row["quotes"] or await _is_published(row.id):
            raise Unmoved
        until = (await box_records.box(row.id)).reveal_until
        moved = await quotes.advance(tools, found)
        await _wake_for_box(found)
        if moved.after == "opening" and (await box_records.box(row.id)).reveal_until != until:
            await call_agencies(found)  # their hour has begun, or they have more time than they were told
        if moved.after == "failed":
            standing, _ = await box_records.standing(row.id)
            await fail(found, _too_few(found, len(standing)))
        elif moved.after == "opened":
            await _publish_opening(found)
        elif not found.beat.events:
            raise Unmoved


async def fix_list(tools: Tools, actor: Actor, case: UUID) -> None:
    """Fix the draw's list once the pieces are sealed and, where there are quotes, all are opened."""
    async with request_act("fix_request_list", actor, case) as found:
        row = found.request
        ready = row.stage == Stage.CLOSED and row.toss is not None and await tosses.may_fix(found)
        if not ready or (row.mode_row["quotes"] and not await _is_published(row.id)):
            raise Unmoved
        await tosses.fix(tools, found, await list_of(found.beat.connection, row.id))


async def end_void_draw(tools: Tools, actor: Actor, case: UUID) -> None:
    """A draw that was called off or refused draws nobody: the request ends, says why, and nothing sealed is opened."""
    async with request_act("end_void_draw", actor, case) as found:
        why = await tosses.void_because(found)
        if found.request.stage != Stage.CLOSED or not why:
            raise Unmoved
        await fail(found, f"抽取没有完成（{why}），流标；业主可以重新发布")


async def _publish_opening(case: RequestCase) -> None:
    row = case.request
    shown = await quotes.opened(row.id, row.lowest, row.highest)
    names = {a.code: a for a in await applicants.applicants(row.id)}
    lines = [
        {"code": q.code, "name": names[q.code].name, "price": "" if q.price is None else str(q.price), "shut": q.shut,
         "sha256": q.sha256, "received": iso(q.received)} for q in shown if q.code in names
    ]  # fmt: skip
    agencies = {q.sha256: names[q.code].name for q in shown if q.code in names}
    found = await incidents(row.id, agencies)
    content = {"quotes": lines, "close": (await box_records.box(row.id)).close, "incidents": found}
    sha256, _ = await write_text(row.id, row.code, row.name, "opening", content, case.beat.at)
    await case.record("publish_quotes", hashes={"text": sha256})
    valid = (await list_of(case.beat.connection, row.id)).size
    if valid < int(row.mode_row["least"][row.funds]):
        await fail(case, _too_few(case, valid))


async def _shut_twins(case: RequestCase) -> None:
    """Of agencies under one controller only the first to come takes part."""
    found = [Applied(a.code, a.controller, {}, a.shut) for a in await applicants.applicants(case.request.id)]
    for code in twins(found):
        same = (Application.request == case.request.id) & (Application.code == code)
        await Application.update({Application.shut: "same_controller"}).where(same)


async def _is_published(case: UUID) -> bool:
    return any(text.kind == "opening" for text in await records.texts(case))


async def _wake_for_box(case: RequestCase) -> None:
    box = await box_records.box(case.request.id)
    for moment in quotes.due(box):
        await case.wake(moment)
    if box.state == "opening" and box.reveal_until is not None:
        await set_last_call(case, box.reveal_until)


def _too_few(case: RequestCase, count: int) -> str:
    least = int(case.request.mode_row["least"][case.request.funds])
    what = "有效报价" if case.request.mode_row["quotes"] else "报名机构"
    return f"截止时{what} {count} 家，少于 {least} 家，流标；业主可以重新发布"
