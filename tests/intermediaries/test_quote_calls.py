"""Who is called to open his sealed quote, and when."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import START, TestClock
from house_databases import Databases
from market import messages
from road import as_admin, countersign
from shop import CLOSES, Shop

from intermediaries.quote_calls import JOB, LAST_CALL, call_again


@pytest.fixture
async def shop(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Shop]:
    await clock.freeze(START)
    async with Shop.open(tmp_path, house, clock, agencies=3) as made:
        yield made


async def test_who_has_not_opened_his_quote_is_called_again_before_the_hour_ends(shop: Shop) -> None:
    case, (punctual, late, _) = await shop.publish("lowest"), shop.agents
    for agent in shop.agents:
        await shop.quote(case, agent, "90000")
    for moment in (CLOSES, CLOSES + timedelta(minutes=5)):
        await shop.clock.freeze(moment)
        await shop.turn(case)
    await countersign(case)
    await shop.turn(case)
    await shop.reveal(case, punctual)
    due = await as_admin("select run_at from kernel.job where dedup = $1", f"{JOB}:{case}")
    assert due == CLOSES + timedelta(minutes=65) - LAST_CALL
    await call_again({"request": str(case)})
    assert (await messages(punctual.actor.organisation))[-1] == "quote_reveal_open"
    assert (await messages(late.actor.organisation))[-2:] == ["quote_reveal_open", "reveal_missing"]
    await shop.clock.freeze(CLOSES + timedelta(minutes=65))
    await call_again({"request": str(case)})
    assert (await messages(late.actor.organisation)).count("reveal_missing") == 1
