"""The offline sealer in a real Chromium: opened from a disk without a network, and what it seals opens elsewhere."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from keyboard import press
from looking import DESK, Program, faults_at_widths
from offline_lot import BIDDER, Office
from playwright.async_api import Browser, Page, expect

from app.bidder.folder import BidFolder
from app.bidder.lot import check_lot
from kernel.proofs import age
from kernel.proofs.opened_file import open_file, open_index
from kernel.proofs.recovery import unlock_recovery
from kernel.proofs.stage import open_stage
from kernel.web.build import BUILT
from kernel.web.static import Assets

pytest_plugins = ("looking",)

MONEY = {"id": "price", "name": "投标总价", "kind": "money", "required": True, "hint": "单位：元", "article": ""}
WORDS = {"id": "price_words", "name": "大写金额", "kind": "words", "required": True, "hint": "", "article": ""}
ASKED = {"id": "r1", "name": "企业资质证书", "kind": "review", "article": "招标文件第三章", "maximum": ""}
SMALL = ("bid.dsse.json", "bidder.pub", "recovery.json.age")
PAPER = bytes(range(256)) * 20_000  # large enough to be hashed by WebAssembly
FOLDERS = """async () => {
  const root = await navigator.storage.getDirectory();
  const folder = (name) => root.getDirectoryHandle(name, { create: true });
  const [unplugged, good] = [await folder("U 盘"), await folder("标书")];
  await root.removeEntry("U 盘");
  const closed = () => { throw new DOMException("closed", "AbortError"); };
  const picks = [closed, () => unplugged, () => good];
  window.showDirectoryPicker = async () => picks.shift()();
}"""
"""What stands in for the system's own dialog, which no driver can use: closed, a folder that is gone, a good one."""
IN_FOLDER = """async () => {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("标书");
  const found = {};
  for await (const [name, handle] of folder) {
    const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
    found[name] = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  }
  return found;
}"""


@pytest.fixture
def program() -> Program:
    return DESK


@pytest.fixture
async def page(assets: Assets, chromium: Browser) -> AsyncIterator[Page]:
    """The tool as a file on a disk, in a browser that has no network at all."""
    (file,) = BUILT.glob("sealer-*.html")
    assert file.read_bytes() == assets.tools["sealer"].body
    context = await chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = await context.new_page()
    page.errors = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]
    page.on("request", lambda asked: page.errors.append(asked.url) if asked.url.startswith("http") else None)  # type: ignore[attr-defined]
    await page.goto(file.as_uri())
    yield page
    assert page.errors == []  # type: ignore[attr-defined]
    await context.close()


def kit(office: Office, folder: Path) -> Path:
    """lot.json as the platform gives it out, with the price form and the workbook."""
    value = json.loads(office.lot_file())
    value |= {"project": "县道改建工程", "name": "一标段", "ceiling": "40000000.00"}
    value |= {"price_form": [MONEY, WORDS], "workbook": [ASKED]}
    (folder / "lot.json").write_text(json.dumps(value))
    (folder / "anchors.json").write_bytes(office.anchors().data)
    (folder / "投标文件.pdf").write_bytes(PAPER)
    return folder


async def begin(page: Page, folder: Path) -> None:
    await page.set_input_files("#f-kit", folder / "lot.json")
    await page.set_input_files("#f-anchors", folder / "anchors.json")
    await expect(page.get_by_text("开标设定核对无误")).to_be_visible(timeout=30_000)


async def fill_in(page: Page, folder: Path) -> None:
    await page.fill("#f-bidder", BIDDER.lower())
    await page.set_input_files("[data-documents] input[type=file]", folder / "投标文件.pdf")
    await page.select_option("#f-at-r1", "投标文件.pdf")
    await page.fill("#f-price", "38000000.00")


async def save_all(page: Page, to: Path) -> str:
    """Keep the recovery file and the passphrase, then download every file; the passphrase."""
    words = await page.locator(".passphrase span").all_inner_texts()
    async with page.expect_download() as kept:
        await page.get_by_role("button", name="保存恢复文件").click()
    recovery = (await (await kept.value).path()).read_bytes()
    await page.fill("#f-last-group", words[-1])
    await page.check("#f-told")
    await page.get_by_role("button", name="已保存，继续").click()
    await download_all(page, to)
    assert (to / "recovery.json.age").read_bytes() == recovery
    return "-".join(words)


async def download_all(page: Page, to: Path) -> None:
    for link in await page.locator("[data-save] a[download]").all():
        async with page.expect_download() as coming:
            await link.click()
        file = await coming.value
        await file.save_as(to / file.suggested_filename)


def opened(folder: BidFolder, words: str) -> dict[str, Any]:
    recovery = unlock_recovery((folder.path / "recovery.json.age").read_bytes(), age.Passphrase(words))
    assert recovery.signer
    assert recovery.deadline == folder.lot.deadline.at
    found: dict[str, Any] = {}
    for stage in folder.bid.stages:
        secret = open_stage(folder.lot.setup, folder.bid, stage.id, seed=recovery.secret(stage.id).seed).secret
        assert secret is not None
        with (folder.path / stage.files[0].n).open("rb") as source:
            index = open_index(secret, stage, source).index
        assert index is not None
        found[stage.id] = index
        for file in stage.files[1:]:
            with (folder.path / file.n).open("rb") as source, (folder.path / f"{file.n}.plain").open("wb") as sink:
                assert open_file(secret, file, source, sink).finding is None
    return found


