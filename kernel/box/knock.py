"""Knocks at the site's own public address: minutes in which its pages do not answer stand in the log of what is opened.

The worker lives on when the pages alone are away, and the log goes on being signed: nothing else would show it.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from kernel.acts import acting
from kernel.box import outage
from kernel.clock import iso, now
from kernel.db import TRADING, reading
from kernel.identity import clockwork

EVERY = 30.0
"""Seconds between two knocks."""
PAGE = "/api/v1/clock"
"""Answered by a page process that has its database; what answers otherwise is not this site."""
ACTOR = clockwork("knock")

_OPENING = """
select b."case" from box.box b
where b.state = 'opening' and not exists (select from box.rehearsal r where r."case" = b."case")
"""
_log = logging.getLogger("yangguang.knock")


@dataclass(slots=True)
class Knocker:
    """One worker's knocks. An address at which nobody has ever answered it is its own trouble, and no outage."""

    client: httpx.AsyncClient
    origin: str
    answered: datetime | None = None

    async def look(self) -> bool:
        """Knock once; what changed stands in the log of every case whose box is being opened. Whether it answers."""
        at = await now()
        answers = await self._answers()
        if answers:
            self.answered = at
        elif self.answered is None:
            _log.warning("nobody has answered at %s yet", self.origin)
            return False
        act, since = (outage.ANSWERS, at) if answers else (outage.SILENT, self.answered)
        for case in await _opening():
            if await outage.is_silent(case) == answers:
                await _put_down(case, act, since)
        return answers

    async def _answers(self) -> bool:
        try:
            answer = await self.client.get(f"{self.origin}{PAGE}")
            said: Any = answer.json() if answer.is_success else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            return False
        return isinstance(said, dict) and "now" in said


async def _opening() -> list[UUID]:
    async with reading(TRADING) as connection:
        return [row["case"] for row in await connection.fetch(_OPENING)]


async def _put_down(case: UUID, act: str, since: datetime) -> None:
    """The event, once; another worker may have been quicker. A suspension stops no clock of ours here."""
    with suppress(_Known):
        async with acting("advance_box", ACTOR, case, obeys=False) as beat:
            if await outage.is_silent(case) == (act == outage.SILENT):
                raise _Known
            await beat.record("platform", act=act, facts={"since": iso(since)})


class _Known(Exception):
    """It stands in the log already: the empty act leaves no trace."""
