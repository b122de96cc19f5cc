"""The JSON doors of the experts: each decodes, calls one step or record, encodes."""

from litestar.types import ControllerRouterHandler

from experts.api import desk, panels, pool


def expert_handlers() -> list[ControllerRouterHandler]:
    """Every route of the experts, for the site's list. Needs app.state.tools and app.state.lots."""
    return [*pool.HANDLERS, *panels.HANDLERS, *desk.HANDLERS]
