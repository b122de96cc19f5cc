"""Calls to agencies whose quotes wait to be opened: when their hour begins, and once more before it ends."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from intermediaries.records import requests as records
from intermediaries.request_case import RequestCase
from intermediaries.request_news import tell
from kernel import inbox
from kernel.box import records as box_records
from kernel.box.records import BoxView
from kernel.clock import iso, now, when
from kernel.db import TRADING, reading, transaction
from kernel.directives import suspensions
from kernel.jobs import schedule

LAST_CALL = timedelta(minutes=15)
"""Before the hour ends who has not opened his quote is called again."""
JOB = "quote_call"


async def call_agencies(case: RequestCase) -> None:
    """Everybody whose quote stands in the list is told that his hour has begun."""
    box = await box_records.box(case.request.id)
    if box.reveal_until is None:
        return
    standing, _ = await box_records.standing(box.case)
    for bid in standing:
        await tell(case, bid.organisation, "quote_reveal_open", at="/reveal", until=when(box.reveal_until))


async def set_last_call(case: RequestCase, until: datetime) -> None:
    """The second call, before the hour ends at `until`; set anew where that end has moved, and again with no effect."""
    at, request = until - LAST_CALL, str(case.request.id)
    dedup = f"{JOB}:{request}:{iso(at)}"
    await schedule(case.beat.connection, JOB, {"request": request}, run_at=at, dedup=dedup)


async def call_again(payload: Mapping[str, Any]) -> None:
    """The job `quote_call`: those whose quotes are still closed, and nobody else.

    One that was set for an end which has moved since, or falls into a suspension, calls nobody: another one is set.
    """
    box = await box_records.box(UUID(payload["request"]))
    until, at = box.reveal_until, await now()
    if box.state != "opening" or until is None or not until - LAST_CALL <= at < until or await _stands_still(box, at):
        return
    row, seeds = await records.request(box.case), await box_records.seeds(box.case)
    standing, _ = await box_records.standing(box.case)
    fields = {"project": row.name, "code": row.code, "until": when(until)}
    link = f"/requests/{box.case}/reveal"
    async with transaction(TRADING) as connection:
        for bid in standing:
            if any((bid.sha256, stage["id"]) not in seeds for stage in box.stages):
                await inbox.send(connection, "reveal_missing", fields=fields, organisation=bid.organisation, link=link)


async def _stands_still(box: BoxView, at: datetime) -> bool:
    async with reading(TRADING) as connection:
        return any(one.stands(at) for one in await suspensions(connection, box.case))
