"""The JSON doors of a tender: each decodes, calls one step or record, encodes."""

from litestar.types import ControllerRouterHandler

from bidding.api import award, bids, cures, evaluation, files, lots, opening, rehearsals, road, sealing, session


def bidding_handlers() -> list[ControllerRouterHandler]:
    """Every route of tenders, for the site's list. Needs app.state.tools, .store, .halls, .anchors, .files."""
    return [
        *lots.HANDLERS,
        *files.HANDLERS,
        *sealing.HANDLERS,
        *road.HANDLERS,
        *bids.HANDLERS,
        *cures.HANDLERS,
        *opening.HANDLERS,
        *rehearsals.HANDLERS,
        *session.HANDLERS,
        *evaluation.HANDLERS,
        *award.HANDLERS,
    ]
