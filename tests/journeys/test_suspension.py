"""Scenario 52: an order at 09:00 stops everything at 09:00:01; when it ends, the clocks have stood still."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from award_road import publicised, publicity, reported
from both_verifiers import verified
from conftest import TestClock
from expert_pool import Court, Row, put_in
from house_databases import Databases
from package_office import Office, package
from road import DEADLINE, PROCESS, County, as_admin, countersign
from story import at, close, refused, reveal

from app.events import Cursors, entries
from bidding import records, results
from bidding.clockwork import turn
from bidding.detours.amend import amend_notice
from bidding.detours.follow import leave_contact
from bidding.schemas import AmendNotice, LeaveContact
from bidding.steps.publicise import publicise_candidates
from bidding.steps.record import conclude_opening
from kernel.box import records as box_records
from kernel.clock import now
from kernel.db import HOME
from kernel.errors import Directed, WrongStage
from kernel.identity import PUBLIC
from kernel.ids import new_id
from kernel.order import GOVERNMENT_PROCUREMENT_LONGEST, build_order
from kernel.proofs import dsse
from kernel.sequencer import sequence
from kernel.standstill import merged, resumed

ORDERED = at("2026-04-10 09:00:00")


async def order(lot: UUID, kind: str, *, lifts: UUID | None = None, until: datetime | None = None) -> UUID:
    """What the supervision site posts, signed by the regulator's process; its id."""
    number = new_id()
    paper = build_order(
        id=number, case=lot, kind=kind, says="评标办法涉嫌排斥潜在投标人", issued_by="某区住房和城乡建设局",
        article="招标投标法实施条例第六十二条", lifts=lifts, until=until,
    )  # fmt: skip
    await as_admin(
        'insert into kernel.directive (id, "case", kind, lifts, body, envelope, until, posted_at)'
        " values ($1, $2, $3, $4, $5, $6, $7, kernel.law_now())",
        number, lot, kind, lifts, paper, dsse.sign(paper, PROCESS).to_bytes(), until,
    )  # fmt: skip
    return number


async def looked_at(county: County, lot: UUID) -> None:
    """The clockwork's turn, which a standing order stops after it has been put on record."""
    try:
        await turn(county.tools, lot)
    except Directed:
        return


async def test_one_second_after_the_order_every_act_is_refused(
    county: County, clock: TestClock, house: Databases
) -> None:
    """Scenario 52: the order is of 09:00; notice, bid, opening, draw and deadline stand still."""
    lot = await county.announced()
    court = await Court.of_county(county, house, lot)
    await put_in(house.admin, [Row() for _ in range(8)])
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await clock.freeze(ORDERED)
    number = await order(lot, "suspend")
    await clock.freeze(ORDERED + timedelta(seconds=1))
    change = amend_notice(county.tools, county.purchaser, lot, AmendNotice(text="图纸更正", affects_bids=False))
    stopped = await refused(Directed, change)
    assert str(number) in stopped.problems[0].remedy
    await refused(Directed, bidders[0].submit(county.tools, lot))
    await refused(Directed, conclude_opening(county.tools, county.purchaser, lot))
    await refused(Directed, court.request(evaluation_at=ORDERED + timedelta(hours=9)))
    await clock.freeze(DEADLINE)
    await refused(Directed, turn(county.tools, lot))
    assert (await box_records.box(lot)).state == "ready", "the deadline itself stands still"


