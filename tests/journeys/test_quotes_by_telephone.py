"""最优价 with five agencies quoting from telephones; one never opens its quote, one comes back from another machine."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from conftest import START, TestClock
from house_databases import Databases
from keyboard import choose, press, saved, write
from looking import AXE, faults_of
from market import messages
from playwright.async_api import Browser, Page, expect
from road import PROCESS, County, as_admin, countersign
from shop import CLOSES, Agent, Shop
from town_in_chromium import TownInChromium, town_in_chromium

from intermediaries.records import applicants
from intermediaries.records import requests as records
from intermediaries.stages import Stage
from kernel.box import records as box_records
from kernel.proofs.anchors import build_anchors

pytest_plugins = ("looking",)

TELEPHONE = {"width": 375, "height": 812}
PRICES = ("92000", "95,000", "98000.00", "100000", "106000")
"""As they are typed."""
PATIENCE = 30_000


@dataclass
class Kept:
    """What an agency has in hand after sending: its file and the passphrase it copied."""

    file: Path
    passphrase: str


@dataclass
class Telephones:
    """A shop whose agencies hold telephones with a real browser."""

    shop: Shop
    town: TownInChromium
    folder: Path
    looked: bool = False

    async def page(self, agent: Agent, path: str) -> Page:
        page = await self.town.page(agent.actor)
        page.set_default_timeout(PATIENCE)
        await page.set_viewport_size(TELEPHONE)
        await page.goto(f"{self.town.origin}{path}")
        return page

    async def quote(self, agent: Agent, case: UUID, price: str, after: Kept | None = None) -> Kept:
        """Price, seal, save, prove, send; with the keyboard. `after` what was sent before by this telephone."""
        page, sent = await self.page(agent, f"/requests/{case}/quote"), await self.sent(agent, case)
        if after:
            await self._unlock(page, after)
        await write(page, "#f-price", price)
        await page.keyboard.press("Enter")
        secret = page.locator("[data-passphrase]")
        await expect(secret).to_have_text(re.compile(r"^(\w{5}-){4}\w{5}$"), timeout=PATIENCE)
        passphrase = await secret.inner_text()
        file = self.folder / f"{agent.actor.organisation_code}.age"
        await saved(page, "[data-save]", file)
        assert await self.sent(agent, case) == sent, "nothing is sent before it is kept"
        await self._look(page)
        await write(page, "#f-proof", passphrase[-5:])
        await page.keyboard.press("Enter")
        await expect(page.get_by_text(f"第 {sent + 1} 次报价已收到")).to_be_visible(timeout=PATIENCE)
        await page.close()
        return Kept(file, passphrase)

    async def take_back(self, agent: Agent, case: UUID, after: Kept) -> None:
        page = await self.page(agent, f"/requests/{case}/quote")
        page.on("dialog", lambda dialog: dialog.accept())
        await self._unlock(page, after)
        await press(page, "[data-withdraw]")
        await expect(page.get_by_text("您已撤回报价")).to_be_visible(timeout=PATIENCE)
        await page.close()

    async def sent(self, agent: Agent, case: UUID) -> int:
        """How many messages of this agency the platform has taken."""
        return len(await box_records.chain(case, agent.actor.organisation_code))

    async def _unlock(self, page: Page, kept: Kept) -> None:
        folded = page.locator("summary", has_text="改报价或撤回")
        if await folded.count():
            await press(page, "summary:has-text('改报价或撤回')")
        await expect(page.get_by_text("只需输入口令")).to_be_visible()
        await write(page, "#f-passphrase", kept.passphrase)

    async def _look(self, page: Page) -> None:
        """The passphrase on the screen of a telephone: a ruler and axe find nothing wrong with it."""
        if self.looked:
            return
        self.looked = True
        await page.evaluate(AXE.read_text())
        for width in (1280, 375):
            assert await faults_of(page, width) == []
            await page.screenshot(path=self.town.pictures / f"quote-kept-{width}.png")

    async def reveal(self, page: Page, passphrase: str, file: Path | None = None) -> None:
        """The file where this browser has none, the passphrase, Enter."""
        if file is not None:
            await choose(page, "#f-recovery", file)
        await write(page, "#f-passphrase", passphrase)
        await page.keyboard.press("Enter")

    async def countersigned(self, case: UUID) -> None:
        """The deadline, five minutes, and the regulator's process."""
        for moment in (CLOSES, CLOSES + timedelta(minutes=5)):
            await self.shop.clock.freeze(moment)
            await self.shop.turn(case)
        await countersign(case)
        await self.shop.turn(case)


