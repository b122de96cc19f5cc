"""The pages of experts, of who asks for a panel, and of the desk: each handler decodes, calls, and shows."""

from experts.pages import desk, me, panel, pool

HANDLERS = [*me.HANDLERS, *panel.HANDLERS, *desk.HANDLERS, *pool.HANDLERS]
