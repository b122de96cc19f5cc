"""The pages after the report in a browser: publicity, objections, award, contract, refunds, and an end."""

from award_road import awarded, bidder_of, contract, publicised, reported
from playwright.async_api import Page
from story import at
from town_in_chromium import TownInChromium

from bidding import records, results
from bidding.detours.challenge import object_result
from bidding.schemas import ConfirmContract, RaiseObjection
from bidding.stages import Stage
from bidding.steps.contract import confirm_contract, file_contract
from bidding.steps.publicise import candidates_of

pytest_plugins = ("town_in_chromium",)


async def test_every_page_after_the_report(town: TownInChromium) -> None:
    county, clock = town.county, town.clock
    lot = await reported(county, clock, at("2026-05-06 16:00"))
    project = (await records.lot(lot)).project
    await town.look("report", county.purchaser, f"/lots/{lot}/publicise", "/workbench", f"/lots/{lot}/end")
    until = await publicised(county, lot)
    ranked = await candidates_of(lot)
    loser, winner = await bidder_of(county, ranked[1].bidder), await bidder_of(county, ranked[0].bidder)
    await town.look("publicity", None, f"/lots/{lot}/candidates", f"/lots/{lot}")
    await town.look("publicity-bidder", loser, f"/lots/{lot}/challenge", f"/lots/{lot}/candidates", "/workbench")
    objection = await object_result(loser, lot, RaiseObjection(text="第一名的项目经理另有在建工程，请核实。"))
    pages = (f"/lots/{lot}/challenges", f"/lots/{lot}/challenges/{objection}/answer", f"/lots/{lot}/decide")
    await town.look("objection", county.purchaser, *pages, "/workbench")
    await walk_answer(await town.page(county.purchaser), f"{town.origin}{pages[1]}")
    await clock.freeze(until)
    await walk_decision(await town.page(county.purchaser), f"{town.origin}{pages[2]}")
    assert (await records.lot(lot)).stage == Stage.AWARDED
    await town.look("award", None, f"/lots/{lot}/award", f"/lots/{lot}", f"/lots/{lot}/candidates")
    await town.look("award-loser", loser, f"/lots/{lot}/award")
    await town.look("contract", county.purchaser, f"/lots/{lot}/contract", f"/lots/{lot}/settle", "/workbench")
    given = await file_contract(county.tools, county.purchaser, lot, await contract(county, lot))
    await town.look("contract-winner", winner, f"/lots/{lot}/contract/confirm", "/workbench")
    await confirm_contract(winner, lot, ConfirmContract(sha256=given["contract"]))
    await walk_refund(await town.page(county.purchaser), f"{town.origin}/lots/{lot}/settle")
    assert len(await results.papers(lot, "refund")) == 1
    await town.look("settle", county.purchaser, f"/lots/{lot}/settle", f"/projects/{project}")
    assert town.faults == {}


async def test_the_publicity_is_walked_by_its_form_and_all_that_lacks_is_said_at_once(town: TownInChromium) -> None:
    county = town.county
    lot = await reported(county, town.clock, at("2026-05-06 16:00"))
    page = await town.page(county.purchaser)
    await page.goto(f"{town.origin}/lots/{lot}/publicise")
    await page.fill("#f-last_day", "2026-05-08")
    await page.click("button[type=submit]:has-text('下一步')")
    assert await page.locator(".summary li").count() >= 2
    await page.fill("#f-last_day", "2026-05-09")
    told = {"quality": "合格", "manager": "王建国", "certificate": "一级建造师", "qualification": "二级"}
    for n in range(3):
        for name, said in told.items():
            await page.fill(f"#f-details-{n}-{name}", said)
    await page.click("button[type=submit]:has-text('下一步')")
    await page.click("button[type=submit]:has-text('确认公示')")
    await page.wait_for_url("**/candidates")
    assert (await records.lot(lot)).stage == Stage.PUBLICISED


async def walk_answer(page: Page, address: str) -> None:
    await page.goto(address)
    await page.fill("#f-answer", "经核实，该项目经理目前没有在建工程，异议不成立。")
    await page.click("button[type=submit]:has-text('答复')")
    await page.wait_for_url("**/challenges")


async def walk_decision(page: Page, address: str) -> None:
    await page.goto(address)
    await page.click("button[type=submit]:has-text('下一步')")
    await page.click("button[type=submit]:has-text('确认定标')")
    await page.wait_for_url("**/award")


async def walk_refund(page: Page, address: str, day: str = "2026-05-10") -> None:
    await page.goto(address)
    await page.select_option("#f-bidder", index=1)
    await page.fill("#f-interest", "12.50")
    await page.fill("#f-paid_on", day)
    await page.click("button[type=submit]:has-text('登记退还')")
    await page.wait_for_load_state()


async def test_an_end_and_an_award_stand_on_paper_too(town: TownInChromium) -> None:
    lot = await reported(town.county, town.clock, at("2026-05-06 16:00"))
    await awarded(town.county, town.clock, lot)
    page = await town.page()
    answer = await page.request.get(f"{town.origin}/api/v1/lots/{lot}/award.pdf")
    assert (answer.status, (await answer.body())[:5]) == (200, b"%PDF-")
    (town.pictures / "award.pdf").write_bytes(await answer.body())
    await town.county.end(lot)
    text = (await records.notices(lot))[-1].n
    await town.look("ended", None, f"/lots/{lot}/texts/{text}", f"/lots/{lot}")
    assert town.faults == {}


async def test_a_case_is_ended_before_its_opening_and_its_deposits_go_back(town: TownInChromium) -> None:
    county = town.county
    lot = await county.announced()
    (bidder,) = await county.sealed_in(lot, ["38000000.00"])
    project = (await records.lot(lot)).project
    await town.look("end-early", county.purchaser, f"/lots/{lot}/end")
    page = await town.page(county.purchaser)
    await page.goto(f"{town.origin}/projects/{project}")
    await page.click("a:has-text('终止招标')")
    assert await page.locator("input[name=ground]").count() == 1
    await page.check("input[name=ground]")
    await page.fill("#f-reason", "项目审批文件被撤销，不再建设")
    await page.click("button[type=submit]:has-text('下一步')")
    assert "由招标人及时退还" in await page.inner_text("main")
    await page.click("button[type=submit]:has-text('确认终止')")
    await page.wait_for_url(f"**/lots/{lot}")
    assert (await records.lot(lot)).stage == Stage.FAILED
    text = (await records.notices(lot))[-1].n
    await town.look("ended-early", None, f"/lots/{lot}", f"/lots/{lot}/texts/{text}", f"/lots/{lot}/hall")
    await town.look("ended-early-bidder", bidder.actor, f"/lots/{lot}/seal", "/workbench")
    await town.look("ended-early-purchaser", county.purchaser, f"/lots/{lot}/settle", "/workbench")
    await walk_refund(await town.page(county.purchaser), f"{town.origin}/lots/{lot}/settle", "2026-03-02")
    assert len(await results.papers(lot, "refund")) == 1
    assert town.faults == {}
