"""The log is published at its period by one of many processes, and a silent witness is asked again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import road
from house_databases import Databases
from log_acts import act
from road import actor
from small_witness import SmallWitness
from trading_site import token_of

from kernel import inbox
from kernel.checkpoints import log_signer
from kernel.db import HOME, spawn, transaction
from kernel.jobs import run_one, schedule
from kernel.log_proofs import is_cosigned
from kernel.publishing import PUBLISH, Publisher


@pytest.fixture
def witness(tmp_path: Path) -> SmallWitness:
    return SmallWitness(log_signer(tmp_path, "trading.example/log").key)


@pytest.fixture
async def publisher(house: Databases, tmp_path: Path, witness: SmallWitness) -> AsyncIterator[Publisher]:
    async with witness.client() as client:
        yield Publisher(HOME, log_signer(tmp_path, "trading.example/log"), [witness.address], client)


@asynccontextmanager
async def running(publisher: Publisher, period: timedelta, processes: int = 1) -> AsyncIterator[None]:
    stop = asyncio.Event()
    loops = [spawn(publisher.run(stop, period=period, retry=0.02)) for _ in range(processes)]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*loops)


async def published() -> int:
    async with transaction(HOME) as connection:
        return int(await connection.fetchval("select count(*) from kernel.log_checkpoint"))


async def cosigned(count: int) -> None:
    async with asyncio.timeout(20), transaction(HOME) as connection:
        while await connection.fetchval("select count(*) from kernel.log_cosignature") < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_within_a_period_one_checkpoint_is_published_and_cosigned(publisher: Publisher) -> None:
    async with running(publisher, timedelta(hours=1), processes=3):
        await cosigned(1)
    assert await published() == 1


async def test_after_each_period_the_next_one_comes(publisher: Publisher) -> None:
    async with running(publisher, timedelta(milliseconds=50)):
        await cosigned(3)
    assert await published() >= 3


async def test_a_witness_that_comes_back_cosigns_what_waited(publisher: Publisher, witness: SmallWitness) -> None:
    witness.away = True
    async with running(publisher, timedelta(hours=1)):
        async with asyncio.timeout(20):
            while not await published():  # noqa: ASYNC110, the loop does it
                await asyncio.sleep(0.01)
        async with transaction(HOME) as connection:
            assert await connection.fetchval("select count(*) from kernel.log_cosignature") == 0
        witness.away = False
        await cosigned(1)
    assert await published() == 1, "what waited is shown, nothing new is made for it"


async def test_a_close_asks_for_a_checkpoint_of_its_own(publisher: Publisher) -> None:
    event = await act("lot", "close_box")
    async with transaction(HOME) as connection:
        await schedule(connection, PUBLISH, {})
    assert await run_one(HOME, {PUBLISH: publisher.duty()})
    assert await is_cosigned(HOME, event.event_id)


async def test_a_contradiction_is_an_alarm_and_stops_nothing(
    publisher: Publisher, witness: SmallWitness, house: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    road.ADMIN = house.admin
    operator = await actor("operator", "12330106MB0000002X", "某区公共资源交易中心")
    await token_of(operator)
    await publisher.duty().run({})
    witness.head = type(witness.head)(640, bytes(32))
    await publisher.duty().run({})
    assert await published() == 2
    said = [record for record in caplog.records if record.name == "yangguang.log"]
    assert [record.levelname for record in said] == ["CRITICAL"]
    assert [message.template for message in await inbox.unread(operator.person)] == ["witness_alarm"]
