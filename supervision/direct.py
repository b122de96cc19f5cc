"""监督指令: an order on a case, drafted by one officer and confirmed by a second, then signed and posted.

Every trading step refuses while it stands; it takes effect with the confirmation, within a second.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bidding import records as bidding
from kernel import directives
from kernel.clock import now
from kernel.db import HOME, TRADING, transaction
from kernel.errors import BadInput, NotFound, Problem, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.order import GOVERNMENT_PROCUREMENT_LONGEST, Posted, build_order, problems, read_order
from kernel.proofs import dsse
from kernel.proofs.errors import ProofError
from supervision import drafts
from supervision.acts import record
from supervision.drafts import DraftView, Place

PURCHASING = "D"
"""Category of government procurement, where the time a case may stand suspended is bounded by law."""
KINDS: Mapping[str, str] = {"suspend": "责令暂停", "resume": "恢复", "correct": "责令改正"}


class GiveOrder(BaseModel):
    """责令暂停、恢复或改正."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    kind: str = Field(pattern="^(suspend|resume|correct)$", description="suspend 暂停、resume 恢复、correct 责令改正")
    says: str = Field(min_length=1, max_length=1000, description="内容与理由，向各方公开")
    article: str = Field(default="", max_length=200, description="法律依据")
    lifts: UUID | None = Field(default=None, description="恢复指令所解除的指令编号；其他指令不填")
    until: AwareDatetime | None = Field(default=None, description="期满时刻；不填为另行解除")


@dataclass(frozen=True, slots=True)
class Ordered:
    """The case an order is about, as far as ordering needs it."""

    id: UUID
    title: str
    region: str
    department: str
    is_purchase: bool


async def draft_order(actor: Actor, case: UUID, command: GiveOrder, draft: UUID | None = None) -> UUID:
    """Draft an order on a case of one's own region and department; what would be refused later is refused now."""
    about, number = await ordered(case), draft or new_id()
    drafts.check_scope(actor, about.region, about.department)
    await _refuse_bad(about, _built(about.id, command, number, actor.organisation_name or actor.name))
    said = command.model_dump(mode="json")
    title = f"{KINDS[command.kind]}：{about.title}"
    async with transaction(HOME):
        await drafts.write(actor, "directive", Place(case, about.region, about.department), number, title, said, number)
        digest = hashlib.sha256(command.model_dump_json().encode()).hexdigest()
        facts = {"kind": command.kind, "says": command.says, "draft": str(number)}
        await record("draft_directive", actor, case, command.kind, hashes={"draft": digest}, facts=facts)
    return number


async def give(actor: Actor, draft: DraftView, process: dsse.Signer) -> directives.Standing:
    """Post what a draft says, now that `actor`, the second officer, has confirmed it; signed by the site."""
    assert draft.case is not None, "an order has its case"
    command, about = GiveOrder.model_validate(draft.command), await ordered(draft.case)
    signed = dsse.sign(_built(about.id, command, draft.id, draft.organisation_name or draft.name), process)
    facts = {
        "kind": command.kind, "says": command.says, "lifts": str(command.lifts or ""), "drafted_by": draft.name,
        "confirmed_by": actor.name,
    }  # fmt: skip
    async with transaction(HOME):
        hashes = {"directive": signed.sha256}
        await record("order_directive", actor, about.id, command.kind, hashes=hashes, facts=facts)
        return await directives.post(signed.to_bytes(), keys=[process.public], longest=_longest(about))


async def ordered(case: UUID) -> Ordered:
    """A tender's lot, or any other case that the last round listed; `NotFound` for neither."""
    try:
        lot = await bidding.lot(case)
    except NotFound:
        return await _listed(case)
    purchase = lot.category.startswith(PURCHASING)
    return Ordered(lot.id, f"{lot.project_name}　{lot.name}", lot.region, lot.department, purchase)


async def _listed(case: UUID) -> Ordered:
    async with transaction(HOME, readonly=True) as connection:
        row = await connection.fetchrow(
            "select title, region, department from supervision.watched where \"case\" = $1 and duty <> 'complaints'",
            case,
        )
    if row is None:
        raise NotFound(Problem("no_case", "没有这个项目", "请从监督大厅进入"))
    return Ordered(case, row["title"], row["region"], row["department"], is_purchase=False)


async def _refuse_bad(about: Ordered, body: bytes) -> None:
    """What the mailbox would say to this order now; it says so again when it is posted."""
    at = await now()
    async with transaction(TRADING, readonly=True) as connection:
        given = await directives.given(connection, [about.id], at)
    before = [Posted(g.order.id, g.order.kind, g.order.posted_at, g.order.until, g.lifts) for g in given]
    refuse_all(problems(read_order(body), at, before, _longest(about)))


def _longest(about: Ordered) -> Any:
    return GOVERNMENT_PROCUREMENT_LONGEST if about.is_purchase else None


def _built(case: UUID, command: GiveOrder, order: UUID, by: str) -> bytes:
    try:
        return build_order(
            id=order,
            case=case,
            kind=command.kind,
            says=command.says,
            issued_by=by[:100],
            article=command.article,
            lifts=command.lifts,
            until=command.until,
        )
    except ProofError as wrong:
        raise BadInput(Problem(wrong.code, wrong.says, "请按要求改正这一项", field=wrong.where)) from None
