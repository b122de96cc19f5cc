"""归档: what anybody, and what an auditor, can verify at home.

0 once the opening record is cosigned, the public package as of that record goes out: a loser checks the same day;
1 the event `archive_case` states its own number as the case's last: nothing before it can be left out of the packages;
2 once a cosigned checkpoint covers it, both packages are written and put into the vault;
3 the event `keep_archive`, which the packages cannot hold, names their SHA-256, and the lot is archived.
A sealed file that is found altered or lost while a package is written goes on record; the end is then stated anew, and
the package is made without the file (docs/decisions/0020).
A crash between the steps costs nothing: what is done already is seen in the log and in the table.
"""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from bidding import damage, records, results
from bidding.award_rules import wants_report
from bidding.case import Tools, lot_act
from bidding.procedures import PROCEDURES
from bidding.records import LotRow
from bidding.stages import RECORDED, Stage
from bidding.steps.package import collect, written
from bidding.tables import Archive
from bidding.texts import write_paper
from bidding.turns import tell_parties
from kernel import log
from kernel.box.damage import Lost
from kernel.box.setup import retire
from kernel.clock import now, when
from kernel.db import TRADING, transaction
from kernel.errors import WrongStage
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.law import LawInForce
from kernel.log_proofs import is_cosigned
from kernel.proofs.damage import ACT as DAMAGED
from kernel.proofs.packing import Material
from kernel.toss.records import audited, tosses_of
from storage import keeping
from storage.retention import lock_moment, locked_until
from storage.vault import Stored

FINISHED = (Stage.CONTRACTED, Stage.FAILED)
_OPENED = (RECORDED | {Stage.FAILED}) - {Stage.ARCHIVED}
SETTLE = timedelta(days=60)
"""How long a contracted lot waits for its last refund and its written report before it is archived without them."""


class _Ended(Exception):
    """Another turn was quicker to end the case: the empty act leaves no trace."""


async def archive_when_due(tools: Tools, actor: Actor, lot: UUID) -> None:
    """Go as far towards the archive as the log allows; safe at any time, any number of times, in any process."""
    row = await records.lot(lot)
    if row.stage in _OPENED:
        await _publish_so_far(tools, actor, row)
    if row.stage not in FINISHED or not await _is_done(row):
        return
    end = await _end(lot, "archive_case")
    if end is None or await _lost_since(lot, end):
        with suppress(_Ended):
            await _state_the_end(actor, lot)
        return
    material = await collect(tools, row, end.n) if await is_cosigned(TRADING, end.id) else None
    archive = await _keep(tools, row, material, "archive", end) if material else None
    public = await _keep(tools, row, material, "public", end) if material and archive else None
    if archive is None or public is None:
        return
    with suppress(WrongStage):  # another process has archived the lot meanwhile
        await _finish(actor, lot, end.n, public, archive)


async def _is_done(lot: LotRow) -> bool:
    """A failed lot is; a contracted one when it is settled and its judges are named, or has waited long enough."""
    if lot.stage == Stage.FAILED:
        return True
    reported = wants_report(LawInForce.from_json(lot.law or ""))
    if await results.is_settled(lot.id, lot.deposit, reported=reported) and await _are_named(lot.id):
        return True
    confirmed = await results.paper(lot.id, "confirmation")
    return confirmed is not None and await now() >= confirmed.at + SETTLE


async def _are_named(lot: UUID) -> bool:
    """Whether everybody on the list of the last draw is opened: the auditor sees who could have been drawn."""
    async with transaction(TRADING) as connection:
        tosses = await tosses_of(connection, lot, "panel")
        ordered = [toss for toss in tosses if toss.stage in ("ordered", "walked")]
        return not ordered or await audited(connection, ordered[-1].id)


async def _publish_so_far(tools: Tools, actor: Actor, lot: LotRow) -> None:
    """Keep the public package that ends with the opening record, once the witness has cosigned that record."""
    if await results.paper(lot.id, "package") is not None or await _end(lot.id, "archive_case"):
        return
    first = await results.first_opening(lot.id)
    if first is not None and await records.opening_bytes(lot.id) == first[0]:
        return  # the second envelope is still to be opened
    end = await _end(lot.id, "conclude_opening")
    last = end and (await _lost_since(lot.id, end) or end)
    if end is None or last is None or not await is_cosigned(TRADING, last.id):
        return
    material = await collect(tools, lot, last.n, shown=end.n)
    kept = await _keep(tools, lot, material, "public", last) if material else None
    if kept is None:
        return
    with suppress(_Ended):
        async with lot_act("keep_package", actor, lot.id) as case:
            if await results.paper(lot.id, "package") is not None:
                raise _Ended
            content = {"public": kept.sha256, "size": kept.size, "last": last.n}
            paper = await write_paper(case, "package", content)
            await case.beat.record(lot.code, hashes={"package": paper, "public": kept.sha256})


async def _end(lot: UUID, act: str) -> log.Event | None:
    """The event of this act that ends the case, or its public part so far, if there is one."""
    async with transaction(TRADING) as connection:
        found = [e for e in await log.events_of(connection, str(lot)) if e.act == act]
    return found[-1] if found else None


async def _lost_since(lot: UUID, end: log.Event) -> log.Event | None:
    """The last event that calls files lost, if it came after this one."""
    lost = await _end(lot, DAMAGED)
    return lost if lost is not None and lost.n > end.n else None


async def _state_the_end(actor: Actor, lot: UUID) -> None:
    async with lot_act("archive_case", actor, lot) as case:
        await retire(case.beat)
        events = await log.events_of(case.beat.connection, str(lot))
        said = [event.act for event in events if event.act in ("archive_case", DAMAGED)]
        if "archive_case" in said and said[-1] != DAMAGED:
            raise _Ended
        last = len(events) + 1
        event = await case.beat.record(case.lot.code, facts={"last": last})
        if event.n != last:
            raise RuntimeError("an event was written past the case's lock")


async def _keep(tools: Tools, lot: LotRow, material: Material, kind: str, end: log.Event) -> Stored | None:
    """The package in the vault; None where a sealed file of it turned out to be lost, which is on record now."""
    until = lock_moment(locked_until(PROCEDURES[lot.procedure].keeps, end.at.date()))
    try:
        async with written(tools, material, kind, end.at) as package:
            return await keeping.keep(tools.store, package.steps(), limit=package.size, until=until)
    except Lost as gone:
        if not await damage.report_all(tools, lot.id, gone.sha256):
            raise
        return None


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
        await tell_parties(case, "archive_ready", at=when(case.beat.at))
