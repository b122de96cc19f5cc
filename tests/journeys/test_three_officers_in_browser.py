"""Holders at their own side's page: keys that count once read back, and three officers who open for who could not."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from key_page import PASSPHRASE, PATIENT, KeyPage, key_file
from live_site import anchors_of
from looking import served
from playwright.async_api import Browser, expect
from road import PROCESS, County, Holder, actor
from story import at
from supervision_site import supervision_site
from town_in_chromium import PRICES, TownInChromium, town_in_chromium

from app.officer import home
from bidding import records
from bidding.clockwork import turn
from kernel.box import desk, rehearsal
from kernel.box import records as box_records
from kernel.proofs import age
from kernel.proofs.dsse import keyid_of

pytest_plugins = ("looking",)


@pytest.fixture
async def town(
    house: Databases, clock: TestClock, tmp_path: Path, chromium: Browser, assets: object
) -> AsyncIterator[TownInChromium]:
    county = await County.make(tmp_path, house)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    async with town_in_chromium(county, clock, chromium, pictures) as town:
        yield town


def of(county: County, role: str) -> Holder:
    return next(holder for holder in county.holders if holder.actor.role == role)


def anchors_file(county: County) -> Path:
    path = county.folder / "anchors.json"
    path.write_bytes(anchors_of(county, PROCESS).data)
    return path


async def test_new_keys_count_once_they_are_read_back_from_the_backup(town: TownInChromium, tmp_path: Path) -> None:
    someone = await actor("operator", "12330106MB0000002X", "某区公共资源交易中心")
    page = await town.page(someone)
    await page.goto(f"{town.origin}/trustee")
    await page.fill("#f-new-passphrase", "too short")
    await page.fill("#f-again", "too short")
    await page.press("#f-again", "Enter")
    await expect(page.get_by_role("alert")).to_contain_text("至少 12 个字符")
    await page.fill("#f-new-passphrase", PASSPHRASE)
    await page.fill("#f-again", PASSPHRASE)
    async with page.expect_download(timeout=PATIENT) as download:
        await page.press("#f-again", "Enter")
    backup = tmp_path / "backup.age"
    await (await download.value).save_as(backup)
    assert await desk.holders_of(someone.person) == []
    await page.set_input_files("#f-backup", backup)
    await page.fill("#f-backup-passphrase", PASSPHRASE + "?")
    await page.press("#f-backup-passphrase", "Enter")
    await expect(page.get_by_role("alert")).to_contain_text("口令不对", timeout=PATIENT)
    assert await desk.holders_of(someone.person) == []
    await page.fill("#f-backup-passphrase", PASSPHRASE)
    await page.press("#f-backup-passphrase", "Enter")
    registered = page.locator("[data-registered]")
    await expect(registered).to_be_visible(timeout=PATIENT)
    made = home.read_back(backup, age.Passphrase(PASSPHRASE))
    [holder] = await desk.holders_of(someone.person)
    assert holder.keyid == keyid_of(made.card.public_key)
    assert json.loads(await registered.locator("code").inner_text())["pk"] == made.card.public_key.hex()
    await town.look("new-holder", someone, "/trustee")
    assert town.faults == {}


async def test_a_rehearsal_is_asked_for_on_its_page(town: TownInChromium) -> None:
    county = town.county
    lot = await county.announced()
    page = await town.page(county.operator)
    await page.goto(f"{town.origin}/lots/{lot}/rehearsals")
    await page.fill("#f-opens_at", "2026-03-02T09:30")
    await page.press("#f-opens_at", "Enter")
    await expect(page.get_by_text("等待持钥人提供密钥")).to_be_visible(timeout=PATIENT)
    [view] = await rehearsal.of_lot(lot)
    assert view.opens_at == at("2026-03-02 09:30:00.000")
    await town.look("rehearsals", county.operator, f"/lots/{lot}/rehearsals")
    assert town.faults == {}


async def with_one_unopened(town: TownInChromium) -> UUID:
    """A lot whose window is over; the last of its bidders has not revealed."""
    county = town.county
    lot = await county.announced()
    bidders = await county.sealed_in(lot, PRICES)
    await town.closed(lot)
    for bidder in bidders[:2]:
        await bidder.reveal(county.tools, lot)
    until = (await box_records.box(lot)).reveal_until
    assert until is not None
    await town.clock.freeze(until)
    await turn(county.tools, lot)
    return lot


async def test_three_officers_open_for_the_bidder_who_failed(
    town: TownInChromium, house: Databases, faces: Faces, tmp_path: Path
) -> None:
    county, lot = town.county, await with_one_unopened(town)
    files = {role: key_file(of(county, role), tmp_path) for role in ("operator", "regulator", "purchaser")}
    anchors = anchors_file(county)
    here = {
        role: KeyPage(await town.page(of(county, role).actor), town.origin, files[role], anchors)
        for role in ("operator", "purchaser")
    }
    async with (
        supervision_site(county, house, faces, tmp_path / "supervision", origin="") as watching,
        served(watching.app) as origin,
    ):
        token = (await watching.client(of(county, "regulator").actor)).headers["authorization"]
        context = await town.chromium.new_context(locale="zh-CN", extra_http_headers={"authorization": token})
        regulator = KeyPage(await context.new_page(), origin, files["regulator"], anchors)
        assert "办理 2 项，未办理 0 项" in await regulator.unlock("核验 1 份标书“报价”", "核验 1 份标书“投标文件”")
        await watching.there()
        await turn(county.tools, lot)
        for role in ("purchaser", "operator"):
            assert "未办理 0 项" in await here[role].unlock("核验 1 份标书“报价”")
        await here["operator"].page.screenshot(path=town.pictures / "unlocked.png", full_page=True)
        assert (await box_records.box(lot)).state == "opening"
        await watching.here()
        assert "办理 2 项，未办理 0 项" in await regulator.unlock("交出 1 份标书“报价”的份额")
        await watching.there()
        await turn(county.tools, lot)
        assert "办理 2 项，未办理 0 项" in await here["purchaser"].unlock("交出 1 份标书“报价”的份额")
        await context.close()
    assert (await box_records.box(lot)).state == "opened"
    assert {one["outcome"] for one in await box_records.verdicts(lot)} == {"opened"}
    assert (await records.lot(lot)).opened_at is not None
    await town.look("all-done", of(county, "operator").actor, "/trustee")
    assert town.faults == {}
