"""A contested opening in its evidence packages: whoever verifies them comes to the same ruling by himself."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from both_verifiers import verified
from cheats import FALLBACK_OVER, WINDOW_OVER, Opening, audited, damage, opening, prove, slandered, with_bad_envelopes
from conftest import TestClock
from house_databases import Databases
from package_office import Office, package
from road import DEADLINE, County
from story import reveal

from bidding import records
from bidding.clockwork import turn
from bidding.stages import Stage
from kernel.proofs.verify import Report


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


@pytest.fixture
def office(county: County, tmp_path: Path) -> Office:
    office = Office(county, tmp_path)
    county.tools = replace(county.tools, anchors=office.anchors().data)
    return office


async def cured(county: County, clock: TestClock) -> Opening:
    it = await opening(county, clock, "roles")
    await it.shut()
    await slandered(it, "operator")
    await county.work()
    await prove(it, "operator")
    await county.work()
    return it


async def proved(county: County, clock: TestClock) -> Opening:
    it = await opening(county, clock, "bidder", with_bad_envelopes("regulator"))
    await it.shut()
    await reveal(county, it.lot, it.honest)
    await it.at(WINDOW_OVER)
    await county.work()
    await audited(it, "regulator")
    await it.at(WINDOW_OVER + timedelta(minutes=30))
    await county.work()
    return it


async def unproved(county: County, clock: TestClock) -> Opening:
    it = await opening(county, clock, "roles")
    await it.shut()
    await slandered(it, "purchaser")
    await county.work()
    await it.at(DEADLINE + timedelta(minutes=35))
    await county.work()
    return it


@pytest.mark.parametrize(
    ("story", "outcome"), [(cured, "opened"), (proved, "revoked"), (unproved, "withdrawn")], ids=lambda s: str(s)[:12]
)
async def test_both_packages_say_what_became_of_the_contested_bid(
    county: County, office: Office, clock: TestClock, story: object, outcome: str
) -> None:
    it = await story(county, clock)  # type: ignore[operator]
    assert (await it.line())["outcome"] == outcome
    for report in await archived(it, office):
        assert any("称有误" in note for note in report.notes)


async def test_both_packages_say_that_an_officer_would_not_open_what_all_had_attested(
    county: County, office: Office, clock: TestClock
) -> None:
    it = await opening(county, clock, "roles")
    await it.shut()
    for holder in county.holders:
        await holder.work(county.tools, "attest")
    await it.at(FALLBACK_OVER)
    assert {(line["outcome"], line["culprit"]) for line in (await it.record())["bids"]} == {("withdrawn", "operator")}
    await archived(it, office)


@pytest.mark.parametrize("stage", ["price", "documents"])
async def test_both_packages_say_whose_fault_it_is_that_stored_bytes_are_gone(
    county: County, office: Office, clock: TestClock, stage: str
) -> None:
    it = await opening(county, clock)
    await it.shut()
    await reveal(county, it.lot, it.honest)
    damage(it, stage, lost=True)
    await reveal(county, it.lot, [it.cheat])
    assert (await it.line())["culprit"] == "operator"
    await archived(it, office)


async def archived(it: Opening, office: Office) -> list[Report]:
    """The case ended and archived; what both verifiers say alike of its two packages, and find nothing wrong with."""
    county = it.county
    await county.end(it.lot)
    for _ in range(3):
        await turn(county.tools, it.lot)
        await office.publish()
    await turn(county.tools, it.lot)
    assert (await records.lot(it.lot)).stage == Stage.ARCHIVED
    found = [verified(await package(county, it.lot, kind), office.anchors()) for kind in ("public", "archive")]
    assert all(report.good for report in found), [report.text() for report in found]
    return found
