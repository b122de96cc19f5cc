"""The change feed: public events in the order of the log, none lost, and no place in the log given away."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import TestClock
from house_databases import Databases
from road import DEADLINE, County
from trading_site import Site, trading_site

from app.events import Cursors
from bidding.clockwork import turn
from bidding.detours.amend import amend_notice
from bidding.schemas import AmendNotice
from kernel.db import HOME
from kernel.errors import BadInput
from kernel.sequencer import sequence


@pytest.fixture
async def site(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    async with trading_site(county) as site:
        yield site


async def read(site: Site, after: str = "", limit: int = 100) -> dict[str, object]:
    answer = await site.public().get("/feed", params={"after": after, "limit": limit})
    assert answer.status_code == 200
    return dict(answer.json())


async def test_what_becomes_public_is_read_once_and_in_order(site: Site, clock: TestClock) -> None:
    lot = await site.county.announced()
    assert await read(site) == {"entries": [], "next": ""}
    await sequence(HOME)
    first = await read(site)
    assert [(e["act"], e["lot"]) for e in first["entries"]] == [("publish_notice", str(lot))]  # type: ignore[attr-defined]
    await amend_notice(site.county.tools, site.county.purchaser, lot, AmendNotice(text="更正", affects_bids=False))
    await clock.freeze(DEADLINE)
    await turn(site.county.tools, lot)
    await clock.freeze(DEADLINE + timedelta(minutes=5))
    await turn(site.county.tools, lot)
    await sequence(HOME)
    acts, cursor = [], str(first["next"])
    while (step := await read(site, cursor, limit=1))["entries"]:
        acts += [entry["act"] for entry in step["entries"]]  # type: ignore[attr-defined]
        cursor = str(step["next"])
    assert acts == ["amend_notice", "close_lot", "box_close", "fail_lot", "archive_case"]
    assert (await read(site, cursor))["next"] == cursor


async def test_bids_are_not_in_the_feed_and_leave_no_gap_in_it(site: Site) -> None:
    lot = await site.county.announced()
    await sequence(HOME)
    before = (await site.public().get("/feed")).content
    await site.county.sealed_in(lot, ["38000000.00", "37500000.00"])
    await sequence(HOME)
    answer = await site.public().get("/feed")
    assert answer.content == before
    unchanged = await site.public().get("/feed", headers={"if-none-match": answer.headers["etag"]})
    assert unchanged.status_code == 304


async def test_a_cursor_that_is_none_of_ours_is_bad_input(site: Site) -> None:
    for text in ("0", "zz", "00" * 16, "ab" * 16, "12" * 20):
        answer = await site.public().get("/feed", params={"after": text})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor"), text


def test_a_cursor_tells_nothing_without_the_sites_key() -> None:
    ours, other = Cursors(b"a" * 32), Cursors(b"b" * 32)
    assert [ours.open(ours.seal(place)) for place in (0, 1, 2**40)] == [0, 1, 2**40]
    assert len({ours.seal(place) for place in range(200)}) == 200
    with pytest.raises(BadInput):
        other.open(ours.seal(7))
