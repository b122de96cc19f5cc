"""The check page as one file on a disk: no network, no server, the same words."""

from pathlib import Path

import pytest
from evidence_factory import finished, packaged
from looking import faults_at_widths
from playwright.async_api import Browser, expect

from kernel.web.static import Assets

pytest_plugins = ("looking",)

LONG = 60_000


@pytest.fixture
def saved(assets: Assets, tmp_path: Path) -> Path:
    file = tmp_path / "yangguang-check.html"
    file.write_bytes(assets.tools["check"].body)
    return file


async def test_a_package_is_checked_from_a_disk_with_the_network_unplugged(
    saved: Path, chromium: Browser, tmp_path: Path
) -> None:
    lot = finished("roles")
    (tmp_path / "evidence.zip").write_bytes(packaged(lot, "archive"))
    (tmp_path / "anchors.json").write_bytes(lot.keys.anchors().data)
    context = await chromium.new_context(offline=True)
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(saved.as_uri())
    chosen = [tmp_path / "evidence.zip", tmp_path / "anchors.json"]
    await page.get_by_label("把文件拖到这里，或者选择文件").set_input_files(chosen)
    await expect(page.get_by_text("存档包核验通过")).to_be_visible(timeout=LONG)
    await expect(page.get_by_text("核验在先，依次交出份额")).to_be_visible()
    assert [address for address in asked if not address.startswith(("file:", "blob:"))] == []
    assert await faults_at_widths(page, "check") == {}


async def test_the_saved_page_may_reach_nothing(saved: Path, chromium: Browser) -> None:
    page = await (await chromium.new_context()).new_page()
    await page.goto(saved.as_uri())
    reached = await page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', (e) => e.name)")
    assert reached == "TypeError"
    policy = await page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert policy is not None
    assert policy.startswith("default-src 'none'")
