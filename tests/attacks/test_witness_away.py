"""The log's witness is away at a close: nothing opens unseen; a second one signs, or the case stands still."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cheats import Opening, opening
from check_case import check_case
from conftest import TestClock
from house_databases import Databases
from road import DEADLINE, County, countersign
from small_witness import Several, SmallWitness
from story import reveal

from bidding.clockwork import turn
from kernel.box import records as box_records
from kernel.checkpoints import log_signer, publish
from kernel.db import TRADING
from kernel.proofs.note_keys import Signer
from kernel.publishing import Publisher

CLOSED = DEADLINE + timedelta(minutes=5)


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    county = await County.make(tmp_path, house)
    county.tools = replace(county.tools, witnessed=True)
    return county


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return log_signer(tmp_path, "trading.example/log")


async def closed(county: County, clock: TestClock) -> Opening:
    """The list is fixed and countersigned by the regulator's process; no witness has seen it."""
    it = await opening(county, clock)
    await it.at(DEADLINE)
    await it.at(CLOSED)
    await countersign(it.lot)
    await turn(county.tools, it.lot)
    return it


async def shown(signer: Signer, *witnesses: SmallWitness, patience: timedelta = timedelta()) -> int:
    """The log published, and shown to these witnesses in their order; how many signed."""
    await publish(TRADING, signer)
    async with Several(*witnesses).client() as client:
        return await Publisher(TRADING, signer, [w.address for w in witnesses], client, patience).show()


async def test_a_close_that_no_witness_has_seen_stands_still_on_record_and_goes_on_when_he_is_back(
    county: County, clock: TestClock, house: Databases, signer: Signer
) -> None:
    it, witness = await closed(county, clock), SmallWitness(signer.key)
    witness.away = True
    assert await shown(signer, witness) == 0
    await it.at(CLOSED + timedelta(minutes=9))
    assert (await box_records.box(it.lot)).state == "closed"
    await it.at(CLOSED + timedelta(minutes=10))
    await turn(county.tools, it.lot)
    assert (await box_records.box(it.lot)).state == "closed"
    witness.away = False
    assert await shown(signer, witness) == 1
    await clock.freeze(CLOSED + timedelta(minutes=40))
    await turn(county.tools, it.lot)
    box = await box_records.box(it.lot)
    assert box.state == "opening"
    assert box.reveal_until == CLOSED + timedelta(minutes=100), "the window is whole: nobody lost a minute by it"
    await reveal(county, it.lot, [*it.honest, it.cheat])
    assert await it.said() == [
        "截标名单固定后十分钟内没有见证方签名，案件自动暂停，等待见证方",
        "见证方已为截标名单签名，案件恢复",
    ]
    await check_case(house, it.lot, county.tools)


async def test_a_second_named_witness_signs_when_the_first_is_silent_too_long(
    county: County, clock: TestClock, signer: Signer
) -> None:
    it = await closed(county, clock)
    first, second = SmallWitness(signer.key), SmallWitness(signer.key, "second.example")
    first.away = True
    assert await shown(signer, first, second, patience=timedelta(minutes=10)) == 0
    assert second.asked == [], "not before the first has had his time"
    assert await shown(signer, first, second) == 1
    await turn(county.tools, it.lot)
    assert (await box_records.box(it.lot)).state == "opening"
