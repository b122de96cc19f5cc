"""What those who look are shown: a panel to whom it concerns, an expert to himself."""

from uuid import UUID

from experts import admissions, records
from experts.case import look_at_panel, me
from experts.views import MePage, PanelPage
from kernel.db import TRADING, reading
from kernel.identity import Actor
from kernel.toss.records import toss_of


async def panel_shown(actor: Actor, lot: UUID) -> PanelPage | None:
    """The lot's panel as who asks may see it; None where none was asked for."""
    found = await look_at_panel("read_panel", actor, lot)
    if found is None:
        return None
    row, panel = found
    async with reading(TRADING) as connection:
        toss = await toss_of(connection, row["toss"]) if row["toss"] else None
        return PanelPage.of(row, panel, toss, await records.names(connection, lot))


async def own_page(actor: Actor) -> MePage | None:
    """The expert that the actor is, with the panels whose names are opened."""
    found = await me(actor)
    if found is None:
        return None
    async with reading(TRADING) as connection:
        return MePage.of(found, await admissions.panels_of_expert(connection, found.id))
