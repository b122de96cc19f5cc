"""The pages of the experts in a browser: the purchaser's request, the desk, the pool, one's own data."""

from uuid import UUID

from expert_pool import BUILD, COST, Court, Row, put_in, seat_actor
from expert_sheets import row, sheet
from house_databases import Databases
from playwright.async_api import expect
from road import DEADLINE, actor, as_admin, upload
from story import close, reveal
from town_in_chromium import PRICES, TownInChromium

from bidding.steps.record import conclude_opening
from experts import clockwork
from experts.case import EVIDENCE
from experts.schemas import ApplyExpert, LeaveSeat, Paper, Quota, SaidTie, TakeTime
from experts.steps.apply import apply_expert, say_tie, take_time
from experts.steps.import_pool import import_experts
from experts.steps.leave import leave_seat
from kernel.accounts import records as accounts
from kernel.ids import new_id

pytest_plugins = ("town_in_chromium",)
AFTERNOON = DEADLINE.replace(hour=14)


async def court_of(town: TownInChromium, house: Databases) -> Court:
    """An announced lot with a pool to draw from, and somebody who may sit for the purchaser."""
    await put_in(house.admin, [Row() for _ in range(9)] + [Row(professions=(COST,)) for _ in range(7)])
    await as_admin(
        "insert into accounts.membership (id, person, side, organisation, role, asked_at, since)"
        " values ($1, $2, 'trade', $3, 'purchaser', clock_timestamp(), clock_timestamp())",
        new_id(), (await actor("purchaser", town.county.purchaser.organisation_code, "")).person,
        town.county.purchaser.organisation,
    )  # fmt: skip
    return await Court.of_county(town.county, house, await town.county.announced())


async def test_the_pages_of_a_panel_from_the_request_to_the_names(town: TownInChromium, house: Databases) -> None:
    court = await court_of(town, house)
    county, lot, clock = town.county, court.facts.lot, town.clock
    await clock.freeze(DEADLINE.replace(hour=6))
    await town.look("panel-ask", county.purchaser, f"/lots/{lot}/panel", "/panels")
    await town.look("panel-none", county.operator, f"/lots/{lot}/panel")
    async with court.keeper() as keeper:
        await court.request(
            evaluation_at=AFTERNOON,
            professions=[Quota(profession=BUILD, quota=3, spares=1), Quota(profession=COST, quota=1)],
        )
        await court.go_round(keeper)
        await keeper.reply(keeper.waiting[0], "decline")
        await court.answer_all(keeper)
        await town.look("panel-seated", county.purchaser, f"/lots/{lot}/panel", "/panels")
        await town.look("panel-seated-operator", county.operator, f"/lots/{lot}/panel")
        bidders = await county.sealed_in(lot, PRICES)
        await close(county, clock, lot)
        await reveal(county, lot, bidders)
        await conclude_opening(county.tools, county.purchaser, lot)
        await clockwork.sweep(court.tools)
        await clock.freeze(AFTERNOON)
        await _typed_at_the_desk(town, lot, next(call.slip for call in keeper.book.asked.values() if call.slip))
        seats = await court.sign_in(keeper)
        await leave_seat(court.tools, seat_actor(seats[2]), lot, LeaveSeat(reason="突发疾病"))
        await court.answer_all(keeper)
        await town.look("desk", None, "/desk")
        await town.look("panel-sitting", county.purchaser, f"/lots/{lot}/panel")
        await as_admin("update bidding.lot set stage = 'awarded' where id = $1", lot)
        await court.go_round(keeper)
        await town.look("panel-named", county.purchaser, f"/lots/{lot}/panel")
    assert town.faults == {}


async def _typed_at_the_desk(town: TownInChromium, lot: UUID, slip: str) -> None:
    """An expert signs in with his slip, after a wrong one, and comes to his seat."""
    page = await town.page(None, scripts=False)
    await page.goto(f"{town.origin}/desk")
    await page.fill("#f-slip", "AAAA-BBBB-CCCC")
    await page.press("#f-slip", "Enter")
    await expect(page.locator("section.summary")).to_contain_text("签到码不正确")
    await page.fill("#f-slip", slip)
    await page.press("#f-slip", "Enter")
    await page.wait_for_url(f"**/lots/{lot}/panel/me")
    await expect(page.locator("h1")).to_contain_text("1 号席")
    await page.set_viewport_size({"width": 375, "height": 900})
    await town.picture(page, "seat-375")


async def test_the_seat_of_an_owners_member_and_of_a_slip(town: TownInChromium, house: Databases) -> None:
    court = await court_of(town, house)
    lot, clock = court.facts.lot, town.clock
    people = [one for one in (await _people(town)) if one != town.county.purchaser.person]
    await clock.freeze(DEADLINE.replace(hour=6))
    async with court.keeper() as keeper:
        await court.request(evaluation_at=AFTERNOON, representatives=people[:1])
        await court.answer_all(keeper)
        await clock.freeze(AFTERNOON)
        await court.sign_in(keeper)
        slip = next(call.slip for call in keeper.book.asked.values() if call.slip)
        context = await town.chromium.new_context(locale="zh-CN")
        page = await context.new_page()
        await page.goto(f"{town.origin}/desk")
        await page.fill("#f-slip", slip)
        await page.press("#f-slip", "Enter")
        await page.wait_for_url("**/panel/me")
        town.contexts["public True"] = context
        await town.look("seat", None, f"/lots/{lot}/panel/me")
    assert town.faults == {}


async def _people(town: TownInChromium) -> list[UUID]:
    assert town.county.purchaser.organisation is not None
    return [view.person for view in await accounts.members_of(town.county.purchaser.organisation)]


async def test_the_pages_of_the_pool(town: TownInChromium, house: Databases) -> None:
    county = town.county
    court = await Court.of_county(county, house, await county.announced())
    one = await actor("expert", "12330106MB0000077X", "某设计院")
    await town.look("expert-new", one, "/experts/me", "/experts/application")
    paper = Paper(upload=await upload(county.tools, one, EVIDENCE, b"%PDF title"), label="职称证书")
    await apply_expert(
        court.tools,
        one,
        ApplyExpert(
            phone="13800000001", born=DEADLINE.replace(year=1975).date(), region="330106", title_level="senior",
            title="高级工程师", years=20, employer_name="某设计院", professions=[BUILD, COST], evidence=[paper],
            committed=True,
        ),
    )  # fmt: skip
    await say_tie(court.tools, one, SaidTie(kind="shareholder", name="东方建设有限公司"))
    await take_time(one, TakeTime(begins=DEADLINE, ends=AFTERNOON))
    await town.look("expert-own", one, "/experts/me", "/experts/application")
    await import_experts(court.tools, county.operator, sheet([row(n) for n in range(40)]))
    await town.look("expert-pool", county.operator, "/experts/pool")
    page = await town.page(county.operator, scripts=False)
    await page.goto(f"{town.origin}/experts/pool")
    wrong = sheet([row(50), row(51, 手机号码="1", 从业年限=2)])
    await page.set_input_files("#f-sheet", {"name": "名册.xlsx", "mimeType": "", "buffer": wrong})
    await page.click("form[action='/experts/pool'] button[type=submit]")
    await expect(page.locator("main")).to_contain_text("已导入 1 人")
    await expect(page.locator("main")).to_contain_text("第3行/手机号码")
    await page.set_viewport_size({"width": 375, "height": 900})
    await town.picture(page, "pool-refused-375")
    assert town.faults == {}
