"""申请抽取: the purchaser asks for a panel; its make-up, window and candidates are checked, the draw begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from experts import pool, records
from experts.case import PANEL, Tools, owns
from experts.pool import Terms
from experts.rules import (
    Asked,
    Party,
    article,
    attendance_problems,
    employer_cap,
    owner_problems,
    panel_problems,
)
from experts.schemas import LotFacts, RequestPanel
from experts.seating import write_owner, write_party
from experts.stages import STANDING, Stage
from experts.tables import Panel, Stratum
from kernel.accounts import records as accounts
from kernel.acts import Beat, acting, answer, answered_before
from kernel.clock import CHINA
from kernel.errors import BadInput, Forbidden, LawRefuses, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.jobs import schedule
from kernel.law import LawInForce
from kernel.permissions import permission
from kernel.toss import steps as toss

OURS = frozenset({"panel_size", "owner_members", "panel_drawn", "evaluation_planned"})
"""The measures of law.toml: the limits that a panel keeps a copy of."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A request with all that follows for this lot."""

    facts: LotFacts
    command: RequestPanel
    law: LawInForce
    terms: Terms
    earlier: tuple[dict[str, Any], ...]


async def request_panel(
    tools: Tools, actor: Actor, lot: UUID, command: RequestPanel, request: UUID | None = None
) -> UUID:
    """Ask for a panel and start its draw; the panel's id. Refuses with all problems at once, each with its article."""
    asked = command.model_dump(mode="json") | {"lot": str(lot)}
    if (known := await answered_before("request_panel", actor, request, asked)) is not None:
        return UUID(known["panel"])
    facts = await tools.lots(lot)
    async with acting("request_panel", actor, lot) as beat:
        await _check_actor(actor, facts, beat.at)
        plan = await _plan(tools, beat, facts, command)
        people = await _representatives(facts, command)
        await _check(tools, beat, plan, people)
        panel = await _write(beat, plan, people)
        await beat.record(f"{facts.code}/panel/{len(plan.earlier) + 1}", facts=_told(command))
        await _begin(tools, beat, panel, plan)
        if command.purchaser_key:  # somebody attends and waits: the list is fixed at once
            await schedule(beat.connection, PANEL, {"lot": str(lot)})
        await answer(beat, request, asked, {"panel": str(panel)})
    return panel


async def _check_actor(actor: Actor, facts: LotFacts, at: datetime) -> None:
    if not permission("request_panel", actor.role):
        raise Forbidden(Problem("not_your_act", "您的角色不能申请抽取", "请由招标人或其代理机构申请"))
    row = {"purchaser": facts.purchaser, "agent": facts.agent, "project": facts.project}
    if not await owns("request_panel", actor, row, at):
        raise records.no_panel()
    if not facts.open_for_panel:
        raise WrongStage(Problem("no_panel_now", "标段现在的环节不抽取专家", "公告发布之后、评审之前申请"))


async def _plan(tools: Tools, beat: Beat, facts: LotFacts, command: RequestPanel) -> _Plan:
    earlier = tuple(await records.panels_where(lot=facts.lot))
    if any(row["stage"] in STANDING for row in earlier):
        raise WrongStage(Problem("panel_there", "本标段已有评标委员会", "请在评标委员会页面查看"))
    law = tools.law.in_force(facts.law_day or beat.at.date(), facts.region, facts.procedure)
    limits = tuple(limit for limit in law if OURS.issuperset(limit.measures))
    return _Plan(facts, command, LawInForce(law.day, law.region, law.procedure, limits),
                 _terms(beat.at, facts, command), earlier)  # fmt: skip


def _terms(at: datetime, facts: LotFacts, command: RequestPanel) -> Terms:
    since = command.evaluation_at.astimezone(CHINA)
    return Terms(
        at=at,
        professions=tuple(quota.profession for quota in command.professions),
        scope=command.scope or f"{facts.region[:2]}0000",
        category=facts.category,
        since=since,
        until=since + timedelta(hours=command.hours),
        parties=_parties(facts, command),
    )


def _parties(facts: LotFacts, command: RequestPanel) -> tuple[Party, ...]:
    named = tuple(Party("avoided", unit.code, unit.name) for unit in command.avoided)
    return (*facts.parties, *named, *(facts.bidders or ()))


