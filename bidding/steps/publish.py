"""发布公告: notice, documents and deadline of one lot; the law of that day is fixed and stored with the case."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bidding import records
from bidding.case import LotCase, Tools, check_reader, check_stage, lot_act
from bidding.methods import build, law_facts, plan_problems
from bidding.procedures import PROCEDURES
from bidding.records import LotRow
from bidding.rules import publication_problems, window_problems
from bidding.schemas import PublishNotice
from bidding.stages import Stage
from bidding.texts import finish, write_notice
from kernel import inbox
from kernel.acts import answer, answered_before
from kernel.box import records as box_records
from kernel.box import setup as box_setup
from kernel.clock import iso, now, when
from kernel.errors import Problem, refuse_all
from kernel.identity import Actor
from kernel.law import LawInForce


async def publish_notice(
    tools: Tools, actor: Actor, lot: UUID, command: PublishNotice, request: UUID | None = None
) -> dict[str, Any]:
    """Publish a lot's notice; {notice, sha256, deadline}. `LawRefuses` with every limit that is not kept."""
    asked = command.model_dump(mode="json")
    if (known := await answered_before("publish_notice", actor, request, asked)) is not None:
        return known
    digests = await finish(tools, actor, command.documents)
    async with lot_act("publish_notice", actor, lot) as case:
        law = law_on(tools, case.lot, case.beat.at)
        refuse_all(_problems(case.lot, command, law, case.beat.at))
        window = command.window_minutes or case.lot.window_minutes
        content = _content(case.lot, command, law, case.beat.at, window)
        sha256 = await write_notice(
            case, "notice", f"{case.lot.project_name} {case.lot.name}招标公告", content, digests
        )
        await _open_box(case, command.deadline, sha256, window)
        await case.move(
            Stage.ANNOUNCED,
            law=law.to_json(),
            law_day=law.day,
            published_at=case.beat.at,
            place=command.place,
            documents_until=command.documents_until,
            deadline=command.deadline,
            window_minutes=window,
        )
        await case.beat.record(
            case.lot.code,
            hashes={"notice": sha256, "law": law.sha256()},
            facts={"deadline": iso(command.deadline)},
        )
        await _tell(case, command.deadline)
        given = {"notice": 1, "sha256": sha256, "deadline": iso(command.deadline)}
        await answer(case.beat, request, asked, given)
        await case.wake(command.deadline)
    return given


async def _tell(case: LotCase, deadline: datetime) -> None:
    """Whose notice it is has it in writing, and a word comes a day before the deadline."""
    await case.remind("deadline_near", deadline, timedelta(days=1))
    fields = {"project": case.lot.name, "code": case.lot.code, "kind": "招标公告"}
    fields |= {"at": when(case.beat.at), "deadline": when(deadline)}
    for organisation in {case.lot.purchaser, case.lot.agent} - {None}:
        link = f"/lots/{case.lot.id}"
        await inbox.send(case.beat.connection, "notice_published", fields=fields, organisation=organisation, link=link)


async def check_notice(tools: Tools, actor: Actor, lot: UUID, command: PublishNotice) -> None:
    """Refuse what publishing now would refuse, and write nothing: for a page that asks once more before."""
    row, at = await records.lot(lot), await now()
    await check_reader("publish_notice", actor, row)
    check_stage("publish_notice", row)
    refuse_all(_problems(row, command, law_on(tools, row, at), at))


def law_on(tools: Tools, lot: LotRow, at: datetime) -> LawInForce:
    """The limits that would bind this lot, were its notice published at this moment."""
    return tools.law.in_force(at.date(), lot.region, lot.procedure)


def _problems(lot: LotRow, command: PublishNotice, law: LawInForce, at: datetime) -> list[Problem]:
    procedure, plan = PROCEDURES[lot.procedure], command.evaluation.plain()
    problems = window_problems(procedure, command.window_minutes or lot.window_minutes)
    problems += plan_problems(procedure, lot.ceiling, plan)
    if not problems:
        problems += law.problems(law_facts(procedure, lot.category, evaluation_of(lot, command)))
    return problems + publication_problems(
        law,
        published=at,
        documents_until=command.documents_until,
        deadline=command.deadline,
        estimate=lot.estimate,
        deposit=lot.deposit,
    )


def evaluation_of(lot: LotRow, command: PublishNotice) -> dict[str, Any]:
    """How the bids of this lot will be compared, as the notice publishes it."""
    return build(PROCEDURES[lot.procedure], lot.category, lot.ceiling, command.evaluation.plain())


def _content(lot: LotRow, command: PublishNotice, law: LawInForce, at: datetime, window: int) -> dict[str, Any]:
    money = {"estimate": str(lot.estimate), "deposit": str(lot.deposit), "ceiling": str(lot.ceiling or "")}
    times = {
        "documents_until": iso(command.documents_until),
        "deadline": iso(command.deadline),
        "published": iso(at),
    }
    return {
        "project": lot.project_name,
        "lot_name": lot.name,
        "purchaser": lot.purchaser_name,
        "agent": lot.agent_name,
        "scope": lot.scope,
        "funding": lot.funding,
        "approval": lot.approval,
        "place": command.place,
        "requirements": command.requirements,
        "period_days": command.period_days,
        "mode": lot.mode,
        "window_minutes": window,
        "evaluation": evaluation_of(lot, command),
        "law": law.sha256(),
        "law_day": law.day.isoformat(),
        **money,
        **times,
    }


async def _open_box(case: LotCase, deadline: datetime, notice: str, window: int) -> None:
    await box_setup.set_window(case.beat, window)
    await box_setup.set_notice(case.beat, notice)
    await box_setup.set_deadline(case.beat, deadline)
    await box_setup.assemble(case.beat, await box_records.box(case.lot.id), without_missing=True)
