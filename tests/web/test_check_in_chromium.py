"""The check page in a real browser: packages, receipts and draws are checked there and said in plain words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evidence_factory import Lot, finished, packaged
from looking import PICTURES, WIDTHS, eye_of, faults_of
from playwright.async_api import Browser, Page, expect
from samples import NOW

from kernel.web.templating import Renderer

pytest_plugins = ("looking",)

LONG = 60_000
Show = Callable[[dict[str, str]], Any]


@pytest.fixture(scope="module")
def lot() -> Lot:
    return finished()


@pytest.fixture
def files(lot: Lot, tmp_path: Path) -> dict[str, Path]:
    """What somebody may hold: a package whole and with one byte changed, the anchors, a receipt, a picture."""
    public = packaged(lot, "public")
    altered = bytearray(public)
    altered[len(public) // 2] ^= 1
    written = {
        "evidence.zip": public,
        "altered.zip": bytes(altered),
        "anchors.json": lot.keys.anchors().data,
        "receipt.dsse.json": lot.received[1].receipt,
        "photo.jpg": b"\xff\xd8 nothing that is signed",
    }
    for name, content in written.items():
        (tmp_path / name).write_bytes(content)
    return {name: tmp_path / name for name in written}


async def opened(chromium: Browser, address: str, width: int = 1280) -> Page:
    eye = await eye_of(chromium)
    await eye.become()
    await eye.page.set_viewport_size({"width": width, "height": 900})
    await eye.page.goto(address)
    return eye.page


def item(page: Page, name: str) -> Any:
    return page.locator(".check-item").filter(has=page.get_by_role("heading", name=name, exact=True))


def check_page(trading: Renderer) -> str:
    context: dict[str, Any] = {"result": None, "sha256": "", "origin": "yangguang.example/log", "checkpoint": None}
    return trading.render("app/check.html", now=NOW, csrf="token", **context)


async def test_a_package_is_checked_in_the_page_and_anchors_turn_consistent_into_proved(
    trading: Renderer, show: Show, chromium: Browser, files: dict[str, Path]
) -> None:
    async with show({"check": check_page(trading)}) as origin:
        page = await opened(chromium, f"{origin}/check")
        await page.get_by_label("把文件拖到这里，或者选择文件").set_input_files(files["evidence.zip"])
        package = item(page, "evidence.zip")
        await expect(package.get_by_text("公开包自身一致，密钥未核对")).to_be_visible(timeout=LONG)
        await page.get_by_label("把文件拖到这里，或者选择文件").set_input_files(
            [files["anchors.json"], files["receipt.dsse.json"]]
        )
        await expect(package.get_by_text("公开包核验通过")).to_be_visible(timeout=LONG)
        await expect(package.get_by_text("在截标名单中，与包内的标书逐字节相同")).to_be_visible()
        await expect(item(page, "receipt.dsse.json").get_by_text("投标回执核验通过")).to_be_visible()
        await expect(page.get_by_text("核验完毕，没有发现不符。")).to_be_visible()
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / "check-proved-1280.png", full_page=True)
        await page.get_by_role("button", name="移除 anchors.json").press("Enter")
        await expect(package.get_by_text("公开包自身一致，密钥未核对")).to_be_visible(timeout=LONG)


async def test_a_changed_package_is_refused_and_the_member_named(
    trading: Renderer, show: Show, chromium: Browser, files: dict[str, Path]
) -> None:
    async with show({"check": check_page(trading)}) as origin:
        page = await opened(chromium, f"{origin}/check", 375)
        chosen = [files["altered.zip"], files["anchors.json"], files["photo.jpg"]]
        await page.get_by_label("把文件拖到这里，或者选择文件").set_input_files(chosen)
        altered = item(page, "altered.zip")
        await expect(altered.get_by_role("alert")).to_contain_text("公开包核验不通过", timeout=LONG)
        await expect(altered.get_by_role("alert")).to_contain_text("member_differs")
        await expect(page.get_by_text("核验完毕：1 个文件不通过")).to_be_visible(timeout=LONG)
        for width in WIDTHS:
            assert await faults_of(page, width) == []
