"""Two envelopes as people see them: the hall never promises a price too early, and who passed opens the second."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from conftest import TestClock
from house_databases import Databases
from keyboard import choose, write
from package_office import Office
from playwright.async_api import Browser, expect
from recovery_file import WORDS, recovery_file, seed_of
from road import County
from story import reveal
from town_in_chromium import TownInChromium, town_in_chromium
from two_envelopes import TwoEnvelopes, first_judged

from bidding.steps.record import conclude_opening
from kernel.box import records as box_records

pytest_plugins = ("looking",)
PATIENT = 60_000


@pytest.fixture
async def office(house: Databases, clock: TestClock, tmp_path: Path) -> Office:
    return Office(await County.make(tmp_path, house), tmp_path)


@pytest.fixture
async def town(
    office: Office, clock: TestClock, tmp_path: Path, chromium: Browser, assets: object
) -> AsyncIterator[TownInChromium]:
    async with town_in_chromium(office.county, clock, chromium, tmp_path / "pictures", office.anchors().data) as town:
        yield town
        assert town.faults == {}


async def test_who_passed_opens_his_price_on_the_page_and_both_records_can_be_read(
    town: TownInChromium, office: Office, clock: TestClock
) -> None:
    it = await first_judged(town.county, clock)
    lot, public = f"/lots/{it.lot}", await town.page()
    await public.goto(f"{town.origin}{lot}/record")
    await expect(public.locator("article h1")).to_have_text("第一信封开标记录")
    assert "报价" not in await public.inner_text("main table"), "the first envelope holds no price"
    await town.look("second-window", None, f"{lot}/hall")
    await who_failed_opens_nothing(town, it)
    await opens_by_keyboard(town, it, office)
    await reveal(town.county, it.lot, it.passed[1:])
    await town.look("second-shown", None, f"{lot}/hall")
    await conclude_opening(town.county.tools, town.county.purchaser, it.lot)
    await town.look("second-opened", None, f"{lot}/hall", f"{lot}/record", f"{lot}/record?envelope=1")
    await public.goto(f"{town.origin}{lot}/record")
    for says in ("第二信封开标记录", "38,000,000.00", "第二信封未开启"):
        await expect(public.locator("main")).to_contain_text(says)
    assert "36,000,000.00" not in await public.inner_text("main"), "whose first envelope failed stays sealed"


async def who_failed_opens_nothing(town: TownInChromium, it: TwoEnvelopes) -> None:
    failed = it.bidders[3].actor
    await town.look("second-failed", failed, f"/lots/{it.lot}/reveal", f"/lots/{it.lot}/hall")
    page = await town.page(failed)
    await page.goto(f"{town.origin}/lots/{it.lot}/reveal")
    await expect(page.get_by_text("您的第二信封不开启")).to_be_visible()
    await expect(page.locator("form[data-reveal]")).to_have_count(0)
    await page.close()


async def opens_by_keyboard(town: TownInChromium, it: TwoEnvelopes, office: Office) -> None:
    """The page gives nothing before a witness has seen the report, and goes on by itself once he has."""
    bidder = it.passed[0]
    await town.look("second-bidder", bidder.actor, "/workbench", f"/lots/{it.lot}/reveal")
    page = await town.page(bidder.actor)
    await page.goto(f"{town.origin}/lots/{it.lot}/reveal")
    await choose(page, "#f-recovery", await recovery_file(town.county, it.lot, bidder, signer=seed_of(bidder.signer)))
    await write(page, "#f-passphrase", WORDS)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("评审报告还没有见证方的存证证明，种子没有交出")).to_be_visible(timeout=PATIENT)
    assert {stage for _, stage in await box_records.seeds(it.lot)} == {"documents"}
    await office.publish()
    await expect(page.get_by_text("您的投标文件已经解密")).to_be_visible(timeout=PATIENT)
    await page.close()
