"""What the stories share: moments as people write them, the walk to the opening, what a refusal said."""

import json
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from conftest import TestClock
from road import DEADLINE, Bidder, County, countersign

from bidding.clockwork import turn
from kernel.clock import CHINA
from kernel.db import HOME, transaction
from kernel.errors import Refusal

Kind = TypeVar("Kind", bound=Refusal)


def at(moment: str) -> datetime:
    """``2026-04-20 09:30:00.000``, Beijing time."""
    return datetime.fromisoformat(moment).replace(tzinfo=CHINA)


async def refused(kind: type[Kind], act: Awaitable[Any]) -> Kind:
    """The refusal of this kind that the act ends in."""
    with pytest.raises(kind) as caught:
        await act
    return caught.value


async def close(county: County, clock: TestClock, lot: UUID) -> None:
    """09:30 the list, 09:35 fixed and countersigned: the window to reveal opens."""
    await county.lived(("closed", lot), lambda: _close(county, clock, lot))


async def _close(county: County, clock: TestClock, lot: UUID) -> None:
    for moment in (DEADLINE, DEADLINE + timedelta(minutes=5)):
        await clock.freeze(moment)
        await turn(county.tools, lot)
    await countersign(lot)
    await turn(county.tools, lot)


async def reveal(county: County, lot: UUID, bidders: Sequence[Bidder]) -> None:
    bids = (bidder.sealed and bidder.sealed.bid.sha256 for bidder in bidders)
    await county.lived(("revealed", lot, *bids), lambda: _reveal(county, lot, bidders))


async def _reveal(county: County, lot: UUID, bidders: Sequence[Bidder]) -> None:
    for bidder in bidders:
        await bidder.reveal(county.tools, lot)
    await turn(county.tools, lot)


async def tries(lot: UUID) -> list[dict[str, Any]]:
    """What this site's log says was refused on a lot, oldest first; `who` is the private half."""
    async with transaction(HOME) as connection:
        rows = await connection.fetch(
            "select body, private from kernel.log_event where case_key = $1 order by n", f"refused:{lot}"
        )
    return [json.loads(row["body"]) | {"who": json.loads(row["private"])} for row in rows]
