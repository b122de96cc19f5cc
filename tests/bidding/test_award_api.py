"""After the report over HTTP: each act once, whoever may, with every refusal as problem+json."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from award_road import bidder_of, contract, publicity, reported
from conftest import TestClock
from house_databases import Databases
from road import County
from story import at
from trading_site import Site, trading_site

from bidding import records
from bidding.stages import Stage
from bidding.steps.publicise import candidates_of


@pytest.fixture
async def site(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    async with trading_site(county) as site:
        yield site


@pytest.fixture
async def lot(site: Site, clock: TestClock) -> UUID:
    return await reported(site.county, clock, at("2026-05-06 16:00"))


async def shown(site: Site, lot: UUID) -> dict[str, Any]:
    await site.county.work()
    return dict((await site.public().get(f"/lots/{lot}/result")).json())


async def test_the_road_from_publicity_to_settlement_over_http(site: Site, lot: UUID, clock: TestClock) -> None:
    purchaser = await site.of(site.county.purchaser)
    ranked = await candidates_of(lot)
    winner, loser = [await site.of(await bidder_of(site.county, ranked[n].bidder)) for n in (0, 1)]
    assert (await site.public().get(f"/lots/{lot}/result")).json()["code"] == "no_result"
    command = (await publicity(lot, date(2026, 5, 9))).model_dump(mode="json")
    key = {"idempotency-key": str(uuid4())}
    first = await purchaser.post(f"/lots/{lot}/candidates", json=command, headers=key)
    again = await purchaser.post(f"/lots/{lot}/candidates", json=command, headers=key)
    assert (first.status_code, first.json()) == (201, again.json())
    objection = (await loser.post(f"/lots/{lot}/challenges", json={"text": "业绩不实"})).json()["objection"]
    await clock.freeze(at("2026-05-10 00:00"))
    paused = await purchaser.post(f"/lots/{lot}/award", json={"bidder": ranked[0].bidder})
    assert (paused.status_code, paused.json()["code"]) == (409, "result_objection_open")
    assert paused.json()["problems"][0]["article"] == "招标投标法实施条例第五十四条"
    answered = await purchaser.post(f"/lots/{lot}/challenges/{objection}/answer", json={"answer": "属实"})
    assert answered.status_code == 200
    assert (await purchaser.post(f"/lots/{lot}/award", json={"bidder": ranked[0].bidder})).status_code == 201
    assert [n["kind"] for n in (await shown(site, lot))["notices"]] == ["candidates", "award"]
    for path, client in (("award.pdf", site.public()), ("result.pdf", loser)):
        sheet = await client.get(f"/lots/{lot}/{path}")
        assert (sheet.status_code, sheet.content[:5]) == (200, b"%PDF-"), path
    filed = (await contract(site.county, lot)).model_dump(mode="json")
    wrong = await purchaser.post(f"/lots/{lot}/contract", json=filed | {"quality": "优良"})
    assert (wrong.status_code, wrong.json()["problems"][0]["field"]) == (422, "quality")
    given = (await purchaser.post(f"/lots/{lot}/contract", json=filed)).json()
    confirmed = {"sha256": given["contract"]}
    assert (await loser.post(f"/lots/{lot}/contract/confirmation", json=confirmed)).status_code == 403
    assert (await winner.post(f"/lots/{lot}/contract/confirmation", json=confirmed)).status_code == 200
    assert (await records.lot(lot)).stage == Stage.CONTRACTED
    refund = {"bidder": ranked[0].bidder, "interest": "1.25", "paid_on": "2026-05-10"}
    assert (await purchaser.post(f"/lots/{lot}/refunds", json=refund)).json() == {"left": 3}
    assert (await purchaser.post(f"/lots/{lot}/statement", json={"remarks": "无"})).status_code == 201
    kept = (await purchaser.get(f"/lots/{lot}/papers")).json()["papers"]
    assert [paper["kind"] for paper in kept] == ["award", "contract", "confirmation", "refund", "statement"]


async def test_nobody_else_publicises_decides_or_ends(site: Site, lot: UUID) -> None:
    bidder = await site.of(await bidder_of(site.county, (await candidates_of(lot))[0].bidder))
    for path, body in (("award", {"bidder": "x"}), ("end", {"ground": "terminated", "reason": "x"})):
        for client in (bidder, await site.of(site.county.operator)):
            assert (await client.post(f"/lots/{lot}/{path}", json=body)).status_code == 403
    assert (await bidder.get(f"/lots/{lot}/papers")).status_code == 403
    assert (await records.lot(lot)).stage == Stage.EVALUATED


async def test_an_unlawful_ground_ends_nothing_and_a_lawful_one_is_read_by_all(site: Site, lot: UUID) -> None:
    purchaser = await site.of(site.county.purchaser)
    wrong = await purchaser.post(f"/lots/{lot}/end", json={"ground": "whim", "reason": "不想做了"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "end_ground_unknown")
    ended = await purchaser.post(f"/lots/{lot}/end", json={"ground": "no_winner", "reason": "候选人均放弃"})
    assert ended.status_code == 201
    assert (await shown(site, lot))["notices"][-1]["content"]["article"] == "招标投标法实施条例第五十五条"