async def test_the_deadline_moves_by_the_days_lost_to_a_working_day_and_all_are_told(
    county: County, clock: TestClock
) -> None:
    """Scenario 52: from Friday 04-10 09:00 to Wednesday 04-22 15:00, over the deadline of 04-20, 13 days are begun."""
    lot = await county.announced()
    await leave_contact(county.tools, PUBLIC, lot, LeaveContact(channel="mail", address="reader@example.com"))
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    unknown = (await county.register())[0].id
    await clock.freeze(ORDERED)
    number, _ = await order(lot, "suspend"), await order(unknown, "suspend")
    for case in (lot, unknown):
        await looked_at(county, case)
    assert (await records.notices(lot))[-1].kind == "suspended"
    await clock.freeze(at("2026-04-22 15:00:00"))
    await order(lot, "resume", lifts=number)
    late = await refused(Directed, bidders[0].submit(county.tools, lot))
    assert late.code == "clocks_wait", "nothing happens before the clocks are moved"
    await turn(county.tools, lot)
    moved = at("2026-05-06 09:30:00")  # thirteen days on is Sunday 05-03, and 05-01 to 05-05 are holidays
    assert (await records.lot(lot)).deadline == moved
    assert (await records.notices(lot))[-1].kind == "resumed"
    await sequence(HOME)
    fed = [(entry["act"], entry["lot"]) for entry in (await entries(Cursors(bytes(32)), "", 500))["entries"]]
    assert fed == [(act, str(lot)) for act in ("publish_notice", "suspend_case", "resume_case")], "of no hidden case"
    box = await box_records.box(lot)
    assert (box.deadline_at, box.deadline_signed) == (moved, False)
    await county.work()
    assert (await box_records.box(lot)).deadline_signed
    for template in ("case_suspended", "case_resumed"):
        told = await as_admin(
            "select count(*) from kernel.message where template = $1 and link = $2", template, f"/lots/{lot}"
        )
        assert told == 4, "the purchaser and every bidder"
    await bidders[0].seal(await county.setup(lot), (await box_records.box(lot)).notice, "37000000.00", documents=False)
    await bidders[0].submit(county.tools, lot)


async def test_a_publicity_that_was_stopped_runs_as_many_full_days_as_before(county: County, clock: TestClock) -> None:
    lot = await reported(county, clock, at("2026-05-06 16:00"))
    await clock.freeze(at("2026-05-09 09:00"))
    until = await publicised(county, lot)
    await clock.freeze(at("2026-05-11 10:00"))
    number = await order(lot, "suspend")
    await looked_at(county, lot)
    await clock.freeze(at("2026-05-13 10:00"))
    await order(lot, "resume", lifts=number)
    await turn(county.tools, lot)
    assert (await records.lot(lot)).publicity_until == until + timedelta(days=2)


async def test_days_of_suspension_do_not_make_a_publicity_late(county: County, clock: TestClock) -> None:
    """The report came on 05-06: three days end on 05-09; four of them suspended, on 05-13."""
    lot = await reported(county, clock, at("2026-05-06 16:00"))
    await clock.freeze(at("2026-05-07 09:00"))
    number = await order(lot, "suspend")
    await looked_at(county, lot)
    await clock.freeze(at("2026-05-11 09:00"))
    await order(lot, "resume", lifts=number)
    await turn(county.tools, lot)
    await clock.freeze(at("2026-05-13 09:00"))
    last = (await now()).date() + timedelta(days=3)
    await publicise_candidates(county.tools, county.purchaser, lot, await publicity(lot, last))
    assert (await records.notices(lot))[-1].content["content"]["late"] == {}


async def test_an_order_with_an_end_lifts_itself_and_the_clocks_go_on(county: County, clock: TestClock) -> None:
    """What a purchase's order has at most: 30 days (政府采购法 57)."""
    lot = await county.announced()
    await clock.freeze(ORDERED)
    await order(lot, "suspend", until=ORDERED + GOVERNMENT_PROCUREMENT_LONGEST)
    await looked_at(county, lot)
    await clock.freeze(ORDERED + GOVERNMENT_PROCUREMENT_LONGEST - timedelta(seconds=1))
    await refused(Directed, turn(county.tools, lot))
    await clock.freeze(ORDERED + GOVERNMENT_PROCUREMENT_LONGEST)
    await turn(county.tools, lot)
    assert (await records.lot(lot)).deadline == at("2026-05-20 09:30:00")
    assert await results.suspended(lot) == [(ORDERED, ORDERED + GOVERNMENT_PROCUREMENT_LONGEST)]


