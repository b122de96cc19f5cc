"""入库审批: what the pool's owner decided on his site is carried out here, once; the operator decides nothing."""

from datetime import date
from uuid import UUID

import asyncpg

from experts import admissions, writing
from experts.case import Tools, touch_pool
from experts.rules import years_before
from experts.stages import EXPERT_NAMES, ExpertStage, next_expert_stage
from kernel import decisions, inbox
from kernel.acts import Beat, acting
from kernel.decisions import Decision
from kernel.identity import Actor

DECIDES = {
    "admit_expert": ExpertStage.ADMITTED,
    "refuse_expert": ExpertStage.REFUSED,
    "suspend_expert": ExpertStage.SUSPENDED,
    "restore_expert": ExpertStage.ADMITTED,
}
TERM = 3
"""Years for which somebody is admitted, unless the decision names a day."""
_BATCH = """
with old as (
    update experts.standing s set known_until = $2 from experts.expert e
    where e.id = s.expert and e.batch = $1 and s.known_until is null and s.stage = 'applied' returning s.*
)
insert into experts.standing (id, expert, name, phone, region, title_level, title, years, employer_code,
    employer_name, stage, expires_on, says, known_from)
select gen_random_uuid(), expert, name, phone, region, title_level, title, years, employer_code, employer_name,
    $3, coalesce(expires_on, $4), $5, $2 from old
"""


async def carry_out(tools: Tools, actor: Actor, decision: Decision) -> None:
    """One decision of the regulator, on an expert or on a whole sheet; what cannot be done is said in the mailbox."""
    async with acting("carry_out_admission", actor, decision.subject) as beat:
        await touch_pool(beat)
        problem = await _apply(beat, decision)
        await decisions.take(beat.connection, decision.id, problem)
        facts = {"decision": str(decision.id), "kind": decision.kind, "problem": problem}
        await beat.record(str(decision.subject), act=decision.kind, hashes={"decision": decision.sha256}, facts=facts)


async def _apply(beat: Beat, decision: Decision) -> str:
    to = DECIDES[decision.kind]
    batch = await beat.connection.fetchval("select decided from experts.batch where id = $1", decision.subject)
    if batch is not None:
        return await _apply_to_batch(beat, decision, to, batch)
    expert = await admissions.expert(beat.connection, decision.subject)
    if expert is None:
        return "专家库中没有这位专家"
    try:
        next_expert_stage(ExpertStage(expert.stage), to)
    except ValueError:
        return f"专家现在的状态是“{EXPERT_NAMES[ExpertStage(expert.stage)]}”"
    expires = _expiry(beat, decision) if decision.kind == "admit_expert" else None
    await writing.restand(beat.connection, expert.id, beat.at, str(to), expires_on=expires, says=decision.says)
    await _tell(beat, expert.person, decision)
    return ""


async def _apply_to_batch(beat: Beat, decision: Decision, to: ExpertStage, decided: str) -> str:
    if decided or decision.kind not in ("admit_expert", "refuse_expert"):
        return "这份名册已经决定"
    await beat.connection.execute(_BATCH, decision.subject, beat.at, str(to), _expiry(beat, decision), decision.says)
    await beat.connection.execute(
        "update experts.batch set decided = $2 where id = $1", decision.subject, decision.kind
    )
    return ""


def _expiry(beat: Beat, decision: Decision) -> date:
    named = decision.facts.get("expires_on")
    if isinstance(named, str):
        try:
            return date.fromisoformat(named)
        except ValueError:
            pass
    return years_before(beat.at.date(), -TERM)


async def _tell(beat: Beat, person: UUID, decision: Decision) -> None:
    fields = {"result": {"admit_expert": "准予入库", "refuse_expert": "不予入库", "suspend_expert": "暂停",
                         "restore_expert": "恢复"}[decision.kind], "reason": decision.says}  # fmt: skip
    await inbox.send(beat.connection, "expert_decided", fields=fields, person=person, link="/experts/me")


async def waiting(connection: asyncpg.Connection, key: bytes) -> list[Decision]:
    """What the regulator has decided about experts and nobody has carried out."""
    return await decisions.untaken(connection, *DECIDES, key=key)
