"""What time and the regulator's decisions do to agencies and requests; doing it when it is due."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from intermediaries.case import Tools
from intermediaries.profile import fold_tally
from intermediaries.records import agencies
from intermediaries.steps.decide import KINDS, carry_out
from intermediaries.steps.found import found_catalogue
from intermediaries.steps.lapse import NothingDue, lapse_papers
from kernel.db import TRADING, transaction
from kernel.decisions import Decision, take, untaken
from kernel.errors import Directed, Refusal
from kernel.identity import clockwork

ACTOR = clockwork("intermediaries")
_log = logging.getLogger("yangguang.intermediaries")
_DUE = """
stage in ('publicity', 'active', 'suspended') and (publicity_until <= kernel.law_now() and stage = 'publicity'
    or exists (select from intermediaries.certificate c where c.agency = agency.id and c.removed_at is null
        and (c.lapsed_at is null and c.expires_at <= kernel.law_now()
            or c.warned_at is null and c.expires_at - interval '30 days' <= kernel.law_now()
                and c.expires_at > kernel.law_now())))
order by id limit 10000
"""


async def turn_agency(agency: UUID) -> None:
    """Do what is due for one agency; safe at any time, any number of times."""
    with suppress(NothingDue, Refusal):
        await lapse_papers(ACTOR, agency)


async def run_agency(payload: Mapping[str, Any]) -> None:
    """The job `agency`: a moment of one agency has come."""
    await turn_agency(UUID(payload["agency"]))


async def sweep_agencies() -> None:
    """The founding list in a new database, and every agency whose moment passed without its job."""
    await found_catalogue(ACTOR)
    await fold_tally()
    for agency in await agencies.agencies_where(_DUE):
        try:
            await turn_agency(agency.id)
        except Exception:
            _log.exception("agency %s could not be turned and is tried again", agency.id)


async def take_decisions(tools: Tools) -> None:
    """Carry out what the regulator has decided about items and agencies, the oldest first."""
    async with transaction(TRADING) as connection:
        waiting = await untaken(connection, *KINDS, key=tools.regulator)
    for decision in waiting:
        await _carry_out(decision)


async def _carry_out(decision: Decision) -> None:
    """A decision that cannot be carried out is answered with the reason; one under a standing order waits."""
    try:
        await carry_out(ACTOR, decision)
    except Directed:
        return
    except Refusal as refused:
        async with transaction(TRADING) as connection:
            await take(connection, decision.id, problem="；".join(p.says for p in refused.problems))
    except Exception:
        _log.exception("decision %s could not be carried out and is tried again", decision.id)
