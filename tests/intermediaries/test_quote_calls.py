"""Who is called to open his sealed quote, and when."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from conftest import START, TestClock
from house_databases import Databases
from market import messages
from road import as_admin, countersign, give_order
from shop import CLOSES, Shop
from small_witness import SmallWitness

from intermediaries.quote_calls import JOB, LAST_CALL, call_again
from kernel.box import records as box_records
from kernel.checkpoints import log_signer, publish
from kernel.db import TRADING, transaction
from kernel.log import Event, events_of
from kernel.posting import post_to_witness

_SET = "select max(run_at) from kernel.job where kind = 'quote_call' and dedup like $1"


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
    last = CLOSES + timedelta(minutes=65) - LAST_CALL
    assert await as_admin(_SET, f"{JOB}:{case}:%") == last
    await call_again({"request": str(case)})
    assert "reveal_missing" not in await messages(late.actor.organisation), "not before its time"
    await shop.clock.freeze(last)
    await call_again({"request": str(case)})
    assert (await messages(punctual.actor.organisation))[-1] == "quote_reveal_open"
    assert (await messages(late.actor.organisation))[-2:] == ["quote_reveal_open", "reveal_missing"]
    await shop.clock.freeze(CLOSES + timedelta(minutes=65))
    await call_again({"request": str(case)})
    assert (await messages(late.actor.organisation)).count("reveal_missing") == 1


async def test_after_a_suspension_the_hour_is_whole_and_the_last_call_comes_before_its_new_end(shop: Shop) -> None:
    """The list is fixed while the log's witness is away; later the regulator stops the request in the middle of it."""
    tools, agent = shop.market.tools, shop.agents[0]
    shop.market.tools = replace(tools, witnessed=True)
    case = await shop.publish("lowest")
    for one in shop.agents:
        await shop.quote(case, one, "90000")
    for moment in (CLOSES, CLOSES + timedelta(minutes=5)):
        await shop.clock.freeze(moment)
        await shop.turn(case)
    await countersign(case)
    await shop.clock.freeze(CLOSES + timedelta(minutes=20))
    await shop.turn(case)
    assert (await box_records.box(case)).state == "closed", "nobody outside has seen what was closed"
    await witness_sees(shop)
    await shop.turn(case)
    begun = CLOSES + timedelta(minutes=20)
    assert (await box_records.box(case)).reveal_until == begun + timedelta(minutes=60)
    said = [json.loads(event.body)["act"] for event in await events(case)]
    assert [act for act in said if "witness" in act] == ["await_witness", "witness_back"]
    await shop.clock.freeze(begun + timedelta(minutes=30))
    await give_order(case, "suspend", "举报正在核查", begun + timedelta(minutes=50))
    await shop.clock.freeze(begun + timedelta(minutes=45))
    await call_again({"request": str(case)})
    await shop.clock.freeze(begun + timedelta(minutes=50))
    await shop.turn(case)
    assert (await box_records.box(case)).reveal_until == begun + timedelta(minutes=80)
    await call_again({"request": str(case)})
    assert "reveal_missing" not in await messages(agent.actor.organisation), "while it stood still nobody is hurried"
    assert await as_admin(_SET, f"{JOB}:{case}:%") == begun + timedelta(minutes=65)
    await shop.clock.freeze(begun + timedelta(minutes=65))
    await call_again({"request": str(case)})
    assert (await messages(agent.actor.organisation))[-1] == "reveal_missing"


async def witness_sees(shop: Shop) -> None:
    """The log is published and its witness signs what it has become."""
    signer = log_signer(shop.folder, "trading.example/log")
    await publish(TRADING, signer)
    witness = SmallWitness(signer.key)
    async with witness.client() as client:
        await post_to_witness(TRADING, client, witness.address)


async def events(case: UUID) -> list[Event]:
    async with transaction(TRADING) as connection:
        return await events_of(connection, str(case))
