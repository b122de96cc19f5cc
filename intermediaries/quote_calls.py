"""Calls to agencies whose quotes wait to be opened: when their hour begins, and once more before it ends."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from intermediaries.records import requests as records
from intermediaries.request_case import RequestCase
from intermediaries.request_news import tell
from kernel import inbox
from kernel.box import records as box_records
from kernel.clock import now, when
from kernel.db import TRADING, transaction
from kernel.jobs import schedule

LAST_CALL = timedelta(minutes=15)
"""Before the hour ends who has not opened his quote is called again."""
JOB = "quote_call"


async def call_agencies(case: RequestCase) -> None:
    """Everybody whose quote stands in the list is told that his hour has begun; the second call is set."""
    box = await box_records.box(case.request.id)
    if box.reveal_until is None:
        return
    standing, _ = await box_records.standing(box.case)
    for bid in standing:
        await tell(case, bid.organisation, "quote_reveal_open", at="/reveal", until=when(box.reveal_until))
    payload = {"request": str(box.case)}
    await schedule(
        case.beat.connection, JOB, payload, run_at=box.reveal_until - LAST_CALL, dedup=f"{JOB}:{box.case}"
    )  # fmt: skip


async def call_again(payload: Mapping[str, Any]) -> None:
    """The job `quote_call`: those whose quotes are still closed, and nobody else."""
    box = await box_records.box(UUID(payload["request"]))
    if box.state != "opening" or box.reveal_until is None or await now() >= box.reveal_until:
        return
    row, seeds = await records.request(box.case), await box_records.seeds(box.case)
    standing, _ = await box_records.standing(box.case)
    fields = {"project": row.name, "code": row.code, "until": when(box.reveal_until)}
    link = f"/requests/{box.case}/reveal"
    async with transaction(TRADING) as connection:
        for bid in standing:
            if any((bid.sha256, stage["id"]) not in seeds for stage in box.stages):
                await inbox.send(connection, "reveal_missing", fields=fields, organisation=bid.organisation, link=link)
