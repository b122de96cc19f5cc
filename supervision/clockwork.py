"""What goes on behind the supervision site: closes are countersigned, the trading log is read back every hour."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from kernel import clockwatch
from kernel.accounts.throttle import forget_old
from kernel.alarms import alarm
from kernel.clock import now
from kernel.db import HOME
from kernel.jobs import Duty
from kernel.proofs import dsse
from kernel.settings import Settings
from storage.vault import Store
from supervision import watch
from supervision.countersign import countersign_due
from supervision.drawing import keeper_of
from supervision.keys import platform_keys, supervision_keys, trading_log_keys
from supervision.patrol import Patrol

LOOK = 1.0
"""Seconds between two looks for a close that waits; one query, which finds nothing nearly always."""
PATROL = 10.0
"""Seconds between two rounds over every case: so old the hall may be, and so late a card."""
READ_BACK = 3600.0
"""Seconds between two readings of the whole trading log, the first at the start."""
WATCHERS = ("regulator", "inspector")
"""Who is told when something is wrong with a log or a clock."""
_log = logging.getLogger("yangguang.supervision")


def duties(store: Store) -> Mapping[str, Duty]:
    """The jobs of supervision by kind: none, what it does comes round by itself."""
    return {}


def rounds(settings: Settings) -> Sequence[tuple[float, Callable[[], Awaitable[object]]]]:
    """(seconds, act) of what the worker does again and again; any number of workers may."""
    process = supervision_keys(settings.keys, settings.witness_name).process
    return (
        (LOOK, lambda: countersign(settings, process)),
        (LOOK, keeper_of(settings).round),
        (PATROL, Patrol(process).walk),
        (READ_BACK, lambda: read_back(settings)),
        (clockwatch.EVERY, clockwatch.ClockWatch(WATCHERS).look),
        (READ_BACK, forget_old),
    )


async def countersign(settings: Settings, process: dsse.Signer) -> int:
    """Countersign the closes that wait; how many."""
    return await countersign_due(process, platform_keys(settings, await now(HOME)))


async def read_back(settings: Settings) -> int:
    """Hold the trading log to what this side's witness has signed; the number of findings, which are on record."""
    found = await watch.read_trading_log(trading_log_keys(settings, await now(HOME)), settings.log_origin)
    for finding in found:
        _log.critical("the trading log: %s %s", finding.code, finding.row)
        says, once = f"{finding.says}（{finding.row}）", f"{finding.code}:{finding.row}"
        await alarm(WATCHERS, "log_altered", {"says": says}, once=once)
    return len(found)
