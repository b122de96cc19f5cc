"""公布名单: the names are asked for when the procedure's moment has come, and those of all when the case is over."""

from uuid import UUID

from experts.case import Tools, Unmoved, panel_act
from experts.schemas import LotFacts
from experts.seating import write_party
from experts.stages import Stage
from kernel.errors import WrongStage
from kernel.identity import Actor
from kernel.toss import steps as toss


async def open_names(tools: Tools, actor: Actor, lot: UUID, *, everyone: bool = False) -> None:
    """Ask the regulator's process for the names of the seated, or of the whole list for the auditor.

    Called by the clock and by nobody else: no role has this act. `Unmoved` when they were asked for.
    """
    async with panel_act("open_names", actor, lot, obeys=False) as case:
        if case.panel.stage in (Stage.REQUESTED, Stage.LISTED, Stage.VOID):
            raise Unmoved
        try:
            await toss.open_names(case.beat, tools.hand, case.toss, everyone=everyone)
        except WrongStage as asked:
            raise Unmoved from asked
        await case.change(**{"audit_asked_at" if everyone else "names_asked_at": case.beat.at})
        await case.record("open_names", everyone=everyone)


async def know_bidders(tools: Tools, actor: Actor, facts: LotFacts) -> None:
    """The bidders are known now: whoever sits is looked at once more, by the regulator's process, who knows him."""
    async with panel_act("know_bidders", actor, facts.lot, obeys=False) as case:
        if case.row["bidders_at"] is not None or facts.bidders is None:
            raise Unmoved
        for party in facts.bidders:
            await write_party(case.panel.id, party, case.beat.at)
        await case.change(bidders_at=case.beat.at)
        await case.record("know_bidders", count=len(facts.bidders))
