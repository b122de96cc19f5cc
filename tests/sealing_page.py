"""A bidder at the sealing page of a real browser, by keyboard alone: what he types, and what he carries home."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from keyboard import choose, press, tab_to, write
from looking import PICTURES, WIDTHS, faults_of
from playwright.async_api import Page, expect

from kernel.proofs.age import Passphrase
from kernel.proofs.recovery import Recovery, unlock_recovery

PATIENT = 300_000
"""Milliseconds to wait for what a slow machine does slowly."""


@dataclass
class AtHome:
    """What the bidder has after sealing: the recovery file and its passphrase."""

    file: bytes
    passphrase: str

    @property
    def recovery(self) -> Recovery:
        return unlock_recovery(self.file, Passphrase(self.passphrase))


@dataclass
class SealingPage:
    """One lot's sealing page in a tab of the bidder's browser."""

    page: Page
    origin: str
    lot: UUID

    async def open(self) -> None:
        # A colour on its way from one to another is no colour of the page: axe would measure it.
        await self.page.emulate_media(reduced_motion="reduce")
        await self.page.goto(f"{self.origin}/lots/{self.lot}/seal")
        await expect(self.page.locator("[data-seal]")).to_be_visible()

    async def ready(self) -> None:
        """The page has set itself up for a new bid."""
        await expect(self.page.locator("[data-go]")).to_be_enabled(timeout=PATIENT)

    async def trust(self, anchors: Path) -> None:
        await self.ready()
        await choose(self.page, "#f-anchors", anchors)
        await expect(self.page.get_by_text("开标设定核对无误")).to_be_visible(timeout=PATIENT)

    async def choose(self, *papers: Path) -> None:
        await choose(self.page, "#f-files-documents", list(papers))
        await expect(self.page.locator(".upload-list li")).not_to_have_count(0)

    async def point(self, file: str) -> None:
        """Every row of the workbook at this file, the first at page 1, and so on."""
        rows, keys = self.page.locator(".workbook > li"), self.page.keyboard
        for n in range(await rows.count()):
            await tab_to(self.page, f".workbook > li:nth-child({n + 1}) select")
            while await rows.nth(n).locator("select").input_value() != file:
                await keys.press("ArrowDown")
            await keys.press("Tab")
            await keys.insert_text(str(n + 1))
        await keys.press("Tab")
        await expect(self.page.locator(".workbook-state")).to_contain_text("均已指明")

    async def price(self, amount: str, days: str = "180") -> None:
        await write(self.page, "#f-price", amount)
        await write(self.page, "#f-period_days", days)

    async def seal(self) -> None:
        await press(self.page, "[data-go]", patience=PATIENT)

    async def keep(self, known: str = "") -> AtHome:
        """Save the recovery file and copy the passphrase, as the page asks; `known` is that of an earlier bid."""
        await expect(self.page.get_by_role("button", name="保存恢复文件")).to_be_visible(timeout=PATIENT)
        await tab_to(self.page, "[data-keep] button")
        async with self.page.expect_download() as given:
            await self.page.keyboard.press("Enter")
        file = await asyncio.to_thread((await (await given.value).path()).read_bytes)
        if known:
            return AtHome(file, known)
        passphrase = "-".join(await self.page.locator(".passphrase span").all_inner_texts())
        await write(self.page, "#f-last-group", passphrase[-5:])
        await press(self.page, "#f-told", "Space")
        return AtHome(file, passphrase)

    async def send(self) -> None:
        await press(self.page, "[data-keep] .actions:last-child button")

    async def receipt(self, seq: int = 1, *, checked: bool = True) -> None:
        """The receipt's page, on which a browser that knows the anchors has checked it."""
        await self.page.wait_for_url(f"**/lots/{self.lot}/receipt/{seq}", timeout=PATIENT)
        await expect(self.page.locator("h1")).to_have_text("投标回执")
        if checked:
            await expect(self.page.get_by_text("回执签名与锚点文件一致")).to_be_visible()

    async def look(self, name: str, pictures: Path) -> dict[str, list[str]]:
        """What axe, put into the page before, and a ruler find wrong at both widths; a picture where asked for."""
        wrong = {}
        for width in WIDTHS:
            if found := await faults_of(self.page, width):
                wrong[f"{name} at {width}"] = found
            if PICTURES:
                await self.page.screenshot(path=pictures / f"seal-{name}-{width}.png", full_page=True)
        return wrong

    async def whole(self, anchors: Path, papers: list[Path], amount: str) -> AtHome:
        """From the empty page to the receipt."""
        await self.open()
        await self.trust(anchors)
        await self.choose(*papers)
        await self.point(papers[0].name)
        await self.price(amount)
        await self.seal()
        home = await self.keep()
        await self.send()
        await self.receipt()
        return home
