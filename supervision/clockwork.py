"""What goes on behind the supervision site: closes are countersigned, the trading log is read back every hour."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping

from kernel.alone import rest
from kernel.box.posts import CHANNEL
from kernel.clock import now
from kernel.db import HOME, TRADING
from kernel.hints import on_hint
from kernel.jobs import Duty
from kernel.proofs.dsse import Signer
from kernel.settings import Settings
from storage.vault import Store
from supervision import watch
from supervision.countersign import countersign_due
from supervision.keys import supervision_keys, trading_log_keys

LOOK = 2.0
"""Seconds after which a close is seen even when nothing hinted at it."""
READ_BACK = 3600.0
"""Seconds between two readings of the whole trading log."""
_log = logging.getLogger("yangguang.supervision")


def duties(store: Store) -> Mapping[str, Duty]:
    """The jobs of supervision by kind: none, what it does comes round by itself."""
    return {}


def loops(settings: Settings, stop: asyncio.Event) -> list[Awaitable[None]]:
    """What the worker runs until `stop` is set."""
    process = supervision_keys(settings.keys, settings.witness_name).process
    return [countersigning(process, stop), reading_back(settings, stop)]


async def countersigning(process: Signer, stop: asyncio.Event) -> None:
    """Countersign every close soon after it appears. Any number of processes may do this."""
    await on_hint(TRADING, CHANNEL, lambda: countersign_due(process), stop, pause=LOOK)


async def reading_back(settings: Settings, stop: asyncio.Event) -> None:
    """Hold the trading log to what this side's witness has signed, at the start and every hour."""
    while not stop.is_set():
        try:
            found = await watch.read_trading_log(trading_log_keys(settings, await now(HOME)), settings.log_origin)
            for finding in found:
                _log.critical("the trading log: %s %s", finding.code, finding.row)
        except Exception:  # whatever it was, the next round reads again
            _log.exception("the trading log could not be read back")
        await rest(stop, READ_BACK)
