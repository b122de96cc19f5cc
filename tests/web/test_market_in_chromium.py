"""Every page of the market in a browser, at a telephone's and a desk's width."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from conftest import START, TestClock
from house_databases import Databases
from market import IMPACT, SURVEY, Market, survey
from playwright.async_api import Browser, expect
from road import County
from town_in_chromium import TownInChromium, town_in_chromium

from intermediaries.charges import Cost, charge
from intermediaries.profile import count_delivery, count_rating
from intermediaries.schemas.agencies import AddPractitioner, CheckEntry, DeclareAvoidance, PromiseItem
from intermediaries.steps.check import check_entry
from intermediaries.steps.papers import add_practitioner, declare_avoidance, promise_item
from kernel.acts import acting
from kernel.db import TRADING, transaction

pytest_plugins = ("looking",)


@pytest.fixture
async def fair(
    house: Databases, clock: TestClock, tmp_path: Path, chromium: Browser, assets: object
) -> AsyncIterator[tuple[TownInChromium, Market]]:
    await clock.freeze(START)
    county = await County.make(tmp_path, house)
    market = await Market.make(tmp_path, house)
    county.tools = market.tools
    async with town_in_chromium(county, clock, chromium, tmp_path / "pictures") as town:
        yield town, market


async def test_every_page_of_the_market(fair: tuple[TownInChromium, Market]) -> None:
    town, market = fair
    someone, one = await market.active("西湖测绘院有限公司")
    _, two = await market.active("东海勘测设计有限公司")
    _, poor = await market.active("远山工程咨询有限公司")
    await add_practitioner(someone, one, AddPractitioner(name="陈测", profession="注册测绘师", number="ZC-1"))
    await promise_item(someone, one, PromiseItem(item=IMPACT, days=30, says="含现场监测"))
    async with transaction(TRADING) as connection:
        await count_rating(connection, one, 5)
        await count_delivery(connection, one, 6, late=False)
    async with acting("test_charge", market.operator, poor) as beat:
        await charge(market.tools, beat, poor, Cost("false_paper", poor, "伪造检定证书"))
        await beat.record("test")
    await market.decide("suspend_agency", poor, "拒不配合检查")
    shop = ("/market", "/market?q=测绘&category=survey&region=330000", f"/market/compare?a={one}&a={two}")
    await town.look("market-public", None, *shop, f"/agencies/{one}", f"/agencies/{poor}", "/items", "/items/SUR-02")
    await town.look("market-agency", someone, "/market/workbench", "/market/entry")
    assert town.faults == {}


async def test_an_agency_appeals_against_a_deduction_and_the_centre_takes_it_back_by_keyboard(
    fair: tuple[TownInChromium, Market],
) -> None:
    town, market = fair
    someone, agency = await market.active("西湖测绘院有限公司")
    async with acting("test_charge", market.operator, agency) as beat:
        number = await charge(market.tools, beat, agency, Cost("unanswered_selection", agency, "逾期未答复选取结果"))
        await beat.record("test")
    base = f"/agencies/{agency}/charges/{number}"
    await town.look("appeal", someone, f"{base}/appeal")
    page = await town.page(someone)
    await page.goto(f"{town.origin}/agencies/{agency}")
    await page.get_by_role("link", name="申诉", exact=True).press("Enter")
    await page.get_by_label("理由").focus()
    await page.keyboard.type("当日平台短信未送达，有运营商证明")
    await page.get_by_role("button", name="提出申诉").press("Enter")
    await expect(page.get_by_text("当日平台短信未送达")).to_be_visible()
    await town.look("appeal-centre", market.operator, f"{base}/settle", "/market/workbench")
    centre = await town.page(market.operator)
    await centre.goto(f"{town.origin}/workbench")
    await centre.locator(f'a[href="{base}/settle"]').press("Enter")
    await centre.get_by_label("申诉成立，撤销扣分").press("Space")
    await centre.get_by_label("理由").focus()
    await centre.keyboard.type("经核实未送达")
    await centre.get_by_role("button", name="作出决定").press("Enter")
    await expect(centre.get_by_text("申诉成立，扣分撤销")).to_be_visible()
    assert town.faults == {}


async def test_the_pages_of_those_who_come_in_and_of_those_who_let_in(fair: tuple[TownInChromium, Market]) -> None:
    town, market = fair
    someone, filed = await market.filed("精准测绘有限公司")
    avoided = DeclareAvoidance(code=market.operator.organisation_code, name="某区公共资源交易中心", reason="股东任职")
    await declare_avoidance(someone, filed, avoided)
    returned_one, returned = await market.filed("速成咨询有限公司", papers=[survey(through=date(2026, 3, 20))])
    await check_entry(market.operator, returned, CheckEntry(decision="return", remarks="办公地址与证照不一致"))
    fresh = await market.person("intermediary", "新来咨询有限公司")
    office = await market.person("purchaser", "某区规划和自然资源局", kind="government")
    await town.look("entry-fresh", fresh, "/market/workbench", "/market/entry")
    await town.look("entry-filed", someone, "/market/entry")
    await town.look("entry-returned", returned_one, "/market/workbench", "/market/entry")
    await town.look("entry-centre", market.operator, "/market/workbench", "/market/checks", f"/market/checks/{filed}")
    await town.look("entry-office", office, "/market/workbench", "/market/proposals?code=SUR-02", "/market/entry")
    assert town.faults == {}


async def test_a_certificate_is_uploaded_and_the_entry_filed_by_keyboard_alone(
    fair: tuple[TownInChromium, Market], tmp_path: Path
) -> None:
    town, market = fair
    someone, agency = await market.opened()
    await promise_item(someone, agency, PromiseItem(item=SURVEY, days=7))
    scan = tmp_path / "测绘资质.pdf"
    scan.write_bytes(b"%PDF-1.7 scan")
    page = await town.page(someone)
    await page.goto(f"{town.origin}/market/entry")
    await page.get_by_text("登记一份证书").focus()
    await page.keyboard.press("Enter")
    form = page.get_by_role("form", name="登记证书")
    await form.get_by_label("证书", exact=True).select_option("survey")
    for label, typed in (("等级", "乙级"), ("证书编号", "乙测资字3310001"), ("发证机关", "浙江省自然资源厅")):
        await form.get_by_label(label).focus()
        await page.keyboard.type(typed)
    await form.get_by_label("发证日期").fill("2024-03-01")
    await form.locator("input[type=file]").set_input_files(scan)
    await expect(form.get_by_text("指纹一致")).to_be_visible()
    await form.get_by_role("button", name="登记证书").press("Enter")
    await expect(page.get_by_text("乙测资字3310001")).to_be_visible()
    await page.get_by_label("已阅读并作出上述承诺").press("Space")
    await page.get_by_role("button", name="签署承诺并提交").press("Enter")
    await expect(page.get_by_text("交易中心正在形式核验")).to_be_visible()
    assert town.faults == {}