async def test_a_bid_sealed_without_a_network_opens_with_the_command_line(page: Page, tmp_path: Path) -> None:
    office = Office()
    await begin(page, kit(office, tmp_path))
    await fill_in(page, tmp_path)
    await page.click("[data-go]")
    await expect(page.locator(".passphrase")).to_be_visible(timeout=60_000)
    (tmp_path / "bid").mkdir()
    words = await save_all(page, tmp_path / "bid")
    folder = BidFolder.open(tmp_path / "bid")
    assert check_lot(folder.lot, office.anchors(), now=folder.lot.deadline.at.replace(year=2035), rehearsal=False) == []
    assert folder.bid.bidder == BIDDER
    assert folder.bid.fallback is True
    found = opened(folder, words)
    assert found["price"].form == {"price": "38000000.00", "price_words": "叁仟捌佰万元整"}
    assert [file.name for file in found["documents"].files] == ["投标文件.pdf", "响应索引.json"]
    assert (folder.path / "documents-1.age.plain").read_bytes() == PAPER


async def test_a_set_up_that_the_anchors_do_not_know_is_not_sealed_for(page: Page, tmp_path: Path) -> None:
    kit(Office(), tmp_path)
    (tmp_path / "anchors.json").write_bytes(Office().anchors().data)
    await page.set_input_files("#f-kit", tmp_path / "lot.json")
    await page.set_input_files("#f-anchors", tmp_path / "anchors.json")
    await expect(page.get_by_text("核对没有通过，请勿封装")).to_be_visible(timeout=30_000)
    await fill_in(page, tmp_path)
    await page.click("[data-go]")
    await expect(page.locator(".summary")).to_contain_text("开标设定的签名与锚点不符")
    await expect(page.locator("[data-step=keep]")).to_be_hidden()


async def test_everything_that_is_missing_is_said_at_once(page: Page, tmp_path: Path) -> None:
    await begin(page, kit(Office(), tmp_path))
    await page.click("[data-go]")
    for missing in ("统一社会信用代码", "没有选择投标文件", "没有填写投标总价", "响应索引还有 1 项"):
        await expect(page.locator(".summary")).to_contain_text(missing)


async def test_the_tool_reads_well_at_both_widths(page: Page, tmp_path: Path) -> None:
    await begin(page, kit(Office(), tmp_path))
    await fill_in(page, tmp_path)
    assert await faults_at_widths(page, "sealer") == {}


async def test_a_price_is_changed_from_the_folder_and_the_documents_are_not_sealed_again(
    page: Page, tmp_path: Path
) -> None:
    office = Office()
    await begin(page, kit(office, tmp_path))
    await fill_in(page, tmp_path)
    await page.click("[data-go]")
    await expect(page.locator(".passphrase")).to_be_visible(timeout=60_000)
    (tmp_path / "bid").mkdir()
    words = await save_all(page, tmp_path / "bid")
    await page.reload()
    await begin(page, tmp_path)
    await page.fill("#f-bidder", BIDDER)
    await page.click("summary:has-text('替换以前封装的标书')")
    await page.set_input_files("#f-previous", [tmp_path / "bid" / name for name in SMALL])
    await page.fill("#f-words", words)
    await page.check("#f-only-price")
    await expect(page.locator("[data-step=documents]")).to_be_hidden()
    await page.fill("#f-price", "37000000")
    await page.click("[data-go]")
    button = page.get_by_role("button", name="保存恢复文件")
    await expect(button).to_be_visible(timeout=60_000)
    async with page.expect_download():
        await button.click()
    await page.get_by_role("button", name="已保存，继续").click()
    (tmp_path / "second").mkdir()
    await download_all(page, tmp_path / "second")
    first, second = BidFolder.open(tmp_path / "bid"), BidFolder.open(tmp_path / "second")
    assert (second.bid.seq, second.bid.prev, second.public_key) == (2, first.bid.sha256, first.public_key)
    assert second.bid.stage("documents") == first.bid.stage("documents")
    assert sorted(file.name for file in second.to_send().values()) == ["price-0.age"]
    recovery = unlock_recovery((second.path / "recovery.json.age").read_bytes(), age.Passphrase(words))
    assert [secret.context.seq for secret in recovery.secrets] == [2, 1]


async def test_all_files_go_into_a_folder_that_is_chosen_and_what_fails_is_said(
    assets: Assets, chromium: Browser, tmp_path: Path
) -> None:
    """Not from the disk: only there has Chromium no folder that could be lent to a page in place of a real one."""
    page = await (await chromium.new_context()).new_page()
    body = assets.tools["sealer"].body
    await page.route("**/*", lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))
    await page.goto("http://localhost/")
    (kit(Office(), tmp_path) / "投标文件.pdf").write_bytes(PAPER[:999])
    await begin(page, tmp_path)
    await fill_in(page, tmp_path)
    await page.click("[data-go]")
    await expect(page.locator(".passphrase")).to_be_visible(timeout=60_000)
    await page.evaluate(FOLDERS)
    downloads, bid = tmp_path / "downloads", tmp_path / "bid"
    downloads.mkdir()
    bid.mkdir()
    words = await save_all(page, downloads)
    save = "button:has-text('全部存入一个文件夹')"
    await press(page, save)
    await expect(page.get_by_role("alert")).to_have_count(0)
    await press(page, save)
    await expect(page.get_by_role("alert")).to_contain_text("没有存完")
    await press(page, save)
    await expect(page.get_by_text("个文件已全部存入“标书”")).to_be_visible(timeout=30_000)
    await expect(page.get_by_role("alert")).to_have_count(0)
    for name, content in (await page.evaluate(IN_FOLDER)).items():
        (bid / name).write_bytes(base64.b64decode(content))
    assert {p.name: p.read_bytes() for p in bid.iterdir()} == {p.name: p.read_bytes() for p in downloads.iterdir()}
    assert opened(BidFolder.open(bid), words)["price"].form["price"] == "38000000.00"
