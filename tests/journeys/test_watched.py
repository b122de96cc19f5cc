"""The stories of supervision and of the record: suspension (52), regions (55), notice (57), log (58), time (62)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from uuid import UUID

import asyncpg
import pytest
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from road import DEPARTMENT, County
from story import at, close, refused
from supervision_site import Watching, officer, supervision_site

from bidding import records
from bidding.clockwork import turn
from bidding.detours.amend import amend_notice
from bidding.schemas import AmendNotice
from bidding.stages import Stage
from bidding.steps.submit import submit_bid
from kernel import log
from kernel.box import close as box_close
from kernel.box import records as box_records
from kernel.clock import wall
from kernel.db import HOME, TRADING, transaction
from kernel.directives import Standing
from kernel.errors import Directed, Forbidden, TooLate, WrongStage
from kernel.logcheck import read_back
from kernel.proofs.canonical import decode
from kernel.settings import Settings, Surroundings, UnsafeStart, refuse_unsafe_start
from supervision import cases
from supervision.confirm import confirm
from supervision.direct import GiveOrder, draft_order

# 52 ------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def watching(county: County, house: Databases, faces: Faces, tmp_path: Path) -> AsyncIterator[Watching]:
    async with supervision_site(county, house, faces, tmp_path / "supervision") as site:
        await site.there()
        yield site


async def order(watching: Watching, lot: UUID, asked: GiveOrder) -> Standing:
    """One of the county's regulators drafts an order, the other confirms; the engines stand at trading again."""
    await watching.here()
    first, second = [holder.actor for holder in watching.officers()]
    draft = await draft_order(first, lot, asked)
    await confirm(second, draft, watching.app.state.own_keys.process)
    given = (
        next(standing for standing in await cases.standing(lot) if standing.id == draft)
        if asked.kind != "resume"
        else None
    )
    await watching.there()
    return given


async def test_a_suspension_of_09_00_stops_everything_at_09_00_01(watching: Watching, clock: TestClock) -> None:
    """Scenario 52."""
    county = watching.county
    lot = await county.announced()
    bidder = await county.bidder(1)
    await bidder.seal(await county.setup(lot), (await box_records.box(lot)).notice, "38000000.00")
    command = await bidder.command(county.tools, lot)
    await clock.freeze(at("2026-04-20 09:00:00.000"))
    stop = await order(watching, lot, GiveOrder(kind="suspend", says="核查围标举报"))
    await clock.freeze(at("2026-04-20 09:00:01.000"))
    change = AmendNotice(text="更正", deadline=at("2026-05-20 09:30"))
    for act in (
        submit_bid(county.tools, bidder.actor, lot, command),
        amend_notice(county.tools, county.purchaser, lot, change),
    ):
        assert "核查围标举报" in (await refused(Directed, act)).problems[0].says
    await clock.freeze(at("2026-04-20 09:30:00.000"))
    await refused(Directed, turn(county.tools, lot))
    assert (await records.lot(lot)).stage == Stage.ANNOUNCED, "the deadline has passed and nothing was closed"
    await order(watching, lot, GiveOrder(kind="resume", says="核查结束", lifts=stop.id))
    await turn(county.tools, lot)
    resumed = await records.lot(lot)
    assert (resumed.stage, resumed.deadline) == (Stage.ANNOUNCED, at("2026-04-21 09:30")), "the lost day is given back"


async def test_a_suspension_stops_an_opening_that_has_begun(watching: Watching, clock: TestClock) -> None:
    county = watching.county
    lot = await county.announced()
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await close(county, clock, lot)
    await bidders[0].reveal(county.tools, lot)
    await order(watching, lot, GiveOrder(kind="suspend", says="核查解密异常"))
    await refused(Directed, bidders[1].reveal(county.tools, lot))
    assert len(await box_records.seeds(lot)) == 2, "the two stages of the first bidder, as they were"


async def test_a_suspension_of_thirty_days_ends_by_itself(watching: Watching, clock: TestClock) -> None:
    """Scenario 52."""
    county = watching.county
    lot = await county.announced()
    until = at("2026-04-01 09:00")
    await order(watching, lot, GiveOrder(kind="suspend", says="核查", until=until))
    change = AmendNotice(text="更正", affects_bids=False)
    await clock.freeze(until - timedelta(milliseconds=1))
    await refused(Directed, amend_notice(county.tools, county.purchaser, lot, change))
    await clock.freeze(until)
    await turn(county.tools, lot)
    given = await amend_notice(county.tools, county.purchaser, lot, change)
    assert given["notice"] == 4, "after the texts that told of the suspension and of its end"


# 55 ------------------------------------------------------------------------------------------------------------


async def test_a_regulator_of_another_county_sees_nothing_and_the_provinces_sees_both(watching: Watching) -> None:
    """Scenario 55."""
    lot = await watching.county.announced()
    neighbour = await officer("regulator", "拱墅区住房和城乡建设局", region="330105", departments=(DEPARTMENT,))
    province = await officer("regulator", "浙江省住房和城乡建设厅", region="330000", departments=(DEPARTMENT,))
    await watching.here()
    assert (await refused(Forbidden, cases.look(neighbour, lot))).code == "out_of_region"
    assert await cases.cases(neighbour) == ([], 0)
    assert (await cases.look(province, lot)).id == lot
    assert [row.id for row in (await cases.cases(province))[0]] == [lot]
    await watching.there()
    assert (await records.public_lot(lot)).id == lot, "its public pages stay public"


