"""Deciding what the trading duties wait for: experts, agencies, catalogue items, the rating of results.

Whoever is let in is let in by one officer; whoever is removed, by two. The decision is signed by the site and
carried out by the duty itself.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kernel import decisions, regions
from kernel.accounts.rules import in_scope
from kernel.db import HOME, transaction
from kernel.decision import KINDS, build_decision
from kernel.decisions import Decision
from kernel.errors import BadInput, Forbidden, NotFound, Problem
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.permissions import permission
from kernel.proofs import dsse
from kernel.proofs.errors import ProofError
from kernel.watched import Waiting
from supervision import drafts, sources
from supervision.acts import record
from supervision.drafts import DraftView, Place

ACTS = {
    **dict.fromkeys(("approve_item", "refuse_item", "withdraw_item"), "decide_catalogue"),
    "rate_result": "rate_result",
}
"""Kind of decision → the act of the table; every other kind is `decide_admission`."""
PLACES = {"decide_admission": "people", "decide_catalogue": "items", "rate_result": "results"}
"""Act of the table → the part of the address that names what is decided by it."""
BY_TWO = frozenset({"suspend_expert", "withdraw_item", "suspend_agency", "clear_agency"})
"""What takes something away from somebody: two officers sign it."""


class Decide(BaseModel):
    """一项审批决定."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    kind: str = Field(max_length=20)
    says: str = Field(min_length=1, max_length=1000, description="理由，告知当事人")
    stars: int | None = Field(default=None, ge=1, le=5, description="评价成果的等级，五级；只在评价时填写")


async def waiting(actor: Actor) -> list[Waiting]:
    """What this officer may decide now, the oldest first."""
    return [each for each in await sources.waiting() if fits(actor, each)]


async def found(actor: Actor, words: str) -> list[Waiting]:
    """What stands and may be suspended, withdrawn or cleared, found by name or code."""
    return [each for each in await sources.removable(words) if fits(actor, each)] if words.strip() else []


async def one(actor: Actor, subject: UUID, words: str = "") -> Waiting:
    """The thing to decide; `NotFound` when it waits for nothing, or stands elsewhere."""
    for each in [*await waiting(actor), *await found(actor, words)]:
        if each.subject == subject:
            return each
    raise NotFound(Problem("nothing_to_decide", "没有等待决定的事项", "可能已由他人办理，请返回列表"))


async def decide(
    actor: Actor, thing: Waiting, command: Decide, process: dsse.Signer, number: UUID | None = None
) -> Decision | None:
    """Decide, or draft what needs two: None then. `Forbidden` for who may not, `BadInput` for no such choice."""
    number = number or new_id()
    if command.kind not in thing.kinds:
        raise BadInput(Problem("no_such_decision", "不能作出这种决定", "请从所列选项中选择", field="kind"))
    if command.kind == "rate_result" and command.stars is None:
        raise BadInput(Problem("stars_missing", "没有选择评价等级", "请选择一至五级", field="stars"))
    if not permission(act_of(command.kind), actor.role):
        raise Forbidden(Problem("not_your_decision", "不由您决定", "请由行政监督人员办理"))
    body = _built(actor, thing, command, number)
    if command.kind in BY_TWO:
        title = f"{KINDS[command.kind]}：{thing.title}"
        said = {**command.model_dump(mode="json"), "title": thing.title, "facts": dict(thing.facts)}
        place = Place(None, thing.region, thing.department)
        await drafts.write(actor, "decision", place, thing.subject, title, said, number)
        return None
    return await _post(actor, body, command, process)


async def carry_out(actor: Actor, draft: DraftView, process: dsse.Signer) -> Decision:
    """Post the decision of a confirmed draft; `actor` is the second officer."""
    said = dict(draft.command)
    title, facts = said.pop("title"), said.pop("facts")
    command = Decide.model_validate(said)
    thing = Waiting(draft.subject, (command.kind,), title, (), draft.at, draft.region, draft.department, facts)
    by = f"{draft.organisation_name}（{draft.name}、{actor.name}）"
    return await _post(actor, _built(actor, thing, command, draft.id, by), command, process)


def act_of(kind: str) -> str:
    """Which act of the table deciding so is."""
    return ACTS.get(kind, "decide_admission")


def place_of(thing: Waiting) -> str:
    """Where the form for this thing lies: by the act that deciding on it is."""
    return f"/decisions/{PLACES[act_of(thing.kinds[0])]}/{thing.subject}"


def fits(actor: Actor, thing: Waiting) -> bool:
    """Whether it lies in the officer's region and department; what belongs to no department, in his region."""
    if thing.department:
        return in_scope(actor, thing.region, thing.department)
    return actor.role in ("regulator", "inspector") and regions.within(thing.region or actor.region, actor.region)


async def _post(actor: Actor, body: bytes, command: Decide, process: dsse.Signer) -> Decision:
    signed = dsse.sign(body, process)
    async with transaction(HOME):
        decision = await decisions.post(signed.to_bytes(), keys=[process.public])
        facts = {"kind": command.kind, "says": command.says, "subject": str(decision.subject)}
        await record("decide", actor, None, str(decision.subject), hashes={"decision": signed.sha256}, facts=facts)
    return decision


def _built(actor: Actor, thing: Waiting, command: Decide, number: UUID, by: str = "") -> bytes:
    facts: Mapping[str, Any] = dict(thing.facts)
    if command.stars is not None:
        facts = {**facts, "stars": command.stars, "says": command.says}
    try:
        return build_decision(
            id=number,
            kind=command.kind,
            subject=thing.subject,
            says=command.says.replace("\r", "").replace("\n", " "),
            facts=facts,
            decided_by=(by or actor.organisation_name or actor.name)[:100],
        )
    except ProofError as wrong:
        raise BadInput(Problem(wrong.code, wrong.says, "请按要求改正这一项", field=wrong.where)) from None
