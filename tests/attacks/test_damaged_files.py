"""An operator alters or loses sealed files in his store: he is named, the others open, and every package is made."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import two_envelopes
from both_verifiers import verified
from cheats import PRICES, WINDOW_OVER, Opening, damage, opening, spoil
from check_case import check_case
from conftest import TestClock
from house_databases import Databases
from judging_road import announced, hearing, opened
from package_office import Office, package
from road import DEADLINE, Bidder, County, as_admin
from story import refused, reveal
from two_envelopes import first_judged

from bidding import observed, records, results
from bidding.clockwork import check_stored, turn
from bidding.steps.evaluation.documents import damages_of, documents_of, open_document
from bidding.steps.record import conclude_opening
from kernel import inbox
from kernel.box import checking
from kernel.box import damage as damages
from kernel.box import records as box_records
from kernel.box.seen import newest
from kernel.db import HOME
from kernel.errors import Unavailable
from kernel.jobs import Duty, run_one
from kernel.proofs.bid import read_bid
from kernel.proofs.verify import Report
from storage import keeping
from storage.clockwork import LEASE

SHUT = "存储的密文与递交时不符，非投标人原因，视为撤回投标文件"
CONCLUDED = DEADLINE + timedelta(minutes=90)


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


@pytest.fixture
def office(county: County, tmp_path: Path) -> Office:
    office = Office(county, tmp_path)
    county.tools = replace(county.tools, anchors=office.anchors().data)
    return office


def sealed(bidder: Bidder, stage: str, n: int) -> str:
    assert bidder.sealed is not None
    return bidder.sealed.bid.stage(stage).files[n].sha256


async def archived(it: Opening, office: Office) -> list[Report]:
    """What the verifiers say of both packages, once the purchaser has ended the case."""
    await it.at(CONCLUDED)
    await it.county.end(it.lot)
    for _ in range(4):  # the end, a file that is lost meanwhile, the end anew, the packages
        await turn(it.county.tools, it.lot)
        await office.publish()
    await turn(it.county.tools, it.lot)
    return [verified(await package(it.county, it.lot, kind), office.anchors()) for kind in ("archive", "public")]


@pytest.mark.parametrize(
    ("stage", "n", "lost"), [("price", 0, False), ("price", 0, True), ("documents", 0, False), ("documents", 1, True)]
)
async def test_what_is_altered_or_lost_before_the_opening_is_withdrawn_at_the_operators_fault_and_the_others_open(
    county: County, office: Office, clock: TestClock, house: Databases, stage: str, n: int, lost: bool
) -> None:
    it = await opening(county, clock)
    await it.shut()
    await reveal(county, it.lot, it.honest)
    found = damage(it, stage, lost=lost, n=n)
    await it.cheat.reveal(county.tools, it.lot)
    line = await it.line()
    assert (line["outcome"], line["culprit"], line["says"]) == ("withdrawn", "operator", SHUT)
    (said,) = await it.said()
    what = "已丢失" if lost else f"已被改动，现为 {found}"
    file = f"{stage}-{n}.age 在平台存储中{what}；递交时的 SHA-256 为 {sealed(it.cheat, stage, n)}，责任在交易中心"
    assert said.endswith(file)
    assert said.startswith("浙江第3建设有限公司")
    told = [message.template for message in await inbox.unread(None, it.cheat.actor.organisation)]
    assert told.count("file_damaged") == 1
    archive, public = await archived(it, office)
    assert archive.failure is None, archive.text()
    assert public.failure is None, public.text()
    for report in (archive, public):
        (note,) = [note for note in report.notes if "责任在交易中心" in note]
        assert f"{stage}-{n}.age：平台在开启前记录" in note
        assert note.endswith("；当时已有这一阶段的种子或份额交到平台"), "who could have looked first says so"
    await check_case(house, it.lot, county.tools)


async def test_a_store_that_is_away_when_the_last_seed_comes_delays_the_opening_and_blames_nobody(
    county: County, clock: TestClock
) -> None:
    it = await opening(county, clock)
    await it.shut()
    await reveal(county, it.lot, it.honest)
    folder = county.folder / "vault"
    folder.rename(county.folder / "unmounted")
    await it.cheat.reveal(county.tools, it.lot)
    assert (await box_records.box(it.lot)).state == "opening"
    await it.at(WINDOW_OVER)
    (county.folder / "unmounted").rename(folder)
    await turn(county.tools, it.lot)
    assert (await box_records.box(it.lot)).state == "opened"
    assert (await it.line())["outcome"] == "opened"


@pytest.mark.parametrize(("stage", "n", "lost"), [("price", 0, True), ("documents", 1, False)])
async def test_what_is_lost_after_the_opening_is_named_and_left_out_and_both_packages_are_made_all_the_same(
    county: County, office: Office, clock: TestClock, stage: str, n: int, lost: bool
) -> None:
    it = await opening(county, clock)
    await it.shut()
    await reveal(county, it.lot, [*it.honest, it.cheat])
    assert (await it.line())["outcome"] == "opened"
    found = damage(it, stage, lost=lost, n=n)
    archive, public = await archived(it, office)
    (known,) = await damages.known(it.lot)
    assert (known.sealed, known.found) == (sealed(it.cheat, stage, n), found)
    assert archive.failure is None, archive.text()
    assert public.failure is None, public.text()
    assert "另有 1 个包内没有：平台已记录其改动或丢失，责任在交易中心" in archive.text()
    assert f"{stage}-{n}.age：平台在开启后记录" in public.text()
    for reader in (it.cheat.actor.organisation, county.purchaser.organisation):
        assert "file_damaged" in [message.template for message in await inbox.unread(None, reader)]
    ((case, event),) = await newest("box_damaged")
    assert (case, event.facts["file"], event.role) == (it.lot, f"{stage}-{n}.age", "clockwork")


async def test_a_price_lost_right_after_the_opening_does_not_keep_the_first_public_package_back(
    county: County, office: Office, clock: TestClock
) -> None:
    it = await opening(county, clock)
    await it.shut()
    await reveal(county, it.lot, [*it.honest, it.cheat])
    assert (await it.line())["outcome"] == "opened"
    damage(it, "price", lost=True)
    for _ in range(3):
        await office.publish()
        await turn(county.tools, it.lot)
    paper = await results.paper(it.lot, "package")
    assert paper is not None
    content = b"".join([step async for step in keeping.read(county.tools.store, paper.content["public"])])
    report = verified(content, office.anchors())
    assert report.failure is None, report.text()
    assert "本包截至开标记录之后的损坏记录" in report.text()
    assert "price-0.age：平台在开启后记录其存储的密文丢失" in report.text()


async def heavy(county: County, clock: TestClock) -> Opening:
    """Three bids, the last of them too large to be read in the opening itself."""
    lot = await county.announced("bidder")
    honest = await county.sealed_in(lot, PRICES[:2])
    cheat = await county.bidder(3)
    notice = (await box_records.box(lot)).notice
    await cheat.seal(await county.setup(lot), notice, PRICES[2], book=bytes(checking.SMALL))
    await cheat.submit(county.tools, lot)
    await keeping.promote_waiting(county.tools.store)
    return Opening(county, clock, lot, honest, cheat)


def code(n: int) -> str:
    return f"9133010600000{n:03}XX"


async def worked(county: County, *, part: int = checking.PART) -> None:
    """What the worker does with the jobs that read the store."""
    duty = Duty(partial(check_stored, county.tools, part=part), lease=LEASE)
    other = Duty(lambda _: keeping.promote_waiting(county.tools.store), lease=LEASE)
    kinds = await as_admin("select array_agg(distinct kind) from kernel.job")
    while await run_one(HOME, {**dict.fromkeys(kinds, other), checking.JOB: duty}):
        continue


async def test_the_opening_of_a_large_box_waits_until_all_of_it_has_been_read_part_by_part(
    county: County, clock: TestClock
) -> None:
    it = await heavy(county, clock)
    await it.shut()
    damage_of = damage(it, "documents", lost=False, n=2)
    await reveal(county, it.lot, [*it.honest, it.cheat])
    await turn(county.tools, it.lot)
    assert (await box_records.box(it.lot)).state == "opening", "all have revealed, and the store has not been read"
    await worked(county, part=1)
    assert (await box_records.box(it.lot)).state == "opened"
    line = await it.line()
    assert (line["outcome"], line["culprit"], line["form"]["price"]) == ("withdrawn", "operator", PRICES[2])
    assert damage_of in (await it.said())[0]
    assert await as_admin("select count(*) from kernel.job where kind = $1", checking.JOB) == 10, "one a file"


async def test_where_the_reading_never_ends_the_opening_decides_at_its_time_and_says_so(
    county: County, office: Office, clock: TestClock
) -> None:
    it = await heavy(county, clock)
    await it.shut()
    damage(it, "documents", lost=False, n=2)
    await reveal(county, it.lot, [*it.honest, it.cheat])
    await it.at(WINDOW_OVER)
    assert (await it.line())["outcome"] == "opened"
    assert (await it.said()) == ["开启时平台还没有核对完全部密文，没有核对到的在开启之后继续核对，责任在平台"]
    await worked(county)
    assert [one.file for one in await damages.known(it.lot)] == ["documents-2.age"], "the reading goes on all the same"
    archive, public = await archived(it, office)
    assert archive.failure is None, archive.text()
    assert "documents-2.age：平台在开启后记录" in public.text()
    assert "开启时平台还没有核对完全部密文" in public.text()


async def test_a_document_that_the_platform_has_lost_is_named_to_the_panel_and_put_on_record_once(
    county: County, clock: TestClock
) -> None:
    lot = await opened(county, clock, await announced(county), ["38000000.00", "37500000.00", "39000000.00"])
    panel = await hearing(county, lot)
    bids = {bid.bidder: bid for bid in (await box_records.standing(lot))[0]}
    setup = await county.setup(lot)
    index, document = (read_bid(bids[code(n)].body, setup).stage("documents").files[n - 1] for n in (1, 2))
    found = spoil(county.tools.store, document.sha256, lost=False)
    for _ in range(2):
        asked = open_document(county.tools, panel.judges[0], lot, code(2), "documents", 1)
        assert (await refused(Unavailable, asked)).code == "document_damaged"
    spoil(county.tools.store, index.sha256, lost=True)
    listed = await documents_of(county.tools, panel.judges[0], lot)
    assert [(bidder, len(files)) for bidder, files in sorted(listed.items())] == [(code(n), n > 1) for n in (1, 2, 3)]
    assert [(one.file, one.found) for one in await damages.known(lot)] == [(document.n, found), (index.n, "")]
    said = (await damages_of(lot))[code(2)]
    assert said == [
        f"{document.n} 在平台存储中已被改动，现为 {found}；递交时的 SHA-256 为 {document.sha256}，责任在交易中心"
    ]
    assert (await observed.facts([lot]))[lot]["files_damaged"] == 2
    (_, steps) = await open_document(county.tools, panel.judges[0], lot, code(3), "documents", 1)
    assert "报价 39000000.00" in b"".join([step async for step in steps]).decode()


async def test_of_two_envelopes_each_is_judged_by_what_was_known_at_its_own_opening(
    county: County, office: Office, clock: TestClock
) -> None:
    """A price lost while the first envelope was judged is withdrawn; a document of the first stays opened."""
    it = await first_judged(county, clock)
    second = Opening(county, clock, it.lot, it.passed[1:], it.passed[0])
    damage(second, "price", lost=True)
    spoil(county.tools.store, sealed(it.passed[1], "documents", 1), lost=False)
    await reveal(county, it.lot, it.passed)
    await conclude_opening(county.tools, county.purchaser, it.lot)
    record, _ = await records.opening(it.lot) or ({"bids": []}, "")
    lines = {line["bidder"]: (line["outcome"], line["form"].get("price", "")) for line in record["bids"]}
    shut = {code(1): ("withdrawn", ""), code(4): ("kept_shut", "")}
    assert lines == shut | {code(2): ("opened", two_envelopes.PRICES[1]), code(3): ("opened", two_envelopes.PRICES[2])}
    archive, public = await archived(second, office)
    assert archive.failure is None, archive.text()
    assert public.failure is None, public.text()
    notes = [note for note in archive.notes if "责任在交易中心" in note]
    assert [("price-0.age：平台在开启前" in note, "documents-1.age：平台在开启后" in note) for note in notes] == [
        (True, False), (False, True),
    ]  # fmt: skip
