"""No page, API, export, log line or message shows a quote, an applicant or an expert's name before its moment.

Every GET route of both sites is walked as every role, at two moments: while a request takes applications and a drawn
panel waits for its day, and while quotes are being opened and the panel sits. A name may well stand somewhere, as that
of an agency in the catalogue or of an expert in the pool: so what is looked for is where it comes to stand, or stands
more often, once its bearer has applied or was drawn.
"""

import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import market
import pytest
from conftest import START, TestClock
from expert_pool import BUILD, Court, Row, put_in
from house_databases import Databases
from house_faces import Faces
from judging_road import opened
from patrolling import employ, patrolled
from road import DEADLINE, DEPARTMENT, LAW, County, as_admin, countersign
from road import actor as somebody
from shop import Agent, Shop
from small_keeper import SmallKeeper
from supervision_site import Watching, officer, supervision_site
from trading_site import Site, trading_site
from walking import Walked, differing, mandated_agent, signed_in, walk_site

from bidding import records as lots
from experts import clockwork, records
from experts.schemas import Quota, SignInDesk
from experts.steps.sign_in import sign_in_desk
from kernel.box import records as box_records
from kernel.checkpoints import log_signer, publish
from kernel.db import HOME
from kernel.identity import PUBLIC
from kernel.law import Law
from kernel.sequencer import sequence

ENDLESS = ("/lots/{lot:uuid}/hall/stream", "/api/v1/lots/{lot:uuid}/hall")
QUESTIONS = {"/search": ("q=测绘",), "/market/requests": ("q=测绘",), "/api/v1/feed": ("limit=500",)}
PRICES = ("27654.32", "26789.01")
FEW = [Quota(profession=BUILD, quota=5)]
CLOSES = DEADLINE.replace(hour=13)
"""When the requests close; the panel meets an hour later, within the window in which quotes are opened."""
EVALUATION = DEADLINE.replace(hour=14)
Told = Counter[tuple[str, str]]
"""(place, word) → how often it stands there."""


