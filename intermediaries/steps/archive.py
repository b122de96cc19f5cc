"""归档: what anybody can verify at home of a request that has ended; the same three steps as a tender's archive.

1 the event `archive_request` states its own number as the last of the package;
2 once a cosigned checkpoint covers it, the package is written and put into the vault;
3 the event `keep_package`, which the package cannot hold, names its SHA-256.
A quote that is found altered or lost goes on record; then the end is stated anew, and the package is made without it.
What comes later (a department's rating, an answer, a return visit) stands in the log and on the page.
"""

from contextlib import suppress
from uuid import UUID

from intermediaries import damage, packages
from intermediaries.case import Tools
from intermediaries.records import requests as records
from intermediaries.records import services
from intermediaries.request_case import Unmoved, request_act
from intermediaries.stages import Stage
from intermediaries.tables.services import RequestPackage
from kernel import log
from kernel.box.damage import Lost
from kernel.db import TRADING, transaction
from kernel.errors import WrongStage
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.log_proofs import is_cosigned
from kernel.proofs.damage import ACT as DAMAGED
from storage import keeping
from storage.retention import lock_moment, locked_until
from storage.vault import Stored

TERMS = ("announcement",)
"""Of the terms in storage/retention.toml, those that a package falls under."""
ENDED = (Stage.COMPLETED, Stage.FAILED, Stage.WITHDRAWN)


async def archive_request(tools: Tools, actor: Actor, case: UUID) -> None:
    """Go as far towards the package as the log allows; safe at any time, any number of times, in any process."""
    row = await records.request(case)
    if row.stage not in ENDED or await records.package(case) is not None:
        return
    if row.stage == Stage.COMPLETED and not any(r.rater == "owner" for r in await services.ratings(case)):
        return
    end = await _end(case)
    if end is None or end.act == DAMAGED:
        with suppress(Unmoved):
            await _state_the_end(actor, case)
        return
    material = await packages.collect(tools, row, end.n) if await is_cosigned(TRADING, end.id) else None
    if material is None:
        return
    until = lock_moment(locked_until(TERMS, end.at.date()))
    try:
        async with packages.written(tools, material, end.at) as package:
            kept = await keeping.keep(tools.store, package.steps(), limit=package.size, until=until)
    except Lost as gone:
        if not await damage.report_all(tools, case, gone.sha256):
            raise
        return
    with suppress(Unmoved, WrongStage):
        await _finish(actor, case, end.n, kept)


async def _end(case: UUID) -> log.Event | None:
    """The event that ends the package, or one after it that calls a quote lost: then the end is stated anew."""
    async with transaction(TRADING) as connection:
        found = [e for e in await log.events_of(connection, str(case)) if e.act in ("archive_request", DAMAGED)]
    return found[-1] if found else None


async def _state_the_end(actor: Actor, case: UUID) -> None:
    async with request_act("archive_request", actor, case) as found:
        events = await log.events_of(found.beat.connection, str(case))
        said = [event.act for event in events if event.act in ("archive_request", DAMAGED)]
        if "archive_request" in said and said[-1] != DAMAGED:
            raise Unmoved
        last = len(events) + 1
        event = await found.beat.record(found.request.code, facts={"last": last})
        if event.n != last:
            raise RuntimeError("an event was written past the case's lock")


async def _finish(actor: Actor, case: UUID, last: int, kept: Stored) -> None:
    async with request_act("archive_request", actor, case) as found:
        if await records.package(case) is not None:
            raise Unmoved
        await RequestPackage.insert(
            RequestPackage(
                id=new_id(), request=case, sha256=kept.sha256, size=kept.size, last_event=last, at=found.beat.at
            )
        )
        await found.record("keep_package", hashes={"public": kept.sha256})
