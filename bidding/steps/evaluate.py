"""评标: a drawn, signed-in, lawful panel begins; the members' own acts are in `evaluation/`, each given alone.

Nobody sees another member's review or marks, nor the comparison, before all have given theirs. While the live
members are no lawful panel everything stands still; what a member wrote who has left is void.
"""

from uuid import UUID

from bidding.case import lot_act
from bidding.deliberation import lawful_panel, settle
from bidding.sitting import begin_round
from kernel import inbox
from kernel.clock import when
from kernel.identity import Actor


class Unmoved(Exception):
    """Nothing was due: the empty act leaves no trace."""


async def begin_evaluation(actor: Actor, lot: UUID) -> None:
    """The clock's act: the panel is there and the lot is opened; what is judged is fixed and hashed."""
    async with lot_act("begin_evaluation", actor, lot) as case:
        await lawful_panel(case)
        await begin_round(case)
        fields = {"project": case.lot.name, "code": case.lot.code, "at": when(case.beat.at)}
        link, purchaser = f"/lots/{lot}/evaluation", case.lot.purchaser
        await inbox.send(case.beat.connection, "evaluation_begun", fields=fields, organisation=purchaser, link=link)
        await settle(case)


async def advance_evaluation(actor: Actor, lot: UUID) -> None:
    """The clock's act: who left is void, a report that waits is drawn up, a signing term that is over closes it."""
    async with lot_act("advance_evaluation", actor, lot) as case:
        await settle(case)
        if not case.beat.events:
            raise Unmoved
