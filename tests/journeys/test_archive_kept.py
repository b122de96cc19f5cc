"""Scenario 61: what was archived is all there, is read again by a new auditor, and outlives who would erase it."""

import io
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from award_road import CONTRACT, contracted, reported, settled
from both_verifiers import verified
from conftest import TestClock
from house_databases import Databases
from package_office import Office
from road import County, actor
from story import at
from trading_site import Site

from bidding import records, results
from bidding.clockwork import turn
from bidding.procedures import PROCEDURES
from bidding.stages import Stage
from kernel.clock import CHINA
from storage import records as kept
from storage.retention import lock_moment, locked_until

CONTRACTED = at("2026-05-10 00:00")


@pytest.fixture
async def office(county: County, tmp_path: Path) -> Office:
    office = Office(county, tmp_path)
    county.tools = replace(county.tools, anchors=office.anchors().data)
    return office


@pytest.fixture
async def lot(county: County, office: Office, clock: TestClock) -> UUID:
    """A section that went the whole road and is archived."""
    lot = await reported(county, clock, at("2026-05-06 16:00"))
    await contracted(county, clock, lot)
    await settled(county, lot)
    await office.publish()
    await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.ARCHIVED
    return lot


async def test_a_new_auditor_downloads_verifies_and_reads_what_was_signed(
    lot: UUID, site: Site, office: Office, tmp_path: Path
) -> None:
    site.app.state.tools = office.county.tools
    auditor = await actor("operator", "12330106MB0000002X", "某区公共资源交易中心")
    client = await site.of(auditor)
    answer = await client.get(f"/lots/{lot}/archive.zip")
    assert answer.status_code == 200
    report = verified(answer.content, office.anchors())
    assert report.failure is None, report.text()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path / "restored")
    contract = await results.paper(lot, "contract")
    assert contract is not None
    restored = tmp_path / "restored" / "attachments" / contract.content["file"]["sha256"]
    assert restored.read_bytes() == CONTRACT
    stranger = await actor("bidder", "91330106000000099X", "某外地公司")
    assert (await (await site.of(stranger)).get(f"/lots/{lot}/archive.zip")).status_code in (403, 404)


async def test_the_archive_is_locked_for_thirty_years_and_nobody_of_the_house_can_take_it_back(
    lot: UUID, house: Databases
) -> None:
    found = await records.archive(lot)
    assert found is not None
    blob = await kept.blob(found["archive_sha256"])
    assert blob is not None
    assert blob.locked_until >= CONTRACTED.replace(year=2056)
    connection = await asyncpg.connect(house.trading)
    try:
        for sql in (
            "delete from storage.blob where sha256 = $1",
            "update storage.blob set locked_until = now() where sha256 = $1",
            "delete from bidding.archive where archive_sha256 = $1",
            "update bidding.archive set archive_size = 0 where archive_sha256 = $1",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(sql, found["archive_sha256"])
    finally:
        await connection.close()


async def test_a_lock_is_never_shortened(lot: UUID, county: County) -> None:
    found = await records.archive(lot)
    assert found is not None
    before = (await county.tools.store.vault.stat(found["archive_sha256"])).locked_until
    assert before is not None
    standing = await county.tools.store.vault.lock(found["archive_sha256"], before - timedelta(days=3650))
    assert standing == before


def test_a_purchase_s_file_cannot_be_erased_in_its_fourteenth_year() -> None:
    """政府采购法 42: at least fifteen years from the end of the purchase."""
    ended = CONTRACTED.date()
    until = lock_moment(locked_until(PROCEDURES["procurement_open_tender"].keeps, ended))
    assert until > CONTRACTED.replace(year=ended.year + 14).astimezone(CHINA)
    assert until.date() >= ended.replace(year=ended.year + 15)
