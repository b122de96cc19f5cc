"""A little site on loopback and a real browser, for looking at pages as people see them."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
import uvicorn
from litestar import Litestar, MediaType, Response, get
from litestar.params import FromPath
from playwright.async_api import Browser, Page, async_playwright
from sound_parts import SoundParts

from kernel.web import build
from kernel.web.headers import SECURITY_HEADERS
from kernel.web.sites import SUPERVISION, TRADING
from kernel.web.static import Assets, static_route
from kernel.web.templating import Renderer, build_environment

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (375, 1280)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MEASURES = ["target-size", "scrollable-region-focusable"]
"""The rules that measure: what is sound at one width may be too small or cut off at another."""
SHAPE, LOOK = ((Path(__file__).parent / name).read_text() for name in ("shape.js", "look.js"))
AXE_SOURCE = AXE.read_text()
UNREACHED = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary, [role=button]")]
  .filter((part) => !part.disabled && part.type !== "hidden" && part.checkVisibility())
  .filter((part) => part.tabIndex !== 0 || (part.localName === "a" && !part.href))
  .map((part) => `the keyboard does not come to it in its turn: ${part.outerHTML.slice(0, 80)}`)"""
"""What stands there to be worked with and cannot be by the Tab key, in the order in which it is read."""
PICTURES = os.environ.get("YANGGUANG_PICTURES", "")
"""A folder to keep the pictures in, for a person to look at or for the manual."""
UNWANTED = (
    # What the driver itself turns off and matters here: an option given twice counts as given last.
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
    "PreconnectToSearch", "LensOverlay",
    # Processes that nobody sees: the address line's own pages, one for every window, cost more than ours.
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess",
)  # fmt: skip
ARGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--in-process-gpu",
    f"--disable-features={','.join(UNWANTED)}",
)


@dataclass(frozen=True)
class Program:
    """A browser on this machine, and what it is started with."""

    path: str | None
    args: tuple[str, ...] = ARGS


DESK = Program(shutil.which("chromium"))
"""The whole browser, as people have it."""
SHELL = Program(
    shutil.which("chromium-headless-shell") or DESK.path,
    # Scripts that run for less than a second are not worth improving, nor is their garbage worth several threads;
    # a page that seals, opens or verifies is another matter.
    (*ARGS, "--js-flags=--no-opt --no-maglev --single-threaded-gc --min-semi-space-size=32"),
)
"""The same engine without the window around it, for looks: it costs the processor half as much."""
_sound = SoundParts.of_this_run()
_eyes: WeakKeyDictionary[Browser, "Eye"] = WeakKeyDictionary()
DUTIES = {duty: ROOT / duty / "templates" for duty in ("app", "bidding", "intermediaries", "supervision")}


@pytest.fixture(scope="session")
def assets() -> Assets:
    build.build()
    return Assets.load()


@pytest.fixture(scope="session")
def trading(assets: Assets) -> Renderer:
    return Renderer(build_environment(TRADING, assets, DUTIES))


@pytest.fixture(scope="session")
def supervision(assets: Assets) -> Renderer:
    return Renderer(build_environment(SUPERVISION, assets, DUTIES))


async def faults_of(page: Page, width: int) -> list[str]:
    """What a ruler, the Tab key and axe find wrong with the page at this width.

    Axe looks at the parts of a page that it has not found sound before in this run: the same things painted
    alike, and for what it measures also in the same places. Where it finds a fault it looks at all of the page.
    """
    if page.viewport_size is None or page.viewport_size["width"] != width:
        await page.set_viewport_size({"width": width, "height": 900})
    shape: dict[str, Any] = await page.evaluate(SHAPE)
    faults = [f"{shape['wider']} px wider than the screen"] if shape["wider"] > 0 else []
    faults += await page.evaluate(UNREACHED)
    order = {"rules": RULES, "measures": MEASURES, **_unlooked(shape)}
    if order["stands"] is None and order["lies"] is None:
        return faults
    if not shape["axe"]:
        await _put_axe(page)
    found: list[str] = await page.evaluate(LOOK, order)
    if found and (order["stands"] or order["lies"]):
        found = await page.evaluate(LOOK, order | {"stands": [], "lies": []})
    if not found:
        _sound.add([shape["meant"], *shape["painted"], *(key for part in shape["parts"] for key in part[1:])])
    return faults + found


def _unlooked(shape: dict[str, Any]) -> dict[str, list[int] | None]:
    """The parts of a page that need no look, for what stands in it and for what lies in it; None for all of it.

    The page that was sound at one width needs only measuring at another, if all that stands in it there was sound
    somewhere in the same surroundings: the same paint, and seen or unseen alike.
    """
    sound = _sound.known()
    stands, lies = ([part[0] for part in shape["parts"] if part[n] in sound] for n in (1, 2))
    known = 0 in stands or sound.issuperset((shape["meant"], *shape["painted"]))
    return {"stands": None if known else stands, "lies": None if 0 in lies else lies}


