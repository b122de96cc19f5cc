"""A request as the regulator's hall sees it: its facts, its road, its cards; never who applied."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import START, TestClock
from house_databases import Databases
from house_faces import Faces
from shop import Shop
from story import refused

from intermediaries.records import watched
from intermediaries.stages import Stage
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.identity import Actor
from kernel.proofs.signers import Ed25519Signer
from supervision import card_records, decide, hall
from supervision.hall import Filters
from supervision.patrol import Patrol
from supervision.todos import todos


@pytest.fixture
async def shop(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Shop]:
    await clock.freeze(START)
    async with Shop.open(tmp_path, house, clock, agencies=2) as made:
        yield made


async def test_a_finished_service_is_told_in_the_measures_of_the_law(shop: Shop, faces: Faces) -> None:
    case = await shop.publish("direct")
    await shop.choose(case, shop.agents[0])
    await shop.finished(case, shop.agents[0], date(2026, 3, 2))
    facts = (await watched.facts([case]))[case]
    assert {"request_published", "agency_selected", "selection_accepted", "contract_signed", "contract_filed"} <= set(
        facts
    )
    assert {"result_delivered", "result_accepted", "service_due"} <= set(facts)
    [row] = await watched.watched(None, 10)
    assert (row.id, row.stage, row.open) == (case, Stage.COMPLETED, False)
    assert set(row.parties) == {"purchaser", "agency"}
    assert [step["state"] for step in await watched.timeline(case)][:-1] == ["done"] * 8
    assert [each.kinds for each in await watched.waiting_decisions()] == [("rate_result",)]
    request = await shop.row(case)
    regulator = Actor(role="regulator", name="审批的人", region=request.region, departments=(request.department,))
    await faces.turn("supervision")
    waits = [
        [one["href"].rsplit("/", 1)[0] for one in await todos(someone)]
        for someone in (regulator, replace(regulator, role="inspector"))
    ]
    await faces.turn("trading")
    assert waits == [["/decisions/results"], []], "an inspector looks on"


async def test_a_late_contract_is_carded_and_the_hall_shows_the_request(
    shop: Shop, clock: TestClock, faces: Faces
) -> None:
    case = await shop.publish("direct")
    await shop.choose(case, shop.agents[0])
    await shop.answer(case, shop.agents[0], "accept")
    row = await shop.row(case)
    await clock.freeze(await now() + timedelta(days=30))
    regulator = Actor(role="regulator", name="区监管的人", region=row.region, departments=(row.department,))
    await faces.turn("supervision")
    await Patrol(Ed25519Signer.generate()).walk()
    [shown] = (await hall.overview(regulator, Filters(duty="intermediaries", state="late"))).rows
    assert (shown.case, shown.level, shown.href) == (case, "red", f"/hall/{case}")
    assert [(card.point, card.party) for card in await card_records.cards_of(case)] == [("P802", "purchaser")]
    entered = (await hall.overview(regulator, Filters(duty="entries"))).rows
    assert {row.case for row in entered} == {agent.agency for agent in shop.agents}, "they belong to no department"
    assert (await hall.case(regulator, entered[0].case)).department == ""
    for stranger in (replace(regulator, region="330105"), replace(regulator, departments=())):
        assert (await hall.overview(stranger, Filters(duty="entries"))).rows == []
        await refused(Forbidden, hall.case(stranger, entered[0].case))
    names = [each.title for each in await decide.found(regulator, shop.agents[0].name)]
    assert names == [f"中介机构：{shop.agents[0].name}"]
    await faces.turn("trading")
