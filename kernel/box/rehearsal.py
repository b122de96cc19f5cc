"""开标演练: a whole opening the day before, with the same people and the same steps, on its own keys and its own log.

A rehearsal has a box and a tender number of its own; `rehearsal` stands in its set-up. The platform plays three
bidders, of whom the last does not reveal, so that the holders open for him. When it has opened, it is reported.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kernel import inbox
from kernel.acts import Beat
from kernel.box import desk, progress, records, setup
from kernel.box.played import LAST, play, reveals
from kernel.box.records import BoxView, HolderView
from kernel.box.rehearsal_report import draw_up
from kernel.box.rehearsing import rehearsing
from kernel.box.setup import BoxPlan
from kernel.box.tables import Rehearsal
from kernel.clock import iso, when
from kernel.db import TRADING, reading
from kernel.errors import BadInput, NotFound, Problem
from kernel.identity import Actor, clockwork
from kernel.ids import new_id
from kernel.jobs import schedule
from kernel.proofs import dsse
from kernel.proofs.canonical import from_base64

ACTOR = clockwork("rehearsal")
JOB = "lot"
WINDOW = 2
"""Minutes in which the played bidders reveal."""
FALLBACK = 24 * 60
"""Minutes the holders have to open for the one who does not."""
SOONEST, LATEST = timedelta(minutes=5), timedelta(days=2)


@dataclass(frozen=True, slots=True)
class RehearsalView:
    """A rehearsal of the lot `of`; `report` are the exact bytes of its report, once it has opened."""

    case: UUID
    of: UUID
    asked_by: str
    asked_at: datetime
    opens_at: datetime
    sealed: dict[str, str]
    played: dict[str, Any]
    report: bytes | None
    checkpoint: str
    ended_at: datetime | None


async def begin(beat: Beat, of: BoxView, opens_at: datetime) -> UUID:
    """Make the rehearsal of a lot's opening, within an act on the lot; its holders are asked. The rehearsal's case."""
    if of.mode == "bidder-only":
        raise BadInput(Problem("nothing_to_rehearse", "本标段仅由投标人解密，没有持钥人参与", "无需演练"))
    if not beat.at + SOONEST <= opens_at <= beat.at + LATEST:
        raise BadInput(Problem("bad_moment", "演练的截标时间应在五分钟之后、两天以内", "请另选时间", field="opens_at"))
    case, number = new_id(), len(await of_lot(of.case)) + 1
    async with rehearsing("rehearse_opening", beat.actor, case) as own:
        await setup.prepare(own, _plan(of, number))
        await setup.set_notice(own, of.notice or of.setup or "0" * 64)
        row = Rehearsal(case=case, of=of.case, asked_by=beat.actor.name[:60], asked_at=own.at, opens_at=opens_at)
        await Rehearsal.insert(row)
        await setup.set_deadline(own, opens_at)
        await _ask(own, await records.box(case), opens_at)
        await _wake(own, opens_at)
    return case


async def hold(actor: Actor, case: UUID, holder: HolderView, kind: str, stage: str, signed: dsse.Signed) -> None:
    """What a holder posts into a rehearsal; in the same words and under the same checks as for a real opening."""
    async with rehearsing("hold_key", actor, case) as beat:
        await desk.take(beat, await records.box(case), holder, kind, signed, stage)


async def turn(case: UUID, *, regulator: bytes, receipts: dsse.Signer, origin: str) -> None:
    """Go on with a rehearsal as far as time and people allow. Safe at any time, any number of times."""
    view = await read(case)
    if view.report is not None:
        return
    async with rehearsing("turn_rehearsal", ACTOR, case) as beat:
        await _advance(beat, view, regulator)
        box = await records.box(case)
        if box.ready and not view.played and beat.at < view.opens_at:
            sealed, played = await play(beat, box, receipts)
            await Rehearsal.update({Rehearsal.sealed: json.dumps(sealed), Rehearsal.played: json.dumps(played)}).where(
                Rehearsal.case == case
            )
        if box.state == "opening" and await reveals(beat, box, view.played):
            await _advance(beat, view, regulator)
        for moment in progress.due(await records.box(case)):
            await _wake(beat, moment)
        if (await records.box(case)).state in ("opened", "failed"):
            await _end(beat, view, origin)


async def read(case: UUID) -> RehearsalView:
    """The rehearsal with this case."""
    async with reading(TRADING) as connection:
        row = await connection.fetchrow('select * from box.rehearsal where "case" = $1', case)
    if row is None:
        raise NotFound(Problem("no_rehearsal", "没有这次演练", "请从标段页面进入"))
    return _view(row)


async def of_lot(lot: UUID) -> list[RehearsalView]:
    """The rehearsals of a lot, newest first."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch("select * from box.rehearsal where of = $1 order by asked_at desc", lot)
    return [_view(row) for row in rows]


async def is_one(case: UUID) -> bool:
    """Whether this case is a rehearsal, and no lot."""
    async with reading(TRADING) as connection:
        return bool(await connection.fetchval('select exists (select from box.rehearsal where "case" = $1)', case))


async def _advance(beat: Beat, view: RehearsalView, regulator: bytes) -> None:
    async def fetch(sha256: str) -> bytes:
        return from_base64(view.sealed[sha256])

    await progress.advance(beat, regulator=regulator, fetch=fetch)


async def _end(beat: Beat, view: RehearsalView, origin: str) -> None:
    report, checkpoint = await draw_up(await records.box(view.case), view.of, view.played, beat.at, origin)
    mine = Rehearsal.case == view.case
    await Rehearsal.update(
        {Rehearsal.report: report, Rehearsal.checkpoint: checkpoint, Rehearsal.ended_at: beat.at}
    ).where(mine)


async def _ask(beat: Beat, box: BoxView, opens_at: datetime) -> None:
    fields = {"tender": box.tender, "lot": box.lot, "at": when(opens_at)}
    for holder in await records.holders(box):
        if holder.role != "regulator":
            await inbox.send(beat.connection, "rehearsal_wanted", fields=fields, person=holder.person, link="/trustee")


async def _wake(beat: Beat, at: datetime) -> None:
    await schedule(beat.connection, JOB, {"lot": str(beat.case)}, run_at=at, dedup=f"lot:{beat.case}:{iso(at)}")


def _plan(of: BoxView, number: int) -> BoxPlan:
    return BoxPlan(
        tender=f"{of.tender}-YL{number}",
        lot=of.lot,
        region=of.region,
        purchaser=of.purchaser,
        mode=of.mode,
        stages=tuple((stage["id"], stage["to"]) for stage in of.stages),
        minimum=LAST,
        window_minutes=WINDOW,
        fallback_minutes=FALLBACK,
        rehearsal=True,
    )


def _view(row: Any) -> RehearsalView:
    texts = {name: json.loads(row[name]) for name in ("sealed", "played")}
    return RehearsalView(**{**dict(row), **texts})
