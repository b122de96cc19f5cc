"""受理: the trading centre looks for completeness only; it takes a project, or says once all that is missing."""

import json
from uuid import UUID

from bidding import records
from bidding.case import LotCase, lot_act
from bidding.records import LotRow
from bidding.rules import acceptance_problems
from bidding.stages import Stage
from kernel import inbox
from kernel.box import records as box_records
from kernel.box.setup import BoxPlan, prepare
from kernel.clock import when
from kernel.db import TRADING, transaction
from kernel.errors import BadInput, NotFound, Problem, refuse_all
from kernel.identity import Actor


async def accept_project(actor: Actor, project: UUID) -> None:
    """Take a complete project: every lot gets its sealed box. Refuses with everything that is missing."""
    async with transaction(TRADING):
        for lot in await _lots(project):
            async with lot_act("accept_project", actor, lot.id) as case:
                refuse_all(missing(lot), BadInput)
                await case.move(Stage.ACCEPTED)
                await prepare(case.beat, _plan(case))
                await _ask_holders(case)
                await case.beat.record(lot.code)
                at = case.beat.at
        await _tell("project_accepted", lot, at=when(at))


async def return_project(actor: Actor, project: UUID, remarks: str = "") -> None:
    """一次性告知补正: everything that is missing goes back at once, with the way to mend it."""
    async with transaction(TRADING):
        for lot in await _lots(project):
            async with lot_act("accept_project", actor, lot.id) as case:
                problems = [
                    {"code": p.code, "says": p.says, "remedy": p.remedy, "article": p.article} for p in missing(lot)
                ]
                if remarks.strip():
                    problems.append({"code": "remarks", "says": remarks.strip()[:1000], "remedy": "", "article": ""})
                if not problems:
                    raise BadInput(Problem("nothing_missing", "材料齐全，不得退回", "请予受理，或写明须补正的事项"))
                await case.move(Stage.RETURNED, returned=json.dumps(problems, ensure_ascii=False))
                await case.beat.record(lot.code, act="return_project", facts={"problems": problems})
                reason = "；".join(p["says"] for p in problems)
        await _tell("project_returned", lot, reason=reason[:400])


def missing(lot: LotRow) -> list[Problem]:
    """What keeps this lot's project from being taken."""
    keys = ("approval", "funding", "scope", "category", "investment_code")
    return acceptance_problems({key: getattr(lot, key) for key in keys})


async def _lots(project: UUID) -> list[LotRow]:
    found = await records.lots_of(project)
    if not found:
        raise NotFound(Problem("no_project", "没有这个项目", "请从工作台进入"))
    return found


async def _ask_holders(case: LotCase) -> None:
    """The trading side's holders are asked for their keys; the regulator's find it on their own workbench."""
    fields = {"project": case.lot.project_name, "code": case.lot.code}
    for holder in await box_records.holders(await box_records.box(case.lot.id)):
        if holder.role != "regulator":
            await inbox.send(case.beat.connection, "keys_wanted", fields=fields, person=holder.person, link="/trustee")


def _plan(case: LotCase) -> BoxPlan:
    lot, procedure = case.lot, case.procedure
    return BoxPlan(
        tender=lot.project_code,
        lot=lot.number,
        region=lot.region,
        purchaser=lot.purchaser,
        mode=lot.mode,
        stages=procedure.box,
        later=procedure.later,
        minimum=procedure.minimum,
        window_minutes=lot.window_minutes,
        fallback_minutes=procedure.fallback_minutes,
    )


async def _tell(template: str, lot: LotRow, **more: str) -> None:
    async with transaction(TRADING) as connection:
        fields = {"project": lot.project_name, "code": lot.project_code, **more}
        await inbox.send(
            connection, template, fields=fields, organisation=lot.purchaser, link=f"/projects/{lot.project}"
        )
