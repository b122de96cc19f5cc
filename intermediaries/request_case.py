"""One act on one request: the beats, who may, when; and the only place where a request's stage is written."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from piccolo.columns import Column

from intermediaries.records import requests as records
from intermediaries.records.requests import RequestRow
from intermediaries.stages import NAMES, WINDOWS, Stage, next_stage
from intermediaries.tables.requests import Request
from kernel import log
from kernel.accounts.mandates import may_act_for
from kernel.accounts.rules import in_scope
from kernel.acts import Beat, acting
from kernel.clock import iso
from kernel.directives import Suspension
from kernel.errors import Directed, Forbidden, NotFound, Problem, WrongStage
from kernel.identity import Actor
from kernel.jobs import schedule
from kernel.permissions import permission

NO_REQUEST = Problem("no_request", "没有这项采购需求", "请核对编号或从采购公告进入")


class Unmoved(Exception):
    """Nothing was due: the empty act leaves no trace."""


@dataclass(slots=True)
class RequestCase:
    """A request under an act's lock."""

    beat: Beat
    request: RequestRow

    async def move(self, to: Stage, **changes: Any) -> None:
        """Walk to the next stage, if the table of moves has it, and write what else changes with it."""
        next_stage(self.request.stage, to)
        await self.change(stage=str(to), **changes)
        self.request = replace(self.request, stage=to)

    async def change(self, **changes: Any) -> None:
        """Write columns of the request."""
        await Request.update(cast(dict[Column | str, Any], changes)).where(Request.id == self.request.id)

    async def wake(self, at: datetime) -> None:
        """Have the request's clockwork look at it at this moment of the law's clock."""
        dedup = f"request:{self.request.id}:{iso(at)}"
        await schedule(self.beat.connection, "request", {"request": str(self.request.id)}, run_at=at, dedup=dedup)

    async def record(self, act: str = "", **what: Any) -> None:
        """The act's event under the request's public code."""
        await self.beat.record(self.request.code, act=act, **what)


@asynccontextmanager
async def request_act(
    act: str, actor: Actor, case: UUID, *, exclusive: bool = True, obeys: bool = True
) -> AsyncIterator[RequestCase]:
    """Beats 1 to 3 for one request: lock, directive, then this stage, this act, this actor.

    Refuses with `Directed`, `WrongStage`, `Forbidden`; another's request is `NotFound`. After a suspension nothing
    happens before `resume_case` has given its time back: else an application would be late that is not.
    """
    async with acting(act, actor, case, exclusive=exclusive, obeys=obeys) as beat:
        if act != "resume_case" and (late := await waiting_orders(beat)):
            says = "暂停已经结束，各项期限正在重新计算"
            raise Directed(Problem("clocks_wait", says, "请稍后再办理", late[0].order.article))
        row = await records.request(case)
        await check_request_actor(act, actor, row, beat.at)
        check_request_stage(act, row)
        yield RequestCase(beat, row)


async def waiting_orders(beat: Beat) -> list[Suspension]:
    """The suspensions that are over and whose time has not been given back; the record of doing so tells them."""
    if not beat.suspended:
        return []
    done = await orders_on_record(beat, "resume_case")
    return [one for one in beat.suspended if str(one.order.id) not in done]


async def orders_on_record(beat: Beat, act: str) -> set[str]:
    """The ids of the orders that events of this act have carried out, as their facts tell."""
    said = [json.loads(event.body) for event in await log.events_of(beat.connection, str(beat.case))]
    return {order for one in said if one["act"] == act for order in one["facts"].get("orders", [])}


async def is_packed(beat: Beat) -> bool:
    """Whether the request's last event is written: what is published after it would be in no package."""
    events = await log.events_of(beat.connection, str(beat.case))
    return any(event.act == "archive_request" for event in events)


def check_request_stage(act: str, row: RequestRow) -> None:
    """Beat 3, when: the table of windows."""
    allowed = WINDOWS.get(act)
    if allowed is not None and row.stage not in allowed:
        names = "、".join(NAMES[stage] for stage in Stage if stage in allowed)
        says = f"采购需求现处于“{row.stage_name}”，不能办理此事项"
        raise WrongStage(Problem("wrong_stage", says, f"可办理的环节：{names}"))


async def check_request_actor(act: str, actor: Actor, row: RequestRow, at: datetime) -> None:
    """Beat 3, who: the table of acts; an owner's own requests, an agency's own part, officials within their region."""
    if actor.door == "clockwork":
        return
    granted = permission(act, actor.role)
    if not granted:
        raise Forbidden(Problem("not_your_act", "您的角色不能办理此事项", "请由有权的一方办理"))
    if actor.side in ("operate", "supervise") and not in_scope(actor, row.region, row.department):
        raise Forbidden(Problem("request_out_of_region", "不在您的地区或部门范围内", "请由所在地的单位办理"))
    if granted == "own" and actor.role in ("purchaser", "agent") and not await _owns(act, actor, row, at):
        raise NotFound(NO_REQUEST)


async def _owns(act: str, actor: Actor, row: RequestRow, at: datetime) -> bool:
    if actor.role == "purchaser":
        return row.owner == actor.organisation
    if actor.organisation is None or row.by_agent != actor.organisation:
        return False
    return await may_act_for(actor.organisation, row.owner, row.project, act, at)