async def test_a_turn_carries_an_order_out_once(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    await clock.freeze(ORDERED)
    number = await order(lot, "suspend")
    for _ in range(3):
        await looked_at(county, lot)
    await clock.freeze(ORDERED + timedelta(days=1))
    await order(lot, "resume", lifts=number)
    for _ in range(3):
        await turn(county.tools, lot)
    assert [paper.kind for paper in await results.papers(lot)] == ["suspension", "resumption"]
    assert (await records.lot(lot)).deadline == DEADLINE + timedelta(days=1)


async def test_two_orders_at_once_cost_the_time_once(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    await clock.freeze(ORDERED)
    first = await order(lot, "suspend")
    await clock.freeze(ORDERED + timedelta(days=1))
    second = await order(lot, "suspend")
    await looked_at(county, lot)
    await clock.freeze(ORDERED + timedelta(days=2))
    await order(lot, "resume", lifts=first)
    await refused(Directed, turn(county.tools, lot))
    await clock.freeze(ORDERED + timedelta(days=3))
    await order(lot, "resume", lifts=second)
    await turn(county.tools, lot)
    assert (await records.lot(lot)).deadline == DEADLINE + timedelta(days=3)


async def test_bidders_get_back_the_minutes_of_their_window(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await close(county, clock, lot)
    before = await box_records.box(lot)
    assert before.reveal_until is not None
    await clock.freeze(before.reveal_until - timedelta(minutes=10))
    number = await order(lot, "suspend")
    await looked_at(county, lot)
    await clock.freeze(before.reveal_until + timedelta(minutes=20))
    await order(lot, "resume", lifts=number)
    await turn(county.tools, lot)
    after = await box_records.box(lot)
    assert after.reveal_until == before.reveal_until + timedelta(minutes=30)
    assert after.state == "opening"


async def test_the_package_of_a_stopped_case_shows_the_signed_orders_and_verifies(
    county: County, clock: TestClock, tmp_path: Path
) -> None:
    """The new deadline was set after the old one had passed: only the order in between makes that right."""
    office = Office(county, tmp_path)
    county.tools = replace(county.tools, anchors=office.anchors().data)
    lot = await county.announced()
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await clock.freeze(ORDERED)
    number = await order(lot, "suspend")
    await looked_at(county, lot)
    await clock.freeze(at("2026-04-22 15:00:00"))
    await order(lot, "resume", lifts=number)
    await turn(county.tools, lot)
    await county.work()
    moved = (await records.lot(lot)).deadline
    assert moved is not None
    for moment in (moved, moved + timedelta(minutes=5)):
        await clock.freeze(moment)
        await turn(county.tools, lot)
    await countersign(lot)
    await turn(county.tools, lot)
    await reveal(county, lot, bidders)
    await conclude_opening(county.tools, county.purchaser, lot)
    await county.end(lot)
    await turn(county.tools, lot)
    await office.publish()
    await turn(county.tools, lot)
    for kind in ("public", "archive"):
        report = verified(await package(county, lot, kind), office.anchors())
        assert report.failure is None, report.text()
        assert "监督指令" in [passed.name for passed in report.passed]


async def test_what_had_run_out_before_is_not_moved(county: County, clock: TestClock) -> None:
    lot = await reported(county, clock, at("2026-05-06 16:00"))
    number = await order(lot, "suspend")
    await looked_at(county, lot)
    await clock.freeze(at("2026-05-08 16:00"))
    await order(lot, "resume", lifts=number)
    await turn(county.tools, lot)
    assert (await records.lot(lot)).deadline == DEADLINE
    await refused(WrongStage, conclude_opening(county.tools, county.purchaser, lot))


@pytest.mark.parametrize(
    ("name", "stands", "expected"),
    [
        ("deadline", "2026-04-20 09:30", "2026-04-24 09:30"),
        ("documents_until", "2026-04-17 17:00", "2026-04-21 17:00"),
        ("publicity_until", "2026-04-19 00:00", "2026-04-23 00:00"),
        ("reveal_until", "2026-04-10 10:00", "2026-04-13 16:00"),
        ("deadline", "2026-04-10 09:00", ""),
        ("deadline", "2026-04-29 09:30", "2026-05-06 09:30"),
    ],
)
def test_a_clock_moves_by_whole_days_or_by_the_minutes_lost(name: str, stands: str, expected: str) -> None:
    """Stood still from 04-10 09:00 to 04-13 15:00: 3 days 6 hours, four days begun."""
    moved = resumed({name: at(stands)}, at("2026-04-10 09:00"), at("2026-04-13 15:00"))
    assert moved == ({name: at(expected)} if expected else {})


def test_stretches_that_touch_are_one() -> None:
    day = timedelta(days=1)
    found = merged(
        [(ORDERED + day, ORDERED + 3 * day), (ORDERED, ORDERED + 2 * day), (ORDERED + 5 * day, ORDERED + 6 * day)]
    )
    assert found == [(ORDERED, ORDERED + 3 * day), (ORDERED + 5 * day, ORDERED + 6 * day)]
