"""监督指令: an order on a case, signed and posted into the mailbox; every trading step refuses while it stands."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bidding.records import LotRow
from kernel import directives
from kernel.db import HOME, transaction
from kernel.errors import BadInput, Problem
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.order import GOVERNMENT_PROCUREMENT_LONGEST, build_order
from kernel.proofs import dsse
from kernel.proofs.errors import ProofError
from supervision.acts import record
from supervision.cases import own_case

PURCHASING = "D"
"""Category of government procurement, where the time a case may stand suspended is bounded by law."""


class GiveOrder(BaseModel):
    """责令暂停、恢复或改正."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    kind: str = Field(pattern="^(suspend|resume|correct)$", description="suspend 暂停、resume 恢复、correct 责令改正")
    says: str = Field(min_length=1, max_length=1000, description="内容与理由，向各方公开")
    article: str = Field(default="", max_length=200, description="法律依据")
    lifts: UUID | None = Field(default=None, description="恢复指令所解除的指令编号；其他指令不填")
    until: AwareDatetime | None = Field(default=None, description="期满时刻；不填为另行解除")


async def order_directive(
    actor: Actor, lot: UUID, command: GiveOrder, process: dsse.Signer, order: UUID | None = None
) -> directives.Standing:
    """Give an order on a lot of one's own region and department; signed by the site in the officer's name.

    `order` numbers it: the same number again, with the same words, is the same order. The event and the order
    stand together, or neither does.
    """
    row = await own_case(actor, lot)
    signed = dsse.sign(_built(actor, lot, command, order or new_id()), process)
    facts = {"kind": command.kind, "says": command.says, "lifts": str(command.lifts or "")}
    async with transaction(HOME):
        await record("order_directive", actor, lot, command.kind, hashes={"directive": signed.sha256}, facts=facts)
        longest = GOVERNMENT_PROCUREMENT_LONGEST if _is_purchase(row) else None
        return await directives.post(signed.to_bytes(), keys=[process.public], longest=longest)


def _built(actor: Actor, lot: UUID, command: GiveOrder, order: UUID) -> bytes:
    try:
        return build_order(
            id=order,
            case=lot,
            kind=command.kind,
            says=command.says,
            issued_by=(actor.organisation_name or actor.name)[:100],
            article=command.article,
            lifts=command.lifts,
            until=command.until,
        )
    except ProofError as wrong:
        raise BadInput(Problem(wrong.code, wrong.says, "请按要求改正这一项", field=wrong.where)) from None


def _is_purchase(row: LotRow) -> bool:
    return row.category.startswith(PURCHASING)
