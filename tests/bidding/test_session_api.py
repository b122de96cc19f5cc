"""The doors of a session: rooms, signing in, recordings and signatures over the real site, and what they refuse."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from conftest import TestClock
from house_databases import Databases
from road import DEADLINE, County, countersign
from trading_site import Site, trading_site

from bidding.clockwork import turn
from bidding.steps.record import conclude_opening
from kernel.rooms.schemas import AddRoom
from kernel.rooms.steps import add_room

PRICES = ["38000000.00", "37500000.00", "39900000.00"]


@pytest.fixture
async def site(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    async with trading_site(county) as site:
        yield site


async def test_a_session_can_be_held_by_programs_alone(site: Site, clock: TestClock) -> None:
    county = site.county
    lot = await county.announced()
    bidders = await county.sealed_in(lot, PRICES)
    room = await add_room(county.operator, AddRoom(name="开标一室", use="opening", place="三楼", seats=60))
    centre, bidder = await site.of(county.operator), await site.of(bidders[0].actor)
    times = {"begins": DEADLINE.isoformat(), "ends": (DEADLINE + timedelta(hours=2)).isoformat()}
    key = {"idempotency-key": str(uuid4())}
    booked = await centre.post(f"/lots/{lot}/rooms", json={"room": room, **times}, headers=key)
    again = await centre.post(f"/lots/{lot}/rooms", json={"room": room, **times}, headers=key)
    assert (booked.status_code, again.json()) == (201, booked.json())
    for moment in (DEADLINE, DEADLINE + timedelta(minutes=5)):
        await clock.freeze(moment)
        await turn(county.tools, lot)
    assert (await bidder.post(f"/lots/{lot}/attendance")).json()["code"] == "not_on_the_list"
    await countersign(lot)
    await turn(county.tools, lot)
    assert (await bidder.post(f"/lots/{lot}/attendance")).status_code == 201
    for one in bidders:
        await one.reveal(county.tools, lot)
    sha256 = await conclude_opening(county.tools, county.purchaser, lot)
    assert (await bidder.post(f"/lots/{lot}/opening/signatures", json={"sha256": sha256})).status_code == 201
    film: dict[str, Any] = {"sha256": "d" * 64, "size": 5, "label": "一号机位"}
    kept = await centre.post(f"/lots/{lot}/rooms/{booked.json()['booking']}/recordings", json=film)
    assert kept.status_code == 201
    told = (await site.public().get(f"/lots/{lot}/opening/signatures")).json()
    assert [(one["role"], one["sha256"]) for one in told["signatures"]] == [("bidder", sha256)]
    assert [one["sha256"] for one in told["recordings"]] == ["d" * 64]


async def test_the_rooms_are_the_centres_and_nonsense_is_refused_in_words(site: Site) -> None:
    county = site.county
    lot = await county.announced()
    centre, purchaser = await site.of(county.operator), await site.of(county.purchaser)
    times = {"begins": DEADLINE.isoformat(), "ends": (DEADLINE + timedelta(hours=2)).isoformat()}
    assert (await purchaser.post(f"/lots/{lot}/rooms", json={"room": 1, **times})).status_code == 403
    for room in (1, 0, -7, 2**40):
        refused = await centre.post(f"/lots/{lot}/rooms", json={"room": room, **times})
        assert (refused.status_code, refused.json()["code"]) == (404, "no_room")
    assert (await centre.delete(f"/lots/{lot}/rooms/{uuid4()}")).status_code == 404
    for wrong in ({"size": 0}, {"size": 2**60}, {"sha256": "zz"}, {"label": ""}, {"more": 1}):
        body = {"sha256": "d" * 64, "size": 5, "label": "一号机位"} | wrong
        assert (await centre.post(f"/lots/{lot}/rooms/{uuid4()}/recordings", json=body)).status_code == 422
