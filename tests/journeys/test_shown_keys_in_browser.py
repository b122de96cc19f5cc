"""Officers who called envelopes bad show their keys of the lot, at a page and by command; the auditor tries them."""

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from cheats import Opening, opening, with_bad_envelopes
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from key_page import PASSPHRASE, PATIENT, key_file
from keyboard import choose, listen, press, saved, write
from live_site import anchors_of, token_of
from looking import AXE, faults_of, served
from playwright.async_api import Page, expect
from road import DEPARTMENT, PROCESS, County, Holder
from supervision_site import Watching, officer, supervision_site
from town_in_chromium import TownInChromium

from app import cli
from bidding.clockwork import turn
from kernel.box import desk, showing
from kernel.box import records as box_records
from kernel.box.records import BoxView
from kernel.proofs.canonical import decode, encode, to_base64
from kernel.proofs.showing import read_shown

pytest_plugins = ("town_in_chromium",)


def centre(county: County) -> list[Holder]:
    return [holder for holder in county.holders if holder.actor.role == "operator"]


async def exported(town: TownInChromium, holder: Holder, folder: Path) -> Path:
    """At the key page, by keyboard alone: he unfolds, says yes, and gets the file."""
    page = await town.page(holder.actor)
    page.set_default_timeout(PATIENT)
    await page.goto(f"{town.origin}/workbench")
    await press(page, "a:has-text('去出示')")
    await page.wait_for_url("**/trustee*")
    await page.wait_for_load_state()  # a script of the page may still move the focus
    await press(page, "summary:has-text('出示本标段的密钥')")
    form = page.locator("form[data-trustee=show]")
    await page.evaluate(AXE.read_text())
    for width in (1280, 375):
        assert await faults_of(page, width) == []
        await page.screenshot(path=town.pictures / f"show-key-{width}.png", full_page=True)
    anchors = anchors_file(town.county)
    await choose(page, "[data-key]", key_file(holder, folder))
    await write(page, "[data-passphrase]", PASSPHRASE)
    await choose(page, "[data-own-anchors]", anchors)
    await press(page, "form[data-trustee=show] button[type=submit]")
    await expect(form.get_by_role("alert")).to_contain_text("请先勾选")
    await press(page, "[data-sure]", "Space")
    path = folder / f"{holder.officer.signer.keyid}.json"
    await saved(page, "form[data-trustee=show] button[type=submit]", path)
    await expect(page.locator("[data-found]")).to_contain_text("2 个密封件确实打不开")
    return path


def anchors_file(county: County) -> Path:
    path = county.folder / "anchors.json"
    path.write_bytes(anchors_of(county, PROCESS).data)
    return path


async def by_command(town: TownInChromium, holder: Holder, folder: Path) -> Path:
    """`yangguang trustee show`; where nothing waits for a proof, it writes nothing."""
    own = folder / "own"
    own.mkdir()
    key_file(holder, own).rename(own / "officer.age")
    for name, text in (("words", PASSPHRASE), ("token", await token_of(holder.actor, ["hold_key"]))):
        (own / name).write_text(text)
    given = ["--home", own, "--passphrase-file", own / "words", "--token-file", own / "token", "--site", town.origin]
    asked = ["trustee", "show", *map(str, given), "--anchors", str(anchors_file(town.county)), "--ignore-own-clock"]
    assert await asyncio.to_thread(cli.main, [*asked, "--yes", "--out", str(own)]) == 0
    [path] = own.glob("shown-*.json")
    assert path.stat().st_mode & 0o077 == 0, "nobody else on this machine may read it"
    assert await asyncio.to_thread(cli.main, [*asked, "--yes", "--out", str(own)]) != 0, "it never writes over one"
    return path


def until(box: BoxView) -> datetime:
    """The end of the time in which keys may be shown."""
    assert box.cure_until is not None
    return box.cure_until


async def tried_by_the_auditor(
    town: TownInChromium, watching: Watching, origin: str, it: Opening, files: list[Path]
) -> None:
    """He finds the case's page, is refused what is no key of this lot, and tries both keys."""
    auditor = await officer("regulator", "区住建局执法科", departments=(DEPARTMENT,))
    token = (await watching.client(auditor)).headers["authorization"]
    context = await town.chromium.new_context(locale="zh-CN", extra_http_headers={"authorization": token})
    page = await context.new_page()
    listen(page)
    page.set_default_timeout(PATIENT)
    await page.goto(f"{origin}/cases/{it.lot}")
    await press(page, "a:has-text('去核实')")
    wrong = files[0].with_name("wrong.json")
    for text, says in ((b"{}", "不是出示密钥的文件"), (of_another_lot(files[0].read_bytes()), "另一个标段的密钥")):
        wrong.write_bytes(text)
        await tries(page, wrong)
        await expect(page.locator("section.summary")).to_contain_text(says)
    for path in files:
        await tries(page, path)
        await expect(page.get_by_text(read_shown(path.read_bytes()).kid).first).to_be_visible()
        assert to_base64(read_shown(path.read_bytes()).key) not in await page.content()
    await expect(page.get_by_text("没有等待核实的密封件")).to_be_visible()
    await expect(page.get_by_text("确实打不开", exact=False).first).to_be_visible()
    await page.evaluate(AXE.read_text())
    for width in (1280, 375):
        assert await faults_of(page, width) == []
        await page.screenshot(path=town.pictures / f"audits-{width}.png", full_page=True)
    await context.close()


async def tries(page: Page, path: Path) -> None:
    await choose(page, "#f-shown", path)
    await press(page, "button:has-text('试开并签署结论')")


def of_another_lot(data: bytes) -> bytes:
    return encode(decode(data) | {"lot": "99"})


async def test_a_shown_key_proves_what_its_holder_said(
    town: TownInChromium, clock: TestClock, house: Databases, faces: Faces, tmp_path: Path
) -> None:
    county = town.county
    it = await opening(county, clock, "roles", with_bad_envelopes("operator"))
    await it.shut()
    await county.work()
    first, second = centre(county)
    files = [await exported(town, first, tmp_path), await by_command(town, second, tmp_path)]
    key = read_shown(files[0].read_bytes())
    setup = await county.setup(it.lot)
    assert key.kid in {one.kid for one in setup.role("operator").keys}
    purchaser = next(holder for holder in county.holders if holder.actor.role == "purchaser")
    for other in (purchaser, county.holders[-1]):
        assert await showing.to_show(await desk.holders_of(other.actor.person)) == [], "he has called nothing bad"
    async with (
        supervision_site(county, house, faces, tmp_path / "supervision", origin="") as watching,
        served(watching.app) as origin,
    ):
        watching.app.state.own_keys = replace(watching.app.state.own_keys, process=PROCESS)
        await tried_by_the_auditor(town, watching, origin, it, files)
        await watching.there()
        await turn(county.tools, it.lot)
        await it.at(until(await box_records.box(it.lot)))
    await county.work()
    line = await it.line()
    assert (line["outcome"], line["culprit"]) == ("revoked", "bidder")
