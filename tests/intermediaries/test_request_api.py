"""A request over the JSON API: published, decided, served, rated; what each may ask, and what is refused."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from conftest import START, TestClock
from house_databases import Databases
from market import SURVEY
from road import County, upload
from shop import Shop
from trading_site import Site, trading_site

from intermediaries.records import services
from kernel.identity import Actor


@pytest.fixture
async def shop(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Shop]:
    await clock.freeze(START)
    async with Shop.open(tmp_path, house, clock, agencies=3) as made:
        yield made


@pytest.fixture
async def site(shop: Shop, house: Databases, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    county.tools = shop.market.tools
    async with trading_site(county) as found:
        yield found


ASKED = {"item": str(SURVEY), "name": "竣工测绘", "region": "330106", "service_days": 7, "amount": "30000.00"}


async def published(site: Site, owner: Actor, **more: object) -> str:
    answer = await (await site.of(owner)).post("/requests", json=ASKED | {"mode": "direct"} | more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["request"])


async def test_a_service_is_bought_delivered_and_rated_by_programs(shop: Shop, site: Site) -> None:
    owner, agency = await site.of(shop.owner), await site.of(shop.agents[0].actor)
    case = await published(site, shop.owner)
    listed = (await owner.get(f"/requests/{case}/shortlist")).json()
    mine = next(line["agency"] for line in listed["agencies"] if line["name"] == shop.agents[0].name)
    chosen = {"agency": mine, "reason": "时限短", "seen": listed["sha256"]}
    assert (await owner.post(f"/requests/{case}/choice", json=chosen)).status_code == 200
    assert (await agency.post(f"/requests/{case}/answer", json={"answer": "accept"})).status_code == 200
    terms = {"price": "30000.00", "service_days": 7, "signed_on": "2026-03-02"}
    assert (await agency.post(f"/requests/{case}/contracts", json=terms)).status_code == 201
    assert (await owner.post(f"/requests/{case}/contracts/answer", json={"answer": "confirm"})).status_code == 200
    sent = await upload(shop.market.tools, shop.agents[0].actor, "service_result", b"%PDF result")
    result = {"files": [{"label": "报告.pdf", "upload": str(sent)}]}
    assert (await agency.post(f"/requests/{case}/results", json=result)).status_code == 201
    assert (await owner.post(f"/requests/{case}/results/answer", json={"answer": "accept"})).status_code == 200
    assert (await owner.post(f"/requests/{case}/rating", json={"stars": 2, "says": "态度差"})).status_code == 201
    said = {"says": "已改正"}
    assert (await agency.post(f"/requests/{case}/ratings/owner/answer", json=said)).status_code == 201
    operator = await site.of(shop.market.operator)
    visit = {"visit": "电话回访，已道歉", "rectified": True}
    assert (await operator.post(f"/requests/{case}/ratings/owner/visit", json=visit)).status_code == 201
    shown = (await site.public().get(f"/requests/{case}")).json()
    assert (shown["stage"], shown["agency_name"]) == ("completed", shop.agents[0].name)
    assert [(r["stars"], r["answer"], r["rectified"]) for r in shown["ratings"]] == [(2, "已改正", True)]


async def test_the_same_request_id_publishes_once(shop: Shop, site: Site) -> None:
    client, key = await site.of(shop.owner), str(uuid4())
    first, again = [
        await client.post("/requests", json=ASKED | {"mode": "direct"}, headers={"idempotency-key": key})
        for _ in range(2)
    ]
    assert first.json() == again.json()
    found = (await site.public().get("/requests?q=竣工测绘")).json()
    assert found["total"] == 1


async def test_results_are_for_their_parties(shop: Shop, site: Site) -> None:
    case = await published(site, shop.owner)
    agent, rival = shop.agents[0], shop.agents[1]
    await _delivered(shop, site, case)
    path = await _result_path(site, shop, case)
    for someone in (shop.owner, agent.actor, shop.market.operator):
        assert (await (await site.of(someone)).get(path)).content == b"%PDF the result of the survey"
    assert (await (await site.of(rival.actor)).get(path)).status_code == 404
    assert (await site.public().get(path)).status_code in (401, 403)
    stranger = await shop.market.person("purchaser", "另一家业主")
    assert (await (await site.of(stranger)).get(path)).status_code == 404


async def test_another_owner_can_do_nothing_with_it_and_is_not_even_told_that_it_is_there(
    shop: Shop, site: Site
) -> None:
    case = await published(site, shop.owner)
    stranger = await site.of(await shop.market.person("purchaser", "另一家业主"))
    assert (await stranger.get(f"/requests/{case}/shortlist")).status_code == 404
    assert (await stranger.post(f"/requests/{case}/withdrawal", json={"reason": "无"})).status_code == 404


async def test_a_contract_without_a_selection_is_refused_with_its_article(shop: Shop, site: Site) -> None:
    asked = {
        "item": str(SURVEY), "region": "330106", "fiscal_percent": 100, "price": "80000.00", "service_days": 7,
        "signed_on": "2026-03-02",
    }  # fmt: skip
    answer = await (await site.of(shop.owner)).post("/service-contracts", json=asked)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["article"] == "广东省优化营商环境条例第四十三条"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mode": "direct", "amount": "-1"},
        {"mode": "direct", "service_days": 0},
        {"mode": "direct", "item": "x"},
        {"mode": "direct", "unknown": 1},
        {"mode": "direct", "fiscal_percent": 101},
        {"mode": "direct", "region": "999999"},
        {"mode": "no_such"},
        {"mode": "direct", "avoid": [{"code": "1", "reason": ""}]},
        {"mode": "direct", "any_of": [{"kind": "no_such_licence"}]},
        {"mode": "direct", "project": str(UUID(int=7))},
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_kept(
    shop: Shop, site: Site, body: dict[str, object]
) -> None:
    answer = await (await site.of(shop.owner)).post("/requests", json=(ASKED | body) if body else body)
    assert answer.status_code == 422, answer.text
    assert (await site.public().get("/requests")).json()["total"] == 0


async def _delivered(shop: Shop, site: Site, case: str) -> None:
    number, agent = UUID(case), shop.agents[0]
    await shop.choose(number, agent)
    await shop.answer(number, agent, "accept")
    await shop.served(number, agent, date(2026, 3, 2))
    await shop.deliver(number, agent)


async def _result_path(site: Site, shop: Shop, case: str) -> str:
    (given,) = await services.deliveries(UUID(case))
    return f"/requests/{case}/result/files/{given.files[0]['sha256']}"
