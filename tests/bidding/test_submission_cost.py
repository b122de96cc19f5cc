"""The n-th bid costs what the first did: the same statements, however many bids the lot holds."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from conftest import TestClock
from house_databases import Databases
from road import Bidder, County
from statement_counter import statements

from bidding.steps.submit import submit_bid
from kernel.box import records as box_records
from kernel.errors import WrongStage
from storage.keeping import promote_waiting


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


async def sealed(county: County, lot: UUID, n: int) -> Bidder:
    bidder = await county.bidder(n)
    await bidder.seal(await county.setup(lot), (await box_records.box(lot)).notice, "38000000.00")
    return bidder


async def asked_for_a_bid(county: County, lot: UUID, n: int) -> list[str]:
    """What one submission asks of the database, savepoints without their numbers."""
    bidder = await sealed(county, lot, n)
    command = await bidder.command(county.tools, lot)
    async with statements() as seen:
        await submit_bid(county.tools, bidder.actor, lot, command)
    return [re.sub(r"savepoint_[0-9a-f]+", "savepoint", text) for text in seen]


async def test_the_tenth_bid_asks_the_same_of_the_database_as_the_second(county: County) -> None:
    lot = await county.announced()
    await county.sealed_in(lot, ["38000000.00"])
    second = await asked_for_a_bid(county, lot, 2)
    for n in range(3, 10):
        await (await sealed(county, lot, n)).submit(county.tools, lot)
    assert await asked_for_a_bid(county, lot, 10) == second
    assert len(second) < 40


async def test_the_event_is_the_last_thing_but_the_bid_itself(county: County) -> None:
    # From its number on every other bid of the lot waits for this one's commit.
    lot = await county.announced()
    asked = await asked_for_a_bid(county, lot, 1)
    head = next(i for i, text in enumerate(asked) if "kernel.case_head as head" in text)
    written = [text for text in asked[head:] if "savepoint" not in text]
    assert len(written) == 3
    assert ["kernel.log_event" in text or '"box"."bid" ' in text for text in written] == [False, True, True]


async def test_a_bid_sent_again_whose_files_are_in_the_vault_is_told_that_they_are_used(county: County) -> None:
    lot = await county.announced()
    bidder = await sealed(county, lot, 1)
    command = await bidder.command(county.tools, lot)
    await submit_bid(county.tools, bidder.actor, lot, command)
    await promote_waiting(county.tools.store)
    with pytest.raises(WrongStage) as refusal:
        await submit_bid(county.tools, bidder.actor, lot, command)
    assert refusal.value.code == "upload_already_used"