async def _put_axe(page: Page) -> None:
    """Into the page past its policy, by the driver itself."""
    session = await page.context.new_cdp_session(page)
    await session.send("Runtime.evaluate", {"expression": AXE_SOURCE})
    await session.detach()


async def faults_at_widths(page: Page, name: str, picture: str = "") -> dict[str, list[str]]:
    """What is wrong with the page at each width; pictures where somebody asked for them."""
    found = {}
    now = page.viewport_size
    for width in sorted(WIDTHS, key=lambda width: now is None or width != now["width"]):
        if faults := await faults_of(page, width):
            found[f"{name} at {width}"] = faults
        if PICTURES and picture:
            await page.screenshot(path=Path(PICTURES) / f"{picture}-{width}.png", full_page=True)
    return found


@dataclass
class Eye:
    """The one tab of a process in which pages are looked at: as nobody, or with somebody's cookies or token.

    Every further tab costs the processor about as much as looking at a page does. What sites keep in a browser is kept
    apart here too: no two sites of a process have one address.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)

    @classmethod
    async def opened(cls, browser: Browser) -> "Eye":
        context = await browser.new_context(locale="zh-CN", reduced_motion="reduce")
        await context.add_init_script(f"globalThis.putAxe = () => {{ {AXE_SOURCE} }};")
        eye = cls(await context.new_page())
        eye.page.on("pageerror", lambda error: eye.complaints.append(str(error)))
        eye.page.on(
            "console", lambda message: eye.complaints.append(message.text) if "Policy" in message.text else None
        )
        return eye

    async def become(self, cookies: Sequence[Any] = (), headers: Mapping[str, str] | None = None) -> None:
        """Whoever has these cookies or sends these headers; what was complained of before is forgotten."""
        self.complaints.clear()
        await self.page.context.clear_cookies()
        if cookies:
            await self.page.context.add_cookies(cookies)
        await self.page.context.set_extra_http_headers(dict(headers or {}))

    async def judge(self, name: str, address: str, picture: str = "") -> dict[str, list[str]]:
        """Whatever is wrong with the page at this address, at each width; an answer other than 200 fails."""
        answer = await self.page.goto(address)
        assert answer is not None
        assert answer.status == 200, f"{name}: {answer.status} {await self.page.inner_text('main')}"
        found = await faults_at_widths(self.page, name, picture)
        if self.complaints:
            found[f"{name} in the console"], self.complaints = self.complaints, []
        return found

    async def rest(self) -> None:
        """Off a hall that is followed: a site that is to end would wait for it."""
        if await self.page.locator("[data-stream]").count():
            await self.page.goto("about:blank")


async def eye_of(browser: Browser) -> Eye:
    """The eye of this browser, the same for all its tests."""
    if browser not in _eyes:
        _eyes[browser] = await Eye.opened(browser)
    return _eyes[browser]


@asynccontextmanager
async def served(app: Litestar) -> AsyncIterator[str]:
    """The app on a free loopback port, as `http://127.0.0.1:port`."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    # The socket listens already: a browser that comes before the server is up waits in its queue.
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@pytest.fixture
def show(assets: Assets) -> Callable[[dict[str, str]], object]:
    """Serves given HTML pages by name, with the headers and static files of the real sites."""

    def site(pages: dict[str, str]) -> object:
        @get("/{name:str}", media_type=MediaType.HTML, sync_to_thread=False)
        def page(name: FromPath[str]) -> Response[str]:
            return Response(pages[name], headers=SECURITY_HEADERS, media_type=MediaType.HTML)

        return served(Litestar([page, static_route(assets)], openapi_config=None))

    return site


@pytest.fixture
def program() -> Program:
    """What pages are looked at with; tests of people at their desks, and of what they reckon there, say DESK."""
    return SHELL


@pytest.fixture
async def chromium(browsers: "Browsers", program: Program) -> AsyncIterator[Browser]:
    """The process's browser of this kind, in which nothing of the test before is left."""
    browser = await browsers(program)
    yield browser
    kept = _eyes[browser].page.context if browser in _eyes else None
    for context in browser.contexts:
        if context is not kept:
            await context.close()


Browsers = Callable[[Program], Awaitable[Browser]]
"""The browsers of a process, each started when it is first asked for; a test that lacks its own is skipped."""


@asynccontextmanager
async def launching() -> AsyncIterator[Browsers]:
    """Browsers until the block ends."""
    running: dict[Program, Browser] = {}
    async with async_playwright() as playwright:

        async def browser(program: Program) -> Browser:
            if program.path is None:
                pytest.skip("no chromium on this machine: pages were not looked at")
            if program not in running:
                running[program] = await playwright.chromium.launch(executable_path=program.path, args=program.args)
            return running[program]

        yield browser
        for one in running.values():
            await one.close()
