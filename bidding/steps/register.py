"""进场登记: a purchaser registers a project with its lots; a returned one is put right and comes back."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from piccolo.columns import Column

from bidding import records
from bidding.case import lot_act
from bidding.procedures import PROCEDURES, Procedure
from bidding.rules import registration_problems
from bidding.schemas import AnswerReturn, LotPlan, RegisterProject
from bidding.stages import Stage
from bidding.tables import Lot, Project
from kernel.accounts import records as accounts
from kernel.accounts.mandates import may_act_for
from kernel.acts import Beat, acting, answer, answered_before
from kernel.db import TRADING, transaction
from kernel.errors import BadInput, Forbidden, Problem, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.trading_codes import make_project_code, make_section_code, make_tender_code


async def register_project(actor: Actor, command: RegisterProject, request: UUID | None = None) -> UUID:
    """Register a project; its id. `BadInput` with every problem at once."""
    procedure = PROCEDURES.get(command.procedure)
    modes = [lot.mode for lot in command.lots]
    refuse_all(registration_problems(procedure, command.category, command.region, modes), BadInput)
    assert procedure is not None
    asked = command.model_dump(mode="json")
    if (known := await answered_before("register_project", actor, request, asked)) is not None:
        return UUID(known["project"])
    project = new_id()
    async with acting("register_project", actor, project) as beat:
        purchaser = await _purchaser(actor, command, project, beat.at)
        code = await _next_code(beat, command.region)
        await Project.insert(_project(project, code, actor, purchaser, command, beat.at))
        for number, plan in enumerate(command.lots, 1):
            await _lot(beat, project, code, number, plan, procedure)
        await beat.record(code, facts={"name": command.name, "lots": len(command.lots)})
        await answer(beat, request, asked, {"project": str(project)})
    return project


async def answer_return(actor: Actor, project: UUID, command: AnswerReturn) -> None:
    """补正: correct what was missing; every lot of the project goes back to the centre."""
    async with transaction(TRADING):
        for lot in await records.lots_of(project):
            async with lot_act("answer_return", actor, lot.id) as case:
                await case.move(Stage.REGISTERED, returned=None)
                await case.beat.record(lot.code, facts=command.model_dump())
        await Project.update(cast(dict[Column | str, Any], command.model_dump())).where(Project.id == project)


async def _purchaser(actor: Actor, command: RegisterProject, project: UUID, at: datetime) -> tuple[UUID, str]:
    if actor.organisation is None:
        raise Forbidden(Problem("no_organisation", "您没有代表任何单位", "请先选择单位和角色"))
    if actor.role == "purchaser":
        return actor.organisation, actor.organisation_name
    if command.purchaser is None:
        raise BadInput(Problem("purchaser_missing", "代理机构登记的，须写明招标人", "请选择委托人", field="purchaser"))
    if not await may_act_for(actor.organisation, command.purchaser, None, "register_project", at):
        raise Forbidden(Problem("no_mandate", "没有招标人的有效委托", "请由招标人在账户中授权", "招标投标法第十三条"))
    found = await accounts.organisation(command.purchaser)
    if found is None:
        raise BadInput(Problem("purchaser_unknown", "没有这个招标人", "请从委托列表中选择", field="purchaser"))
    return command.purchaser, found.name


async def _next_code(beat: Beat, region: str) -> str:
    """The next 招标项目编号 of a region; numbering is serial, so it is taken under a lock."""
    platform = f"E{region}0001"
    await beat.connection.execute("select pg_advisory_xact_lock(hashtext($1))", f"project:{platform}")
    taken = await Project.count().where(Project.code.like(f"{platform}%"))
    return make_tender_code(make_project_code(platform, taken + 1), 1)


def _project(
    project: UUID,
    code: str,
    actor: Actor,
    purchaser: tuple[UUID, str],
    command: RegisterProject,
    at: datetime,
) -> Project:
    by_agent = actor.role == "agent"
    texts = command.model_dump(include={"name", "category", "region", "department", "approval", "investment_code"})
    return Project(
        id=project,
        code=code,
        purchaser=purchaser[0],
        purchaser_name=purchaser[1],
        agent=actor.organisation if by_agent else None,
        agent_name=actor.organisation_name if by_agent else "",
        funding=command.funding,
        scope=command.scope,
        registered_at=at,
        **texts,
    )


async def _lot(beat: Beat, project: UUID, code: str, number: int, plan: LotPlan, procedure: Procedure) -> None:
    lot = new_id()
    await Lot.insert(
        Lot(
            id=lot,
            project=project,
            code=make_section_code(code, number),
            number=f"{number:02}",
            name=plan.name,
            procedure=procedure.id,
            mode=plan.mode,
            stage=str(Stage.REGISTERED),
            estimate=plan.estimate,
            ceiling=plan.ceiling,
            deposit=plan.deposit,
            window_minutes=procedure.window_minutes,
        )
    )
    await beat.record(f"{code}/{number:02}", case=lot, facts={"name": plan.name, "estimate": str(plan.estimate)})
