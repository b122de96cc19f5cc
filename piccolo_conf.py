"""Where Piccolo's command line finds the engine and the duties' migrations."""

from importlib.util import find_spec

from piccolo.conf.apps import AppRegistry

from kernel.db import TRADING

DB = TRADING
DUTIES = (
    "kernel",
    "kernel.box",
    "kernel.toss",
    "kernel.rooms",
    "storage",
    "experts",
    "bidding",
    "intermediaries",
    "supervision",
    "supervision.complaints",
)
"""Duties with tables; a copy of the house without one of them still runs."""


def _app(duty: str) -> str | None:
    try:
        return f"{duty}.piccolo_app" if find_spec(f"{duty}.piccolo_app") else None
    except ModuleNotFoundError:
        return None


APP_REGISTRY = AppRegistry(apps=[app for app in map(_app, DUTIES) if app])