@dataclass
class World:
    """Both sites over one county: an open draw and an open request for quotes, a lot, and a pool of fifteen."""

    house: Databases
    trading: Site
    watching: Watching
    shop: Shop
    court: Court
    keeper: SmallKeeper
    draw: UUID
    quotes: UUID
    values: dict[str, str]
    traders: dict[str, Mapping[str, str]] = field(default_factory=dict)
    supervisors: dict[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def lot(self) -> UUID:
        return self.court.facts.lot

    @property
    def applicants(self) -> list[Agent]:
        return self.shop.agents[:2]

    @property
    def refused(self) -> Agent:
        """Under the very department that approves what is asked for."""
        return self.shop.agents[3]

    async def apply(self) -> None:
        """Two agencies apply for the draw and quote for the other; a third is refused."""
        for agent in (*self.applicants, self.refused):
            client = await self.trading.of(agent.actor)
            answer = await client.post(f"/requests/{self.draw}/applications", json={"says": "愿意承接"})
            assert answer.status_code == (403 if agent is self.refused else 201), answer.text
        for agent, price in zip(self.applicants, PRICES, strict=True):
            await self.shop.quote(self.quotes, agent, price)

    async def draw_panel(self) -> list[dict[str, Any]]:
        """Five are drawn, called and accept; what is sealed of them."""
        await self.court.request(owners=0, professions=FEW, evaluation_at=EVALUATION)
        await self.court.answer_all(self.keeper)
        [row] = await records.panels_where(lot=self.lot)
        openings = (await self.keeper.keeper.openings(row["toss"]))[BUILD]
        return [dict(openings[call.n].record) for call in self.keeper.book.asked.values() if call.slip]

    async def walk(self) -> Walked:
        """Every GET route as everybody, for each of the cases that it can be asked for."""
        await patrolled(self.watching)
        await sequence(HOME)
        await publish(HOME, log_signer(self.shop.folder / "keys", "localhost/trading"))
        found = await self.of(self.trading, self.traders, "", case=self.draw)
        found |= await self.of(self.trading, self.traders, "{case", case=self.quotes)
        await self.watching.here()
        found |= await self.of(self.watching, self.supervisors, "", case=self.draw)
        for case in (self.quotes, self.lot):
            found |= await self.of(self.watching, self.supervisors, "{case", case=case)
        await self.watching.there()
        return found

    async def watched(self) -> Walked:
        """What the supervisors are shown of the two requests alone."""
        await patrolled(self.watching)
        await self.watching.here()
        found: Walked = {}
        for case in (self.draw, self.quotes):
            found |= await self.of(self.watching, self.supervisors, "{case", case=case)
        found |= await self.of(self.watching, self.supervisors, "/hall", case=self.draw)
        await self.watching.there()
        return found

    async def of(self, site: Site | Watching, people: Mapping[str, Any], holding: str, case: UUID) -> Walked:
        names = {self.draw: "draw", self.quotes: "quotes", self.lot: "lot"}
        values = self.values | {"case": str(case), "request": str(case), "subject": str(case)}
        walked = await walk_site(
            site.app, people, values, questions=QUESTIONS, endless=ENDLESS, holding=holding
        )  # fmt: skip
        return {f"{type(site).__name__} {names[case]} {place}": seen for place, seen in walked.items()}


@pytest.fixture
async def world(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> AsyncIterator[World]:
    await clock.freeze(START)
    county = await County.make(tmp_path, house)
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(Shop.open(tmp_path, house, clock, agencies=4))
        county.tools = replace(shop.market.tools, law=Law((*LAW.limits, *market.LAW.limits)))
        court = await Court.of_county(county, house, await county.announced())
        keeper = await stack.enter_async_context(court.keeper())
        await put_in(house.admin, [Row() for _ in range(15)])
        await clock.freeze(DEADLINE - timedelta(hours=20))
        draw, quotes = [await shop.publish(mode, apply_until=CLOSES) for mode in ("draw", "lowest")]
        site = await stack.enter_async_context(trading_site(county))
        watching = await stack.enter_async_context(
            supervision_site(county, house, faces, tmp_path / "supervision")
        )  # fmt: skip
        await watching.there()
        row = await lots.lot(court.facts.lot)
        values = {"lot": str(row.id), "project": str(row.project), "agency": str(shop.agents[0].agency), "n": "1"}
        values |= {"number": "1", "seq": "1", "rater": "owner", "bidder": shop.agents[0].actor.organisation_code}
        made = World(house, site, watching, shop, court, keeper, draw, quotes, values)
        await _come_in(made, county, row.project)
        await as_admin(
            "update intermediaries.agency set affiliation = (select max(department) from intermediaries.request)"
            " where id = $1",
            made.refused.agency,
        )
        yield made


async def _come_in(world: World, county: County, project: UUID) -> None:
    """Everybody but those whose secret it is."""
    agent = await mandated_agent(
        county.purchaser, project, "publish_notice", "amend_notice", "read_case", "request_panel", "read_panel"
    )
    people = {
        "purchaser": county.purchaser, "owner": world.shop.owner, "agent": agent, "operator": county.operator,
        "bidder": (await county.bidder(9)).actor, "intermediary": world.shop.agents[2].actor,
        "expert": await somebody("expert", "12330106MB0000033X", "某大学"),
    }  # fmt: skip
    world.traders = {"public": {}}
    for name, person in people.items():
        world.traders[name] = await signed_in(world.trading.app, person)
    department = (await world.shop.row(world.draw)).department
    officers = {
        "regulator": await officer("regulator", "某区住房和城乡建设局", departments=(DEPARTMENT, department)),
        "inspector": await officer("inspector", "某区监察委员会"),
    }
    world.supervisors = {"public": {}}
    await world.watching.here()
    for name, person in officers.items():
        await employ(person)
        world.supervisors[name] = await signed_in(world.watching.app, person)
    await world.watching.there()


def words_of(world: World, seated: Iterable[Mapping[str, Any]]) -> dict[str, re.Pattern[str]]:
    """What names an applicant, a price or a drawn expert, and how it is recognised in a text."""
    said = [*_applicants(world)]
    said += [*PRICES, *(f"{float(price):,.2f}" for price in PRICES), *(price.replace(".", "") for price in PRICES)]
    said += [str(record[part]) for record in seated for part in ("name", "id", "employer", "employer_name")]
    return {word: re.compile(rf"{re.escape(word)}(?![0-9A-Z])") for word in said}


def told(found: Walked, words: Mapping[str, re.Pattern[str]]) -> Told:
    """How often each word stands in each answer, its headers with it."""
    texts = {place: f"{headers} {body}" for place, (_, headers, body) in found.items()}
    return Counter(
        {(place, word): len(hits) for place, text in texts.items() for word, it in words.items()
         if (hits := it.findall(text))}
    )  # fmt: skip


async def stored(url: str, *tables: str) -> dict[str, str]:
    """Every row of these tables (of all, when none is named) as text, by table."""
    connection = await asyncpg.connect(url)
    try:
        there = await connection.fetch(
            "select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        )
        found = {}
        for name in tables or [row["name"] for row in there]:
            rows = await connection.fetch(f"select * from {name}")  # noqa: S608 - names of our own tables
            found[name] = "\n".join(_text(value) for row in rows for value in row.values())
        return found
    finally:
        await connection.close()


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


async def messages(world: World) -> str:
    """All that was sent to anybody but the applicants themselves, in both houses, with what waits for a gateway."""
    own = [agent.actor.organisation for agent in (*world.applicants, world.refused)]
    sql = "select concat_ws(' ', subject, text, link) from kernel.message where not organisation = any($1)"
    text = ""
    for url in (world.house.admin, world.house.supervision_admin):
        connection = await asyncpg.connect(url)
        try:
            text += "\n".join(row[0] for row in await connection.fetch(sql, own))
        finally:
            await connection.close()
        text += "\n".join((await stored(url, "kernel.outbox")).values())
    return text


async def test_nobody_is_told_anything_before_its_moment(
    world: World, clock: TestClock, caplog: pytest.LogCaptureFixture
) -> None:
    """First while applications are open and the panel waits, then while quotes are opened and the panel sits."""
    caplog.set_level(logging.DEBUG)
    before = await world.walk()
    everybody = [dict(row) for row in await _pool(world)]
    pooled = await stored(world.house.admin)
    caplog.clear()
    await _applied_unseen(world, clock)
    seated = await world.draw_panel()
    words = words_of(world, seated)
    waiting = await world.walk()
    assert set(waiting) == set(before)
    await _nothing_told(world, before, waiting, words, caplog)
    assert _seen(world, waiting)
    for _, _, terms in world.keeper.book.sent:
        assert not any(it.search(repr(terms)) for it in words.values()), "a call tells time, place and trade"
    drawn = {record["id"] for record in seated}
    assert len(drawn) == 5
    grown = await _grown(world, pooled, everybody)
    assert len({frozenset(places.items()) for places in grown.values()}) == 1, "who was drawn is like who was not"
    await opened(world.trading.county, clock, world.lot, ["38000000.00", "37500000.00", "39000000.00"])
    await clockwork.sweep(world.court.tools)
    caplog.clear()
    sitting = await _panel_sits(world, clock)
    shut = {word: it for word, it in words.items() if word not in _applicants(world)}
    await _nothing_told(world, waiting, sitting, shut, caplog)


async def _applied_unseen(world: World, clock: TestClock) -> None:
    here = DEADLINE - timedelta(hours=20)
    await clock.freeze(here + timedelta(seconds=7))
    watched = await world.watched()
    await clock.freeze(here)
    await world.apply()
    await clock.freeze(here + timedelta(seconds=7))
    assert differing(watched, await world.watched()) == [], "no act of an applicant, nor its moment"


async def _panel_sits(world: World, clock: TestClock) -> Walked:
    """What everybody is shown once the quotes are half opened and the panel has come to the desk."""
    await quotes_half_opened(world, clock)
    await clock.freeze(EVALUATION)
    everybody, pooled = [dict(row) for row in await _pool(world)], await stored(world.house.admin)
    await take_seats(world)
    found = await world.walk()
    grown = await _grown(world, pooled, everybody)
    assert len({frozenset(places.items()) for places in grown.values()}) == 1, "a seat is nobody by name"
    seats = {place for place in found if " seat" in place}
    assert {found[place][0] for place in seats} >= {200, 404}, "a seat sees its own panel"
    return found


async def _nothing_told(
    world: World, before: Walked, found: Walked, words: Mapping[str, re.Pattern[str]], caplog: pytest.LogCaptureFixture
) -> None:
    """None of these words came to stand in an answer, stands in a line of a log, or was sent to anybody."""
    assert [place for place, (status, _, _) in found.items() if status >= 500] == []
    assert told(found, words) - told(before, words) == Counter()
    assert _lines(caplog, words) == []
    sent = await messages(world)
    assert [word for word, it in words.items() if it.search(sent)] == []


async def test_the_walk_finds_what_may_be_known_once_it_may(world: World, clock: TestClock) -> None:
    """The walks above would be worth nothing if they could not see a price, an applicant and a judge."""
    await world.apply()
    words = words_of(world, await world.draw_panel())
    mine = {"own": await signed_in(world.trading.app, world.applicants[0].actor)}
    own = await world.of(world.trading, mine, "{case", case=world.quotes)
    assert {word for _, word in told(own, words)} >= {world.applicants[0].name}
    await opened(world.trading.county, clock, world.lot, ["38000000.00", "37500000.00", "39000000.00"])
    await as_admin("update bidding.lot set stage = 'awarded' where id = $1", world.lot)
    await clockwork.sweep(world.court.tools)
    await world.court.go_round(world.keeper)
    await quotes_half_opened(world, clock)
    await world.shop.reveal(world.quotes, world.applicants[1])
    await clock.freeze(CLOSES + timedelta(minutes=70))
    await world.shop.turn(world.quotes)
    public = {"public": world.traders["public"]}
    found = await world.of(world.trading, public, "{lot", case=world.draw)
    found |= await world.of(world.trading, public, "{case", case=world.quotes)
    seen = {word for _, word in told(found, words)}
    assert {world.applicants[1].name, "26,789.01"} <= seen, "who was the lower"
    assert len({word for word in seen if word.startswith("专家")}) == 5


async def quotes_half_opened(world: World, clock: TestClock) -> None:
    """The requests close; one agency has opened its quote, the other has not yet."""
    await clock.freeze(CLOSES)
    for case in (world.draw, world.quotes):
        await world.shop.turn(case)
    await clock.freeze(CLOSES + timedelta(minutes=5))
    await world.shop.turn(world.quotes)
    assert (await box_records.box(world.quotes)).state == "closed"
    await countersign(world.quotes)
    await world.shop.turn(world.quotes)
    await world.shop.reveal(world.quotes, world.applicants[0])


async def take_seats(world: World) -> None:
    """All five come to the desk; two of them are walked as."""
    slips = [call.slip for call in world.keeper.book.asked.values() if call.slip]
    cookie = world.trading.app.state.gate.cookie
    sessions = [(await sign_in_desk(PUBLIC, SignInDesk(slip=slip)))[1] for slip in slips]
    world.traders |= {f"seat{n}": {cookie: session.token} for n, session in enumerate(sessions[:2], 1)}


def _applicants(world: World) -> set[str]:
    """Their moment is the close: afterwards they are in the list of the draw."""
    return {
        word for agent in (*world.applicants, world.refused) for word in (agent.name, agent.actor.organisation_code)
    }


def _seen(world: World, walked: Walked) -> bool:
    """The walk was let in where somebody would look for it."""
    wanted = {
        "Site draw operator /requests/{case:uuid}", "Site draw owner /requests/{case:uuid}",
        "Site draw agent /lots/{lot:uuid}/panel", "Site draw operator /lots/{lot:uuid}/panel",
        "Site draw purchaser /api/v1/lots/{lot:uuid}/panel", "Site draw public /api/v1/feed",
        "Watching draw regulator /hall/{case:uuid}", "Watching quotes inspector /hall/{case:uuid}",
        "Watching lot regulator /hall/{case:uuid}", "Watching lot inspector /cases/{case:uuid}/draws",
    }  # fmt: skip
    shut = {place: walked.get(place, (0,))[0] for place in wanted if walked.get(place, (0,))[0] != 200}
    assert shut == {}
    return len(walked) > 1000


def _lines(caplog: pytest.LogCaptureFixture, words: Mapping[str, re.Pattern[str]]) -> list[str]:
    """Lines of any log, at any level, that hold one of the words; the walk's own client is not the house."""
    records = [record for record in caplog.records if record.name not in ("httpx", "asyncio")]
    assert len(records) > 100, "something was said"
    lines = [f"{record.getMessage()} {record.exc_text or ''} {record.__dict__}" for record in records]
    return [line for line in lines if any(it.search(line) for it in words.values())]


async def _pool(world: World) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(world.house.admin)
    try:
        sql = "select expert::text as id, name, employer_code from experts.standing where known_until is null"
        return list(await connection.fetch(sql))
    finally:
        await connection.close()


async def _grown(
    world: World, before: Mapping[str, str], everybody: Iterable[Mapping[str, str]]
) -> dict[str, Counter[str]]:
    """Expert → in which tables of the trading house he stands more often than before."""
    after = await stored(world.house.admin)
    grown = {}
    for expert in everybody:
        it = re.compile("|".join(rf"{re.escape(word)}(?![0-9A-Z])" for word in expert.values()))
        grown[expert["id"]] = Counter(
            {table: more for table, text in after.items() if (more := _more(it, text, before.get(table, "")))}
        )
    return grown


def _more(it: re.Pattern[str], text: str, before: str) -> int:
    return len(it.findall(text)) - len(it.findall(before))
