"""终止招标 before the opening: the boxes stay shut for good, everybody is told, and what was paid goes back."""

from datetime import timedelta
from uuid import UUID

import pytest
from conftest import TestClock
from road import DEADLINE, Bidder, County, as_admin, countersign
from story import refused
from trading_site import Site

from bidding import award_desk, records, results
from bidding.award_rules import end_grounds
from bidding.clockwork import turn
from bidding.detours.fail import end_case
from bidding.detours.follow import leave_contact
from bidding.detours.settle import refund_deposit
from bidding.hall import hall
from bidding.schemas import EndCase, LeaveContact, RefundDeposit
from bidding.stages import Stage
from kernel import inbox
from kernel.box import records as box_records
from kernel.clock import now
from kernel.errors import BadInput, TooLate, WrongStage
from kernel.identity import PUBLIC
from storage import uploads

THREE = ["38000000.00", "37500000.00", "39900000.00"]
END = EndCase(ground="terminated", reason="项目审批文件被撤销，不再建设")


async def told(bidder: Bidder) -> list[str]:
    """The messages that wait for this bidder's unit."""
    return [message.template for message in await inbox.unread(None, bidder.actor.organisation)]


async def test_everybody_reads_why_and_whoever_sent_or_asked_is_told(county: County) -> None:
    lot = await county.announced()
    await leave_contact(county.tools, PUBLIC, lot, LeaveContact(channel="mail", address="who@example.com"))
    bidders = await county.sealed_in(lot, THREE)
    slow = await county.bidder(4)
    begun = await uploads.register(str(slow.actor.organisation), f"sealed_bid:{lot}", 300 * 1024 * 1024)
    await end_case(county.tools, county.purchaser, lot, END)
    row, text = await records.lot(lot), (await records.notices(lot))[-1]
    assert (row.stage, text.kind) == (Stage.FAILED, "failure")
    assert row.failure == "终止招标（招标投标法实施条例第三十一条）：项目审批文件被撤销，不再建设"
    assert text.content["content"]["article"] == "招标投标法实施条例第三十一条"
    assert "投标保证金及银行同期存款利息" in text.content["content"]["returns"]
    for one in (*bidders, slow):
        assert "case_ended" in await told(one)
    assert (await uploads.show(begun.id, str(slow.actor.organisation))).state == "erasing"
    sql = "select count(*) from kernel.outbox o join kernel.message m on m.id = o.message where m.template = $1"
    assert await as_admin(sql, "case_ended") == 1, "who left an address"


@pytest.mark.parametrize("minutes", [-30, 0, 5])
async def test_nothing_is_opened_however_far_the_box_had_come(county: County, clock: TestClock, minutes: int) -> None:
    lot = await county.announced()
    await county.sealed_in(lot, THREE)
    for minute in range(0, minutes + 1, 5):
        await clock.freeze(DEADLINE + timedelta(minutes=minute))
        await turn(county.tools, lot)
    if minutes == 5:
        await countersign(lot)  # posted, and not taken yet
    await end_case(county.tools, county.purchaser, lot, END)
    await clock.freeze(DEADLINE + timedelta(hours=3))
    await turn(county.tools, lot)
    await county.work()
    assert (await box_records.box(lot)).state == "failed"
    assert await box_records.messages(lot, "countersign", "reveal", "attest", "release") == []
    assert await box_records.seeds(lot) == {}
    assert (await hall(lot)).phase == "failed"


async def test_who_comes_after_the_end_is_told_that_it_has_ended(county: County) -> None:
    lot = await county.announced()
    first, second = await county.sealed_in(lot, THREE[:2])
    await end_case(county.tools, county.purchaser, lot, END)
    setup = await county.setup(lot)
    await first.seal(setup, (await box_records.box(lot)).notice, "37000000.00", documents=False)
    for act in (first.submit(county.tools, lot), second.withdraw(county.tools, lot, setup)):
        assert (await refused(WrongStage, act)).code == "case_ended"
    again = await refused(WrongStage, end_case(county.tools, county.purchaser, lot, END))
    assert again.code == "wrong_stage"