async def _check(tools: Tools, beat: Beat, plan: _Plan, people: list[tuple[UUID, str]]) -> None:
    command, facts = plan.command, plan.facts
    quotas = {quota.profession: quota.quota for quota in command.professions}
    spares = {quota.profession: quota.spares for quota in command.professions}
    asked = Asked(command.size, command.owners, quotas, spares, facts.least, facts.share, facts.category)
    found = panel_problems(asked, tools.professions) + owner_problems(len(people), command.owners, [])
    found += attendance_problems(facts.attended, key=bool(command.purchaser_key))
    if len(people) < len(set(command.representatives)):
        remedy = "请从本单位在册的经办人中指定"
        found.append(Problem("owner_unknown", "不是本单位的人员，或已经指定", remedy, field="representatives"))
    if command.evaluation_at <= beat.at:
        found.append(Problem("evaluation_past", "评审时间不晚于现在", "请填写将来的时间", field="evaluation_at"))
    refuse_all(found, BadInput)
    measured = {"panel_size": command.size, "owner_members": command.owners}
    refuse_all(
        plan.law.problems(measured | {"panel_drawn": beat.at, "evaluation_planned": plan.terms.since}), LawRefuses
    )
    refuse_all(await _lacking(tools, beat, plan), BadInput)


async def _lacking(tools: Tools, beat: Beat, plan: _Plan) -> list[Problem]:
    listed = await pool.listed(beat.connection, plan.terms, tools.grounds)
    found = []
    for asked in plan.command.professions:
        there, wanted = len(listed.candidates[asked.profession]), asked.quota + asked.spares
        if there < wanted:
            says = f"{tools.professions.full_name(asked.profession)}可抽取 {there} 人，不足 {wanted} 人"
            remedy = "请扩大抽取地区，或调整专业、减少候补"
            found.append(Problem("candidates_few", says, remedy, article("few", plan.facts.category), "professions"))
    return found


async def _representatives(facts: LotFacts, command: RequestPanel) -> list[tuple[UUID, str]]:
    """(person, name) of the purchaser's own members, from those who act for him."""
    there = {
        view.person: view.person_name for view in await accounts.members_of(facts.purchaser) if view.state == "held"
    }
    return [(person, there[person]) for person in dict.fromkeys(command.representatives) if person in there]


async def _write(beat: Beat, plan: _Plan, people: list[tuple[UUID, str]]) -> UUID:
    panel, facts, command, n = new_id(), plan.facts, plan.command, len(plan.earlier) + 1
    await Panel.insert(
        Panel(
            id=panel, lot=facts.lot, n=n, code=facts.code, title=facts.title, procedure=facts.procedure,
            category=facts.category, region=facts.region, department=facts.department, purchaser=facts.purchaser,
            agent=facts.agent, project=facts.project, stage=str(Stage.REQUESTED), size=command.size,
            owners=command.owners, least=facts.least, share=str(facts.share), employer_cap=employer_cap(command.size),
            owner_may_chair=facts.owner_may_chair, scope=plan.terms.scope, evaluation_at=plan.terms.since,
            evaluation_until=plan.terms.until, place=command.place, trade=facts.trade,
            reply_minutes=command.reply_minutes, law=plan.law.to_json(), attended=bool(command.purchaser_key),
            requested_at=beat.at, bidders_at=beat.at if facts.bidders is not None else None,
        )
    )  # fmt: skip
    for place, quota in enumerate(command.professions):
        await Stratum.insert(Stratum(id=new_id(), panel=panel, place=place, **quota.model_dump()))
    for party in plan.terms.parties:
        await write_party(panel, party, beat.at)
    for number, (person, name) in enumerate(people, 1):
        await write_owner(beat, panel, number, person, name)
    return panel


async def _begin(tools: Tools, beat: Beat, panel: UUID, plan: _Plan) -> None:
    """A draw that a missing role has ended is begun again under the rules of a restart."""
    void = next((row for row in plan.earlier if row["stage"] == Stage.DISSOLVED and row["toss"]), None)
    replaces = void["toss"] if void and await _is_void(beat, void["toss"]) else None
    key = plan.command.purchaser_key
    draw = await toss.begin(
        beat,
        tools.hand,
        kind="panel",
        regulator=tools.regulator,
        purchaser=bytes.fromhex(key) if key else None,
        attended=bool(key),
        beacon_rule=plan.command.beacon_rule,
        replaces=replaces,
    )
    await Panel.update({Panel.toss: draw}).where(Panel.id == panel)


async def _is_void(beat: Beat, draw: UUID) -> bool:
    return bool(await beat.connection.fetchval("select stage = 'void' from toss.toss where id = $1", draw))


def _told(command: RequestPanel) -> dict[str, Any]:
    """What of a request is told in the open: no unit that is avoided, and nobody's name."""
    shown = {"size", "owners", "professions", "scope", "evaluation_at", "hours"}
    return command.model_dump(mode="json", include=shown, exclude_none=True)
