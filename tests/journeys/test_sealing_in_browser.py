"""Bidders seal in their own browsers: what they see, what they keep, what survives a cut, and that it all opens."""

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import UUID

import pytest
from keyboard import choose, listen, press, saved, write
from live_site import anchors_of
from looking import AXE
from playwright.async_api import expect
from road import PROCESS, County, b64, form_of
from sealing_page import PATIENT, AtHome, SealingPage
from story import at, close, reveal
from town_in_chromium import TownInChromium

from bidding import records, workbook
from bidding.clockwork import check_stored
from bidding.schemas import RevealBid
from bidding.steps.open import reveal_bid
from bidding.steps.record import conclude_opening
from kernel.box import records as box_records
from kernel.identity import Actor
from kernel.proofs import age
from kernel.proofs.anchors import build_anchors
from kernel.proofs.bid import read_bid
from kernel.proofs.sealing import reveal_all
from kernel.proofs.setup import ROLES
from kernel.proofs.signers import Ed25519Signer
from kernel.web.build import BUILT
from storage import keeping

pytest_plugins = ("town_in_chromium",)
LARGE = 300 * 1024 * 1024
PRIVATE = "这是无痕（隐私）窗口"


async def announced(town: TownInChromium) -> UUID:
    """A lot that takes bids, on the morning of its deadline."""
    lot = await town.county.announced()
    await town.clock.freeze(at("2026-04-20 08:00:00.000"))
    return lot


def anchors_file(county: County) -> Path:
    path = county.folder / "anchors.json"
    path.write_bytes(anchors_of(county, PROCESS).data)
    return path


def paper(county: County, name: str, size: int = 0) -> Path:
    """A document to seal; one with a size is that large, and costs no disk before it is sealed."""
    path = county.folder / name
    path.write_bytes(f"{name}的正文".encode() * 50)
    if size:
        with path.open("r+b") as file:
            file.truncate(size)
    return path


async def at_page(town: TownInChromium, actor: Actor, lot: UUID) -> SealingPage:
    return SealingPage(await town.page(actor), town.origin, lot)


async def reveals(town: TownInChromium, lot: UUID, actor: Actor, home: AtHome) -> None:
    """He reveals with what he carried home, and nothing else: seeds and key come out of the recovery file."""
    recovery = home.recovery
    assert recovery.signer
    box = await box_records.box(lot)
    last = (await box_records.chain(lot, actor.organisation_code))[-1]
    bid = read_bid(last.body, await box_records.setup(box))
    seeds = {secret.context.stage: secret.seed for secret in recovery.secrets}
    signed = reveal_all(bid, box.close, seeds, Ed25519Signer.from_seed(recovery.signer))
    command = RevealBid(envelopes=[b64(one.to_bytes()) for one in signed])
    await reveal_bid(town.county.tools, actor, lot, command)


async def plain(town: TownInChromium, lot: UUID, actor: Actor, home: AtHome, stage: str, tool: str = "") -> list[bytes]:
    """The files of a stage out of the store, by the house's own code, or by the `age` at this path."""
    box = await box_records.box(lot)
    last = (await box_records.chain(lot, actor.organisation_code))[-1]
    bid = read_bid(last.body, await box_records.setup(box))
    identity = home.recovery.secret(stage).identity
    found = []
    for file in bid.stage(stage).files:
        sealed = b"".join([part async for part in keeping.read(town.county.tools.store, file.sha256)])
        found.append(await asyncio.to_thread(by_tool, tool, town.county.folder, sealed, identity))
    return found


def by_tool(tool: str, folder: Path, sealed: bytes, identity: str) -> bytes:
    if not tool:
        return age.unlock(sealed, identity)
    key, file = folder / "stage.key", folder / "file.age"
    key.write_text(f"{identity}\n")
    file.write_bytes(sealed)
    called = [tool, "--decrypt", "-i", str(key), str(file)]
    return subprocess.run(called, check=True, capture_output=True).stdout


