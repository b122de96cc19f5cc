"""One act on one expert or one panel: the beats, who may, when; and the only place where their stages are written.

A panel's case is its lot: its acts take the lot's lock, obey what the regulator orders on the lot, and leave their
events with it. An expert is a case of his own. Whoever changes the pool holds its lock with others, and who fixes a
list holds it alone: what was known at the instant of a list is then known to everybody who makes it again.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from piccolo.columns import Column

from experts import admissions, records
from experts.avoidance import GROUNDS, Table
from experts.professions import PROFESSIONS, Professions
from experts.schemas import ExpertView, LotFacts, Panel, Seat
from experts.stages import NAMES, STANDING, WINDOWS, Stage, next_stage
from experts.tables import Panel as PanelTable
from experts.tables import Seat as SeatTable
from kernel.accounts.keys import Keys
from kernel.accounts.mandates import may_act_for
from kernel.accounts.rules import in_scope
from kernel.acts import Beat, acting
from kernel.clock import CHINA
from kernel.db import TRADING, lock_case, reading
from kernel.errors import Forbidden, NotFound, Problem, WrongStage
from kernel.identity import Actor
from kernel.law import Law
from kernel.permissions import permission
from kernel.refusals import on_record
from kernel.toss.hand import Hand
from storage.vault import Store

POOL = UUID("e8f2a0d4-6a0c-4f6e-9b53-0c1d5f7a2e10")
"""Stands for the pool as a whole among the locks and in the log."""
EVIDENCE = "expert_evidence"
"""Purpose of the uploads that an application rests on."""
PANEL = "panel"
"""Kind of the job that looks at one lot's panel."""
LotReader = Callable[[UUID], Awaitable[LotFacts]]


class Unmoved(Exception):
    """Nothing was due: the empty act leaves no trace."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What steps need and may not look for themselves. `lots` tells of a lot; `regulator`: its process's raw key."""

    store: Store
    law: Law
    keys: Keys
    hand: Hand
    regulator: bytes
    lots: LotReader
    grounds: Table = field(default=GROUNDS)
    professions: Professions = field(default=PROFESSIONS)


@dataclass(slots=True)
class PanelCase:
    """A panel under an act's lock; `row` is the panel as stored."""

    beat: Beat
    panel: Panel
    row: dict[str, Any]

    @property
    def toss(self) -> UUID:
        """Its draw; a panel under way has one."""
        found: UUID | None = self.row["toss"]
        assert found is not None
        return found

    async def move(self, to: Stage, **changes: Any) -> None:
        """Walk to the next stage, if the table of moves has it, and write what else changes with it."""
        next_stage(Stage(self.panel.stage), to)
        await self.change(stage=str(to), **changes)
        self.panel = replace(self.panel, stage=to)

    async def change(self, **changes: Any) -> None:
        """Write columns of the panel."""
        await PanelTable.update(cast(dict[Column | str, Any], changes)).where(PanelTable.id == self.panel.id)
        self.row |= changes

    async def change_seat(self, seat: UUID, **changes: Any) -> None:
        """Write columns of one of its seats, and read the panel again."""
        await SeatTable.update(cast(dict[Column | str, Any], changes)).where(SeatTable.id == seat)
        self.panel = await records.panel(self.beat.connection, self.panel.id)

    async def record(self, act: str, **facts: Any) -> None:
        """Beat 6 under the lot."""
        await self.beat.record(f"{self.row['code']}/panel/{self.panel.n}", act=act, facts=facts)


@asynccontextmanager
async def panel_act(act: str, actor: Actor, lot: UUID, *, obeys: bool = True) -> AsyncIterator[PanelCase]:
    """Beats 1 to 3 for the panel of a lot. `NotFound` to whom it is none of his business, and where there is none."""
    async with acting(act, actor, lot, obeys=obeys) as beat:
        stages = [*map(str, STANDING), str(Stage.VOID)]
        rows = await records.panels_where(lot=lot, stages=stages)
        if not rows:
            raise records.no_panel()
        row = rows[0]
        await check_actor(act, actor, row, beat.at)
        found = await records.panel(beat.connection, row["id"])
        check_stage(act, found)
        yield PanelCase(beat, found, row)


def check_stage(act: str, panel: Panel) -> None:
    """Beat 3, when: the table of windows."""
    allowed = WINDOWS.get(act)
    if allowed is not None and panel.stage not in allowed:
        names = "、".join(NAMES[stage] for stage in Stage if stage in allowed)
        says = f"评标委员会现处于“{NAMES[Stage(panel.stage)]}”，不能办理此事项"
        raise WrongStage(Problem("wrong_panel_stage", says, f"可办理的状态：{names}"))