async def test_it_is_not_ended_once_the_list_is_countersigned_and_again_after_the_record(
    county: County, clock: TestClock
) -> None:
    lot = await county.announced()
    bidders = await county.sealed_in(lot, THREE)
    for minute in (0, 5):
        await clock.freeze(DEADLINE + timedelta(minutes=minute))
        await turn(county.tools, lot)
    await countersign(lot)
    await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.OPENING
    await refused(WrongStage, end_case(county.tools, county.purchaser, lot, END))
    for bidder in bidders:
        await bidder.reveal(county.tools, lot)
    await clock.freeze(DEADLINE + timedelta(minutes=90))
    await turn(county.tools, lot)
    await end_case(county.tools, county.purchaser, lot, END)
    content = (await records.notices(lot))[-1].content["content"]
    assert "sealed" not in content, "they were opened"


async def test_before_the_opening_there_is_one_ground_and_it_depends_on_the_law_of_the_case(county: County) -> None:
    lot = await county.announced()
    early = EndCase(ground="all_rejected", reason="都不合适")
    assert (await refused(BadInput, end_case(county.tools, county.purchaser, lot, early))).code == "end_ground_unknown"
    assert (await records.lot(lot)).stage == Stage.ANNOUNCED
    assert end_grounds("D01", recorded=False) == {
        "terminated": ("终止招标", "政府采购货物和服务招标投标管理办法第二十九条")
    }
    assert len(end_grounds("A02", recorded=True)) > 1


async def test_the_deadline_passes_over_an_ended_lot_without_a_trace(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    await end_case(county.tools, county.purchaser, lot, END)
    await clock.freeze(DEADLINE + timedelta(minutes=6))
    await turn(county.tools, lot)
    assert await box_records.messages(lot, "list", "close") == []
    late = await county.bidder(1)
    await late.seal(await county.setup(lot), (await box_records.box(lot)).notice, THREE[0])
    await refused(TooLate, late.submit(county.tools, lot))


async def test_the_deposits_of_a_lot_that_failed_go_back(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    bidders = await county.sealed_in(lot, THREE[:2])
    for minute in (0, 5):
        await clock.freeze(DEADLINE + timedelta(minutes=minute))
        await turn(county.tools, lot)
    row = await records.lot(lot)
    assert row.stage == Stage.FAILED
    paid = (await now()).date()
    for left, bidder in ((1, bidders[0]), (0, bidders[1])):
        assert [todo["title"] for todo in await award_desk.purchaser_todos(row, await now())] == ["退还投标保证金"]
        command = RefundDeposit(bidder=bidder.actor.organisation_code or "", paid_on=paid)
        assert await refund_deposit(county.purchaser, lot, command) == left
        assert "deposit_refunded" in await told(bidder)
    assert await award_desk.purchaser_todos(row, await now()) == []
    again = await refused(WrongStage, refund_deposit(county.purchaser, lot, command))
    assert (again.code, again.problems[0].article) == ("nothing_to_refund", "")
    assert "deposit_refunded" in (await results.facts([lot]))[lot]


async def test_over_http_it_is_ended_once_and_money_goes_back(site: Site) -> None:
    county = site.county
    lot: UUID = await county.announced()
    (bidder,) = await county.sealed_in(lot, THREE[:1])
    purchaser = await site.of(county.purchaser)
    assert (await (await site.of(bidder.actor)).post(f"/lots/{lot}/end", json=END.model_dump())).status_code == 403
    ended = await purchaser.post(f"/lots/{lot}/end", json=END.model_dump())
    assert (ended.status_code, ended.json()["notice"]) == (201, 2)
    told_all = (await site.public().get(f"/lots/{lot}/result")).json()["notices"][-1]
    assert told_all["content"]["sealed"] == "已经递交的投标文件保持密封，不予开启"
    refund = {
        "bidder": bidder.actor.organisation_code,
        "interest": "1.25",
        "paid_on": "2026-03-02",
    }
    assert (await purchaser.post(f"/lots/{lot}/refunds", json=refund)).json() == {"left": 0}
