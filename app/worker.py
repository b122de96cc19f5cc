"""What runs behind a site: due jobs, the log's tree and its checkpoints, files going to the vault.

A worker serves one site: trading's where DATABASE_URL is set, else supervision's. Any number may run.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from importlib import import_module
from importlib.util import find_spec

import httpx

from app.lifeline import hold_on
from app.safe_start import vault_settings
from kernel import checkpoints, jobs, outbox, posting, sequencer
from kernel.alone import rest
from kernel.db import HOME, connected
from kernel.jobs import Duty
from kernel.proofs.note_keys import VerifierKey
from kernel.settings import Settings
from storage.clockwork import schedule_sweep
from storage.vault import Store, open_store

CLOCKWORKS = {"trading": ("storage.clockwork",), "supervision": ("supervision.clockwork",)}
"""Site → modules with `duties(store) -> Mapping[kind, Duty]`; by name, for nothing may import supervision."""

_log = logging.getLogger("yangguang.worker")
Loop = Awaitable[None]


def work(settings: Settings) -> None:
    """Run until told to stop (SIGTERM, SIGINT)."""
    hold_on()
    logging.basicConfig(level=settings.log_level.upper())
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as opened:
        if settings.database_url:
            await opened.enter_async_context(connected(settings.database_url, size=settings.pool_size))
        else:
            urls = settings.supervision_trading_url, settings.supervision_database_url
            await opened.enter_async_context(connected(*urls, size=settings.pool_size))
        store = await open_store(vault_settings(settings))
        opened.push_async_callback(store.close)
        client = await opened.enter_async_context(httpx.AsyncClient(timeout=20))
        await asyncio.gather(*_loops(settings, store, client, stop))


def _loops(settings: Settings, store: Store, client: httpx.AsyncClient, stop: asyncio.Event) -> list[Loop]:
    """The one list of all that goes on."""
    site = "trading" if settings.database_url else "supervision"
    origin = settings.log_origin if site == "trading" else settings.supervision_log_origin
    signer = checkpoints.log_signer(settings.var, origin)
    gateways = {name: outbox.FileGateway(settings.var / "outbox" / name) for name in ("sms", "voice", "mail")}
    loops: list[Loop] = [
        sequencer.run(HOME, stop),
        jobs.work(HOME, _duties(site, store), stop),
        _every(60, lambda: checkpoints.publish(HOME, signer), stop),
        _every(5, lambda: outbox.deliver_due(HOME, gateways), stop),
    ]
    if site == "trading":
        loops.append(_every(600, schedule_sweep, stop))
    if settings.witness_url:
        key = VerifierKey.parse(settings.witness_key)
        witness = posting.WitnessAddress(settings.witness_url, key)
        loops.append(_every(15, lambda: posting.post_to_witness(HOME, client, witness), stop))
    return loops


def _duties(site: str, store: Store) -> Mapping[str, Duty]:
    found: dict[str, Duty] = {}
    for name in CLOCKWORKS[site]:
        if find_spec(name.partition(".")[0]) and find_spec(name):
            found |= import_module(name).duties(store)
    return found


async def _every(seconds: float, act: Callable[[], Awaitable[object]], stop: asyncio.Event) -> None:
    """Do it again and again; a failure is written down and never ends the loop."""
    while not stop.is_set():
        try:
            await act()
        except Exception:
            _log.exception("a background act failed and is tried again")
        await rest(stop, seconds)
