"""A small county on a real server, and browsers that sign in as its people."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from browsing import account
from conftest import TestClock
from house_databases import Databases
from live_site import listening
from looking import DESK, PICTURES, eye_of
from playwright.async_api import Browser, BrowserContext, Page
from road import DEADLINE, Bidder, County, countersign
from seeded_people import KEYS, PASSWORD

from bidding.clockwork import turn
from bidding.steps.accept import accept_project, return_project
from kernel.accounts.schemas import SignIn
from kernel.accounts.sessions import sign_in
from kernel.identity import Actor
from kernel.proofs.anchors import build_anchors

pytest_plugins = ("looking",)

COOKIE = "yg_trading"
PRICES = ["38000000.00", "37500000.00", "39900000.00"]


@dataclass
class TownInChromium:
    """The site's address, its county, and one browser context a person."""

    origin: str
    county: County
    clock: TestClock
    chromium: Browser
    pictures: Path
    contexts: dict[str, BrowserContext] = field(default_factory=dict)
    tabs: dict[str, Page] = field(default_factory=dict)
    cookies: dict[UUID | None, Any] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pictures.mkdir(parents=True, exist_ok=True)

    async def page(self, someone: Actor | None = None, *, scripts: bool = True) -> Page:
        """This person's tab, signed in; the public's for None. Another is opened once this one is closed."""
        key = f"{someone.person if someone else 'public'} {scripts}"
        if key not in self.contexts:
            context = await self.chromium.new_context(locale="zh-CN", java_script_enabled=scripts)
            self.contexts[key] = context
            if someone is not None:
                await context.add_cookies([await self._cookie(someone)])
        if key in self.tabs and not self.tabs[key].is_closed():
            return self.tabs[key]
        self.tabs[key] = page = await self.contexts[key].new_page()
        # Somebody listens from the start: the browser takes a moment to hand its file choosers over.
        page.on("filechooser", lambda chooser: None)
        page.on("pageerror", lambda error: self.faults.setdefault(page.url, []).append(str(error)))
        page.on(
            "console", lambda m: self.faults.setdefault(page.url, []).append(m.text) if "Policy" in m.text else None
        )
        return page

    async def at_home(self, someone: Actor, folder: Path) -> Page:
        """A tab of a browser of his own, which keeps its things on a disk and not in memory as the others do."""
        context = await self.chromium.browser_type.launch_persistent_context(
            folder, executable_path=DESK.path, args=DESK.args, locale="zh-CN"
        )
        self.contexts[f"{someone.person} True"] = context
        await context.add_cookies([await self._cookie(someone)])
        return await self.page(someone)

    async def signed_in_anew(self, someone: Actor) -> Page:
        """A tab of the same browser after this person's session is gone and he has signed in again."""
        context = self.contexts[f"{someone.person} True"]
        await context.clear_cookies()
        await self._sign_in(context, someone)
        return await self.page(someone)

    async def _cookies(self, someone: Actor | None) -> list[Any]:
        """Those of this person's browser, or of one just signed in."""
        context = self.contexts.get(f"{someone.person if someone else 'public'} True")
        if context is not None:
            return list(await context.cookies())
        return [await self._cookie(someone)] if someone else []

    async def _cookie(self, someone: Actor) -> Any:
        """What the sign-in page would leave, without loading that page once for each of so many people."""
        if someone.person not in self.cookies:
            given = SignIn(login=await account(someone, KEYS), password=PASSWORD)
            token = (await sign_in(given, "trading", KEYS)).token
            self.cookies[someone.person] = {"name": COOKIE, "value": token, "url": self.origin, "httpOnly": True}
        return self.cookies[someone.person]

    async def _sign_in(self, context: BrowserContext, someone: Actor) -> None:
        page = await context.new_page()
        await page.goto(f"{self.origin}/signin")
        await page.fill("#f-login", await account(someone, KEYS))
        await page.fill("#f-password", PASSWORD)
        await page.press("#f-password", "Enter")
        await page.wait_for_url(lambda url: "/signin" not in url)
        await page.close()

    async def look(self, name: str, someone: Actor | None, *paths: str) -> None:
        """Judge pages at a telephone's and a desk's width; keep what is wrong with them, and pictures where asked."""
        eye = await eye_of(self.chromium)
        await eye.become(await self._cookies(someone))
        for path in paths:
            slug = f"{name}-{path.strip('/').replace('/', '_').replace('?', '_') or 'home'}"
            self.faults |= await eye.judge(f"{name} {path}", f"{self.origin}{path}", _short(slug))

    async def picture(self, page: Page, name: str) -> None:
        """Keep a picture of the page; only where somebody will look at it, for drawing one takes its time."""
        if PICTURES:
            await page.screenshot(path=self.pictures / f"{name}.png", full_page=True)

    async def closed(self, lot: UUID) -> None:
        for moment in (DEADLINE, DEADLINE + timedelta(minutes=5)):
            await self.clock.freeze(moment)
            await turn(self.county.tools, lot)
        await countersign(lot)
        await turn(self.county.tools, lot)

    async def waiting(self) -> tuple[UUID, UUID, UUID]:
        """(a project registered, one returned, a lot accepted)."""
        registered = (await self.county.register(lots=2))[0]
        returned = (await self.county.register())[0]
        await return_project(self.county.operator, returned.project, "请附初步设计批复")
        taken = (await self.county.register())[0]
        await accept_project(self.county.operator, taken.project)
        await self.county.work()
        return registered.project, returned.project, taken.id


@pytest.fixture
def town_anchors() -> bytes:
    """What the town's site gives out as its anchors; without any of its own, those that name nobody."""
    return b""


@pytest.fixture
async def town(
    house: Databases, clock: TestClock, tmp_path: Path, chromium: Browser, assets: object, town_anchors: bytes
) -> AsyncIterator[TownInChromium]:
    """A county of the test's own; the browsers may not have complained of anything in the end."""
    county = await County.make(tmp_path, house)
    async with town_in_chromium(county, clock, chromium, tmp_path / "pictures", town_anchors) as town:
        yield town
        assert town.faults == {}


@asynccontextmanager
async def town_in_chromium(
    county: County, clock: TestClock, chromium: Browser, pictures: Path, anchors: bytes = b""
) -> AsyncIterator[TownInChromium]:
    """The county served on loopback; what the browsers complained of is in `faults` at the end."""
    nobody = build_anchors(issuer="测试", issued=DEADLINE - timedelta(days=365), officers=[], processes=[])
    data = anchors or nobody
    async with listening(county.tools, data) as origin:
        town = TownInChromium(origin, county, clock, chromium, Path(PICTURES) if PICTURES else pictures)
        try:
            yield town
        finally:
            await (await eye_of(chromium)).rest()
            for context in town.contexts.values():
                await context.close()


def folder_of(bidder: Bidder) -> list[Path]:
    """The files `yangguang seal` leaves in a bid's folder."""
    assert bidder.sealed is not None
    envelope, key = bidder.folder / "bid.dsse.json", bidder.folder / "bidder.pub"
    envelope.write_bytes(bidder.sealed.signed.to_bytes())
    key.write_bytes(base64.b64encode(bidder.signer.public))
    fresh = [stage for stage in bidder.sealed.bid.stages if stage.seq == bidder.sealed.bid.seq]
    return [envelope, key, *(bidder.folder / file.n for stage in fresh for file in stage.files)]


def _short(slug: str) -> str:
    """A file name in which the long numbers are cut."""
    return "_".join(part[:8] if len(part) > 30 else part for part in slug.split("_"))
