"""Bidders open their own tender bids on the page, however they were sealed; the loser checks it all in the page."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from conftest import TestClock
from house_databases import Databases
from keyboard import choose, press, saved, write
from looking import AXE, faults_of
from package_office import Office
from playwright.async_api import Browser, Page, expect
from recovery_file import PASSPHRASE, WORDS, recovery_file, seed_of
from road import DEADLINE, Bidder, County, as_admin, countersign
from town_in_chromium import TownInChromium, town_in_chromium

from bidding.clockwork import turn
from kernel.proofs.anchors import build_anchors
from kernel.proofs.signers import Ed25519Signer, lock_signer

pytest_plugins = ("looking",)

PATIENCE = 30_000


@dataclass
class Window:
    """A lot at whose close three bidders may reveal."""

    town: TownInChromium
    office: Office
    lot: UUID
    bidders: list[Bidder]

    async def page(self, bidder: Bidder) -> Page:
        page = await self.town.page(bidder.actor)
        page.set_default_timeout(PATIENCE)
        await page.set_viewport_size({"width": 375, "height": 812})
        await page.goto(f"{self.town.origin}/lots/{self.lot}/reveal")
        return page

    async def recovery(self, bidder: Bidder, **more: bytes) -> Path:
        """The recovery file as the command line or the sealing page leaves it."""
        return await recovery_file(self.town.county, self.lot, bidder, **more)

    async def listed(self) -> None:
        """The deadline has passed and the list is fixed; nobody has countersigned it."""
        for moment in (DEADLINE, DEADLINE + timedelta(minutes=5)):
            await self.town.clock.freeze(moment)
            await turn(self.town.county.tools, self.lot)

    async def shown(self) -> int:
        return int(await as_admin('select count(*) from box.verdict where "case" = $1', self.lot))


@pytest.fixture
async def window(
    house: Databases, clock: TestClock, tmp_path: Path, chromium: Browser, assets: object
) -> AsyncIterator[Window]:
    county = await County.make(tmp_path, house)
    office = Office(county, tmp_path)
    anchors = office.anchors().data
    county.tools = replace(county.tools, anchors=anchors)
    async with town_in_chromium(county, clock, chromium, tmp_path / "pictures", anchors) as town:
        lot = await county.announced()
        yield Window(town, office, lot, await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"]))
        assert town.faults == {}


async def test_bidders_open_their_bids_in_two_clicks_or_by_keyboard_and_the_prices_appear_together(
    window: Window,
) -> None:
    page_sealed, by_command, last = window.bidders
    await window.listed()
    page = await window.page(page_sealed)
    await page.set_input_files("#f-recovery", await window.recovery(page_sealed, signer=seed_of(page_sealed.signer)))
    await page.fill("#f-passphrase", WORDS)
    button = page.get_by_role("button", name="解密投标文件")
    await expect(button).to_be_disabled()
    await countersign(window.lot)
    await turn(window.town.county.tools, window.lot)
    await expect(button).to_be_enabled(timeout=PATIENCE)
    await button.click()
    await expect(page.get_by_text("您的投标文件已经解密")).to_be_visible(timeout=PATIENCE)

    await opens_with_his_key_file(window, by_command)
    assert await window.shown() == 0

    page = await window.page(last)
    await choose(page, "#f-recovery", await window.recovery(by_command))
    await write(page, "#f-passphrase", WORDS)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible(timeout=PATIENCE)
    await choose(page, "#f-recovery", await window.recovery(last, signer=seed_of(last.signer)))
    await press(page, "form[data-reveal] button[type=submit]")
    await expect(page.get_by_text("您的投标文件已经解密")).to_be_visible(timeout=PATIENCE)
    assert await window.shown() > 0
    await loser_checks(window, last)


async def opens_with_his_key_file(window: Window, bidder: Bidder) -> None:
    """Sealed by the command line: the page finds no key in the recovery file, says so and asks for it."""
    page = await window.page(bidder)
    await page.evaluate(AXE.read_text())
    for width in (1280, 375):
        assert await faults_of(page, width) == []
        await page.screenshot(path=window.town.pictures / f"reveal-window-{width}.png", full_page=True)
    await choose(page, "#f-recovery", await window.recovery(bidder))
    await write(page, "#f-passphrase", WORDS)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("没有签名密钥")
    key = bidder.folder / "my.key"
    key.write_bytes(lock_signer(bidder.signer, PASSPHRASE))
    await choose(page, "#f-key", key)
    await write(page, "#f-key-passphrase", WORDS)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("您的投标文件已经解密")).to_be_visible(timeout=PATIENCE)


async def loser_checks(window: Window, loser: Bidder) -> None:
    """He downloads the package and his receipt, and holds both against anchors that he got elsewhere."""
    county = window.town.county
    await window.town.clock.freeze(DEADLINE + timedelta(minutes=90))
    await turn(county.tools, window.lot)
    await county.end(window.lot)
    await turn(county.tools, window.lot)
    await window.office.publish()
    await turn(county.tools, window.lot)
    page, lot = await window.page(loser), f"{window.town.origin}/lots/{window.lot}"
    held = [loser.folder / name for name in ("evidence.zip", "receipt.dsse.json", "anchors.json")]
    await page.goto(f"{lot}/record")
    await saved(page, "a[href$='/evidence.zip']", held[0])
    await page.goto(f"{lot}/receipt/1")
    await saved(page, "a[href$='/receipt.dsse.json']", held[1])
    held[2].write_bytes(window.office.anchors().data)
    await page.goto(f"{window.town.origin}/check")
    await choose(page, "[data-checking] input[type=file]", held)
    await expect(page.get_by_text("核验完毕，没有发现不符")).to_be_visible(timeout=2 * PATIENCE)
    await expect(page.get_by_text("公开包核验通过")).to_be_visible()
    await expect(page.get_by_text("在截标名单中，与包内的标书逐字节相同")).to_be_visible()


async def test_a_list_countersigned_by_a_stranger_gets_no_seed(window: Window) -> None:
    """The page of a dishonest platform cannot be helped; a dishonest list can: the bidder's own anchors decide."""
    await window.listed()
    await countersign(window.lot)
    await turn(window.town.county.tools, window.lot)
    bidder = window.bidders[0]
    page = await window.page(bidder)
    anchors = bidder.folder / "anchors.json"
    stranger = Ed25519Signer.generate().public
    anchors.write_bytes(
        build_anchors(issuer="书面公布", issued=DEADLINE - timedelta(days=300), officers=[], processes=[stranger])
    )
    await choose(page, "#f-recovery", await window.recovery(bidder, signer=seed_of(bidder.signer)))
    await write(page, "#f-passphrase", WORDS)
    await press(page, "summary:has-text('用我自己的锚点文件')")
    await choose(page, "#f-anchors", anchors)
    await press(page, "form[data-reveal] button[type=submit]")
    await expect(page.get_by_role("alert")).to_contain_text("会签", timeout=PATIENCE)
    assert await as_admin('select count(*) from box.seed where "case" = $1', window.lot) == 0
