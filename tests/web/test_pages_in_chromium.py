"""Every page of every role in a browser, at three moments of a tender; and the journeys by keyboard alone."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from cheats import spoil
from keyboard import type_moment
from playwright.async_api import Page, expect
from road import DEADLINE, Bidder, give_order
from town_in_chromium import PRICES, TownInChromium, folder_of

from bidding import records
from bidding.clockwork import turn
from bidding.damage import report
from bidding.detours.amend import amend_notice
from bidding.detours.object import raise_objection
from bidding.schemas import AmendNotice, RaiseObjection
from bidding.steps.accept import accept_project
from bidding.steps.record import conclude_opening
from kernel.box import records as box_records
from kernel.proofs.sealing import reveal_all

pytest_plugins = ("town_in_chromium",)
PUBLIC = ("/", "/search", "/search?q=没有的词", "/openings?month=2026-04", "/check", "/register", "/signin")


async def test_every_page_while_a_tender_is_announced(town: TownInChromium) -> None:
    county = town.county
    registered, returned, taken = await town.waiting()
    lot = await county.announced()
    text = "第三章评标办法中“类似业绩”的年限由三年改为五年。"
    await amend_notice(county.tools, county.purchaser, lot, AmendNotice(text=text, affects_bids=False))
    [bidder] = await county.sealed_in(lot, ["38000000.00"])
    project = (await records.lot(lot)).project
    await town.look("announced-public", None, *PUBLIC, f"/lots/{lot}", f"/lots/{lot}?text=1", f"/lots/{lot}/hall")
    own = ("/workbench", "/projects/new", f"/projects/{project}", f"/projects/{returned}", "/messages", "/mandates")
    forms = (f"/lots/{taken}/publish", f"/lots/{lot}/amend", f"/projects/{registered}", "/tokens", "/role")
    await town.look("announced-purchaser", county.purchaser, *own, *forms)
    await town.look("announced-operator", county.operator, "/workbench", f"/projects/{registered}/accept", "/trustee")
    mine = (f"/lots/{lot}/submit", f"/lots/{lot}/receipt/1", f"/lots/{lot}/withdraw", f"/lots/{lot}/restore")
    await town.look("announced-bidder", bidder.actor, "/workbench", *mine)
    assert town.faults == {}


async def test_every_page_in_the_opening_window_and_after(town: TownInChromium) -> None:
    county = town.county
    lot = await county.announced()
    bidders = await county.sealed_in(lot, PRICES)
    await town.closed(lot)
    await bidders[0].reveal(county.tools, lot)
    await raise_objection(bidders[0].actor, lot, RaiseObjection(text="对第二家解密用时有异议。"))
    await town.look("window-public", None, f"/lots/{lot}", f"/lots/{lot}/hall")
    await town.look("window-bidder", bidders[1].actor, "/workbench", f"/lots/{lot}/reveal", f"/lots/{lot}/objections")
    objection = (await records.objections(lot))[0].id
    answer = f"/lots/{lot}/objections/{objection}/answer"
    await town.look("window-purchaser", county.purchaser, "/workbench", f"/lots/{lot}/hall", answer)
    for bidder in bidders[1:]:
        await bidder.reveal(county.tools, lot)
    await town.look("shown-purchaser", county.purchaser, f"/lots/{lot}/hall", f"/lots/{lot}/conclude")
    await give_order(lot, "correct", "请补充公布各投标人解密用时")
    await town.look("shown-public", None, f"/lots/{lot}/hall")
    assert town.faults == {}


async def test_every_page_once_a_tender_is_opened(town: TownInChromium) -> None:
    county = town.county
    lot = await county.announced("bidder-only")
    bidders = await county.sealed_in(lot, PRICES, fallback=False)
    await town.closed(lot)
    for bidder in bidders[:2]:
        await bidder.reveal(county.tools, lot)
    await town.clock.freeze(DEADLINE + timedelta(minutes=66))
    await turn(county.tools, lot)
    await conclude_opening(county.tools, county.purchaser, lot)
    record = await records.opening(lot)
    assert record is not None
    check = f"/check?sha256={record[1]}"
    assert bidders[0].sealed is not None
    document = bidders[0].sealed.bid.stage("documents").files[1].sha256
    spoil(county.tools.store, document, lost=False)
    assert await report(county.tools, lot, document)
    await town.look("opened-public", None, f"/lots/{lot}", f"/lots/{lot}/hall", f"/lots/{lot}/record", check)
    project = (await records.lot(lot)).project
    await town.look("opened-purchaser", county.purchaser, "/workbench", f"/projects/{project}")
    await town.look("opened-bidder", bidders[0].actor, "/workbench", f"/lots/{lot}/receipt/1")
    assert town.faults == {}


async def test_refusals_and_last_questions_are_readable_too(town: TownInChromium) -> None:
    county = town.county
    taken = (await county.register())[0]
    await accept_project(county.operator, taken.project)
    page = await town.page(county.purchaser)
    await page.goto(f"{town.origin}/lots/{taken.id}/publish")
    await page.click("form[action$='/publish'] button[type=submit]")
    await expect(page.locator("section.summary")).to_be_focused()
    await town.picture(page, "publish-refused")
    missing = await page.goto(f"{town.origin}/lots/{taken.id}/hall")
    assert missing is not None
    assert missing.status == 404
    await town.picture(page, "not-found")


async def test_a_notice_is_published_by_keyboard_alone(town: TownInChromium) -> None:
    county = town.county
    lot = (await county.register())[0]
    await accept_project(county.operator, lot.project)
    await county.work()
    page = await town.page(county.purchaser)
    await page.goto(f"{town.origin}/workbench")
    await tab_to(page, "a[href$='/publish']")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/publish")
    for name in ("deadline", "documents_until"):
        await tab_to(page, f"#f-{name}")
        await type_moment(page, "2026-04-20T09:30")
        assert await page.input_value(f"#f-{name}") == "2026-04-20T09:30"
    for name, text in (("period_days", "180"), ("requirements", "市政公用工程施工总承包三级及以上")):
        await tab_to(page, f"#f-{name}")
        await page.keyboard.insert_text(text)
    await tab_to(page, "#f-documents")
    async with page.expect_file_chooser() as chooser:
        await page.keyboard.press("Enter")
    file = {"name": "招标文件.pdf", "mimeType": "application/pdf", "buffer": b"%PDF documents" * 900}
    await (await chooser.value).set_files(file)  # type: ignore[arg-type]
    await expect(page.locator(".upload-list")).to_contain_text("已送达，指纹一致")
    await tab_to(page, "form[action$='/publish'] button[type=submit]")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("发布招标公告")
    await tab_to(page, "button.button-primary")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/lots/{lot.id}")
    await expect(page.locator("main")).to_contain_text("招标文件.pdf")
    assert (await records.lot(lot.id)).stage == "announced"
    assert town.faults == {}


async def test_the_opening_is_followed_live_and_concluded_by_keyboard_alone(town: TownInChromium) -> None:
    county = town.county
    lot = await county.announced()
    bidders = await county.sealed_in(lot, PRICES)
    visitor, bidder = await town.page(), await town.page(bidders[0].actor)
    for page in (visitor, bidder):
        await page.goto(f"{town.origin}/lots/{lot}/hall")
        await expect(page.locator(".stage h2")).to_have_text("距开标还有")
        assert bidders[1].actor.organisation_name not in await page.inner_text("main")
    await town.closed(lot)
    await expect(visitor.locator(".stage h2")).to_have_text("投标人在线解密中")
    await expect(visitor.locator("progress")).to_have_count(1)
    for one in bidders[1:]:
        await one.reveal(county.tools, lot)
    await reveal_by_keyboard(bidder, bidders[0], lot, county.folder)
    await expect(visitor.locator("[data-live=prices]")).to_contain_text("¥37,500,000.00")
    await object_by_keyboard(bidder)
    await expect(visitor.locator("[data-live=objection]")).to_contain_text("对唱标有异议")
    await conclude_by_keyboard(await town.page(county.purchaser), f"{town.origin}/lots/{lot}/hall")
    await expect(visitor.locator(".stage h2")).to_have_text("开标结束")
    await expect(visitor.locator(".live-state")).to_have_text("本场已结束")
    assert town.faults == {}


async def reveal_by_keyboard(page: Page, bidder: Bidder, lot: UUID, folder: Path) -> None:
    assert bidder.sealed is not None
    close = (await box_records.box(lot)).close
    signed = reveal_all(bidder.sealed.bid, close, bidder.sealed.seeds, bidder.signer)
    files = []
    for n, one in enumerate(signed):
        files.append(folder / f"reveal-{n}.dsse.json")
        files[-1].write_bytes(one.to_bytes())
    await tab_to(page, "a[href$='/reveal']")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/reveal")
    await tab_to(page, "details.card > summary")
    await page.keyboard.press("Enter")
    await tab_to(page, "[data-signed] input")
    async with page.expect_file_chooser() as chooser:
        await page.keyboard.press("Enter")
    await (await chooser.value).set_files(files)
    await expect(page.locator("[data-signed] [role=status]")).to_have_text("已读入 2 个文件")
    await tab_to(page, "form[action$='/reveal'] button[type=submit]")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/hall")


async def object_by_keyboard(page: Page) -> None:
    await tab_to(page, "a[href$='/objections']")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/objections")
    await tab_to(page, "#f-text")
    await page.keyboard.insert_text("对唱标有异议")
    await tab_to(page, "form[action$='/objections'] button[type=submit]")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/hall")


async def conclude_by_keyboard(page: Page, hall: str) -> None:
    await page.goto(hall)
    await tab_to(page, "a[href$='/answer']")
    await page.keyboard.press("Enter")
    await tab_to(page, "#f-answer")
    await page.keyboard.insert_text("经核对无误")
    await tab_to(page, "form[action$='/answer'] button[type=submit]")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/hall")
    await tab_to(page, "a[href$='/conclude']")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/conclude")
    await tab_to(page, "form[action$='/conclude'] button[type=submit]")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/record")


async def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element is focused; a page on which it is never reached fails."""
    await page.locator(selector).first.wait_for()
    for _ in range(120):
        await page.keyboard.press("Tab")
        if await page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached by keyboard on {page.url}")


