"""Before its close every answer of both sites is the same, whether nobody or two have applied for a request.

Walks every GET route, and tries every act, as every role but the applicant's own; then looks with the supervision
side's own login, into the lines of the access log, and into what the house keeps of a sealed quote.
"""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from conftest import START, TestClock
from house_databases import Databases
from house_faces import Faces
from road import County, actor
from shop import Shop
from supervision_site import Watching, officer, supervision_site
from trading_site import Site, token_of, trading_site
from walking import Walked, client_of, differing, knock, signed_in, told, walk_site

from intermediaries.records import applicants
from kernel.db import HOME
from kernel.sequencer import sequence

ENDLESS = ("/lots/{lot:uuid}/hall/stream", "/api/v1/lots/{lot:uuid}/hall")
QUESTIONS = {
    "/market/requests": ("q=测绘", "stage=open"),
    "/api/v1/requests": ("q=测绘",),
    "/api/v1/feed": ("limit=500",),
}
PRICE = "27654.32"
OTHERS = (
    ("agent", "91330106MB0000007X", "公正招标代理有限公司"),
    ("bidder", "91330106000009XX9X", "浙江第9建设有限公司"),
    ("expert", "11330106MB0000033X", "某大学"),
)
"""Roles that have nothing to do with the request."""
OWN = ("}/applications", "}/withdrawal")


@dataclass
class World:
    """Both sites over one market with one open draw and one request for sealed quotes."""

    trading: Site
    watching: Watching
    shop: Shop
    draw: UUID
    quotes: UUID
    traders: dict[str, dict[str, str]]
    supervisors: dict[str, dict[str, str]]
    tokens: dict[str, dict[str, str]]

    async def apply(self) -> None:
        """Two agencies apply for the draw and quote for the other."""
        for agent in self.shop.agents[:2]:
            await self.shop.apply(self.draw, agent)
            await self.shop.quote(self.quotes, agent, PRICE)


