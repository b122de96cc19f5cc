"""The judges' seat and the bid's own index: item by item to the file and page, whatever a bidder put into it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browsing import signed_in
from conftest import TestClock
from house_databases import Databases
from judging_road import hearing
from road import County, actor
from story import close, reveal
from trading_site import SECRET, Site, trading_site

from bidding import workbook
from bidding.steps.record import conclude_opening
from bidding.workbook import Pointer
from kernel.accounts.keys import Keys
from kernel.box import records as box_records

KEYS = Keys.derive(SECRET.encode(), light=True)
GOOD = workbook.build("", [Pointer("signed", "技术方案.txt", 3), Pointer("technical", "没有的.pdf", 1)])
BOOKS = {1: GOOD, 2: b"%PDF-1.7 is no workbook", 3: b""}


@pytest.fixture
async def site(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    async with trading_site(county) as site:
        yield site


async def test_the_seat_leads_to_file_and_page_and_a_bad_index_costs_nothing(site: Site, clock: TestClock) -> None:
    county = site.county
    lot = await county.announced()
    setup, notice, bidders = await county.setup(lot), (await box_records.box(lot)).notice, []
    for n, book in BOOKS.items():
        bidder = await county.bidder(n)
        await bidder.seal(setup, notice, f"3{n}000000.00", book=book)
        await bidder.submit(county.tools, lot)
        bidders.append(bidder)
    await close(county, clock, lot)
    await reveal(county, lot, bidders)
    await conclude_opening(county.tools, county.purchaser, lot)
    owner = await actor("purchaser", county.purchaser.organisation_code, county.purchaser.organisation_name)
    member = await signed_in(site.app, (await hearing(county, lot, owner=owner)).judges[-1], KEYS)
    pages = {}
    for n, bidder in enumerate(bidders, 1):
        pages[n] = await member.get(f"/lots/{lot}/seat/bids/{bidder.actor.organisation_code}")
        assert pages[n].status == 200
    code = bidders[0].actor.organisation_code
    place = f'<a href="/api/v1/lots/{lot}/evaluation/documents/{code}/documents/1">技术方案.txt</a>　第 3 页'
    assert place in pages[1].html
    assert pages[1].html.count("没有指明") == len(workbook.rows(await evaluation(site, lot))) - 1
    assert "没有的.pdf" not in pages[1].html
    for n in (2, 3):
        assert "响应索引</h2>" not in pages[n].html
        assert "技术方案.txt" in pages[n].html


async def evaluation(site: Site, lot: object) -> dict[str, object]:
    """How the notice says that bids are compared, as the kit hands it out, with the rows that follow from it."""
    told = (await site.public().get(f"/lots/{lot}/sealing")).json()
    assert told["workbook"] == workbook.rows(told["evaluation"])
    assert [row["id"] for row in told["price_form"]][:3] == ["price", "price_words", "period_days"]
    assert (told["project"], told["ceiling"]) == ("文二路道路改造工程", "40000000.00")
    return dict(told["evaluation"])