@pytest.fixture
async def phones(
    house: Databases, clock: TestClock, chromium: Browser, tmp_path: Path, assets: object
) -> AsyncIterator[Telephones]:
    await clock.freeze(START)
    async with Shop.open(tmp_path, house, clock, agencies=5) as shop:
        county = await County.make(tmp_path, house)
        county.tools = shop.market.tools
        anchors = build_anchors(
            issuer="某区", issued=START - timedelta(days=1), officers=[], processes=[PROCESS.public],
            receipts=[shop.market.tools.receipts.public],
        )  # fmt: skip
        async with town_in_chromium(county, clock, chromium, tmp_path / "pictures", anchors) as town:
            yield Telephones(shop, town, tmp_path)
        assert town.faults == {}


async def test_five_agencies_quote_by_telephone_and_the_one_that_never_opens_is_out(phones: Telephones) -> None:
    shop, agents = phones.shop, phones.shop.agents
    case = await shop.publish("best_price", fiscal_percent=100)
    kept = [await phones.quote(agent, case, price) for agent, price in zip(agents, PRICES, strict=True)]
    kept[2] = await phones.quote(agents[2], case, "97,500.50", kept[2])
    await phones.take_back(agents[3], case, kept[3])
    applied = await applicants.own_application(case, agents[3].actor.organisation)
    assert applied is not None
    assert not applied[1], "a quote taken back is no application any more"
    kept[3] = await phones.quote(agents[3], case, PRICES[3], kept[3])
    await phones.countersigned(case)

    await four_open(phones, case, kept)
    await shop.clock.freeze(CLOSES + timedelta(minutes=70))
    await shop.turn(case)
    late = await phones.page(agents[4], f"/requests/{case}/reveal")
    await expect(late.get_by_text("开启时间已过")).to_be_visible()
    told = await messages(agents[1].actor.organisation)
    assert "quote_reveal_open" in told
    opening = next(text for text in await records.texts(case) if text.kind == "opening")
    quotes = {quote["code"]: quote["price"] for quote in opening.content["content"]["quotes"]}
    codes = [agent.actor.organisation_code for agent in agents]
    assert quotes == dict(zip(codes, ("92000.00", "95000.00", "97500.50", "100000.00", ""), strict=True))
    assert (await shop.row(case)).stage == Stage.SELECTED
    assert await shop.selected(case) in agents[:4]


async def four_open(phones: Telephones, case: UUID, kept: list[Kept]) -> None:
    """The first mistypes and writes capitals, the second has lost his telephone, the last never comes."""
    agents = phones.shop.agents
    page = await phones.page(agents[0], f"/requests/{case}/reveal")
    await phones.reveal(page, "wrong-passphrase")
    await expect(page.get_by_role("alert")).to_contain_text("口令不对")
    await phones.reveal(page, kept[0].passphrase.upper().replace("-", " "))
    await expect(page.get_by_text("您的报价已经解密")).to_be_visible(timeout=PATIENCE)
    assert await _shown(case) == 0, "nothing is shown while others may still open"

    await _forget(phones, agents[1])
    other = await phones.page(agents[1], f"/requests/{case}/reveal")
    await phones.reveal(other, kept[0].passphrase, kept[0].file)
    await expect(other.get_by_role("alert")).to_be_visible()
    await phones.reveal(other, kept[1].passphrase, kept[1].file)
    await expect(other.get_by_text("您的报价已经解密")).to_be_visible(timeout=PATIENCE)
    for agent, mine in list(zip(agents, kept, strict=True))[2:4]:
        page = await phones.page(agent, f"/requests/{case}/reveal")
        await phones.reveal(page, mine.passphrase)
        await expect(page.get_by_text("您的报价已经解密")).to_be_visible(timeout=PATIENCE)


async def _shown(case: UUID) -> int:
    return int(await as_admin('select count(*) from box.verdict where "case" = $1', case))


async def _forget(phones: Telephones, agent: Agent) -> None:
    """A telephone that was lost: nothing is left in the browser but a fresh sign-in."""
    key = f"{agent.actor.person} True"
    await phones.town.contexts.pop(key).close()
