"""Complaints, a drawn expert's call, draws, letters and cases of other duties: looked at, and walked by keyboard."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from both_sides import Both, links
from conftest import START, TestClock
from drawing_room import Room, people
from house_databases import Databases
from house_faces import Faces
from keyboard import type_moment
from looking import Eye, eye_of, faults_at_widths, served
from patrolling import employ, patrolled
from playwright.async_api import Browser, BrowserContext, Page, expect
from road import DEPARTMENT, PROCESS, County, as_admin
from shop import Shop
from supervision_site import Watching, officer, supervision_site
from town_in_chromium import TownInChromium

from bidding import records as bidding
from kernel import letters
from kernel.clock import CHINA, now
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.introduction import introduce
from kernel.letter import build_letter
from kernel.proofs import dsse
from kernel.proofs.anchors import build_anchors
from kernel.toss import steps as toss_steps
from supervision.complaints import records, steps
from supervision.complaints.schemas import Decide, Exclude, Say, Serve, Undertake

pytest_plugins = ("town_in_chromium",)
RECEIVED = datetime(2026, 4, 30, 10, 0, tzinfo=CHINA)
CLEAR = Undertake(avoids="none")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
GROUNDS = "其投标文件中的项目经理业绩与公示不符，附住建部门平台截图。"


@dataclass
class Windows:
    """The supervision site on loopback, seen by the public and by officers who come by their tokens."""

    watching: Watching
    origin: str
    chromium: Browser
    contexts: dict[UUID | None, BrowserContext] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)

    async def page(self, someone: Actor | None = None) -> Page:
        key = someone.person if someone else None
        if key not in self.contexts:
            headers = await self._headers(someone)
            self.contexts[key] = await self.chromium.new_context(locale="zh-CN", extra_http_headers=headers)
        page = await self.contexts[key].new_page()
        page.on("pageerror", lambda error: self.faults.setdefault(page.url, []).append(str(error)))
        return page

    async def look(self, name: str, someone: Actor | None, *paths: str) -> None:
        """Each page at a telephone's and a desk's width; what is wrong is kept, and a picture where asked for."""
        eye = await self.eye(someone)
        for path in paths:
            called = f"{name}{re.sub('[0-9a-f-]{36}', '', path)}"
            self.faults |= await eye.judge(called, f"{self.origin}{path}", _slug(called))

    async def eye(self, someone: Actor | None) -> Eye:
        """The eye, as this person."""
        eye = await eye_of(self.chromium)
        await eye.become(headers=await self._headers(someone))
        return eye

    async def judge(self, name: str, page: Page) -> None:
        """The page as it stands."""
        self.faults |= await faults_at_widths(page, name, _slug(name))

    async def _headers(self, someone: Actor | None) -> dict[str, str]:
        """Nobody sends a token."""
        if someone is None:
            return {}
        return {"authorization": (await self.watching.client(someone)).headers["authorization"]}


def _slug(name: str) -> str:
    return re.sub(r"[/?=&.%]+", "_", name)[:60]


@pytest.fixture
async def windows(
    house: Databases,
    clock: TestClock,
    faces: Faces,
    tmp_path: Path,
    chromium: Browser,
    assets: object,
) -> AsyncIterator[Windows]:
    county = await County.make(tmp_path, house)
    # Which port it will listen on is not known before it listens.
    async with supervision_site(county, house, faces, tmp_path / "supervision", origin="") as watching:
        public = county.tools.receipts.public
        watching.settings.anchors.parent.mkdir(parents=True, exist_ok=True)
        watching.settings.anchors.write_bytes(
            build_anchors(issuer="测试", issued=RECEIVED, officers=[], receipts=[public])
        )
        async with served(watching.app) as origin:
            made = Windows(watching, origin, chromium)
            yield made
            for context in made.contexts.values():
                await context.close()


async def types(page: Page, fields: dict[str, str]) -> None:
    """Reach each field by Tab and type; a day is written ``2026-04-01``."""
    for name, text in fields.items():
        await tab_to(page, f"#f-{name}")
        await (type_moment(page, text) if DAY.fullmatch(text) else page.keyboard.insert_text(text))


async def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element is focused; a page on which it is never reached fails."""
    await page.locator(selector).first.wait_for()
    for _ in range(120):
        await page.keyboard.press("Tab")
        if await page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached by keyboard on {page.url}")


# Complaints ----------------------------------------------------------------------------------------------------


async def introduced(windows: Windows, clock: TestClock) -> tuple[UUID, str]:
    """(a published lot, a bidder's letter of introduction); the engines stand at supervision."""
    watching = windows.watching
    await watching.there()
    lot = await watching.county.announced()
    await clock.freeze(RECEIVED)
    bidder = (await watching.county.bidder(1)).actor
    await watching.here()
    return lot, introduce(bidder, lot, RECEIVED, watching.county.tools.receipts)


