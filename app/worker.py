"""What runs behind a site: due jobs, the log's tree and its checkpoints, messages out, the rounds of its duties.

A worker serves one site: trading's where DATABASE_URL is set, else supervision's. Any number may run.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import httpx

from app.lifeline import hold_on
from app.rounds import Act, Rounds, of_supervision, of_trading
from app.safe_start import vault_settings
from kernel import jobs, outbox, sequencer
from kernel.alone import rest
from kernel.box import knock
from kernel.checkpoints import log_signer
from kernel.db import HOME, connected
from kernel.posting import WitnessAddress
from kernel.proofs.note_keys import VerifierKey
from kernel.publishing import PUBLISH, Publisher
from kernel.settings import Settings
from storage.keeping import expect_what_is_kept
from storage.vault import open_store

PERIOD = timedelta(minutes=1)
"""Between two checkpoints: an idle minute and a busy one look the same from outside (`specs/log.md`)."""
MESSAGES = 2.0
"""Seconds until a message is on its way: a drawn expert has minutes to answer."""

_log = logging.getLogger("yangguang.worker")
Loop = Awaitable[None]


def work(settings: Settings) -> None:
    """Run until told to stop (SIGTERM, SIGINT)."""
    hold_on()
    logging.basicConfig(level=settings.log_level.upper())
    logging.getLogger("httpx").setLevel(logging.WARNING)
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as opened:
        trades = bool(settings.database_url)
        urls = _urls(settings)
        await opened.enter_async_context(connected(*urls, size=settings.pool_size))
        store = await open_store(vault_settings(settings))
        opened.push_async_callback(store.close)
        if trades:
            await expect_what_is_kept(store)
        client = await opened.enter_async_context(httpx.AsyncClient(timeout=20))
        rounds = await of_trading(settings, store) if trades else of_supervision(settings, store)
        origin = settings.log_origin if trades else settings.supervision_log_origin
        publisher = Publisher(HOME, log_signer(settings.keys, origin), witnesses(settings), client)
        rounds = replace(rounds, acts=[*rounds.acts, *knocks(settings, client)])
        await asyncio.gather(*loops(settings, publisher, rounds, stop))


def loops(settings: Settings, publisher: Publisher, rounds: Rounds, stop: asyncio.Event) -> list[Loop]:
    """The one list of all that goes on."""
    gateways = {name: outbox.FileGateway(settings.var / "outbox" / name) for name in ("sms", "voice", "mail")}
    duties = {PUBLISH: publisher.duty(), **rounds.duties}
    return [
        sequencer.run(HOME, stop),
        jobs.work(HOME, duties, stop),
        publisher.run(stop, period=PERIOD),
        _every(MESSAGES, lambda: outbox.deliver_due(HOME, gateways), stop),
        *(_every(seconds, act, stop) for seconds, act in rounds.acts),
    ]


def knocks(settings: Settings, client: httpx.AsyncClient) -> Sequence[tuple[float, Act]]:
    """A trading site in production is asked whether its pages answer; a demonstration is put out and lit at will."""
    asked = settings.database_url and settings.mode == "production"
    return [(knock.EVERY, knock.Knocker(client, settings.trading_origin).look)] if asked else []


def witnesses(settings: Settings) -> Sequence[WitnessAddress]:
    """The witness of this site's log, if it has one, and the one that stands in for it."""
    named = (
        (settings.witness_url, settings.witness_key),
        (settings.second_witness_url, settings.second_witness_key),
    )
    return tuple(WitnessAddress(url, VerifierKey.parse(key)) for url, key in named if url)


def _urls(settings: Settings) -> tuple[str, str | None]:
    """(the trading database, this process's own where that is another)."""
    if settings.database_url:
        return settings.database_url, None
    return settings.supervision_trading_url, settings.supervision_database_url


async def _every(seconds: float, act: Callable[[], Awaitable[object]], stop: asyncio.Event) -> None:
    """Do it again and again; a failure is written down and never ends the loop."""
    while not stop.is_set():
        try:
            await act()
        except Exception:
            _log.exception("a background act failed and is tried again")
        await rest(stop, seconds)
