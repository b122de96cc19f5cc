"""The pages of requests in a real browser, at a telephone's and a desk's width; an owner gets an agency by keyboard."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import START, TestClock
from house_databases import Databases
from playwright.async_api import Browser, Page
from road import County, countersign, give_order
from shop import CLOSES, Shop
from town_in_chromium import TownInChromium, town_in_chromium

from intermediaries.records import requests as records
from intermediaries.schemas.requests import RateService
from intermediaries.stages import Stage
from intermediaries.steps.rate import rate_service
from kernel.errors import Directed

pytest_plugins = ("looking",)


@pytest.fixture
async def shop(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Shop]:
    await clock.freeze(START)
    async with Shop.open(tmp_path, house, clock, agencies=3) as made:
        yield made


@pytest.fixture
async def town(
    shop: Shop, house: Databases, clock: TestClock, chromium: Browser, tmp_path: Path, assets: object
) -> AsyncIterator[TownInChromium]:
    county = await County.make(tmp_path, house)
    county.tools = shop.market.tools
    async with town_in_chromium(county, clock, chromium, tmp_path / "pictures") as made:
        yield made


async def test_every_page_of_a_request_is_sound_for_everybody_who_sees_it(town: TownInChromium, shop: Shop) -> None:
    owner, agent, operator = shop.owner, shop.agents[0], shop.market.operator
    drawn, quoted = await shop.publish("draw"), await shop.publish("best_price")
    chosen, served, bad = [await shop.publish("direct") for _ in range(3)]
    for case in (served, bad):
        await shop.choose(case, agent)
    await shop.answer(served, agent, "accept")
    await shop.finished(bad, agent, date(2026, 3, 2))
    await rate_service(owner, bad, RateService(stars=1, quality=False, says="一再拖延"))
    await give_order(chosen, "suspend", "举报正在核查")
    with suppress(Directed):
        await shop.turn(chosen)
    await town.look("public", None, "/market/requests", f"/requests/{drawn}", f"/requests/{quoted}", f"/requests/{bad}")
    await town.look("owner", owner, "/requests/new", f"/requests/{served}", f"/requests/{chosen}", "/market/workbench")
    await town.look("agency", agent.actor, f"/requests/{drawn}", f"/requests/{quoted}", f"/requests/{served}")
    await town.look("agency", agent.actor, f"/requests/{bad}", "/market/workbench", f"/agencies/{agent.agency}")
    await town.look("operator", operator, f"/requests/{bad}", "/market/workbench")
    assert town.faults == {}


async def test_every_page_of_a_sealed_quote_is_sound_from_the_price_to_the_opening(
    town: TownInChromium, shop: Shop, clock: TestClock
) -> None:
    case, (first, second, late) = await shop.publish("lowest"), shop.agents
    quote, reveal = f"/requests/{case}/quote", f"/requests/{case}/reveal"
    await town.look("empty", first.actor, quote)
    for agent, price in ((first, "90000"), (second, "95000"), (late, "99000")):
        await shop.quote(case, agent, price)
    await town.look("sent", first.actor, quote, reveal, f"/requests/{case}")
    for moment in (CLOSES, CLOSES + timedelta(minutes=5)):
        await clock.freeze(moment)
        await shop.turn(case)
    await countersign(case)
    await shop.turn(case)
    await town.look("window", first.actor, reveal, quote, f"/requests/{case}", "/market/workbench")
    await shop.reveal(case, first)
    await town.look("revealed", first.actor, reveal)
    await clock.freeze(CLOSES + timedelta(minutes=70))
    await shop.turn(case)
    await town.look("late", late.actor, reveal)
    assert town.faults == {}


async def test_an_owner_on_a_telephone_gets_an_agency_by_keyboard_alone(town: TownInChromium, shop: Shop) -> None:
    page = await town.page(shop.owner)
    await page.set_viewport_size({"width": 375, "height": 800})
    await page.goto(f"{town.origin}/requests/new")
    await _types(page, "#f-item", "SUR-02")
    for field, text in (
        ("name", "老厂房竣工测绘"),
        ("service_days", "7"),
        ("fiscal_percent", "0"),
        ("amount", "30000"),
    ):
        await page.focus(f"#f-{field}")
        await page.keyboard.press("Control+A")
        await page.keyboard.type(text)
    await page.focus("input[name=mode][value=draw]")
    for _ in range(10):
        if await page.evaluate("document.activeElement.value") == "direct":
            break
        await page.keyboard.press("ArrowUp")
    await page.focus("button[type=submit]:has-text('发布')")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/requests/*-*")
    await page.focus("input[name=agency]")
    await page.keyboard.press("Space")
    await page.focus("#f-reason")
    await page.keyboard.type("时限短")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=已选取")
    (row,) = await records.requests_where(owner=shop.owner.organisation)
    assert row.stage == Stage.SELECTED


async def _types(page: Page, selector: str, value: str) -> None:
    """Choose an option of a list as the keyboard does."""
    await page.focus(selector)
    await page.select_option(selector, value)