async def test_a_folder_sealed_at_home_is_handed_in_on_the_page(town: TownInChromium) -> None:
    county = town.county
    lot = await county.announced()
    someone = await county.bidder(1)
    await someone.seal(await county.setup(lot), (await box_records.box(lot)).notice, "38000000.00")
    files = folder_of(someone)
    page = await town.page(someone.actor)
    await page.goto(f"{town.origin}/lots/{lot}/submit")
    await page.set_input_files("#f-files", files[:-1])
    await expect(page.locator("[data-sealed-problems]")).to_contain_text(f"没有选密文 {files[-1].name}")
    await expect(page.locator("[data-sealed] button[type=submit]")).to_be_disabled()
    await page.set_input_files("#f-files", files)
    await town.picture(page, "submit-chosen")
    await page.click("[data-sealed] button[type=submit]")
    await page.wait_for_url("**/receipt/1")
    [kept] = await box_records.chain(lot, someone.actor.organisation_code)
    assert someone.sealed is not None
    assert kept.sha256 == someone.sealed.bid.sha256
    await someone.seal(await county.setup(lot), (await box_records.box(lot)).notice, "37000000.00", documents=False)
    await page.goto(f"{town.origin}/lots/{lot}/submit")
    await page.set_input_files("#f-files", folder_of(someone))
    await town.clock.freeze(DEADLINE)
    await page.click("[data-sealed] button[type=submit]")
    await expect(page.locator("[data-sealed-problems]")).to_contain_text("已过投标截止时间")
    assert len(await box_records.chain(lot, someone.actor.organisation_code)) == 1
    assert town.faults == {}


async def test_public_pages_and_forms_need_no_script(town: TownInChromium) -> None:
    lot = await town.county.announced()
    page = await town.page(scripts=False)
    await page.goto(f"{town.origin}/")
    await page.fill("#q", "文二路")
    await page.press("#q", "Enter")
    await page.click(f"a[href='/lots/{lot}']")
    await expect(page.locator("main")).to_contain_text("2026年4月20日 09:30:00（北京时间）")
    async with page.expect_download() as download:
        await page.click("a.button[download]")
    assert (await download.value).suggested_filename == "招标文件.pdf"
    await page.click("summary")
    await page.check("#f-channel-1")
    await page.fill("#f-address", "13800001111")
    await page.click("text=记下联系方式")
    await expect(page.locator("#contact")).to_contain_text("已记下")
