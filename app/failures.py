"""Why the house could not start: one family, so that the launcher need not know who refused."""


class StartFailed(RuntimeError):
    """Something the house stands on is not there or not in order; the text says what, for the one who starts it."""
