"""Finding agencies: substrings of Chinese, facets that count right, both ways of counting alike."""

from decimal import Decimal
from pathlib import Path

import pytest
from conftest import START, TestClock
from house_databases import Databases
from market import IMPACT, Market, survey
from road import as_admin

from intermediaries.profile import count_delivery, count_rating, fold_tally
from intermediaries.records import agencies
from intermediaries.records.search import Question, compared, search
from intermediaries.schemas.agencies import PromiseItem
from intermediaries.search_words import facets_of, grams, pairs
from intermediaries.steps.papers import promise_item
from kernel.db import TRADING, transaction


@pytest.fixture
async def market(house: Databases, clock: TestClock, tmp_path: Path) -> Market:
    await clock.freeze(START)
    made = await Market.make(tmp_path, house)
    lake, agency = await made.active("西湖测绘院有限公司")
    await promise_item(lake, agency, PromiseItem(item=IMPACT, days=30))
    await made.active("东海勘测设计有限公司", papers=[survey(grade="甲级", number="甲测资字3310009")])
    await made.active("宁波海曙测绘有限公司", region="330203")
    return made


async def names(question: Question) -> set[str]:
    return {row.name for row in (await search(question)).agencies}


async def test_any_part_of_a_name_or_of_a_served_item_finds(market: Market) -> None:
    assert await names(Question(q="勘测")) == {"东海勘测设计有限公司"}
    assert await names(Question(q="湖测")) == {"西湖测绘院有限公司"}
    assert await names(Question(q="西湖 环境影响")) == {"西湖测绘院有限公司"}
    assert await names(Question(q="湖")) == {"西湖测绘院有限公司"}
    assert await names(Question(q="湖西")) == set(), "pairs alone are not enough"
    assert await names(Question(q="设计西湖")) == set()
    assert await names(Question(q="%")) == set()
    assert await names(Question(q="　")) == {"西湖测绘院有限公司", "东海勘测设计有限公司", "宁波海曙测绘有限公司"}


async def test_facets_narrow_and_count(market: Market) -> None:
    everything = await search(Question())
    assert everything.total == 3
    assert everything.facets["r"] == {"330000": 3, "330100": 2, "330106": 2, "330200": 1, "330203": 1}
    assert everything.facets["c"] == {"survey": 3, "env": 1}
    assert everything.facets["q"] == {"survey": 3, "survey:乙级": 2, "survey:甲级": 1}
    assert await names(Question(region="330100")) == {"西湖测绘院有限公司", "东海勘测设计有限公司"}
    assert await names(Question(qualification="survey:甲级")) == {"东海勘测设计有限公司"}
    assert await names(Question(category="env", item="EIA-01")) == {"西湖测绘院有限公司"}


async def test_the_tally_counts_what_a_reading_of_all_counts(market: Market) -> None:
    one = (await search(Question(q="西湖"))).agencies[0].id
    async with transaction(TRADING) as connection:
        await count_rating(connection, one, 4)
    for _ in range(2):
        for question in (Question(), Question(region="330100"), Question(category="survey"), Question(item="EIA-01")):
            told = await search(question)
            read = await search(Question(**{"q": "公司", "region": question.region, "category": question.category,
                                            "item": question.item}))  # fmt: skip
            assert (told.total, told.facets) == (read.total, read.facets)
        await fold_tally()
    assert await as_admin("select max(n) from intermediaries.tally") == 3


async def test_an_agency_that_leaves_the_market_leaves_every_count(market: Market) -> None:
    found = await search(Question(q="海曙"))
    await market.decide("suspend_agency", found.agencies[0].id, "拒不配合检查")
    after = await search(Question())
    assert after.total == 2
    assert "330203" not in after.facets["r"]


async def test_the_best_rated_come_first_and_stars_narrow(market: Market) -> None:
    rows = {row.name: row.id for row in (await search(Question())).agencies}
    async with transaction(TRADING) as connection:
        for stars in (5, 5, 4):
            await count_rating(connection, rows["东海勘测设计有限公司"], stars)
        await count_rating(connection, rows["西湖测绘院有限公司"], 3)
        await count_delivery(connection, rows["西湖测绘院有限公司"], 6, late=False)
        await count_delivery(connection, rows["西湖测绘院有限公司"], 9, late=True)
    found = await search(Question())
    assert [row.name[:2] for row in found.agencies] == ["东海", "西湖", "宁波"]
    assert found.facets["s"] == {"4": 1, "3": 1, "0": 1}
    assert await names(Question(stars=4)) == {"东海勘测设计有限公司"}
    row = await agencies.agency(rows["东海勘测设计有限公司"])
    assert (row.stars, row.mean_days) == (Decimal("4.7"), None)
    other = await agencies.agency(rows["西湖测绘院有限公司"])
    assert (other.mean_days, other.late_deliveries) == (Decimal("7.5"), 1)


async def test_at_most_four_are_compared_each_once_and_nobody_outside_the_market(market: Market) -> None:
    rows = [row.id for row in (await search(Question())).agencies]
    _, waiting = await market.filed("等待核验有限公司")
    columns = await compared([rows[0], rows[0], waiting, rows[1]])
    assert [column.agency.id for column in columns] == [rows[0], rows[1]]


def test_pairs_never_reach_from_one_word_into_the_next() -> None:
    assert pairs("测绘院") == ["测绘", "绘院"]
    assert pairs("A座 Ｂ") == ["a座", "座b"]
    assert pairs("湖") == []
    assert grams(["西湖", "测绘"]) == ["西湖", "测绘"]


def test_facets_name_the_region_and_all_above_it() -> None:
    assert facets_of("330106", [], [("survey", "乙级")]) == [
        "q:survey",
        "q:survey:乙级",
        "r:330000",
        "r:330100",
        "r:330106",
    ]