async def test_what_the_page_seals_opens_elsewhere_and_leads_the_judges_to_its_pages(town: TownInChromium) -> None:
    lot = await announced(town)
    bidder, papers = await town.county.bidder(1), [paper(town.county, "技术标.pdf"), paper(town.county, "资信标.pdf")]
    home = await (await at_page(town, bidder.actor, lot)).whole(anchors_file(town.county), papers, "38,000,000")
    assert home.recovery.deadline == at("2026-04-20 09:30:00.000")
    assert town.faults == {}
    for tool in ("", shutil.which("age")):
        if tool is None:
            pytest.skip("no age on this machine: a page-sealed bid was not opened with it")
        index, *documents, book = await plain(town, lot, bidder.actor, home, "documents", tool)
        assert documents == [path.read_bytes() for path in papers]
        assert [file["name"] for file in json.loads(index)["files"]] == ["技术标.pdf", "资信标.pdf", workbook.NAME]
        assert [(p.file, p.page) for p in workbook.read(book)][:2] == [("技术标.pdf", 1), ("技术标.pdf", 2)]
        (priced,) = await plain(town, lot, bidder.actor, home, "price", tool)
        form = {"price": "38000000.00", "price_words": "叁仟捌佰万元整", "period_days": 180}
        assert json.loads(priced)["form"] == form


async def test_four_bidders_seal_their_own_way_and_all_their_prices_appear(town: TownInChromium) -> None:
    """By command, by the offline page, 300 MB with a cut, and one who changes his price at the end; no mouse at all."""
    county = town.county
    lot = await announced(town)
    anchors = anchors_file(county)
    by_hand = await county.sealed_in(lot, ["39900000.00"])
    offline, large, changing = [(await county.bidder(n)).actor for n in (2, 3, 4)]
    homes = {large: await large_and_cut(town, lot, large, anchors)}
    homes[offline] = await without_a_network(town, lot, offline, anchors)
    homes[changing] = await changed_at_the_end(town, lot, changing, anchors)
    await close(county, town.clock, lot)
    for actor, home in homes.items():
        await reveals(town, lot, actor, home)
    await reveal(county, lot, by_hand)
    assert (await records.lot(lot)).opened_at is None, "so much is read once more by a job before it is shown"
    await check_stored(county.tools, {"case": str(lot), "turn": 1, "start": 0}, 2 * LARGE)
    await conclude_opening(county.tools, county.purchaser, lot)
    record = await records.opening(lot)
    assert record is not None
    assert sorted(form_of(record[0]).values()) == ["36900000.00", "38000000.00", "39800000.00", "39900000.00"]
    assert town.faults == {}


async def without_a_network(town: TownInChromium, lot: UUID, actor: Actor, anchors: Path) -> AtHome:
    """He takes lot.json home, seals with the offline page, and sends the folder from the office."""
    bag = town.county.folder / "bag"
    office = await at_page(town, actor, lot)
    await office.page.goto(f"{town.origin}/lots/{lot}/submit")
    await saved(office.page, "a[download='lot.json']", bag / "lot.json")
    context = await town.chromium.new_context(offline=True)
    desk = SealingPage(await context.new_page(), "", lot)
    listen(desk.page)
    (tool,) = BUILT.glob("sealer-*.html")
    await desk.page.goto(tool.as_uri())
    await choose(desk.page, "#f-kit", bag / "lot.json")
    await desk.trust(anchors)
    await write(desk.page, "#f-bidder", actor.organisation_code)
    await desk.choose(paper(town.county, "技术标.pdf"))
    await desk.point("技术标.pdf")
    await desk.price("39800000")
    await desk.seal()
    home = await desk.keep()
    await desk.send()
    names = await desk.page.locator("[data-save] li a").all_inner_texts()
    for n, name in enumerate(names, 1):
        await saved(desk.page, f"[data-save] li:nth-child({n}) a", bag / name)
    await context.close()
    await choose(office.page, "#f-files", sorted(p for p in bag.iterdir() if p.name != "recovery.json.age"))
    await press(office.page, "[data-sealed] button[type=submit]")
    await office.receipt(checked=False)
    await office.page.close()
    return home


async def large_and_cut(town: TownInChromium, lot: UUID, actor: Actor, anchors: Path) -> AtHome:
    """300 MB: while they go out the line is cut, and what has arrived is not sent again."""
    page = await town.at_home(actor, town.county.folder / "profile")
    seat = SealingPage(page, town.origin, lot)
    await seat.open()
    await seat.trust(anchors)
    await seat.choose(paper(town.county, "图纸.pdf", LARGE))
    await seat.point("图纸.pdf")
    await seat.price("38000000")
    await expect(seat.page.locator(".estimate")).to_contain_text("共 300.0 MB")
    if await asyncio.to_thread(is_disk, town.county.folder):
        await expect(seat.page.get_by_text(PRIVATE)).to_have_count(0)
    else:
        await press(seat.page, "#f-private", "Space")
    sent: list[str] = []
    seat.page.on("requestfinished", lambda request: sent.append(request.url) if "/parts/" in request.url else None)
    await seat.seal()
    home = await seat.keep()
    await seat.send()
    await expect(seat.page.locator("[data-send-state]")).to_contain_text("每秒", timeout=PATIENT)
    await seat.page.context.set_offline(True)
    await expect(seat.page.locator("[data-send-state]")).to_contain_text("网络中断", timeout=PATIENT)
    await seat.page.context.set_offline(False)
    await seat.receipt()
    held = await asyncio.to_thread(peaks)
    assert max(held.values()) < 400 * 1024, f"the file never lay in a browser's memory as a whole: {held}"
    assert len(sent) == len(set(sent)), "no part that had arrived was sent twice"
    await seat.page.close()
    return home


