"""What goes on behind the supervision site: closes are countersigned, the trading log is read back every hour."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from kernel.clock import now
from kernel.db import HOME
from kernel.jobs import Duty
from kernel.settings import Settings
from storage.vault import Store
from supervision import watch
from supervision.countersign import countersign_due
from supervision.keys import supervision_keys, trading_log_keys

LOOK = 1.0
"""Seconds between two looks for a close that waits; one query, which finds nothing nearly always."""
READ_BACK = 3600.0
"""Seconds between two readings of the whole trading log, the first at the start."""
_log = logging.getLogger("yangguang.supervision")


def duties(store: Store) -> Mapping[str, Duty]:
    """The jobs of supervision by kind: none, what it does comes round by itself."""
    return {}


def rounds(settings: Settings) -> Sequence[tuple[float, Callable[[], Awaitable[object]]]]:
    """(seconds, act) of what the worker does again and again; any number of workers may."""
    process = supervision_keys(settings.keys, settings.witness_name).process
    return ((LOOK, lambda: countersign_due(process)), (READ_BACK, lambda: read_back(settings)))


async def read_back(settings: Settings) -> int:
    """Hold the trading log to what this side's witness has signed; the number of findings, which are on record."""
    found = await watch.read_trading_log(trading_log_keys(settings, await now(HOME)), settings.log_origin)
    for finding in found:
        _log.critical("the trading log: %s %s", finding.code, finding.row)
    return len(found)
