"""The round over every case: what it lists, what it costs when nothing happens, and two workers at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from award_road import awarded, reported
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from patrolling import employ
from road import DEADLINE, County
from supervision_site import Watching, as_supervision_admin, supervision_site

from kernel import letters
from kernel.clock import now
from supervision import card_records, hall
from supervision.hall import Filters
from supervision.patrol import Patrol
from supervision.points import read_points


@pytest.fixture
async def watching(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> AsyncIterator[Watching]:
    county = await County.make(tmp_path, house)
    async with supervision_site(county, house, faces, tmp_path / "supervision") as site:
        await site.there()
        for holder in site.officers():
            await employ(holder.actor)
        yield site


async def test_two_workers_at_once_make_one_card_and_one_letter(watching: Watching, clock: TestClock) -> None:
    lot = await reported(watching.county, clock)
    await awarded(watching.county, clock, lot)
    await clock.freeze(await now() + timedelta(days=40))
    await watching.here()
    process = watching.app.state.own_keys.process
    await asyncio.gather(*(Patrol(process).walk() for _ in range(4)))
    cards = await card_records.cards_of(lot)
    assert sorted((card.point, card.level) for card in cards) == [("P501", "red"), ("P505", "red")]
    for card in cards:
        assert [event.kind for event in await card_records.events_of(card.id)] == ["red"]
        assert len(await letters.of_matters([card.id])) == 1
    told = "select count(*) from kernel.message where template = 'card_raised'"
    assert await as_supervision_admin(watching.house, told) == len(cards) * len(watching.officers())


async def test_a_case_in_which_nothing_happens_is_not_looked_at_twice(watching: Watching, clock: TestClock) -> None:
    await watching.county.announced()
    await watching.here()
    patrol = Patrol(watching.app.state.own_keys.process)
    assert [await patrol.walk() for _ in range(3)] == [1, 0, 0]
    await watching.there()
    await watching.county.announced()
    await watching.here()
    assert await patrol.walk() == 1, "the new one alone"


async def test_a_new_point_is_a_row_that_the_hall_shows_when_it_is_due_and_a_card_when_it_is_late(
    watching: Watching, clock: TestClock
) -> None:
    lot = await watching.county.announced()
    (point,) = read_points(
        """
        [measures]
        opened_at = "开标"
        [levels]
        remind = { share = 0.9 }
        [[point]]
        id = "X002"
        title = "截止后未开标"
        node = "开标"
        duty = "bidding"
        kind = "time"
        measures = ["bid_deadline", "opened_at"]
        at_most = 0
        unit = "day"
        article = "招标投标法第三十四条"
        party = "operator"
        """,
        {"bidding": {"bid_deadline": "投标截止"}},
    )
    await watching.here()
    regulator = watching.officers()[0].actor
    patrol = Patrol(watching.app.state.own_keys.process, [point])
    for moment, state in ((DEADLINE - timedelta(minutes=1), "today"), (DEADLINE + timedelta(days=1), "late")):
        await clock.freeze(moment)
        await patrol.walk()
        found = await hall.overview(regulator, Filters())
        assert [(row.case, row.state, row.due_title) for row in found.rows] == [(lot, state, "截止后未开标")]
        assert found.states[state] == 1
        assert (await hall.overview(regulator, Filters(state=state))).total == 1
        assert (await hall.overview(regulator, Filters(q="没有的词"))).rows == []
    assert [(card.point, card.level) for card in await card_records.cards_of(lot)] == [("X002", "red")]
