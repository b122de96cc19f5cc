"""The JSON doors of the supermarket: each decodes, calls one step or record, encodes."""

from litestar.types import ControllerRouterHandler

from intermediaries.api import agencies, checks, credit, entry, quotes, requests, services


def market_handlers() -> list[ControllerRouterHandler]:
    """Every route of the supermarket, for the site's list. Needs app.state.tools."""
    own = [*agencies.HANDLERS, *entry.HANDLERS, *checks.HANDLERS, *credit.HANDLERS]
    return [*own, *requests.HANDLERS, *quotes.HANDLERS, *services.HANDLERS]
