"""The pages on which officers act: the hall, orders and drafts, cards and letters, decisions."""

from litestar.types import ControllerRouterHandler

from supervision.doors import calls, cards, decisions, draws, hall, orders


def door_handlers() -> list[ControllerRouterHandler]:
    """Every page of this folder."""
    return [*hall.HANDLERS, *orders.HANDLERS, *cards.HANDLERS, *decisions.HANDLERS, *calls.HANDLERS, *draws.HANDLERS]
