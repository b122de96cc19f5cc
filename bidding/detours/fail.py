"""终止或流标: the purchaser ends a case on a ground of the law, says why to everybody, and it is archived."""

from typing import Any
from uuid import UUID

from bidding import records, results
from bidding.award_rules import RETURNS, end_grounds, end_problems
from bidding.case import SEALED_BID, LotCase, Tools, lot_act
from bidding.followers import tell_all_followers
from bidding.schemas import EndCase
from bidding.stages import Stage
from bidding.texts import write_notice
from kernel import inbox
from kernel.acts import answer, answered_before
from kernel.box import close as box_close
from kernel.box import records as box_records
from kernel.clock import when
from kernel.errors import BadInput, refuse_all
from kernel.identity import Actor
from storage import keeping

SEALED = "已经递交的投标文件保持密封，不予开启"


async def end_case(
    tools: Tools, actor: Actor, lot: UUID, command: EndCase, request: UUID | None = None
) -> dict[str, Any]:
    """End the case; {notice, sha256}. What is still sealed is never opened.

    Before the opening record it may be ended until the list is countersigned (招标投标法实施条例 31); while the bids
    are being opened it may not.
    """
    asked = {"lot": str(lot), **command.model_dump(mode="json")}
    if (known := await answered_before("end_case", actor, request, asked)) is not None:
        return known
    async with lot_act("end_case", actor, lot) as case:
        recorded, category = await records.opening(lot) is not None, case.lot.category
        refuse_all(end_problems(command.ground, category, recorded=recorded), BadInput)
        told = set() if recorded else await _shut(case)
        says, article = end_grounds(category, recorded=recorded)[command.ground]
        content = {"ground": says, "article": article, "reason": command.reason}
        content |= {} if recorded else {"returns": RETURNS[category[:1]], "sealed": SEALED}
        title = f"{case.lot.project_name} {case.lot.name}终止公告"
        sha256 = await write_notice(case, "failure", title, content, [])
        reason = f"{says}（{article}）：{command.reason}"
        await case.move(Stage.FAILED, failure=reason[:400])
        facts: dict[str, Any] = {"ground": command.ground, "article": article, "reason": command.reason}
        facts["deposits"] = await _holds_deposits(case)
        await case.beat.record(case.lot.code, hashes={"notice": sha256}, facts=facts)
        await _tell(tools, case, reason, told)
        await case.wake(case.beat.at)
        given = {"notice": len(await records.notices(lot)), "sha256": sha256}
        await answer(case.beat, request, asked, given)
    return given


async def _holds_deposits(case: LotCase) -> bool:
    """Whether anybody's deposit is to go back: from now on its time runs (87号令 29), and supervision watches it."""
    waiting = await results.unrefunded(case.lot.id) or await results.unrefunded_withdrawn(case.lot.id)
    return bool(case.lot.deposit and waiting)


async def _shut(case: LotCase) -> set[UUID]:
    """Nothing comes into the box any more and nothing out of it; whose bid was still on its way."""
    await box_close.end(case.beat, await box_records.box(case.lot.id))
    left = await keeping.abandon(case.beat.connection, f"{SEALED_BID}:{case.lot.id}")
    return {UUID(owner) for owner in left}


async def _tell(tools: Tools, case: LotCase, reason: str, more: set[UUID]) -> None:
    """Whoever has a bid in the box or under way; before the opening also whoever asked to be told of changes."""
    fields = {"project": case.lot.name, "code": case.lot.code, "at": when(case.beat.at), "reason": reason[:200]}
    connection, link = case.beat.connection, f"/lots/{case.lot.id}"
    standing = {bid.organisation for bid in (await box_records.standing(case.lot.id))[0]}
    for organisation in sorted(standing | more):
        await inbox.send(connection, "case_ended", fields=fields, organisation=organisation, link=link)
    if case.lot.opened_at is None:
        await tell_all_followers(tools, connection, case.lot.id, "case_ended", fields)
