"""The shop's search with all its facets over many agencies, beside plain LIKE and joins over the same data.

Each question is asked as the page asks it: one page of twenty, the total, and the count of every facet value. The
plan's buffers are printed at two sizes: what a question with few answers costs must not grow with the shop.
"""

import json
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from bench import shop_plain
from bench.house import House
from bench.table import Row, Sample, say
from intermediaries.catalogue import CATEGORIES, FOUNDING, QUALIFICATIONS, ServiceItem
from intermediaries.profile import fold_tally
from intermediaries.records.search import Question, questioned, search
from intermediaries.search_words import facets_of, grams, plain
from kernel.codes import make_credit_code
from kernel.db import TRADING, connected, reading
from kernel.ids import new_id
from kernel.regions import below, name

GOAL = 50.0
"""Milliseconds, the median over the questions, at the larger size."""
SIZES, QUICK = (10_000, 50_000), (1_000, 5_000)
QUESTIONS = {
    "nothing chosen": Question(),
    "a word": Question(q="环境"),
    "two words": Question(q="西湖 测绘"),
    "a name": Question(q="远景勘察"),
    "a category": Question(category="survey"),
    "an item in a city": Question(category="survey", item="SUR-02", region="330100"),
    "a county, well rated": Question(region="330106", stars=4),
    "a word, a province, a licence": Question(q="工程", region="330000", qualification="construction_test"),
}
WORDS = ("远景", "精准", "天成", "华信", "中和", "博远", "金桥", "同济", "瑞达", "正大", "恒信", "新科", "西湖", "东海")
TRADES = ("环境", "测绘", "勘察", "工程咨询", "检测", "设计", "造价", "安全", "水利", "节能")


async def rows(house: House, *, quick: bool) -> list[Row]:
    """Milliseconds a question, ours and plain; and buffers at two sizes."""
    small, large = QUICK if quick else SIZES
    rounds = 3 if quick else 9
    async with connected(house.databases.trading), _owner(house) as owner:
        chance = random.Random(7)  # noqa: S311 - the same shop every time
        await owner.execute(shop_plain.TABLES)
        await _fill(owner, small, chance)
        await _folded(owner)
        before = await _buffers()
        await _fill(owner, large - small, chance)
        await _folded(owner)
        after = await _buffers()
        ours, theirs = await _timed(rounds)
    what = f"shop search, {large:,} agencies, {len(QUESTIONS)} questions"
    goal = f"{GOAL / 1000:g} s"
    peer = f"plain LIKE and joins: {theirs.text('ms')}"
    ratio = f"{ours.median / theirs.median:.2f}"
    plans = " ".join(f"{key} {before[key]}→{after[key]}" for key in before)
    least = f"buffers at {small:,} and {large:,}"
    return [
        Row(what, ours.text("ms"), peer, ratio, f"<= {goal}", ours.median <= GOAL),
        Row.lacking("shop search, the plans' buffers", plans, least, "few answers, few buffers"),
    ]


async def _timed(rounds: int) -> tuple[Sample, Sample]:
    """Every question in turn with its plain twin, which must find as many; the first round only warms."""
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(rounds + 1):
        for label, question in QUESTIONS.items():
            begun = time.perf_counter()
            found = await search(question)
            between = time.perf_counter()
            count = await shop_plain.search(question)
            ended = time.perf_counter()
            assert found.total == count, f"{label}: {found.total} and {count}"
            if turn:
                ours.append((between - begun) * 1000)
                theirs.append((ended - between) * 1000)
            if turn == rounds:
                says = f"{(between - begun) * 1000:6.1f} ms, plain {(ended - between) * 1000:6.1f} ms"
                say(f"shop search: {label}: {found.total:,} found, {says}")
    return Sample.of(ours), Sample.of(theirs)


async def _buffers() -> dict[str, int]:
    """Shared buffers of the page's query and of the counts, for a question with few answers and for none chosen."""
    found = {}
    for label, question in (("few:", QUESTIONS["an item in a city"]), ("all:", QUESTIONS["nothing chosen"])):
        for kind, sql, values in questioned(question):
            async with reading(TRADING) as connection:
                plan = await connection.fetchval(f"explain (analyze, buffers, format json) {sql}", *values)
            top = json.loads(plan)[0]["Plan"]
            found[f"{label}{kind}"] = top["Shared Hit Blocks"] + top["Shared Read Blocks"]
    return found


@asynccontextmanager
async def _owner(house: House) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(house.databases.admin)
    try:
        yield connection
    finally:
        await connection.close()


async def _folded(owner: asyncpg.Connection) -> None:
    """The tally as the clockwork and the server's own housekeeping leave it."""
    await fold_tally()
    await owner.execute("vacuum analyze intermediaries.tally")


async def _fill(owner: asyncpg.Connection, count: int, chance: random.Random) -> None:
    """So many agencies more, of all counties of Zhejiang, with licences, promises and ratings."""
    counties = [county for city in below("330000") for county in below(city) or (city,)]
    agencies, offers, held = [], [], []
    start = await owner.fetchval("select count(*) from intermediaries.agency")
    for n in range(start, start + count):
        made = _agency(n, chance.choice(counties), chance)
        agencies.append(made)
        offers += [(made["id"], item.code, item.category) for item in made["items"]]
        held += [(made["id"], kind) for kind, _ in made["held"]]
    await shop_plain.fill(owner, agencies, offers, held)
    say(f"shop search: {start + count:,} agencies")


def _agency(n: int, county: str, chance: random.Random) -> dict[str, Any]:
    category = chance.choice(list(CATEGORIES))
    near = [item for item in FOUNDING.items if item.category == category]
    items = sorted({*near[: chance.randint(1, 3)], *chance.sample(FOUNDING.items, chance.randint(0, 2))}, key=_code)
    kinds = {need.kind for item in items for need in item.needs}
    held = [(kind, chance.choice(QUALIFICATIONS[kind].grades or ("",))) for kind in sorted(kinds)]
    called = f"{name(county)}{chance.choice(WORDS)}{chance.choice(TRADES)}有限公司"
    ratings = chance.choice((0, 0, 1, 3, 8, 20))
    total = sum(chance.choices((1, 2, 3, 4, 5), (1, 1, 3, 8, 12))[0] for _ in range(ratings))
    words = [called, *(item.name for item in items)]
    said: Mapping[str, Any] = {
        "id": new_id(),
        "code": make_credit_code("91", county, f"{n:08}"),
        "name": called,
        "region": county,
        "rating_sum": total,
        "rating_count": ratings,
        "band": total // ratings if ratings else 0,
        "words": "\n".join(plain(word) for word in words),
        "grams": grams(words),
        "facets": facets_of(county, items, held),
    }
    return {**said, "items": items, "held": held}


def _code(item: ServiceItem) -> str:
    return item.code
