"""A word in time: before the deadline, before the window ends, for an order to correct; each exactly once."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from conftest import TestClock
from house_databases import Databases
from road import DEADLINE, Bidder, County, as_admin, give_order
from story import close

from bidding.case import REMIND
from bidding.clockwork import run, turn
from bidding.detours.amend import amend_notice
from bidding.detours.follow import leave_contact
from bidding.detours.remind import remind
from bidding.schemas import AmendNotice, LeaveContact
from kernel import inbox
from kernel.box import records as box_records
from kernel.db import HOME
from kernel.identity import PUBLIC, Actor
from kernel.jobs import Duty, run_one
from kernel.publishing import PUBLISH


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


async def nothing(_: Mapping[str, object]) -> None:
    """What this file is not about."""


async def work(county: County) -> None:
    """Do every job that is due."""
    lot = Duty(partial(run, county.tools), lease=timedelta(minutes=2))
    rest = {kind: Duty(nothing) for kind in (PUBLISH, "storage.promote", "storage.sweep")}
    while await run_one(HOME, {REMIND: Duty(partial(remind, county.tools)), "lot": lot, **rest}):
        pass


async def told(someone: Actor, template: str) -> list[str]:
    found = await inbox.unread(None, someone.organisation)
    return [message.text for message in found if message.template == template]


async def officers_told(county: County, template: str) -> list[int]:
    """How often each share holder was: operator's two, regulator's two, purchaser's two."""
    found = [await inbox.unread(holder.actor.person) for holder in county.holders]
    return [[message.template for message in messages].count(template) for messages in found]


async def mailed(template: str) -> int:
    sql = "select count(*) from kernel.outbox o join kernel.message m on m.id = o.message where m.template = $1"
    return int(await as_admin(sql, template))


async def test_a_day_before_the_deadline_followers_and_the_purchaser_are_told_once(
    county: County, clock: TestClock
) -> None:
    lot = await county.announced()
    await leave_contact(county.tools, PUBLIC, lot, LeaveContact(channel="mail", address="reader@example.com"))
    await clock.freeze(DEADLINE - timedelta(days=1, seconds=1))
    await work(county)
    assert await mailed("deadline_near") == 0
    await clock.freeze(DEADLINE - timedelta(days=1))
    await work(county)
    await work(county)
    assert await mailed("deadline_near") == 1
    assert len(await told(county.purchaser, "deadline_near")) == 1


async def test_a_deadline_that_was_moved_is_waited_for_anew(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    later = DEADLINE + timedelta(days=10)
    await amend_notice(county.tools, county.purchaser, lot, AmendNotice(text="延期", deadline=later))
    await clock.freeze(DEADLINE - timedelta(days=1))
    await work(county)
    assert await told(county.purchaser, "deadline_near") == []
    await clock.freeze(later - timedelta(days=1))
    await work(county)
    (text,) = await told(county.purchaser, "deadline_near")
    assert "2026年4月30日 09:30" in text


async def test_whoever_has_not_revealed_is_called_once_more_before_the_window_ends(
    county: County, clock: TestClock
) -> None:
    lot = await county.announced()
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await close(county, clock, lot)
    await bidders[0].reveal(county.tools, lot)
    until = (await box_records.box(lot)).reveal_until
    assert until is not None
    await clock.freeze(until - timedelta(minutes=10))
    await work(county)
    assert [len(await told(bidder.actor, "reveal_missing")) for bidder in bidders] == [0, 1, 1]
    assert await officers_told(county, "shares_wanted") == [0, 0, 0, 0, 0, 0], "it has not come to that"
    await clock.freeze(until)
    await work(county)
    assert await officers_told(county, "shares_wanted") == [1, 1, 0, 0, 1, 1], "the regulator has a desk of his own"
    for holder in county.holders:
        await holder.work(county.tools, "attest")
    await county.holders[0].work(county.tools)
    until = (await box_records.box(lot)).fallback_until
    assert until is not None
    await clock.freeze(until - timedelta(minutes=10))
    await work(county)
    assert await officers_told(county, "shares_missing") == [0, 0, 0, 0, 1, 1], "the operator's have done their part"


async def test_the_purchaser_is_told_of_an_order_to_correct_once(county: County) -> None:
    lot = await county.announced()
    await give_order(lot, "correct", "资格条件与项目无关，应予删除")
    for _ in range(2):
        await turn(county.tools, lot)
        await work(county)
    (text,) = await told(county.purchaser, "case_to_correct")
    assert "资格条件与项目无关，应予删除" in text
    assert "指令所定期限" in text


async def test_those_whose_bids_stand_are_told_of_a_change_and_nobody_else(county: County) -> None:
    lot = await county.announced()
    bidders: list[Bidder] = await county.sealed_in(lot, ["38000000.00", "37500000.00"])
    await bidders[1].withdraw(county.tools, lot, await county.setup(lot))
    await amend_notice(county.tools, county.purchaser, lot, AmendNotice(text="开标地点更正", affects_bids=False))
    assert [len(await told(bidder.actor, "notice_amended")) for bidder in bidders] == [1, 0]


async def test_a_bidders_unit_has_word_of_its_bid_and_of_its_withdrawal(county: County) -> None:
    lot = await county.announced()
    (bidder,) = await county.sealed_in(lot, ["38000000.00"])
    assert bidder.sealed is not None
    (text,) = await told(bidder.actor, "bid_received")
    assert bidder.sealed.bid.sha256[:16] in text
    await bidder.withdraw(county.tools, lot, await county.setup(lot))
    assert len(await told(bidder.actor, "bid_withdrawn")) == 1
    assert await told(county.purchaser, "bid_received") == []


async def test_holders_of_the_trading_side_are_asked_for_their_keys_at_the_acceptance(county: County) -> None:
    await county.announced()
    asked = await officers_told(county, "keys_wanted")
    assert asked == [1, 1, 0, 0, 1, 1], "operator, regulator, purchaser: the regulator's desk is on his own site"


async def test_the_purchaser_has_word_of_his_notice(county: County) -> None:
    lot = await county.announced()
    assert isinstance(lot, UUID)
    (text,) = await told(county.purchaser, "notice_published")
    assert "2026年4月20日 09:30" in text
