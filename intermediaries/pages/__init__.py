"""The pages of the supermarket: each handler decodes, calls, and shows."""

from litestar.types import ControllerRouterHandler

from intermediaries.pages import checks, entry, guides, proposals, requests, services, shop, workbench

HANDLERS: list[ControllerRouterHandler] = [
    *shop.HANDLERS,
    *guides.HANDLERS,
    *entry.HANDLERS,
    *checks.HANDLERS,
    *proposals.HANDLERS,
    *workbench.HANDLERS,
    *requests.HANDLERS,
    *services.HANDLERS,
]
