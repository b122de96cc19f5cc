"""A session in browsers: rooms booked, parties signed in, a line cut and taken up again, the record signed."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import UUID

from playwright.async_api import Page, expect
from road import DEADLINE
from town_in_chromium import PRICES, TownInChromium

from bidding import session
from bidding.detours.object import answer_objection, raise_objection
from bidding.schemas import AnswerObjection, RaiseObjection
from bidding.steps.record import conclude_opening
from kernel.rooms import records as rooms
from kernel.rooms.schemas import AddRoom
from kernel.rooms.steps import add_room

pytest_plugins = ("town_in_chromium",)
LONG = 30_000


@dataclass
class Line:
    """A line to the site that can be cut, and put up again at the same place; it keeps the heads that went over it."""

    to: int
    port: int = 0
    heads: list[bytes] = field(default_factory=list)
    ends: set[asyncio.StreamWriter] = field(default_factory=set)
    server: asyncio.Server | None = None

    async def open(self) -> None:
        self.server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        assert self.server is not None
        self.server.close()
        for end in self.ends:
            end.transport.abort()
        self.ends.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, onward = await asyncio.open_connection("127.0.0.1", self.to)
        self.ends |= {writer, onward}
        with suppress(ConnectionError):
            await asyncio.gather(self._pass(reader, onward, self.heads), self._pass(there, writer, []))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: list[bytes]) -> None:
        while data := await reader.read(65536):
            kept.append(data)
            writer.write(data)
            await writer.drain()
        writer.close()


async def test_after_a_cut_the_hall_goes_on_where_it_was(town: TownInChromium) -> None:
    county = town.county
    lot = await county.announced()
    bidders = await county.sealed_in(lot, PRICES)
    await town.closed(lot)
    line = Line(int(urlsplit(town.origin).port or 0))
    await line.open()
    page = await town.page()
    await page.goto(f"http://127.0.0.1:{line.port}/lots/{lot}/hall")
    await expect(page.locator(".live-state")).to_have_attribute("data-state", "open", timeout=LONG)
    await page.evaluate("document.querySelector('[data-live=progress]').firstElementChild.dataset.mine = 'kept'")
    line.cut()
    await expect(page.locator(".live-state")).to_have_attribute("data-state", "lost", timeout=LONG)
    objection = await raise_objection(bidders[0].actor, lot, RaiseObjection(text="解密页面打不开。"))
    await answer_objection(county.purchaser, lot, AnswerObjection(objection=objection, answer="已恢复，请继续解密。"))
    line.heads.clear()
    await line.open()
    await expect(page.locator("[data-live=objection]")).to_contain_text("已恢复，请继续解密", timeout=LONG)
    await expect(page.locator(".live-state")).to_have_attribute("data-state", "open", timeout=LONG)
    assert any(b"last-event-id" in head.lower() or b"last_event_id=" in head for head in line.heads)
    assert await page.locator("[data-live=progress] [data-mine=kept]").count() == 1
    for bidder in bidders:
        await bidder.reveal(county.tools, lot)
    await expect(page.locator("[data-live=prices] tbody tr")).to_have_count(len(PRICES), timeout=LONG)
    await page.close()
    line.cut()
    assert town.faults == {}


async def test_a_session_from_its_room_to_the_signed_record(town: TownInChromium) -> None:
    county = town.county
    lot, other = await county.announced(), await county.announced()
    await add_first_room(await town.page(county.operator), town.origin)
    await add_room(county.operator, AddRoom(name="评标一室", use="evaluation", place="政务中心四楼", seats=9))
    await book_twice(await town.page(county.operator), town.origin, lot, other)
    await town.look("session-operator", county.operator, "/rooms?day=2026-04-20", f"/lots/{lot}/rooms")
    await town.look("session-panel", county.operator, f"/lots/{lot}/panel")
    await town.look("session-before", None, f"/lots/{lot}/hall")
    bidders = await county.sealed_in(lot, PRICES)
    await town.closed(lot)
    await town.look("session-coming", bidders[1].actor, f"/lots/{lot}/sign-in", f"/lots/{lot}/hall")
    await come_by_keyboard(await town.page(bidders[1].actor), f"{town.origin}/lots/{lot}/hall")
    assert [one.role for one in await session.attendance(lot)] == ["bidder"]
    for bidder in bidders:
        await bidder.reveal(county.tools, lot)
    await conclude_opening(county.tools, county.purchaser, lot)
    await keep(await town.page(county.operator), town, lot)
    await town.look("session-sign", county.purchaser, f"/lots/{lot}/record/sign")
    await sign(await town.page(county.purchaser), f"{town.origin}/lots/{lot}/record")
    await town.look("session-signed", None, f"/lots/{lot}/record")
    await town.look("session-kept", county.operator, f"/lots/{lot}/rooms")
    assert town.faults == {}


async def add_first_room(page: Page, origin: str) -> None:
    await page.goto(f"{origin}/rooms")
    for name, text in (("name", "开标一室"), ("place", "政务中心三楼"), ("seats", "60")):
        await page.fill(f"#f-{name}", text)
    await page.select_option("#f-use", "opening")
    await page.press("#f-seats", "Enter")
    await expect(page.locator("main")).to_contain_text("开标室　开标一室", timeout=LONG)


async def book_twice(page: Page, origin: str, lot: UUID, other: UUID) -> None:
    """The room for one lot, and in vain for another at the same time."""
    for case in (lot, other):
        await page.goto(f"{origin}/lots/{case}/rooms")
        await page.select_option("#f-room", "1")
        await page.fill("#f-begins", f"{DEADLINE - timedelta(minutes=30):%Y-%m-%dT%H:%M}")
        await page.fill("#f-ends", f"{DEADLINE + timedelta(hours=2):%Y-%m-%dT%H:%M}")
        await page.click("form[action$='/rooms'] button[type=submit]")
        await page.wait_for_load_state()
        if case == lot:
            await expect(page.locator(".chain")).to_contain_text("开标一室", timeout=LONG)
    await expect(page.locator("section.summary")).to_contain_text("已由", timeout=LONG)
    assert [one.name for one in await rooms.booked(lot)] == ["开标一室"]
    assert await rooms.booked(other) == []


async def come_by_keyboard(page: Page, hall: str) -> None:
    await page.goto(hall)
    await page.focus("a[href$='/sign-in']")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/sign-in")
    await page.focus("main form button[type=submit]")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/hall")
    await expect(page.locator("a[href$='/sign-in']")).to_have_count(0)


async def keep(page: Page, town: TownInChromium, lot: UUID) -> None:
    """The file stays on this machine: only its hash and size go up."""
    film = town.pictures.parent / "一号机位.mp4"
    await asyncio.to_thread(film.write_bytes, b"film" * 100_000)
    await page.goto(f"{town.origin}/lots/{lot}/rooms")
    await page.set_input_files("[data-digest-into] input", film)
    await expect(page.locator("#f-sha256")).to_have_value(sha256(b"film" * 100_000).hexdigest(), timeout=LONG)
    await expect(page.locator("#f-size")).to_have_value("400000")
    await page.select_option("#f-booking", index=1)
    await page.fill("#f-label", "一号机位 09:00—10:10")
    await page.click("form[action$='/recordings'] button[type=submit]")
    await expect(page.locator("#recordings .chain")).to_contain_text("一号机位", timeout=LONG)
    assert [one.size for one in await session.recordings(lot)] == [400_000]


async def sign(page: Page, record: str) -> None:
    await page.goto(record)
    await page.click("a[href$='/record/sign']")
    await page.fill("#f-remark", "无")
    await page.click("main form button[type=submit]")
    await page.wait_for_url("**/record#signatures")
    await expect(page.locator("main")).to_contain_text("某区城市建设中心")
