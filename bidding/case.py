"""One act on one lot: the beats, who may, when; and the only place where a lot's stage is written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from piccolo.columns import Column

from bidding import records, results
from bidding.procedures import PROCEDURES, Procedure
from bidding.records import LotRow
from bidding.stages import NAMES, WINDOWS, Stage, next_stage
from bidding.tables import Lot
from kernel.accounts.mandates import may_act_for
from kernel.accounts.rules import in_scope
from kernel.acts import Beat, acting
from kernel.box.records import BoxView
from kernel.clock import iso, now
from kernel.errors import Directed, Forbidden, NotFound, Problem, WrongStage
from kernel.identity import Actor
from kernel.jobs import schedule
from kernel.law import Law
from kernel.permissions import permission
from kernel.proofs.dsse import Signer
from kernel.refusals import on_record
from kernel.toss.hand import Hand
from storage.vault import Store

REMIND = "remind"
"""The job that sends a word in time; `bidding.detours.remind` does it."""
LAST_CALL = timedelta(minutes=10)
"""Before the time to reveal or to release ends: who has not done it is called once more."""
SEALED_BID = "sealed_bid"
"""Purpose of the uploads of sealed bids; a lot's own are `sealed_bid:<lot>`."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What steps need and may not look for themselves: the bytes, the law, the platform's own keys.

    `regulator` is the public key of the regulator's process; `contacts` encrypts the addresses left by the public;
    `witnessed`: the log has a witness, and no box is opened before it has seen the close; `steady`: the log is signed
    every minute, and where it was not the platform stood still;
    `hand` is the operator's in draws; `anchors` are the exact bytes of the anchors this site goes by, put into evidence
    packages as its own claim.
    """

    store: Store
    law: Law
    receipts: Signer
    regulator: bytes
    contacts: bytes
    origin: str
    hand: Hand
    anchors: bytes = b""
    witnessed: bool = False
    steady: bool = False


@dataclass(slots=True)
class LotCase:
    """A lot under an act's lock."""

    beat: Beat
    lot: LotRow

    @property
    def procedure(self) -> Procedure:
        return PROCEDURES[self.lot.procedure]

    async def move(self, to: Stage, **changes: Any) -> None:
        """Walk to the next stage, if the table of moves has it, and write what else changes with it."""
        next_stage(self.lot.stage, to)
        await self.change(stage=str(to), **changes)
        self.lot = replace(self.lot, stage=to)

    async def wake(self, at: datetime) -> None:
        """Have the lot's clockwork look at it at this moment of the law's clock."""
        dedup = f"lot:{self.lot.id}:{iso(at)}"
        await schedule(self.beat.connection, "lot", {"lot": str(self.lot.id)}, run_at=at, dedup=dedup)

    async def remind(self, what: str, until: datetime, ahead: timedelta) -> None:
        """Have a word sent so long before this moment of the law's clock, in whole minutes."""
        dedup = f"{REMIND}:{what}:{self.lot.id}:{until.timestamp():.0f}"
        asked = {"lot": str(self.lot.id), "what": what, "ahead": max(1, int(ahead.total_seconds() // 60))}
        await schedule(self.beat.connection, REMIND, asked, run_at=until - ahead, dedup=dedup)

    async def remind_opening(self, box: BoxView) -> None:
        """Have a word sent to whoever the opening waits for: bidders in their window, then officers in their time."""
        if box.reveal_until is not None:
            third = timedelta(minutes=box.window_minutes) / 3
            await self.remind("reveal_missing", box.reveal_until, min(LAST_CALL, third))
        if box.fallback_until is not None:
            await self.remind("shares_wanted", box.reveal_until or self.beat.at, timedelta())
            await self.remind("shares_missing", box.fallback_until, LAST_CALL)

    async def change(self, **changes: Any) -> None:
        """Write columns of the lot."""
        await Lot.update(cast(dict[Column | str, Any], changes)).where(Lot.id == self.lot.id)


@asynccontextmanager
async def lot_act(
    act: str, actor: Actor, case: UUID, *, exclusive: bool = True, obeys: bool = True
) -> AsyncIterator[LotCase]:
    """Beats 1 to 3 for one lot: lock, directive, then this stage, this act, this actor.

    Refuses with `Directed`, `WrongStage`, `Forbidden`; a stranger's unpublished lot is `NotFound`. After a suspension
    nothing happens before `resume_case` has moved the lot's clocks: else a deadline would be late that is not.
    """
    async with acting(act, actor, case, exclusive=exclusive, obeys=obeys) as beat:
        if beat.suspended and act != "resume_case":
            await _check_clocks(beat)
        lot = await records.lot(case)
        await check_actor(act, actor, lot, beat.at)
        check_stage(act, lot)
        yield LotCase(beat, lot)


async def _check_clocks(beat: Beat) -> None:
    moved = await results.resumed_orders(beat.case)
    waiting = [one for one in beat.suspended if str(one.order.id) not in moved]
    if waiting:
        says = "暂停已经结束，各项期限正在重新计算"
        raise Directed(Problem("clocks_wait", says, "请稍后再办理", waiting[0].order.article))


def check_stage(act: str, lot: LotRow) -> None:
    """Beat 3, when: the table of windows."""
    allowed = WINDOWS.get(act)
    if allowed is not None and lot.stage not in allowed:
        names = "、".join(NAMES[stage] for stage in sorted(allowed))
        says = f"标段现处于“{lot.stage_name}”，不能办理此事项"
        raise WrongStage(Problem("wrong_stage", says, f"可办理的环节：{names}"))


async def check_actor(act: str, actor: Actor, lot: LotRow, at: datetime) -> None:
    """Beat 3, who: the table of acts, own cases only where it says so, officials within their region."""
    if actor.door == "clockwork":
        return
    granted = permission(act, actor.role)
    if not granted:
        raise Forbidden(Problem("not_your_act", "您的角色不能办理此事项", "请由有权的一方办理"))
    if actor.side in ("operate", "supervise") and not in_scope(actor, lot.region, lot.department):
        raise Forbidden(Problem("out_of_region", "不在您的地区或部门范围内", "请由项目所在地的单位办理"))
    if granted == "own" and actor.role in ("purchaser", "agent") and not await _owns(act, actor, lot, at):
        raise NotFound(Problem("no_lot", "没有这个标段", "请核对编号或从工作台进入"))


async def check_reader(act: str, actor: Actor, lot: LotRow) -> None:
    """Beat 3 for one who only looks: no lock, no event unless it is refused; who may not is told as a stranger is."""
    async with on_record(act, actor, lot.id):
        await check_actor(act, actor, lot, await now())


async def _owns(act: str, actor: Actor, lot: LotRow, at: datetime) -> bool:
    if actor.role == "purchaser":
        return lot.purchaser == actor.organisation
    if actor.organisation is None or lot.agent != actor.organisation:
        return False
    return await may_act_for(actor.organisation, lot.purchaser, lot.project, act, at)
