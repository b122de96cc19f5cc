"""The second officer: confirms what another drafted, and with that it takes effect; or sends it back."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from kernel.db import HOME, transaction
from kernel.errors import Forbidden, Problem
from kernel.identity import Actor
from kernel.permissions import permission
from kernel.proofs import dsse
from supervision import decide, direct, drafts, issue
from supervision.acts import record
from supervision.drafts import DraftView

Perform = Callable[[Actor, DraftView, dsse.Signer], Awaitable[object]]
PERFORMS: Mapping[str, Perform] = {
    "directive": direct.give,
    "card": issue.issue,
    "lift": issue.lift,
    "decision": decide.carry_out,
}
ACTS: Mapping[str, str] = {"directive": "order_directive", "card": "issue_card", "lift": "lift_card"}
"""Kind of draft → the act its second signature is; a decision's depends on what it decides."""


async def confirm(actor: Actor, draft: UUID, process: dsse.Signer) -> DraftView:
    """Confirm a draft of another officer; it takes effect before this returns, or nothing of it is kept."""
    view = await drafts.one(actor, draft)
    _check_role(actor, view)
    async with transaction(HOME) as connection:
        ended = await drafts.end(connection, actor, draft, "confirmed", "")
        await PERFORMS[ended.kind](actor, ended, process)
    return ended


async def refuse(actor: Actor, draft: UUID, says: str) -> DraftView:
    """Send a draft back, or take one's own back; it never takes effect."""
    view = await drafts.one(actor, draft)
    _check_role(actor, view)
    async with transaction(HOME) as connection:
        ended = await drafts.end(connection, actor, draft, "refused", says.strip()[:1000])
        await record("refuse_draft", actor, ended.case, str(draft), facts={"kind": ended.kind, "says": says.strip()})
    return ended


def _check_role(actor: Actor, view: DraftView) -> None:
    act = ACTS.get(view.kind) or decide.act_of(str(view.command.get("kind", "")))
    if not permission(act, actor.role):
        raise Forbidden(Problem("not_your_decision", "不由您决定", "请由行政监督人员办理"))
