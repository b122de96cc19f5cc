"""Pages as people meet them: in a browser, at a telephone's and a desk's width, under the real content policy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import page_samples
import pytest
from box_samples import REHEARSALS
from looking import WIDTHS, eye_of
from playwright.async_api import Browser
from samples import GALLERY, NOW, VIEWER

from kernel.web.templating import Renderer

pytest_plugins = ("looking",)

Show = Callable[[dict[str, str]], Any]
ROLES = {"operator": "交易中心", "regulator": "监督部门", "purchaser": "招标人"}


async def look_at(browser: Browser, show: Show, pages: dict[str, str]) -> dict[str, list[str]]:
    """Every page's faults at every width, with what the browser itself complains of."""
    found: dict[str, list[str]] = {}
    eye = await eye_of(browser)
    await eye.become()
    async with show(pages) as origin:
        for name in pages:
            found |= await eye.judge(name, f"{origin}/{name}")
    return found


def gallery(renderer: Renderer, **more: Any) -> str:
    box = {"rehearsed": REHEARSALS[0], "role_names": ROLES}
    return renderer.render("gallery.html", now=NOW, csrf="token", **{**GALLERY, **box, **more})


def test_the_gallery_shows_every_component_file(trading: Renderer) -> None:
    source, _, _ = trading.environment.loader.get_source(trading.environment, "gallery.html")  # type: ignore[union-attr]
    page = gallery(trading)
    assert "构件一览" in page
    for macro_file in (Path(__file__).parents[2] / "kernel" / "web" / "templates" / "macros").glob("*.html"):
        if macro_file.stem not in ("logo", "icons"):
            assert f"macros/{macro_file.name}" in source


def test_the_two_faces_differ_in_name_label_and_colour(trading: Renderer, supervision: Renderer) -> None:
    trade, watch = gallery(trading), gallery(supervision, viewer=VIEWER)
    assert "face-trading" in trade
    assert "行政监督平台" not in trade
    assert "face-supervision" in watch
    assert "交易平台</span>" not in watch


async def test_every_component_is_usable_by_everybody(
    trading: Renderer, supervision: Renderer, show: Show, chromium: Browser
) -> None:
    pages = {"trading": gallery(trading), "supervision": gallery(supervision, viewer=VIEWER)}
    assert await look_at(chromium, show, pages) == {}


async def test_every_page_is_usable_by_everybody(
    trading: Renderer, supervision: Renderer, show: Show, chromium: Browser
) -> None:
    pages = {}
    for renderer, table in ((supervision, page_samples.SUPERVISION_PAGES), (trading, page_samples.TRADING_PAGES)):
        for template, context in table.items():
            page = renderer.render(template, now=NOW, viewer=VIEWER, csrf="token", **context)
            pages[template.replace("/", "_")] = page
    assert await look_at(chromium, show, pages) == {}


async def test_without_scripts_a_page_says_the_same(trading: Renderer, show: Show, chromium: Browser) -> None:
    page = trading.render("app/notice.html", now=NOW, **page_samples.NOTICE_PAGE)
    async with show({"notice": page}) as origin:
        context = await chromium.new_context(java_script_enabled=False)
        tab = await context.new_page()
        await tab.goto(f"{origin}/notice")
        text = await tab.inner_text("main")
        await context.close()
    assert "09:30:00" in text
    assert "还剩 2 天 19 小时" in text
    assert "招标文件.pdf" in text


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_keyboard_reaches_the_main_part_first_by_the_skip_link(
    trading: Renderer, show: Show, chromium: Browser, width: int
) -> None:
    async with show({"gallery": gallery(trading, problems=())}) as origin:
        tab = (await eye_of(chromium)).page
        await tab.set_viewport_size({"width": width, "height": 900})
        await tab.goto(f"{origin}/gallery")
        await tab.keyboard.press("Tab")
        assert await tab.evaluate("document.activeElement.textContent") == "跳到正文"
        await tab.keyboard.press("Enter")
        assert await tab.evaluate("document.activeElement.id") == "main"


async def test_a_notice_prints_on_a4_without_the_navigation(trading: Renderer, show: Show, chromium: Browser) -> None:
    page = trading.render("app/notice.html", now=NOW, **page_samples.NOTICE_PAGE)
    async with show({"notice": page}) as origin:
        context = await chromium.new_context()
        tab = await context.new_page()
        await tab.goto(f"{origin}/notice")
        await tab.emulate_media(media="print")
        assert not await tab.is_visible(".masthead")
        assert not await tab.is_visible(".nav")
        assert await tab.is_visible(".article h1")
        assert await tab.is_visible(".proof")
        paper = await tab.pdf(prefer_css_page_size=True)
        await context.close()
    assert paper.startswith(b"%PDF-")
