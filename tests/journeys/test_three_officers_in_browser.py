"""Holders at their own side's page: keys that count once read back, and three officers who open for who could not."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from house_databases import Databases
from house_faces import Faces
from key_page import PASSPHRASE, PATIENT, KeyPage, key_file
from keyboard import choose, listen, press, saved, write
from live_site import anchors_of
from looking import served
from playwright.async_api import expect
from road import PROCESS, County, Holder, actor
from story import at
from supervision_site import Watching, supervision_site
from town_in_chromium import PRICES, TownInChromium

from app.officer import home
from bidding import records
from bidding.clockwork import turn
from bidding.steps.accept import accept_project
from kernel.box import desk, rehearsal
from kernel.box import records as box_records
from kernel.proofs import age
from kernel.proofs.dsse import keyid_of

pytest_plugins = ("town_in_chromium",)


def of(county: County, role: str, which: int = 0) -> Holder:
    """The first holder of the role, or another."""
    return [holder for holder in county.holders if holder.actor.role == role][which]


def anchors_file(county: County) -> Path:
    path = county.folder / "anchors.json"
    path.write_bytes(anchors_of(county, PROCESS).data)
    return path


async def test_new_keys_count_once_they_are_read_back_from_the_backup(town: TownInChromium, tmp_path: Path) -> None:
    someone = await actor("operator", "12330106MB0000002X", "某区公共资源交易中心")
    page = await town.page(someone)
    await page.goto(f"{town.origin}/trustee")
    make = "form[data-trustee=make] button[type=submit]"
    for text in ("too short", PASSPHRASE):
        await write(page, "#f-new-passphrase", text)
        await write(page, "#f-again", text)
        if text == PASSPHRASE:
            break
        await press(page, make)
        await expect(page.get_by_role("alert")).to_contain_text("至少 12 个字符")
    backup = tmp_path / "backup.age"
    await saved(page, make, backup)
    assert await desk.holders_of(someone.person) == []
    await choose(page, "#f-backup", backup)
    await write(page, "#f-backup-passphrase", PASSPHRASE + "?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("口令不对", timeout=PATIENT)
    assert await desk.holders_of(someone.person) == []
    await write(page, "#f-backup-passphrase", PASSPHRASE)
    await page.keyboard.press("Enter")
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


async def accepted(county: County) -> UUID:
    """Another lot, for which the holders have yet to make their keys."""
    lot = (await county.register())[0]
    await accept_project(county.operator, lot.project)
    return lot.id


@dataclass
class Three:
    """One officer of each role at his key page; the regulator's is the supervision site's."""

    operator: KeyPage
    regulator: KeyPage
    purchaser: KeyPage
    watching: Watching


@asynccontextmanager
async def three(town: TownInChromium, house: Databases, faces: Faces, folder: Path) -> AsyncIterator[Three]:
    county, anchors = town.county, anchors_file(town.county)
    here = [of(county, role) for role in ("operator", "purchaser")]
    operator, purchaser = [KeyPage(await town.page(h.actor), town.origin, key_file(h, folder), anchors) for h in here]
    async with (
        supervision_site(county, house, faces, folder / "supervision", origin="") as watching,
        served(watching.app) as origin,
    ):
        there = of(county, "regulator")
        token = (await watching.client(there.actor)).headers["authorization"]
        context = await town.chromium.new_context(locale="zh-CN", extra_http_headers={"authorization": token})
        regulator = KeyPage(await context.new_page(), origin, key_file(there, folder), anchors)
        listen(regulator.page)
        yield Three(operator, regulator, purchaser, watching)
        await context.close()


async def test_three_officers_unlock_once_each_and_open_for_the_bidder_who_failed(
    town: TownInChromium, house: Databases, faces: Faces, tmp_path: Path
) -> None:
    """Under the one unlock each also makes a key for the next lot and signs its set-up; a cut line costs nothing."""
    county, lot = town.county, await with_one_unopened(town)
    following = await accepted(county)
    first = ("核验 1 份标书“报价”", "核验 1 份标书“投标文件”", "生成您在本标段的密钥")
    then = ("交出 1 份标书“报价”的份额", "交出 1 份标书“投标文件”的份额", "签署开标设定：投标人自行解密")
    async with three(town, house, faces, tmp_path) as at:
        await at.regulator.unlock()
        await at.regulator.did(*first)
        await at.regulator.cut()
        await at.watching.there()
        await turn(county.tools, lot)
        await turn(county.tools, following)
        await at.purchaser.unlock()
        await at.purchaser.did(*first)
        await at.purchaser.cut()
        for role in ("operator", "regulator", "purchaser"):
            await of(county, role, 1).work(county.tools, "key")
        await at.operator.unlock()
        await at.operator.did(*first, *then)
        await town.picture(at.operator.page, "unlocked-1280")
        await at.operator.cut()
        assert (await box_records.box(lot)).state == "opening"
        await at.watching.here()
        await at.regulator.back()
        await at.regulator.did(*then)
        await at.watching.there()
        await turn(county.tools, lot)
        await at.purchaser.back()
        await at.purchaser.did(*then)
        for page in (at.operator, at.regulator, at.purchaser):
            assert await page.lock() == "已上锁。本次办理 6 项，未办理 0 项。"
        await at.operator.back()
    await all_is_open(town, lot, following)


async def all_is_open(town: TownInChromium, lot: UUID, following: UUID) -> None:
    assert (await box_records.box(lot)).state == "opened"
    assert {one["outcome"] for one in await box_records.verdicts(lot)} == {"opened"}
    assert (await records.lot(lot)).opened_at is not None
    roles = ("operator", "regulator", "purchaser")
    assert set(await signers(following)) >= {of(town.county, role).officer.signer.keyid for role in roles}
    await town.look("all-done", of(town.county, "operator").actor, "/trustee")
    assert town.faults == {}


async def signers(lot: UUID) -> list[str]:
    """Who has signed this lot's set-up."""
    return [message.author for message in await box_records.messages(lot, "setup")]