async def filed(windows: Windows, letter: str) -> UUID:
    """File by keyboard, too late at first sight: the doubts are said, and it is sent all the same."""
    page = await windows.page()
    await page.goto(f"{windows.origin}/complaints/new?letter={letter}")
    await tab_to(page, "input[name=topic]")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await types(page, {"respondent": "浙江第2建设有限公司", "claims": "请求认定其投标无效", "grounds": GROUNDS})
    await types(page, {"cause_known": "2026-04-01", "phone": "13800000000"})
    await page.keyboard.press("Enter")

    await expect(page.locator("main")).to_contain_text("可能不予受理")
    assert await page.evaluate("document.activeElement.matches('section.summary')")
    await windows.judge("complaint-doubted", page)
    await tab_to(page, "form[action='/complaints'] button")
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_contain_text("投诉已收到")
    await windows.judge("complaint-filed", page)
    said = await page.inner_text("main")
    found = re.search(r"编号 (\S+)　查询码 (\S+)", said)
    assert found, said
    await asked_after(windows, page, *found.groups())
    return (await records.of_number(*found.groups())).id


async def asked_after(windows: Windows, page: Page, number: str, code: str) -> None:
    await page.goto(f"{windows.origin}/complaints/ask")
    await tab_to(page, "#f-number")
    await page.keyboard.insert_text(number)
    await tab_to(page, "#f-code")
    await page.keyboard.insert_text(code)
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_contain_text("办理情况")
    await windows.judge("complaint-asked", page)


async def test_a_complaint_from_its_filing_to_its_service(windows: Windows, clock: TestClock) -> None:
    lot, letter = await introduced(windows, clock)
    await windows.look(
        "public", None, "/complaints/new", f"/complaints/new?letter={letter}", "/complaints/ask", "/signin"
    )
    complaint = await filed(windows, letter)
    one, other = [await officer("regulator", "某区住建局", departments=(DEPARTMENT,)) for _ in range(2)]
    inspector = await officer("inspector", "某区监察")
    own, case = f"/complaints/{complaint}", f"/cases/{lot}"
    await windows.look("filed", one, "/workbench", "/complaints", own, f"{own}/admit", f"{own}/refuse", case)
    await windows.look("filed", one, "/complaints/counter", "/trustee")
    await steps.admit(one, complaint, CLEAR)
    await windows.look("admitted", other, "/workbench", own, f"{own}/join", f"{own}/withdraw")
    await steps.join(other, complaint, CLEAR)
    await windows.look("joined", one, "/workbench", own, f"{own}/note", f"{own}/exclude", f"{own}/draft")
    await steps.note(one, complaint, Say(says="向评标委员会成员了解情况：业绩材料系投标文件原件。"))
    days = Exclude(first=date(2026, 5, 18), last=date(2026, 6, 2), says="送检测机构检测混凝土试块")
    await steps.exclude(one, complaint, days)
    await steps.draft(one, complaint, Decide(outcome="upheld", says="经查，业绩材料不实。", article="第五十四条"))
    await windows.look("drafted", other, "/workbench", own, f"{own}/send_back")
    await steps.confirm(other, complaint)
    await windows.look("decided", other, "/workbench", own, f"{own}/serve")
    await steps.serve(other, complaint, Serve(to="浙江第1建设有限公司", way="direct", proof="送达回证一份"))
    await windows.look("inspector", inspector, "/complaints?closed=true", own, case)
    assert windows.faults == {}


async def test_a_workbench_tells_each_officer_what_he_owes_a_complaint_and_nothing_to_a_key_holder(
    windows: Windows, clock: TestClock
) -> None:
    lot, letter = await introduced(windows, clock)
    complaint = await filed(windows, letter)
    one, other = [await officer("regulator", "某区住建局", departments=(DEPARTMENT,)) for _ in range(2)]
    assert "决定是否受理投诉" in await todos(windows, one)
    assert "招标投标法实施条例第六十一条" in await todos(windows, one)
    for holder in windows.watching.officers():
        await employ(holder.actor)
        assert "决定是否受理投诉" not in await todos(windows, holder.actor)
    await steps.admit(one, complaint, CLEAR)
    assert "还差一名调查人员" in await todos(windows, other)
    assert "投诉" not in (await todos(windows, one)).replace("窗口", "")
    await steps.join(other, complaint, CLEAR)
    await steps.draft(one, complaint, Decide(outcome="rejected", says="经查不属实。", article="第五十四条"))
    assert "复核投诉处理决定" in await todos(windows, other)
    assert "复核" not in await todos(windows, one)
    await steps.confirm(other, complaint)
    assert "送达投诉文书" in await todos(windows, one)
    assert (await bidding.lot(lot)).project_name in await todos(windows, one)