async def check_actor(act: str, actor: Actor, row: dict[str, Any], at: datetime) -> None:
    """Beat 3, who: the table of acts, one's own panels only, officials within their region; seats come later."""
    if actor.door == "clockwork":
        return
    granted = permission(act, actor.role)
    if not granted:
        raise Forbidden(Problem("not_your_act", "您的角色不能办理此事项", "请由有权的一方办理"))
    if actor.side in ("operate", "supervise") and not in_scope(actor, row["region"], row["department"]):
        raise Forbidden(Problem("out_of_region", "不在您的地区或部门范围内", "请由项目所在地的单位办理"))
    if granted == "own" and actor.side == "trade" and not await owns(act, actor, row, at):
        raise records.no_panel()


async def owns(act: str, actor: Actor, row: dict[str, Any], at: datetime) -> bool:
    """Whether the lot is the actor's organisation's, or it has its mandate for the act."""
    if actor.role == "purchaser":
        return bool(row["purchaser"] == actor.organisation)
    if actor.organisation is None or row["agent"] != actor.organisation:
        return False
    return await may_act_for(actor.organisation, row["purchaser"], row["project"], act, at)


async def own_seat(case: PanelCase) -> Seat:
    """The live seat of the one who acts; `Forbidden` to whoever has none here."""
    seat = await records.seat_of(case.beat.connection, case.beat.actor, case.panel.lot, spares=True)
    if seat is None or seat.left_at is not None:
        raise Forbidden(Problem("not_seated", "您不是本标段评标委员会的在席成员", "凭签到码在评标席签到后办理"))
    return seat


@dataclass(slots=True)
class ExpertCase:
    """An expert under an act's lock, the pool's lock held with others; `at` was read under both."""

    beat: Beat
    expert: ExpertView


@asynccontextmanager
async def expert_act(act: str, actor: Actor, expert: UUID) -> AsyncIterator[ExpertCase]:
    """Beats 1 to 3 for one expert: only he himself, or the clockwork that carries a decision out."""
    async with acting(act, actor, expert) as beat:
        await touch_pool(beat)
        found = await admissions.expert(beat.connection, expert)
        if found is None or (actor.door != "clockwork" and found.person != actor.person):
            raise NotFound(Problem("expert_unknown", "没有这位专家", "请从工作台进入"))
        if actor.door != "clockwork" and not permission(act, actor.role):
            raise Forbidden(Problem("not_your_act", "您的角色不能办理此事项", "请由有权的一方办理"))
        yield ExpertCase(beat, found)


async def touch_pool(beat: Beat, *, alone: bool = False) -> None:
    """Take the pool's lock until the transaction ends; the act's instant is read again under it."""
    await lock_case(beat.connection, POOL, exclusive=alone)
    beat.at = (await beat.connection.fetchval("select kernel.law_now()")).astimezone(CHINA)


async def me(actor: Actor) -> ExpertView | None:
    """The expert whom the actor's account is, if he is one."""
    if actor.person is None:
        return None
    async with reading(TRADING) as connection:
        return await admissions.expert_of(connection, actor.person)


async def look_at_panel(act: str, actor: Actor, lot: UUID) -> tuple[dict[str, Any], Panel] | None:
    """Beat 3 for one who only looks: the lot's panel, the last one that was; None where none was asked for.

    Who may not is told as a stranger is.
    """
    async with on_record(act, actor, lot), reading(TRADING) as connection:
        rows = await records.panels_where(lot=lot)
        if not rows:
            return None
        at = (await connection.fetchval("select kernel.law_now()")).astimezone(CHINA)
        await check_actor(act, actor, rows[0], at)
        return rows[0], await records.panel(connection, rows[0]["id"])


async def look_at_lot(tools: Tools, act: str, actor: Actor, lot: UUID) -> LotFacts:
    """The same for a lot that has no panel yet."""
    async with on_record(act, actor, lot), reading(TRADING) as connection:
        facts = await tools.lots(lot)
        at = (await connection.fetchval("select kernel.law_now()")).astimezone(CHINA)
        row = {
            "purchaser": facts.purchaser, "agent": facts.agent, "project": facts.project, "region": facts.region,
            "department": facts.department,
        }  # fmt: skip
        await check_actor(act, actor, row, at)
        return facts


async def look_at_seat(actor: Actor, lot: UUID) -> tuple[Panel, Seat]:
    """The seat of who looks, gone or not; `Forbidden` to whoever never had one here."""
    async with reading(TRADING) as connection:
        seat = await records.seat_of(connection, actor, lot, spares=True)
        panel = await records.panel_of(connection, lot)
    if seat is None or panel is None:
        raise Forbidden(Problem("never_seated", "您不是本标段评标委员会的成员", "凭签到码在评标席签到后办理"))
    return panel, seat
