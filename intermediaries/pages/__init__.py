"""The pages of the supermarket: each handler decodes, calls, and shows."""

from litestar.types import ControllerRouterHandler

from intermediaries.pages import checks, credit, entry, guides, proposals, quotes, requests, services, shop, workbench

HANDLERS: list[ControllerRouterHandler] = [
    *shop.HANDLERS,
    *guides.HANDLERS,
    *entry.HANDLERS,
    *checks.HANDLERS,
    *credit.HANDLERS,
    *proposals.HANDLERS,
    *workbench.HANDLERS,
    *requests.HANDLERS,
    *quotes.HANDLERS,
    *services.HANDLERS,
]
