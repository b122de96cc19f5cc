"""申请入库: an expert describes himself with evidence, keeps his ties and times true; admission is the regulator's."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from experts import writing
from experts.case import EVIDENCE, ExpertCase, Tools, expert_act, me, touch_pool
from experts.rules import Candidate, admission_problems, unknown_ties
from experts.schemas import ApplyExpert, EndTie, GiveTime, SaidTie, TakeTime
from experts.stages import EXPERT_MOVES, EXPERT_NAMES, ExpertStage
from experts.tables import Evidence, Expert
from kernel import regions
from kernel.acts import Beat, acting, answer, answered_before
from kernel.codes import check_credit_code
from kernel.errors import BadInput, Forbidden, NotFound, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id
from storage import uploads


async def apply_expert(tools: Tools, actor: Actor, command: ApplyExpert, request: UUID | None = None) -> UUID:
    """Ask for admission, or again after a refusal or with other professions; the expert's id."""
    asked = command.model_dump(mode="json")
    if (known := await answered_before("apply_expert", actor, request, asked)) is not None:
        return UUID(known["expert"])
    if actor.person is None or actor.role != "expert":
        raise Forbidden(Problem("judges_only", "只有专家一方的账号可以申请入库", "请由交易中心开立专家账号"))
    standing = await me(actor)
    expert = standing.id if standing else new_id()
    papers = [paper.upload for paper in command.evidence]
    await uploads.finish_all(tools.store, papers, str(actor.organisation))
    async with acting("apply_expert", actor, expert) as beat:
        await touch_pool(beat)
        refuse_all(_problems(tools, beat, command, earlier=len(standing.evidence) if standing else 0), BadInput)
        if standing is None:
            row = Expert(id=expert, person=actor.person, born=command.born, applied_at=beat.at)
            await Expert.insert(row)
        elif ExpertStage.APPLIED not in EXPERT_MOVES[ExpertStage(standing.stage)] | {standing.stage}:
            says = f"您现在的状态是“{EXPERT_NAMES[ExpertStage(standing.stage)]}”，不能申请"
            raise WrongStage(Problem("cannot_apply", says, "暂停解除后再申请"))
        shas = await _keep_evidence(beat, expert, str(actor.organisation), command)
        await _write(beat, expert, actor.name, command)
        await beat.record(str(expert), hashes=shas, facts={"professions": command.professions})
        await answer(beat, request, asked, {"expert": str(expert)})
    return expert


def _problems(tools: Tools, beat: Beat, command: ApplyExpert, *, earlier: int) -> list[Problem]:
    candidate = Candidate(
        command.title_level, command.years, command.born, tuple(command.professions),
        len(command.evidence) + earlier, command.committed,
    )  # fmt: skip
    found = admission_problems(candidate, beat.at.date(), tools.professions)
    found += _tie_problems(tools, command.ties)
    unit = check_credit_code(command.employer_code, "employer_code") if command.employer_code else None
    return found + [problem for problem in (unit, regions.check(command.region)) if problem is not None]


def _tie_problems(tools: Tools, ties: list[SaidTie]) -> list[Problem]:
    remedy = "请从列出的关系中选择"
    return [Problem("tie_unknown", f"没有“{kind}”这种关系", remedy, field="ties")
            for kind in unknown_ties([tie.kind for tie in ties], tools.grounds)]  # fmt: skip


async def _keep_evidence(beat: Beat, expert: UUID, owner: str, command: ApplyExpert) -> dict[str, str]:
    claimed = await uploads.claim_all(beat.connection, [paper.upload for paper in command.evidence], owner, EVIDENCE)
    for paper in command.evidence:
        digest = claimed[paper.upload]
        await Evidence.insert(
            Evidence(
                id=new_id(), expert=expert, label=paper.label, media=paper.media, size=digest.size,
                sha256=digest.sha256, at=beat.at,
            )
        )  # fmt: skip
    return {f"evidence_{n}": claimed[paper.upload].sha256 for n, paper in enumerate(command.evidence, 1)}


async def _write(beat: Beat, expert: UUID, name: str, command: ApplyExpert) -> None:
    given = command.model_dump(
        include={"phone", "region", "title_level", "title", "years", "employer_name", "employer_code"}
    )
    stage = str(ExpertStage.APPLIED)
    await writing.describe(beat.connection, expert, beat.at, given | {"name": name, "stage": stage})
    await writing.practise(beat.connection, expert, beat.at, command.professions)
    await writing.close(beat.connection, "tie", expert, beat.at)
    employer = {"kind": "staff", "code": command.employer_code, "name": command.employer_name}
    said = [tie.model_dump() for tie in command.ties]
    for values in [employer | {"since": command.employed_since, "until": None}, *said]:
        await writing.tie(expert, beat.at, values)


async def say_tie(tools: Tools, actor: Actor, command: SaidTie) -> UUID:
    """Declare a tie; it counts at once, since it can only keep him from a panel."""
    refuse_all(_tie_problems(tools, [command]), BadInput)
    async with expert_act("keep_own_data", actor, await _own(actor)) as case:
        tie = await writing.tie(case.expert.id, case.beat.at, command.model_dump())
        await _record(case, "say_tie", kind=command.kind)
    return tie


async def end_tie(actor: Actor, command: EndTie) -> None:
    """Say since when a tie is over; how long it still counts is the grounds' to say."""
    async with expert_act("keep_own_data", actor, await _own(actor)) as case:
        known = next((tie for tie in case.expert.ties if tie["id"] == command.tie), None)
        if known is None or known["until"] is not None:
            raise NotFound(Problem("no_tie", "没有这项关系，或已经填写终止日期", "请刷新后再办理"))
        if command.ended > case.beat.at.date():
            raise BadInput(Problem("tie_in_future", "终止日期晚于今天", "关系终止后再填写", field="ended"))
        await writing.close(case.beat.connection, "tie", case.expert.id, case.beat.at, command.tie)
        kept = {key: known[key] for key in ("kind", "code", "name", "since")}
        await writing.tie(case.expert.id, case.beat.at, kept | {"until": command.ended})
        await _record(case, "end_tie", kind=known["kind"])


async def take_time(actor: Actor, command: TakeTime) -> UUID:
    """Say when he cannot be called."""
    if command.ends <= command.begins:
        raise BadInput(Problem("time_backwards", "结束时间不晚于开始时间", "请核对时间", field="ends"))
    async with expert_act("keep_own_data", actor, await _own(actor)) as case:
        slot = await writing.take_time(case.expert.id, case.beat.at, command.begins, command.ends, "own")
        await _record(case, "take_time")
    return slot


async def give_time(actor: Actor, command: GiveTime) -> None:
    """Take such a time back."""
    async with expert_act("keep_own_data", actor, await _own(actor)) as case:
        mine = any(slot["id"] == command.slot and slot["why"] == "own" for slot in case.expert.slots)
        if not mine or not await writing.close(
            case.beat.connection, "slot", case.expert.id, case.beat.at, command.slot
        ):
            raise NotFound(Problem("no_slot", "没有这段时间", "请刷新后再办理"))
        await _record(case, "give_time")


async def _own(actor: Actor) -> UUID:
    found = await me(actor)
    if found is None:
        raise NotFound(Problem("no_expert", "您还没有申请入库", "请先填写入库申请"))
    return found.id


async def _record(case: ExpertCase, what: str, **facts: Any) -> None:
    known: Mapping[str, Any] = facts
    await case.beat.record(str(case.expert.id), act=what, facts=known)
