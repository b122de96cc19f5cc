"""What each site's duties ask of its worker: jobs they do when due, and rounds they walk every so many seconds."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID

import bidding.clockwork
import experts.clockwork
import intermediaries.clockwork
import storage.clockwork
from app.offline_tools import announce
from app.panel_facts import judging_tools
from app.tools import equip, keys_of
from bidding.case import REMIND, Tools
from bidding.detours import remind
from experts.case import PANEL
from intermediaries import quote_calls, request_clockwork
from intermediaries.records.requests import on_the_market
from kernel import clockwatch, letters
from kernel.accounts import mandates
from kernel.accounts.throttle import forget_old
from kernel.alarms import alarm
from kernel.box import checking
from kernel.checkpoints import log_signer
from kernel.db import HOME
from kernel.jobs import Duty
from kernel.logcheck import read_back
from kernel.settings import Settings
from kernel.toss import clockwork as toss_clockwork
from kernel.web.static import Assets
from storage.vault import Store

_log = logging.getLogger("yangguang.worker")
Act = Callable[[], Awaitable[object]]
POSTED = 1.0
"""Seconds until what the regulator's side has posted is taken."""
LEASE = timedelta(minutes=2)
READ_BACK = 3600.0
"""Seconds between two readings of the whole log."""
SWEEP = 30.0
"""Seconds between two looks at every lot: the safety net under the timers, which come as jobs."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """Kinds of job with who does them; (seconds, act) pairs of what is done again and again."""

    duties: Mapping[str, Duty] = field(default_factory=dict)
    acts: Sequence[tuple[float, Act]] = ()


async def of_trading(settings: Settings, store: Store) -> Rounds:
    """Tenders' timers and sweeps, files on their way into the vault."""
    tools = (await equip(settings, store)).tools
    judging = judging_tools(tools, keys_of(settings))
    # Leased, so that the job's row is not locked meanwhile: an act that sets the same timer would wait for it with
    # the lot's lock in its hand, which is what the job waits for.
    lot = Duty(partial(bidding.clockwork.run, tools), lease=LEASE)
    return Rounds(
        {
            "lot": lot,
            "agency": Duty(intermediaries.clockwork.run_agency, lease=LEASE),
            PANEL: Duty(partial(experts.clockwork.run, judging), lease=LEASE),
            "request": Duty(partial(request_clockwork.run_request, tools), lease=LEASE),
            quote_calls.JOB: Duty(quote_calls.call_again),
            checking.JOB: Duty(partial(check_stored, tools), lease=storage.clockwork.LEASE),
            REMIND: Duty(partial(remind.remind, tools)),
            mandates.EXPIRING: Duty(mandates.tell_expiring),
            **storage.clockwork.duties(store),
        },
        (
            (POSTED, partial(bidding.clockwork.take_posted, tools)),
            (POSTED, partial(letters.deliver, tools.regulator)),
            (POSTED, partial(toss_clockwork.turn, tools.hand)),
            (POSTED, partial(intermediaries.clockwork.take_decisions, tools)),
            (POSTED, partial(request_clockwork.take_posted, tools)),
            (POSTED, partial(experts.clockwork.turn, judging)),
            (SWEEP, partial(experts.clockwork.sweep, judging)),
            (SWEEP, partial(bidding.clockwork.sweep, tools)),
            (SWEEP, toss_clockwork.sweep),
            (SWEEP, intermediaries.clockwork.sweep_agencies),
            (SWEEP, partial(request_clockwork.sweep_requests, tools)),
            (600, storage.clockwork.schedule_sweep),
            (READ_BACK, partial(check_log, settings)),
            (READ_BACK, partial(announce, Assets.load().tools)),
            (READ_BACK, forget_old),
            (clockwatch.EVERY, clockwatch.ClockWatch(("operator",)).look),
        ),
    )


async def check_stored(tools: Tools, payload: Mapping[str, Any]) -> None:
    """A part of a closed box is read: a request's of the supermarket, or else a tender's."""
    market = await on_the_market([UUID(payload["case"])])
    await (request_clockwork if market else bidding.clockwork).check_stored(tools, payload)


async def check_log(settings: Settings) -> int:
    """Read the log back at start and every hour; an altered row is named in the loudest line there is. How many."""
    findings = await read_back(HOME, keys=[log_signer(settings.keys, settings.log_origin).key])
    for finding in findings:
        _log.critical("the log was altered: %s %s: %s", finding.code, finding.row, finding.says)
        once = f"{finding.code}:{finding.row}"
        await alarm(("operator",), "log_altered", {"says": f"{finding.says}（{finding.row}）"}, once=once)
    return len(findings)


def of_supervision(settings: Settings, store: Store) -> Rounds:
    """What supervision says of itself, found by its name: nothing may import it.

    `supervision.clockwork` may have ``duties(store) -> Mapping[kind, Duty]`` and
    ``rounds(settings) -> Sequence[(seconds, act)]``.
    """
    if not (find_spec("supervision") and find_spec("supervision.clockwork")):
        return Rounds()
    clockwork = import_module("supervision.clockwork")
    duties: Mapping[str, Duty] = clockwork.duties(store) if hasattr(clockwork, "duties") else {}
    acts: Sequence[tuple[float, Act]] = clockwork.rounds(settings) if hasattr(clockwork, "rounds") else ()
    return Rounds(duties, acts)
