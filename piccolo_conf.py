"""Where Piccolo's command line finds the engine and the duties' migrations."""

from importlib.util import find_spec

from piccolo.conf.apps import AppRegistry

from kernel.db import TRADING

DB = TRADING
DUTIES = ("kernel", "kernel.box", "kernel.toss", "storage", "experts", "bidding", "intermediaries", "supervision")
"""Duties with tables; a copy of the house without one of them still runs."""

APP_REGISTRY = AppRegistry(
    apps=[f"{duty}.piccolo_app" for duty in DUTIES if find_spec(duty) and find_spec(f"{duty}.piccolo_app")]
)