async def todos(windows: Windows, someone: Actor) -> str:
    """What the first card of his workbench says."""
    eye = await windows.eye(someone)
    await eye.page.goto(f"{windows.origin}/workbench")
    return await eye.page.locator("section.card", has=eye.page.locator("h2", has_text="待办")).first.inner_text()


# Draws and calls -----------------------------------------------------------------------------------------------


async def test_a_call_is_answered_by_keyboard_and_the_draw_is_watched(windows: Windows, house: Databases) -> None:
    watching = windows.watching
    both = Both(watching, Room(house, strata=[("造价", 2)], pool={"造价": people(6)}))
    await watching.there()
    both.room.case = await watching.county.announced()
    regulator = watching.officers()[0].actor
    await employ(regulator)
    await watching.here()
    await windows.look("none", regulator, f"/cases/{both.room.case}/draws")
    await both.drawn()
    await watching.here()
    first, second = await links()
    await windows.look("call-waiting", None, first)
    page = await windows.page()
    for link, button, said in ((first, "accept", "您已确认参加"), (second, "decline", "您已答复不能参加")):
        await page.goto(f"{windows.origin}{link}")
        await tab_to(page, f"button[value={button}]")
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_contain_text(f"{said}")
        await windows.judge(f"call-{button}", page)
    await both.settle()
    await watching.there()
    both.room.pool = {"造价": people(5)}
    again = await both.room.begin(beacon_rule="福彩双色球第24期")
    await both.settle()
    await watching.there()
    await both.room.fix(again)
    await both.settle()
    await watching.there()
    await both.room.act(toss_steps.beacon, again, "01 02 03")
    await watching.here()
    await windows.look("drawn", regulator, f"/cases/{both.room.case}/draws", f"/cases/{both.room.case}")
    assert windows.faults == {}


async def test_a_call_answered_too_late_says_so(windows: Windows, house: Databases, clock: TestClock) -> None:
    both = Both(windows.watching, Room(house, strata=[("造价", 1)], pool={"造价": people(3)}))
    await both.drawn()
    await windows.watching.here()
    (link,) = await links()
    await clock.freeze(await now() + timedelta(minutes=31))
    await windows.look("call-late", None, link)
    assert windows.faults == {}


# Cases of another duty -----------------------------------------------------------------------------------------


async def test_a_request_of_the_market_is_watched_like_every_case(
    house: Databases, clock: TestClock, windows: Windows, tmp_path: Path
) -> None:
    await windows.watching.there()
    await clock.freeze(START)
    async with Shop.open(tmp_path / "shop", house, clock, agencies=3) as shop:
        case = await shop.publish("direct")
        await shop.choose(case, shop.agents[0])
        await patrolled(windows.watching)
        await windows.watching.here()
        region = shop.owner.region
        watcher = await officer("inspector", "某区监察", region=region)
        await windows.look("request", watcher, "/hall?duty=intermediaries", f"/hall/{case}", f"/cases/{case}/draws")
    assert windows.faults == {}


# Letters -------------------------------------------------------------------------------------------------------


async def test_a_letter_of_the_regulators_is_a_todo_and_is_answered_by_keyboard(town: TownInChromium) -> None:
    purchaser = town.county.purchaser
    letter = await written(purchaser)
    await town.look("letter", purchaser, "/workbench", "/letters", f"/letters/{letter}")
    page = await town.page(purchaser)
    await page.goto(f"{town.origin}/workbench")
    await tab_to(page, f"a[href='/letters/{letter}']")
    await page.keyboard.press("Enter")
    await tab_to(page, "#f-text")
    await page.keyboard.insert_text("合同文本正在法务审查，三日内签订。")
    await tab_to(page, "form[action$='/answers'] button[type=submit]")
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_contain_text("已作出的回复")
    await town.look("letter-answered", purchaser, f"/letters/{letter}", "/letters")
    await page.goto(f"{town.origin}/workbench")
    assert await page.locator(f"a[href='/letters/{letter}']").count() == 0
    assert town.faults == {}


async def written(to: Actor) -> UUID:
    """A letter with a term, as the supervision site would post it, delivered."""
    assert to.organisation is not None
    number = new_id()
    body = build_letter(
        id=number, case=new_id(), kind="inquiry", to=to.organisation, title="请说明情况", says="请说明未签约的原因",
        written_by="某区住房和城乡建设局", article="招标投标法第四十六条", until=await now() + timedelta(days=3),
    )  # fmt: skip
    await as_admin(
        'insert into kernel.letter (id, "case", matter, organisation, body, envelope, posted_at)'
        " values ($1, $1, $1, $2, $3, $4, kernel.law_now())",
        number, to.organisation, body, dsse.sign(body, PROCESS).to_bytes(),
    )  # fmt: skip
    await letters.deliver(PROCESS.public)
    return number
