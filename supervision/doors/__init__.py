"""The pages on which officers act: hall, orders, drafts, cards, letters, decisions, envelopes, rehearsals."""

from litestar.types import ControllerRouterHandler

from supervision.doors import audits, calls, cards, decisions, draws, hall, orders, rehearsals


def door_handlers() -> list[ControllerRouterHandler]:
    """Every page of this folder."""
    return [
        *hall.HANDLERS,
        *orders.HANDLERS,
        *cards.HANDLERS,
        *decisions.HANDLERS,
        *calls.HANDLERS,
        *draws.HANDLERS,
        *audits.HANDLERS,
        *rehearsals.HANDLERS,
    ]
