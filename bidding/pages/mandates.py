"""委托代理: the mandates' page with the projects a purchaser may bound one to."""

from uuid import UUID

from bidding import records
from kernel.identity import Actor
from kernel.web.account.mandates import mandate_handlers


async def own_projects(actor: Actor) -> list[tuple[UUID, str]]:
    """The projects of the actor's unit, the newest first, as its people know them."""
    if actor.organisation is None:
        return []
    lots = await records.lots_where(purchaser=actor.organisation)
    mine = [lot for lot in lots if actor.organisation in (lot.purchaser, lot.agent)]
    return list({lot.project: f"{lot.project_code}　{lot.project_name}" for lot in mine}.items())


HANDLERS = mandate_handlers(own_projects)
