"""归档: what anybody, and what an auditor, can verify at home.

1 the event `archive_case` states its own number as the case's last: nothing before it can be left out of the packages;
2 once a cosigned checkpoint covers it, both packages are written and put into the vault;
3 the event `keep_archive`, which the packages cannot hold, names their SHA-256, and the lot is archived.
A crash between the steps costs nothing: what is done already is seen in the log and in the table.
"""

from contextlib import suppress
from uuid import UUID

from bidding import records
from bidding.case import Tools, lot_act
from bidding.stages import Stage
from bidding.steps.package import collect, written
from bidding.tables import Archive
from kernel import log
from kernel.box.setup import retire
from kernel.db import TRADING, transaction
from kernel.errors import WrongStage
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.log_proofs import is_cosigned
from kernel.proofs.packing import Material
from storage import keeping
from storage.retention import lock_moment, locked_until
from storage.vault import Stored

FINISHED = (Stage.OPENED, Stage.FAILED)
TERMS = ("tender_file", "announcement")
"""Of the terms in storage/retention.toml, those that a package falls under."""


class _Ended(Exception):
    """Another turn was quicker to end the case: the empty act leaves no trace."""


async def archive_when_due(tools: Tools, actor: Actor, lot: UUID) -> None:
    """Go as far towards the archive as the log allows; safe at any time, any number of times, in any process."""
    row = await records.lot(lot)
    if row.stage not in FINISHED:
        return
    end = await _end(lot)
    if end is None:
        with suppress(_Ended):
            await _state_the_end(actor, lot)
        return
    material = await collect(tools, row, end.n) if await is_cosigned(TRADING, end.id) else None
    if material is None:
        return
    public = await _keep(tools, material, "public", end)
    archive = await _keep(tools, material, "archive", end)
    with suppress(WrongStage):  # another process has archived the lot meanwhile
        await _finish(actor, lot, end.n, public, archive)


async def _end(lot: UUID) -> log.Event | None:
    """The event that ends the case, if there is one."""
    async with transaction(TRADING) as connection:
        found = [e for e in await log.events_of(connection, str(lot)) if e.act == "archive_case"]
    return found[0] if found else None


async def _state_the_end(actor: Actor, lot: UUID) -> None:
    async with lot_act("archive_case", actor, lot) as case:
        await retire(case.beat)
        events = await log.events_of(case.beat.connection, str(lot))
        if any(event.act == "archive_case" for event in events):
            raise _Ended
        last = len(events) + 1
        event = await case.beat.record(case.lot.code, facts={"last": last})
        if event.n != last:
            raise RuntimeError("an event was written past the case's lock")


async def _keep(tools: Tools, material: Material, kind: str, end: log.Event) -> Stored:
    until = lock_moment(locked_until(TERMS, end.at.date()))
    async with written(tools, material, kind, end.at) as package:
        return await keeping.keep(tools.store, package.steps(), limit=package.size, until=until)


async def _finish(actor: Actor, lot: UUID, last: int, public: Stored, archive: Stored) -> None:
    async with lot_act("archive_case", actor, lot) as case:
        await Archive.insert(
            Archive(
                id=new_id(),
                lot=lot,
                public_sha256=public.sha256,
                public_size=public.size,
                archive_sha256=archive.sha256,
                archive_size=archive.size,
                last_event=last,
                at=case.beat.at,
            )
        )
        hashes = {"public": public.sha256, "archive": archive.sha256}
        await case.beat.record(case.lot.code, act="keep_archive", hashes=hashes)
        await case.move(Stage.ARCHIVED)