@pytest.fixture
async def world(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> AsyncIterator[World]:
    await clock.freeze(START)
    county = await County.make(tmp_path, house)
    async with Shop.open(tmp_path, house, clock, agencies=3) as shop:
        county.tools = shop.market.tools
        draw, quotes = await shop.publish("draw"), await shop.publish("lowest")
        rival = shop.agents[2].actor
        async with (
            trading_site(county) as site,
            supervision_site(county, house, faces, tmp_path / "supervision") as watching,
        ):
            await watching.there()
            people = {"purchaser": shop.owner, "operator": shop.market.operator, "intermediary": rival}
            traders = {name: await signed_in(site.app, person) for name, person in people.items()}
            people |= {role: await actor(role, code, name) for role, code, name in OTHERS}
            tokens = {name: {"authorization": f"Bearer {await token_of(person)}"} for name, person in people.items()}
            await watching.here()
            officers = {
                "regulator": watching.officers()[0].actor,
                "inspector": await officer("inspector", "某区监察委员会"),
            }
            watchers = {name: await signed_in(watching.app, person) for name, person in officers.items()}
            await watching.there()
            everybody = {"public": {}} | traders, {"public": {}} | watchers
            yield World(site, watching, shop, draw, quotes, *everybody, {"public": {}} | tokens)


async def walk(world: World, case: UUID) -> Walked:
    await sequence(HOME)
    values = {"case": str(case), "request": str(case), "subject": str(case), "n": "1", "rater": "owner"}
    found = await walk_site(world.trading.app, world.traders, values, questions=QUESTIONS, endless=ENDLESS)
    await world.watching.here()
    seen = await walk_site(world.watching.app, world.supervisors, values, questions=QUESTIONS)
    await world.watching.there()
    return found | {f"supervision {place}": answer for place, answer in seen.items()}


async def test_nothing_that_anybody_else_is_shown_changes_with_the_applications(world: World) -> None:
    before = {case: await walk(world, case) for case in (world.draw, world.quotes)}
    refused = {case: await tried(world, case) for case in before}
    both = [*before.values(), *refused.values()]
    assert [place for walked in both for place, (status, _, _) in walked.items() if status >= 500] == []
    assert {status for status, _, _ in refused[world.draw].values()} >= {401, 403, 404, 409}
    await world.apply()
    for case, empty in before.items():
        assert differing(refused[case], await tried(world, case)) == [], "nor what an act is refused with"
        found = await walk(world, case)
        assert set(found) == set(empty)
        assert differing(empty, found) == []
        assert told(found, [PRICE]) == []


async def tried(world: World, case: UUID) -> Walked:
    """Every act on a request as everybody, but the two that somebody here may do: to apply, and to take it back.

    Who has nothing to do with requests is refused before the mode is looked at: he tries one of the two.
    """
    values, strangers = {"case": str(case), "n": "1", "rater": "owner"}, {role for role, _, _ in OTHERS}
    people = {role: headers for role, headers in world.tokens.items() if case == world.quotes or role not in strangers}
    return await knock(world.trading.app, people, values, holding="{case", but=OWN)


async def test_the_walk_sees_what_an_applicant_is_shown_himself(world: World) -> None:
    """The walk above would be worth nothing if it could not see an application."""
    mine = await signed_in(world.trading.app, world.shop.agents[0].actor)
    own = {"own": mine}
    values = {"case": str(world.draw)}
    empty = await walk_site(world.trading.app, own, values, questions=QUESTIONS, endless=ENDLESS)
    await world.apply()
    found = await walk_site(world.trading.app, own, values, questions=QUESTIONS, endless=ENDLESS)
    assert "own /requests/{case:uuid}" in differing(empty, found)


async def test_the_supervision_login_reads_no_applicant_before_the_close(world: World, house: Databases) -> None:
    await world.apply()
    looking = await asyncpg.connect(house.supervision_trading)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await looking.fetch("select * from intermediaries.application")
        seen = "select count(*) from intermediaries.applicant where request = any($1)"
        assert await looking.fetchval(seen, [world.draw, world.quotes]) == 0
        acts = "select array_agg(distinct act) from box.seen_event where case_key = any($1)"
        told_of = set(await looking.fetchval(acts, [str(world.draw), str(world.quotes)]))
        assert not told_of & {"apply_request", "submit_quote", "withdraw_application", "refuse"}
        await world.shop.close(world.draw)
        assert await looking.fetchval(seen, [world.draw]) == 2, "after the close it rebuilds the draw's list from these"
    finally:
        await looking.close()


async def test_no_line_of_the_access_log_counts_applications(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "yangguang.access")
    caplog.clear()
    agent = world.shop.agents[0].actor
    api = await world.trading.of(agent)
    answer = await api.post(f"/requests/{world.draw}/applications", json={"says": "愿意承接"})
    assert answer.status_code == 201, answer.text
    async with client_of(world.trading.app, await signed_in(world.trading.app, agent)) as client:
        await client.get(f"/api/v1/requests/{world.quotes}/sealing")
    assert [line.getMessage() for line in caplog.records if line.name == "yangguang.access"] == []
    assert await applicants.own_application(world.draw, agent.organisation) is not None


async def test_no_row_and_no_file_holds_a_price_before_it_is_opened(world: World, house: Databases) -> None:
    await world.apply()
    connection = await asyncpg.connect(house.admin)
    try:
        tables = await connection.fetch(
            "select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        )
        stored = b""
        for table in tables:
            for row in await connection.fetch(f"select * from {table['name']}"):  # noqa: S608
                stored += b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in row.values())
    finally:
        await connection.close()
    stored += b"".join(path.read_bytes() for path in world.shop.folder.rglob("vault/**/*") if path.is_file())
    assert len(stored) > 100_000, "something was looked at"
    assert PRICE.encode() not in stored
    assert PRICE.replace(".", "").encode() not in stored
