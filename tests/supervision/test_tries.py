"""What was refused on either site is read by the inspectors; before the opening nothing of it tells who bids."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from road import DEPARTMENT, County
from story import at, close, refused, tries
from supervision_site import Watching, officer, supervision_site

from bidding.steps.look import read_lot
from kernel.box import seen
from kernel.errors import Forbidden, NotFound, TooLate

HTML = {"accept": "text/html"}


@pytest.fixture
async def watching(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> AsyncIterator[Watching]:
    county = await County.make(tmp_path, house)
    async with supervision_site(county, house, faces, tmp_path / "supervision") as site:
        await site.there()
        yield site


async def tried(watching: Watching, clock: TestClock) -> UUID:
    """A lot with three bids on which its own buyer, a neighbour's buyer and a late bidder were refused."""
    county = watching.county
    lot = await county.announced()
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await refused(Forbidden, read_lot("submit_bid", county.purchaser, lot))
    await clock.freeze(at("2026-04-20 09:30"))
    await refused(TooLate, bidders[0].withdraw(county.tools, lot, await county.setup(lot)))
    return lot


async def seen_refused(watching: Watching) -> list[tuple[str, str]]:
    await watching.here()
    found = [(event.role, event.subject) for _, event in await seen.refusals()]
    await watching.there()
    return found


async def test_a_bidders_tries_are_seen_when_the_box_is_open_and_a_buyers_at_once(
    watching: Watching, clock: TestClock
) -> None:
    lot = await tried(watching, clock)
    assert await seen_refused(watching) == [("purchaser", "submit_bid")]
    await close(watching.county, clock, lot)
    assert await seen_refused(watching) == [("bidder", "withdraw_bid"), ("purchaser", "submit_bid")]


async def test_the_inspector_reads_the_refusals_of_both_sites_and_the_regulator_does_not(
    watching: Watching, clock: TestClock
) -> None:
    lot = await tried(watching, clock)
    stranger = await officer("regulator", "拱墅区住房和城乡建设局", region="330105", departments=(DEPARTMENT,))
    inspector = await officer("inspector", "区监察委")
    far = await officer("inspector", "拱墅区监察委", region="330105")
    await watching.here()
    denied = await (await watching.client(stranger)).get(f"/cases/{lot}", headers=HTML)
    assert denied.status_code == 403
    assert [event["subject"] for event in await tries(lot)] == ["supervise_case"]
    page = (await (await watching.client(inspector)).get("/reads", headers=HTML)).text
    assert "某区城市建设中心（招标人" in page
    assert "递交投标文件：not_your_act" in page
    assert "查看项目：out_of_region" in page
    assert "拱墅区住房和城乡建设局的人" in page, "on its own site the person is named"
    assert "撤回投标文件：late" not in page, "no bidder before the opening"
    elsewhere = (await (await watching.client(far)).get("/reads", headers=HTML)).text
    assert "not_your_act" not in elsewhere
    assert (await (await watching.client(stranger)).get("/reads", headers=HTML)).status_code == 403


async def test_the_page_of_a_case_that_is_not_there_is_refused_and_harms_no_list(watching: Watching) -> None:
    inspector = await officer("inspector", "区监察委")
    await watching.here()
    client = await watching.client(inspector)
    unknown = UUID(int=7)
    assert (await client.get(f"/cases/{unknown}", headers=HTML)).status_code == 404
    assert [event["facts"]["codes"] for event in await tries(unknown)] == [["no_lot"]]
    assert "no_lot" in (await client.get("/reads", headers=HTML)).text
    await watching.there()
    await refused(NotFound, read_lot("submit_bid", watching.county.purchaser, unknown))
