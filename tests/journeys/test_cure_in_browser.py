"""A holder slanders a sealed bid; its bidder finds it on his workbench and proves it well made on his telephone."""

from datetime import timedelta
from pathlib import Path

import pytest
from cheats import PRICES, opening, slandered, with_bad_envelopes
from conftest import TestClock
from keyboard import choose, press, write
from looking import AXE, faults_of
from playwright.async_api import Page, expect
from recovery_file import WORDS, recovery_file, seed_of
from road import DEADLINE, PROCESS, Bidder
from town_in_chromium import TownInChromium

from kernel import inbox
from kernel.box import records as box_records
from kernel.proofs.anchors import build_anchors

pytest_plugins = ("town_in_chromium",)

PATIENCE = 30_000


@pytest.fixture
def town_anchors() -> bytes:
    return build_anchors(issuer="测试", issued=DEADLINE - timedelta(days=300), officers=[], processes=[PROCESS.public])


async def at_the_page(town: TownInChromium, bidder: Bidder) -> Page:
    """From the workbench, by keyboard, to the page that the todo leads to."""
    page = await town.page(bidder.actor)
    page.set_default_timeout(PATIENCE)
    await page.set_viewport_size({"width": 375, "height": 812})
    await page.goto(f"{town.origin}/workbench")
    await press(page, "a:has-text('去证明')")
    await expect(page.get_by_role("button", name="证明密封件无误")).to_be_visible()
    return page


async def proves(page: Page, file: Path, words: str = WORDS) -> None:
    """By keyboard alone."""
    await choose(page, "#f-recovery", file)
    await write(page, "#f-passphrase", words)
    await page.keyboard.press("Enter")


async def test_the_slandered_bidder_proves_his_envelopes_and_is_opened(town: TownInChromium, clock: TestClock) -> None:
    county = town.county
    it = await opening(county, clock, "roles")
    await it.shut()
    await slandered(it, "regulator")
    await county.work()
    asked = [m for m in await inbox.unread(None, it.cheat.actor.organisation) if m.template == "cure_asked"]
    assert {message.link for message in asked} == {f"/lots/{it.lot}/cure"}
    page = await at_the_page(town, it.cheat)
    await page.evaluate(AXE.read_text())
    for width in (1280, 375):
        assert await faults_of(page, width) == []
        await page.screenshot(path=town.pictures / f"cure-{width}.png", full_page=True)
    other = await recovery_file(county, it.lot, it.honest[0], signer=seed_of(it.honest[0].signer))
    await proves(page, other)
    await expect(page.get_by_role("alert")).to_contain_text("还没有证明")
    mine = await recovery_file(county, it.lot, it.cheat, signer=seed_of(it.cheat.signer))
    await proves(page, mine, "wrong words")
    await expect(page.get_by_role("alert")).to_contain_text("口令不对")
    assert await box_records.messages(it.lot, "cure") == []
    await proves(page, mine)
    await expect(page.get_by_text("您已经证明密封件无误")).to_be_visible(timeout=PATIENCE)
    assert len(await box_records.messages(it.lot, "cure")) == 4
    assert await box_records.seeds(it.lot) == {}, "no seed has left him"
    await town.look("cure-proved", it.cheat.actor, f"/lots/{it.lot}/cure")
    await town.look("cure-nothing", it.honest[0].actor, f"/lots/{it.lot}/cure")
    await county.work()
    line = await it.line()
    assert (line["outcome"], line["form"]["price"]) == ("opened", PRICES[2])


async def test_whose_envelopes_are_bad_is_told_so_and_sends_nothing(town: TownInChromium, clock: TestClock) -> None:
    it = await opening(town.county, clock, "roles", with_bad_envelopes("regulator"))
    await it.shut()
    await town.county.work()
    page = await at_the_page(town, it.cheat)
    await proves(page, await recovery_file(town.county, it.lot, it.cheat, signer=seed_of(it.cheat.signer)))
    await expect(page.get_by_role("alert")).to_contain_text("不能由您的种子重现", timeout=PATIENCE)
    assert await box_records.messages(it.lot, "cure") == []
