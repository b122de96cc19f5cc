"""Seeds and shares in hand, and still something is wrong: who dealt badly, and what is only noted."""

from pathlib import Path

import pytest
from cheats import PRICES, bloated, misdealt, opening, sealed_to_another, with_one_odd_envelope
from check_case import check_case
from conftest import TestClock
from house_databases import Databases
from road import County
from story import refused, reveal

from kernel.box import records as box_records
from kernel.errors import BadInput


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


async def test_shares_that_combine_to_another_seed_were_misdealt_by_the_bidder(
    county: County, clock: TestClock, house: Databases
) -> None:
    it = await opening(county, clock, "roles", misdealt)
    await it.shut()
    await county.work()
    line = await it.line()
    assert (line["outcome"], line["culprit"]) == ("revoked", "bidder")
    assert line["says"] == "三方份额均与承诺相符但不能还原，系投标人封装错误，视为撤销投标文件"
    await check_case(house, it.lot, county.tools)


async def test_an_envelope_that_comes_out_differently_is_noted_and_the_opened_bid_stands(
    county: County, clock: TestClock, house: Databases
) -> None:
    it = await opening(county, clock, "bidder", with_one_odd_envelope)
    await it.shut()
    await reveal(county, it.lot, [*it.honest, it.cheat])
    line = await it.line()
    assert (line["outcome"], line["form"]["price"]) == ("opened", PRICES[2])
    notes = [stage["says"] for stage in line["stages"]]
    assert all("附注：交易中心的密封件" in says and "不影响投标文件的效力" in says for says in notes)
    await check_case(house, it.lot, county.tools)


async def test_an_index_too_large_to_be_read_at_the_opening_is_refused_before_it_can_look_lost(
    county: County, clock: TestClock
) -> None:
    assert (await refused(BadInput, opening(county, clock, "bidder", bloated))).code == "index_too_large"


async def test_a_file_sealed_to_another_key_is_the_bidders_fault(
    county: County, clock: TestClock, house: Databases
) -> None:
    it = await opening(county, clock, "bidder", sealed_to_another)
    await it.shut()
    await reveal(county, it.lot, [*it.honest, it.cheat])
    line = await it.line()
    assert (line["outcome"], line["culprit"]) == ("revoked", "bidder")
    assert line["says"].startswith("种子与密文均无误而内容不能读取")
    assert {seed for _, seed in await box_records.seeded(it.lot)} == {"price", "documents"}
    await check_case(house, it.lot, county.tools)
