"""The market's JSON doors: the same steps as the pages, every answer as the document declares it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from conftest import START, TestClock
from house_databases import Databases
from market import SCAN, SURVEY, Market
from road import County, upload
from trading_site import Site, trading_site

from intermediaries.catalogue import FOUNDING
from kernel.ids import new_id

ABOUT = {"legal_rep": "王明", "office": "文三路 1 号", "phone": "0571-88880000", "bank_account": "3301 0001"}
PAPER = {
    "kind": "survey",
    "grade": "乙级",
    "number": "乙测资字3310888",
    "issuer": "浙江省自然资源厅",
    "issued_on": "2024-03-01",
    "valid_through": "2029-03-01",
}


@pytest.fixture
async def market(house: Databases, clock: TestClock, tmp_path: Path) -> Market:
    await clock.freeze(START)
    return await Market.make(tmp_path, house)


@pytest.fixture
async def site(market: Market, house: Databases, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    county.tools = market.tools
    async with trading_site(county) as site:
        yield site


async def test_an_agency_gets_in_over_the_api(site: Site, market: Market) -> None:
    someone = await market.person("intermediary", "接口测绘有限公司")
    mine, centre = await site.of(someone), await site.of(market.operator)
    assert (await mine.get("/entry")).json()["code"] == "not_entered"
    opened = await mine.put("/entry", json=ABOUT)
    assert opened.json()["stage"] == "applied", opened.text
    scan = await upload(market.tools, someone, "certificate", SCAN)
    added = await mine.post("/entry/certificates", json=PAPER | {"upload": str(scan)})
    assert added.status_code == 201, added.text
    assert (await mine.put("/entry/promises", json={"item": str(SURVEY), "price": "28000", "days": 6})).is_success
    person = {"name": "陈测", "profession": "注册测绘师", "number": "ZC-9"}
    assert (await mine.post("/entry/practitioners", json=person)).is_success
    filed = (await mine.post("/entry/filing", json={"accepted": True})).json()
    assert (filed["stage"], filed["check_due"]) == ("form_check", "2026-03-04T18:00:00+08:00")
    assert [one["agency"] for one in (await centre.get("/entries")).json()] == [filed["agency"]]
    passed = await centre.post(f"/entries/{filed['agency']}/check", json={"decision": "pass"})
    assert passed.json()["stage"] == "active", passed.text
    shown = (await site.public().get(f"/agencies/{filed['agency']}")).json()
    assert [(one["code"], one["price"], one["days"]) for one in shown["promises"]] == [("SUR-02", "28000.00", 6)]
    assert shown["staff"] == {"注册测绘师": 1}
    assert "bank_account" not in shown


async def test_the_same_request_twice_is_one_act(site: Site, market: Market) -> None:
    someone = await market.person("intermediary", "接口测绘有限公司")
    mine, key = await site.of(someone), {"idempotency-key": str(new_id())}
    first = await mine.put("/entry", json=ABOUT, headers=key)
    again = await mine.put("/entry", json=ABOUT, headers=key)
    assert first.json() == again.json()
    other = await mine.put("/entry", json=ABOUT | {"office": "别处"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "request_id_reused")


async def test_everybody_searches_compares_and_reads_the_list(site: Site, market: Market) -> None:
    _, one = await market.active("西湖测绘院有限公司")
    _, two = await market.active("东海勘测设计有限公司")
    public = site.public()
    found = (await public.get("/agencies", params={"q": "勘测", "item": "SUR-02", "region": "330100"})).json()
    assert ([row["id"] for row in found["items"]], found["total"]) == ([str(two)], 1)
    assert found["facets"]["q"] == {"survey": 1, "survey:乙级": 1}
    beside = (await public.get("/agencies/compared", params=[("a", str(two)), ("a", str(one))])).json()
    assert [row["id"] for row in beside] == [str(two), str(one)]
    items = (await public.get("/items")).json()["items"]
    assert len(items) == len(FOUNDING.items)
    item = (await public.get("/items/SUR-02")).json()
    assert (item["agencies"], item["row"]["code"], len(item["sha256"])) == (2, "SUR-02", 64)
    assert (await public.get("/items/ZZZ-99")).status_code == 404


async def test_what_is_wrong_comes_back_whole_and_in_no_case_as_a_fault(site: Site, market: Market) -> None:
    someone = await market.person("intermediary", "接口测绘有限公司")
    mine = await site.of(someone)
    await mine.put("/entry", json=ABOUT)
    nothing = await mine.post("/entry/filing", json={"accepted": True})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "nothing_offered")
    assert (await mine.post("/entry/filing", json={"accepted": False})).status_code == 422
    for sent in ({"price": "x"}, {"item": str(new_id()), "days": 3}, {"item": str(SURVEY), "days": 0}, {"more": 1}):
        assert (await mine.put("/entry/promises", json=sent)).status_code in (404, 422)
    for query in ("stars=9", "region=33", "item=x", "page=0", "q=%00", "qualification=" + "长" * 40):
        assert (await site.public().get(f"/agencies?{query}")).status_code in (200, 400, 422)
    assert (await site.public().get("/agencies/compared?a=x")).status_code in (400, 422)
    wrong = await mine.post("/entry/avoidances", json={"code": "9" * 18, "name": "某单位", "reason": "股东"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "credit_code_check")
    assert (await mine.get("/entries")).status_code == 403
