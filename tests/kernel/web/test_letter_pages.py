"""督办来函 on the trading site: read, answered with a file, by the addressee alone, without any script."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from browsing import signed_in
from conftest import TestClock
from house_databases import Databases
from road import PROCESS, County, as_admin
from trading_site import SECRET, Site, trading_site

from kernel import letters
from kernel.accounts.keys import Keys
from kernel.ids import new_id
from kernel.letter import build_letter
from kernel.proofs import dsse


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


@pytest.fixture
async def site(county: County) -> AsyncIterator[Site]:
    async with trading_site(county) as site:
        yield site


async def delivered(county: County) -> UUID:
    """A letter to the purchaser, brought by the regulator's process; its number."""
    purchaser = county.purchaser
    assert purchaser.organisation is not None
    number = new_id()
    words = {"title": "逾期未订立书面合同", "says": "请说明原因", "written_by": "某区住房和城乡建设局"}
    body = build_letter(id=number, case=new_id(), kind="card", to=purchaser.organisation, **words)
    await as_admin(
        'insert into kernel.letter (id, "case", matter, organisation, body, envelope, posted_at)'
        " values ($1, $1, $1, $2, $3, $4, kernel.law_now())",
        number, purchaser.organisation, body, dsse.sign(body, PROCESS).to_bytes(),
    )  # fmt: skip
    await letters.deliver(PROCESS.public)
    return number


async def test_the_addressee_reads_and_answers_and_nobody_else(county: County, site: Site) -> None:
    number, keys = await delivered(county), Keys.derive(SECRET.encode(), light=True)
    browser = await signed_in(site.app, county.purchaser, keys)
    assert "逾期未订立书面合同" in (await browser.get("/letters")).words
    page = await browser.get(f"/letters/{number}")
    assert "请说明原因" in page.words
    empty = await browser.send(page, f"/letters/{number}/answers", {"text": " "})
    assert (empty.status, bool(empty.problem_beside("text"))) == (422, True)
    sent = await browser.send(page, f"/letters/{number}/answers", {"text": "三日内签订"})
    assert (sent.status, sent.place) == (303, f"/letters/{number}")
    assert "三日内签订" in (await browser.get(f"/letters/{number}")).words
    other = await signed_in(site.app, (await county.bidder(1)).actor, keys)
    assert (await other.get(f"/letters/{number}")).status == 404
    assert "没有来函" in (await other.get("/letters")).words