def is_disk(folder: Path) -> bool:
    """Whether what is written here is on a disk, which takes its time to make sure of it; memory takes none."""
    took = []
    with (folder / "probe").open("wb") as file:
        for _ in range(9):
            file.write(bytes(4096))
            file.flush()
            began = perf_counter()
            os.fsync(file.fileno())
            took.append(perf_counter() - began)
    return median(took) > 0.00005


def peaks() -> dict[str, int]:
    """The most memory (KiB) that each process of the browsers of this test has ever held."""
    parents, held = {}, {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        except OSError:
            continue  # it ended meanwhile
        parents[int(fields["Pid"])] = int(fields["PPid"])
        if "VmHWM" in fields and fields["Name"].strip() == "chromium":
            held[int(fields["Pid"])] = int(fields["VmHWM"].split()[0])
    ours = [pid for pid in held if os.getpid() in ancestors(pid, parents)]
    assert ours, "the browser of this test was not found"
    return {f"{kind_of(pid)} {pid}": held[pid] for pid in ours}


def kind_of(pid: int) -> str:
    """renderer, gpu-process, utility, or the browser itself."""
    words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").split()
    return next((word.removeprefix("--type=") for word in words if word.startswith("--type=")), "browser")


def ancestors(pid: int, parents: dict[int, int]) -> list[int]:
    found = []
    while pid in parents:
        pid = parents[pid]
        found.append(pid)
    return found


async def changed_at_the_end(town: TownInChromium, lot: UUID, actor: Actor, anchors: Path) -> AtHome:
    """He bids, and ten minutes before the deadline reseals his price alone: one small file goes out."""
    seat = await at_page(town, actor, lot)
    first = await seat.whole(anchors, [paper(town.county, "技术标.pdf")], "37500000")
    await town.clock.freeze(at("2026-04-20 09:20:00.000"))
    await seat.open()
    await expect(seat.page.get_by_label("只改报价")).to_be_checked()
    await write(seat.page, "#f-passphrase", first.passphrase)
    await seat.price("36900000")
    await seat.seal()
    second = await seat.keep(known=first.passphrase)
    await seat.send()
    await seat.receipt(2)
    assert second.recovery.secret("documents").seed == first.recovery.secret("documents").seed
    assert second.recovery.secret("price").seed != first.recovery.secret("price").seed
    chain = await box_records.chain(lot, actor.organisation_code)
    sent = [stage["id"] for stage in json.loads(chain[-1].body)["stages"] if stage["seq"] == 2]
    assert sent == ["price"]
    await seat.page.close()
    return second


async def test_a_bid_whose_page_was_closed_goes_on_after_a_new_sign_in(town: TownInChromium) -> None:
    lot = await announced(town)
    actor = (await town.county.bidder(1)).actor
    seat = await at_page(town, actor, lot)
    await seat.page.route("**/api/v1/lots/*/bids", lambda route: route.abort())
    await seat.open()
    await seat.trust(anchors_file(town.county))
    await seat.choose(paper(town.county, "技术标.pdf"))
    await seat.point("技术标.pdf")
    await seat.price("38000000")
    await seat.seal()
    await seat.keep()
    await seat.send()
    await expect(seat.page.locator("[data-send-state]")).to_contain_text("网络中断", timeout=PATIENT)
    assert await box_records.chain(lot, actor.organisation_code) == []
    await seat.page.close()
    seat = SealingPage(await town.signed_in_anew(actor), town.origin, lot)
    await seat.open()
    await expect(seat.page.locator("[data-waiting]")).to_contain_text("没有递交完")
    await press(seat.page, "[data-waiting] button")
    await seat.receipt()
    assert len(await box_records.chain(lot, actor.organisation_code)) == 1
    await seat.open()
    await expect(seat.page.locator("[data-waiting]")).to_be_hidden()
    assert town.faults == {}


async def test_nothing_is_sealed_until_all_that_is_lacking_was_said_and_mended(town: TownInChromium) -> None:
    lot = await announced(town)
    seat = await at_page(town, (await town.county.bidder(1)).actor, lot)
    await seat.open()
    await seat.seal()
    summary = seat.page.locator("section.summary")
    await expect(summary).to_be_focused()
    for lack in ("没有选择锚点文件", "没有选择投标文件", "没有填写投标总价", "没有填写工期", "还有 9 项没有指明位置"):
        await expect(summary).to_contain_text(lack)
    await seat.page.evaluate(AXE.read_text())
    assert await seat.look("refused", town.pictures) == {}
    await press(seat.page, "#f-unanchored", "Space")
    await seat.choose(paper(town.county, "图纸.pdf", LARGE))
    await expect(seat.page.get_by_text(PRIVATE)).to_be_visible()
    await seat.seal()
    await expect(summary).to_contain_text("无痕（隐私）窗口要占用 300.0 MB 以上的内存")
    await press(seat.page, "[aria-label='移除 图纸.pdf']")
    await seat.choose(paper(town.county, "技术标.pdf"))
    await seat.price("41000000")
    await expect(seat.page.locator("output.money-capital")).to_have_text("大写：肆仟壹佰万元整")
    await press(seat.page, "#f-gaps", "Space")
    await seat.seal()
    await expect(seat.page.locator("[data-sealing]")).to_contain_text("高于最高投标限价 40,000,000.00 元，将被否决")
    assert await seat.page.locator("section.summary").count() == 0
    await seat.seal()
    await seat.keep()
    await seat.send()
    await seat.receipt(checked=False)
    assert town.faults == {}


async def test_the_page_at_every_step_on_a_telephone_and_a_desk(town: TownInChromium) -> None:
    lot, wrong = await announced(town), {}
    seat = await at_page(town, (await town.county.bidder(1)).actor, lot)
    await seat.open()
    await seat.ready()
    await seat.page.evaluate(AXE.read_text())
    wrong |= await seat.look("empty", town.pictures)
    await filled_in(seat, town.county)
    wrong |= await seat.look("filled", town.pictures)
    await seat.seal()
    home = await seat.keep()
    wrong |= await seat.look("keep", town.pictures)
    await seat.send()
    await seat.receipt()
    await seat.page.evaluate(AXE.read_text())
    wrong |= await seat.look("receipt", town.pictures)
    await seat.open()
    await seat.ready()
    await seat.page.evaluate(AXE.read_text())
    await write(seat.page, "#f-passphrase", home.passphrase)
    wrong |= await seat.look("again", town.pictures)
    assert (wrong, town.faults) == ({}, {})


async def filled_in(seat: SealingPage, county: County) -> None:
    """Everything in its place, with one line of the price."""
    await seat.trust(anchors_file(county))
    await seat.choose(paper(county, "技术标.pdf"), paper(county, "名字非常长的资信业绩证明文件汇编（含附件）.pdf"))
    await seat.point("技术标.pdf")
    await press(seat.page, "#f-lines summary")
    await press(seat.page, "#f-lines button:has-text('添加一项')")
    for label, text in (("名称", "土方开挖"), ("数量", "1000"), ("单价", "12.345")):
        await write(seat.page, f"[aria-label='第 1 项的{label}']", text)
    await expect(seat.page.locator(".price-lines output")).to_have_text("合价 12,345.00 元")
    await seat.price("12345")


async def test_a_set_up_that_the_anchors_do_not_know_is_not_sealed_for(town: TownInChromium) -> None:
    lot = await announced(town)
    seat = await at_page(town, (await town.county.bidder(1)).actor, lot)
    await seat.open()
    officers = [(role, f"{role}{n}", Ed25519Signer.generate().public) for role in ROLES for n in range(2)]
    strange = town.county.folder / "strange.json"
    strange.write_bytes(build_anchors(issuer="某网站", issued=at("2026-01-01 00:00:00.000"), officers=officers))
    await seat.ready()
    await choose(seat.page, "#f-anchors", strange)
    await expect(seat.page.get_by_text("核对没有通过，请勿封装")).to_be_visible(timeout=PATIENT)
    await seat.seal()
    await expect(seat.page.locator("section.summary")).to_contain_text("开标设定核对没有通过")
