"""A little site on loopback and a real browser, for looking at pages as people see them."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from litestar import Litestar, MediaType, Response, get
from litestar.params import FromPath
from playwright.async_api import Browser, Page, async_playwright

from kernel.web import build
from kernel.web.headers import SECURITY_HEADERS
from kernel.web.sites import SUPERVISION, TRADING
from kernel.web.static import Assets, static_route
from kernel.web.templating import Renderer, build_environment

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (375, 1280)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """async (rules) => {
  const found = await axe.run(document, { runOnly: rules });
  return found.violations.map((v) => `${v.impact} ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3)}`);
}"""
PICTURES = os.environ.get("YANGGUANG_PICTURES", "")
"""A folder to keep the pictures in, for a person to look at or for the manual."""
CHROMIUM = shutil.which("chromium")
ARGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
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
    """What a ruler and axe find wrong with the page at this width; axe must have been put into it."""
    await page.set_viewport_size({"width": width, "height": 900})
    sideways = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    found: list[str] = await page.evaluate(LOOK, RULES)
    return [f"{sideways} px wider than the screen", *found] if sideways > 0 else found


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
async def chromium(one_chromium: Browser) -> AsyncIterator[Browser]:
    """The process's browser, in which nothing of the test before is left."""
    yield one_chromium
    for context in one_chromium.contexts:
        await context.close()


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A browser that is on this machine; without one the test is skipped."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: pages were not looked at")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        await browser.close()
