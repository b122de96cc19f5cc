"""The opening hall: before the deadline no bid moves it; afterwards it shows what is known, to all at once."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from conftest import TestClock
from house_databases import Databases
from road import DEADLINE, County, countersign

from bidding.clockwork import turn
from bidding.detours.amend import amend_notice
from bidding.hall import hall
from bidding.live import Halls
from bidding.news import News
from bidding.schemas import AmendNotice
from kernel.errors import NotFound

PRICES = ["38000000.00", "37500000.00", "39900000.00"]


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


async def test_a_bid_moves_nothing_in_the_hall_and_a_change_does(county: County) -> None:
    lot = await county.announced()
    halls = Halls(pause=0.02)
    seen = halls.follow(lot, silence=0.3)
    first = await anext(seen)
    assert first is not None
    view = first.scene.view
    assert (view.phase, view.present, view.prices, view.progress) == ("before", (), (), None)
    await county.sealed_in(lot, PRICES)
    assert await anext(seen) is None
    change = AmendNotice(text="更正", deadline=DEADLINE + timedelta(days=2))
    await amend_notice(county.tools, county.purchaser, lot, change)
    changed = await anext(seen)
    while changed is None:
        changed = await anext(seen)
    assert changed.scene.view.lot.deadline == DEADLINE + timedelta(days=2)
    await seen.aclose()


async def test_names_appear_with_the_countersignature_and_prices_with_the_last_seed(
    county: County, clock: TestClock
) -> None:
    lot = await county.announced()
    bidders = await county.sealed_in(lot, PRICES)
    await clock.freeze(DEADLINE)
    await turn(county.tools, lot)
    listed = await hall(lot)
    assert (listed.phase, listed.present, listed.progress) == ("window", (), None)
    await clock.freeze(DEADLINE + timedelta(minutes=5))
    await turn(county.tools, lot)
    await countersign(lot)
    await turn(county.tools, lot)
    await bidders[0].reveal(county.tools, lot)
    window = await hall(lot)
    assert window.progress is not None
    assert (window.phase, window.progress.done, window.progress.total) == ("window", 1, 3)
    assert [one.at is not None for one in window.present if one.role == "bidder"].count(True) == 1
    assert window.prices == ()
    for bidder in bidders[1:]:
        await bidder.reveal(county.tools, lot)
    shown = await hall(lot)
    assert shown.phase == "shown"
    assert sorted(line.price for line in shown.prices) == sorted(PRICES)


async def test_a_failed_lot_names_nobody(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    await county.sealed_in(lot, PRICES[:2])
    for moment in (DEADLINE, DEADLINE + timedelta(minutes=5)):
        await clock.freeze(moment)
        await turn(county.tools, lot)
    failed = await hall(lot)
    assert (failed.phase, failed.present, failed.prices) == ("failed", (), ())
    seen = [news async for news in Halls().follow(lot)]
    assert [news.scene.view.phase for news in seen if news] == ["failed"]


async def test_a_lot_nobody_knows_of_has_no_hall(county: County) -> None:
    lot = (await county.register())[0]
    with pytest.raises(NotFound):
        await anext(Halls().follow(lot.id))


async def test_the_last_to_leave_ends_the_watch(county: County) -> None:
    lot = await county.announced()
    halls = Halls(pause=0.02)
    first, second = halls.follow(lot), halls.follow(lot)
    assert await anext(first) == await anext(second)
    assert len(halls.watched) == 1
    await first.aclose()
    assert len(halls.watched) == 1
    await second.aclose()
    assert halls.watched == frozenset()


async def changed(seen: AsyncGenerator[News | None, None]) -> News:
    """The next change; silences are passed over."""
    async for news in seen:
        if news is not None:
            return news
    raise AssertionError("the hall has ended")


async def move_deadline(county: County, lot: UUID, days: int) -> None:
    change = AmendNotice(text="更正", deadline=DEADLINE + timedelta(days=days))
    await amend_notice(county.tools, county.purchaser, lot, change)


async def test_five_hundred_watchers_are_shown_one_and_the_same_look(county: County) -> None:
    lot = await county.announced()
    halls = Halls(pause=0.02)
    seats = [halls.follow(lot) for _ in range(500)]
    first = await asyncio.gather(*(changed(seat) for seat in seats))
    assert len({id(news.scene) for news in first}) == 1
    assert halls.watched == {lot}
    await move_deadline(county, lot, 2)
    second = await asyncio.gather(*(changed(seat) for seat in seats))
    assert len({id(news.scene) for news in second}) == 1
    assert {tuple(news.regions) for news in second} == {("stage",)}
    for seat in seats:
        await seat.aclose()
    assert halls.watched == frozenset()


async def test_after_a_cut_only_what_was_missed_is_told_and_nothing_twice(county: County) -> None:
    lot = await county.announced()
    halls = Halls(pause=0.02)
    stays, leaves = halls.follow(lot), halls.follow(lot)
    last = (await changed(leaves)).scene.number
    await changed(stays)
    await leaves.aclose()
    again = halls.follow(lot, last, silence=0.1)
    assert await anext(again) is None
    await again.aclose()
    for days in (2, 3):
        await move_deadline(county, lot, days)
        await changed(stays)
    back = halls.follow(lot, last)
    missed = await changed(back)
    assert set(missed.regions) == {"stage"}
    assert missed.regions["stage"]["deadline"] == DEADLINE + timedelta(days=3)
    stranger = halls.follow(lot, "f" * 32)
    assert set((await changed(stranger)).regions) == {"stage", "sign_in", "progress", "prices", "objection"}
    for seat in (stays, back, stranger):
        await seat.aclose()
    await move_deadline(county, lot, 4)
    after = halls.follow(lot, missed.scene.number)
    assert set((await changed(after)).regions) == {"stage"}
    await after.aclose()
