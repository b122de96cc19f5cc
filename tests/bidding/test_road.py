"""One tender walked from registration to the opening record, in every mode."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from check_case import check_case, check_cases
from conftest import TestClock
from house_databases import Databases
from road import DEADLINE, County, countersign, form_of

from bidding import records
from bidding.clockwork import turn
from bidding.detours.amend import amend_notice
from bidding.detours.object import answer_objection, raise_objection
from bidding.schemas import AmendNotice, AnswerObjection, RaiseObjection
from bidding.stages import Stage
from bidding.steps.accept import accept_project
from bidding.steps.record import conclude_opening
from bidding.steps.submit import submit_bid
from kernel.box import records as box_records
from kernel.clock import CHINA
from kernel.errors import LawRefuses, NotFound, TooLate, WrongStage
from storage import uploads


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[County]:
    """A county; however a test leaves it, every lot of it is what its own log implies."""
    county = await County.make(tmp_path, house)
    yield county
    assert await check_cases(house, county.tools), "some lot was looked at"


async def close(county: County, clock: TestClock, lot: UUID, house: Databases) -> None:
    """Deadline, list, close, countersignature: looked at after each."""
    await check_case(house, lot)
    for moment in (DEADLINE, DEADLINE + timedelta(minutes=5)):
        await clock.freeze(moment)
        await turn(county.tools, lot)
        await check_case(house, lot)
    await countersign(lot)
    await turn(county.tools, lot)
    await check_case(house, lot)


async def test_bidders_reveal_and_all_prices_appear_in_the_record(
    county: County, clock: TestClock, house: Databases
) -> None:
    lot = await county.announced()
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await close(county, clock, lot, house)
    for bidder in bidders:
        await bidder.reveal(county.tools, lot)
    assert (await records.lot(lot)).opened_at is not None
    await clock.freeze(DEADLINE + timedelta(minutes=20))
    await turn(county.tools, lot)
    record, _ = await records.opening(lot) or ({}, "")
    assert sorted(form_of(record).values()) == ["37500000.00", "38000000.00", "39900000.00"]


async def test_three_roles_open_together_and_no_bidder_needs_to_come(
    county: County, clock: TestClock, house: Databases
) -> None:
    lot = await county.announced("roles")
    await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await close(county, clock, lot, house)
    await county.work()
    await turn(county.tools, lot)
    assert {v["outcome"] for v in await box_records.verdicts(lot)} == {"opened"}


async def test_a_bidder_who_lost_his_recovery_is_opened_by_the_fallback(
    county: County, clock: TestClock, house: Databases
) -> None:
    lot = await county.announced()
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await close(county, clock, lot, house)
    for bidder in bidders[:2]:
        await bidder.reveal(county.tools, lot)
    assert (await records.lot(lot)).opened_at is None, "nothing is shown before the window ends"
    await clock.freeze(DEADLINE + timedelta(minutes=66))
    await county.work()
    await turn(county.tools, lot)
    found = await box_records.verdicts(lot)
    assert [v["outcome"] for v in found] == ["opened"] * 6
    ways = {way for _, way in (await box_records.seeds(lot)).values()}
    assert ways == {"reveal", "release"}


async def test_who_does_not_reveal_and_wanted_no_fallback_has_revoked_his_bid(
    county: County, clock: TestClock, house: Databases
) -> None:
    lot = await county.announced("bidder-only")
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"], fallback=False)
    await close(county, clock, lot, house)
    for bidder in bidders[:2]:
        await bidder.reveal(county.tools, lot)
    await clock.freeze(DEADLINE + timedelta(minutes=66))
    await turn(county.tools, lot)
    shut = [v for v in await box_records.verdicts(lot) if v["outcome"] != "opened"]
    assert {(v["outcome"], v["culprit"], v["code"]) for v in shut} == {("revoked", "bidder", "not_revealed")}


async def test_two_bids_are_too_few_and_nothing_is_ever_opened(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00"])
    await clock.freeze(DEADLINE + timedelta(minutes=5))
    await turn(county.tools, lot)
    await turn(county.tools, lot)
    row = await records.lot(lot)
    assert row.stage == Stage.FAILED
    assert "第四十四条" in row.failure
    with pytest.raises(WrongStage):
        await bidders[0].reveal(county.tools, lot)
    assert await box_records.seeds(lot) == {}


async def test_the_millisecond_before_the_deadline_is_in_time(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    bidder = await county.bidder(1)
    await bidder.seal(await county.setup(lot), "0" * 64, "1.00")
    await clock.freeze(DEADLINE - timedelta(milliseconds=1))
    receipt = await bidder.submit(county.tools, lot)
    assert receipt.received == "2026-04-20T09:29:59.999+08:00"


async def test_the_deadline_itself_is_late_and_leaves_nothing_behind(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    bidder = await county.bidder(1)
    await bidder.seal(await county.setup(lot), "0" * 64, "1.00")
    command = await bidder.command(county.tools, lot)
    await clock.freeze(DEADLINE)
    with pytest.raises(TooLate, match="已过投标截止时间"):
        await submit_bid(county.tools, bidder.actor, lot, command)
    assert await box_records.standing(lot) == ([], [])
    for upload in command.uploads.values():
        with pytest.raises(NotFound):
            await uploads.show(upload, str(bidder.actor.organisation))


async def test_a_changed_price_alone_is_sent_and_the_last_bid_is_opened(
    county: County, clock: TestClock, house: Databases
) -> None:
    lot = await county.announced()
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    again = bidders[0]
    sealed = await again.seal(
        await county.setup(lot), (await box_records.box(lot)).notice, "37000000.00", documents=False
    )
    sent = [f.size for s in sealed.bid.stages if s.seq == 2 for f in s.files]
    assert sum(sent) < 1_000_000
    await again.submit(county.tools, lot)
    await close(county, clock, lot, house)
    for bidder in bidders:
        await bidder.reveal(county.tools, lot)
    prices = {v["index"]["form"]["price"] for v in await box_records.verdicts(lot) if v["index"]}
    assert prices == {"37000000.00", "37500000.00", "39900000.00"}


async def test_a_withdrawn_bid_does_not_stand_and_may_come_again(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    receipt = await bidders[0].withdraw(county.tools, lot, await county.setup(lot))
    assert receipt.kind == "withdraw"
    standing, withdrawn = await box_records.standing(lot)
    assert (len(standing), len(withdrawn)) == (2, 1)
    await clock.freeze(DEADLINE)
    with pytest.raises(TooLate):
        await bidders[1].withdraw(county.tools, lot, await county.setup(lot))


async def test_the_same_request_twice_gets_the_same_receipt(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    bidder = await county.bidder(1)
    await bidder.seal(await county.setup(lot), "0" * 64, "1.00")
    command, request = await bidder.command(county.tools, lot), uuid4()
    first = await submit_bid(county.tools, bidder.actor, lot, command, request)
    assert await submit_bid(county.tools, bidder.actor, lot, command, request) == first


async def test_an_unanswered_objection_keeps_the_session_open(
    county: County, clock: TestClock, house: Databases
) -> None:
    lot = await county.announced()
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await close(county, clock, lot, house)
    for bidder in bidders:
        await bidder.reveal(county.tools, lot)
    objection = await raise_objection(bidders[0].actor, lot, RaiseObjection(text="唱价与投标函不一致"))
    with pytest.raises(WrongStage, match="异议尚未答复"):
        await conclude_opening(county.tools, county.purchaser, lot)
    await answer_objection(county.purchaser, lot, AnswerObjection(objection=objection, answer="已核对，一致"))
    await conclude_opening(county.tools, county.purchaser, lot)
    assert (await records.lot(lot)).stage == Stage.OPENED


async def test_nineteen_days_for_preparing_bids_are_refused_with_the_article(county: County) -> None:
    lot = (await county.register())[0]
    await accept_project(county.operator, lot.project)
    with pytest.raises(LawRefuses) as refused:
        await county.publish(lot.id, datetime(2026, 3, 21, 9, 30, tzinfo=CHINA))
    assert "招标投标法第二十四条" in {p.article for p in refused.value.problems}
    await county.publish(lot.id, datetime(2026, 3, 22, 9, 30, tzinfo=CHINA))


async def test_a_bidder_who_reveals_half_cannot_stop_the_others(
    county: County, clock: TestClock, house: Databases
) -> None:
    """What the roles have opened meanwhile does not change the list they attest and release."""
    lot = await county.announced()
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await close(county, clock, lot, house)
    await bidders[0].reveal(county.tools, lot, stages=("documents",))
    await bidders[1].reveal(county.tools, lot)
    await clock.freeze(DEADLINE + timedelta(minutes=66))
    await county.work()
    await turn(county.tools, lot)
    assert {v["outcome"] for v in await box_records.verdicts(lot)} == {"opened"}


async def test_a_moved_deadline_that_nobody_signed_closes_nothing(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    later = DEADLINE + timedelta(days=2)
    change = AmendNotice(text="工程量清单第 3 页更正", deadline=later)
    await amend_notice(county.tools, county.purchaser, lot, change)
    await clock.freeze(later)
    await turn(county.tools, lot)
    assert (await box_records.box(lot)).state == "ready"
    await county.work()
    await turn(county.tools, lot)
    assert (await box_records.box(lot)).state == "listed"
