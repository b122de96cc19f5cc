"""监督指令: an order on a case, signed and posted into the mailbox; every trading step refuses while it stands."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bidding import records as bidding
from kernel import directives
from kernel.accounts.rules import in_scope
from kernel.errors import Forbidden, Problem
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.order import build_order
from kernel.proofs import dsse
from supervision.acts import record


class GiveOrder(BaseModel):
    """责令暂停、恢复或改正."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(pattern="^(suspend|resume|correct)$")
    says: str = Field(min_length=1, max_length=1000)
    article: str = Field(default="", max_length=200)
    lifts: UUID | None = None
    until: AwareDatetime | None = None


async def order_directive(actor: Actor, lot: UUID, command: GiveOrder, process: dsse.Signer) -> directives.Standing:
    """Give an order on a lot of one's own region and department; signed by the site in the officer's name."""
    row = await bidding.lot(lot)
    if not in_scope(actor, row.region, row.department):
        raise Forbidden(Problem("out_of_region", "不在您的地区或部门范围内", "请由项目的监督部门办理"))
    order = build_order(
        id=new_id(),
        case=lot,
        kind=command.kind,
        says=command.says,
        issued_by=actor.organisation_name or actor.name,
        article=command.article,
        lifts=command.lifts,
        until=command.until,
    )
    signed = dsse.sign(order, process)
    facts = {"kind": command.kind, "says": command.says}
    await record("order_directive", actor, lot, command.kind, hashes={"directive": signed.sha256}, facts=facts)
    return await directives.post(signed.to_bytes(), keys=[process.public])