# 57 ------------------------------------------------------------------------------------------------------------


async def test_a_published_notice_can_only_be_followed_by_a_numbered_change(county: County, house: Databases) -> None:
    lot = await county.announced()
    first = (await records.notices(lot))[0]
    change = AmendNotice(text="开标地点更正", affects_bids=False)
    await refused(Forbidden, amend_notice(county.tools, county.operator, lot, change))
    for login in (house.trading, house.owner):
        connection = await asyncpg.connect(login)
        try:
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
                await connection.execute("update bidding.notice set body = 'x' where lot = $1", lot)
        finally:
            await connection.close()
    await amend_notice(county.tools, county.purchaser, lot, change)
    kept, change_notice = await records.notices(lot)
    assert (kept.body, kept.sha256) == (first.body, first.sha256)
    assert (change_notice.n, change_notice.kind) == (2, "amendment")


# 58 ------------------------------------------------------------------------------------------------------------


async def test_an_altered_row_of_the_log_is_named_exactly(county: County, house: Databases) -> None:
    lot = await county.announced()
    assert await read_back(HOME) == []
    admin = await asyncpg.connect(house.admin)
    try:
        event = await admin.fetchrow("select id, n, body from kernel.log_event where act = 'publish_notice'")
        await rewrite(admin, event["id"], event["body"].replace(b"2026-04-20", b"2026-04-21"))
        found = await read_back(HOME)
        await rewrite(admin, event["id"], event["body"])
    finally:
        await admin.close()
    assert [(f.code, f.row) for f in found] == [("event_altered", f"log_event {event['id']} ({lot} #{event['n']})")]
    assert await read_back(HOME) == []


async def rewrite(admin: asyncpg.Connection, event: UUID, body: bytes) -> None:
    """As the administrator of the database could, with all triggers asleep."""
    async with admin.transaction():
        await admin.execute("set local session_replication_role = replica")
        await admin.execute("update kernel.log_event set body = $2 where id = $1", event, body)


async def test_every_operation_is_exported_with_who_when_from_where_and_by_which_means(county: County) -> None:
    """电子招标投标办法第四十九条."""
    lot = await county.announced()
    async with transaction(TRADING) as connection:
        events = await log.events_of(connection, str(lot))
        private = await connection.fetch("select private from kernel.log_event where case_key = $1", str(lot))
    assert [event.act for event in events][:2] == ["register_project", "accept_project"]
    for event, row in zip(events, private, strict=True):
        said, who = decode(event.body), decode(row["private"])
        assert datetime.fromisoformat(said["at"]).tzinfo is not None
        assert said["role"]
        assert set(who) >= {"person", "name", "address", "client", "door"}


# 62 ------------------------------------------------------------------------------------------------------------


async def test_whether_a_bid_is_in_time_is_the_trusted_clocks_to_say(county: County, clock: TestClock) -> None:
    """The machine on which the site runs is months ahead of the deadline; only the database's clock counts."""
    lot = await county.announced()
    assert await wall() > at("2026-04-20 09:30"), "by the machine it is long past"
    await clock.freeze(at("2026-04-20 09:29:59.999"))
    bidder = (await county.sealed_in(lot, ["38000000.00"]))[0]
    await clock.freeze(at("2026-04-20 09:30:00.000"))
    await bidder.seal(await county.setup(lot), "0" * 64, "37000000.00")
    command = await bidder.command(county.tools, lot)
    await refused(TooLate, submit_bid(county.tools, bidder.actor, lot, command))


def test_a_machine_more_than_a_second_off_is_not_started(tmp_path: Path) -> None:
    trusted = datetime(2026, 4, 20, 1, 0, tzinfo=UTC)
    for off, starts in ((timedelta(milliseconds=900), True), (timedelta(milliseconds=1100), False)):
        seen = Surroundings("production", trusted, trusted + off, store_locks=True)
        settings = Settings(var=tmp_path, secret=token_urlsafe(48), identity_secret=token_urlsafe(48))
        if starts:
            refuse_unsafe_start(settings, seen)
            continue
        with pytest.raises(UnsafeStart) as stopped:
            refuse_unsafe_start(settings, seen)
        assert [problem.code for problem in stopped.value.problems] == ["clock_off"]


async def test_a_clock_set_back_after_the_deadline_takes_no_more_bids(county: County, clock: TestClock) -> None:
    """Somebody who owns the database turns it back to 09:00: the box is shut, whatever the clock says."""
    lot = await county.announced()
    await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    late = await county.bidder(4)
    await late.seal(await county.setup(lot), (await box_records.box(lot)).notice, "30000000.00")
    await close(county, clock, lot)
    fixed = (await box_close.fixed(await box_records.box(lot))).bids
    await clock.freeze(at("2026-04-20 09:00:00.000"))
    command = await late.command(county.tools, lot)
    shut = await refused(WrongStage, submit_bid(county.tools, late.actor, lot, command))
    assert shut.code == "box_not_ready"
    assert {bid.sha256 for bid in (await box_records.standing(lot))[0]} == set(fixed)
