"""The stories of the award (16, 21): publicity and its last second, who wins, the contract, what is late and seen."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from award_road import awarded, bidder_of, contract, passed_over, publicised, publicity, reported
from conftest import TestClock
from road import County, as_admin
from story import at, refused

from bidding import observed, records, results
from bidding.detours.challenge import answer_result, object_result
from bidding.detours.fail import end_case
from bidding.detours.settle import file_report, refund_deposit
from bidding.schemas import (
    AnswerObjection,
    ConfirmContract,
    DecideAward,
    EndCase,
    FileReport,
    RaiseObjection,
    RefundDeposit,
)
from bidding.stages import Stage
from bidding.steps.award import decide_award
from bidding.steps.contract import confirm_contract, file_contract
from bidding.steps.publicise import candidates_of, publicise_candidates
from kernel.clock import now
from kernel.errors import Forbidden, LawRefuses, TooLate, WrongStage
from kernel.law import LawInForce
from kernel.watched import ENDED

HANDED_OVER = at("2026-05-06 16:00")
OBJECTION = RaiseObjection(text="第一名的项目经理另有在建工程")


@pytest.fixture
async def lot(county: County, clock: TestClock) -> UUID:
    """Four bids, opened on 04-20; the panel's report is signed and handed over on 2026-05-06."""
    return await reported(county, clock, HANDED_OVER)


async def decided(county: County, lot: UUID, rank: int = 1, **more: object) -> str:
    bidder = (await candidates_of(lot))[rank - 1].bidder
    await decide_award(county.tools, county.purchaser, lot, DecideAward.model_validate({"bidder": bidder, **more}))
    return bidder


# 16 ------------------------------------------------------------------------------------------------------------


async def test_publicity_may_begin_on_05_09_and_is_late_on_05_10(county: County, clock: TestClock, lot: UUID) -> None:
    """Scenario 16: the report was handed over on 2026-05-06."""
    await clock.freeze(at("2026-05-10 09:00"))
    late = await refused(
        LawRefuses,
        publicise_candidates(county.tools, county.purchaser, lot, await publicity(lot, date(2026, 5, 13))),
    )
    assert [p.article for p in late.problems] == ["招标投标法实施条例第五十四条"]
    assert late.problems[0].field == "late_reason"
    await clock.freeze(at("2026-05-09 17:30"))
    await publicise_candidates(county.tools, county.purchaser, lot, await publicity(lot, date(2026, 5, 12)))
    shown = (await records.notices(lot))[-1].content["content"]
    assert shown["late"] == {}


async def test_a_late_publicity_goes_on_with_its_reason_and_says_so_to_everybody(
    county: County, clock: TestClock, lot: UUID
) -> None:
    await clock.freeze(at("2026-05-10 09:00"))
    command = await publicity(lot, date(2026, 5, 13), late_reason="招标人内部审批延误")
    await publicise_candidates(county.tools, county.purchaser, lot, command)
    shown = (await records.notices(lot))[-1].content["content"]
    assert shown["late"]["reason"] == "招标人内部审批延误"
    assert shown["late"]["problems"]


async def test_publicity_from_05_09_to_05_11_is_two_full_days_and_refused(
    county: County, clock: TestClock, lot: UUID
) -> None:
    """Scenario 16: three days are taken."""
    await clock.freeze(at("2026-05-09 09:00"))
    for last_day, kept in ((date(2026, 5, 11), False), (date(2026, 5, 12), True)):
        act = publicise_candidates(county.tools, county.purchaser, lot, await publicity(lot, last_day))
        if kept:
            assert (await act)["until"] == "2026-05-13T00:00:00.000+08:00"
        else:
            short = await refused(LawRefuses, act)
            assert [(p.article, p.field) for p in short.problems] == [("招标投标法实施条例第五十四条", "last_day")]


async def test_what_the_publicity_must_tell_is_asked_for_all_at_once(county: County, lot: UUID) -> None:
    command = await publicity(lot, date(2026, 5, 8))
    bare = command.model_copy(update={"details": command.details[:1]})
    refusal = await refused(LawRefuses, publicise_candidates(county.tools, county.purchaser, lot, bare))
    assert sorted(p.code for p in refusal.problems) == ["details_missing", "details_missing", "law_t11"]


async def test_at_most_three_candidates_are_shown_ranked_with_all_that_law_wants(
    county: County, clock: TestClock, lot: UUID
) -> None:
    await clock.freeze(at("2026-05-09 09:00"))
    await publicised(county, lot)
    content = (await records.notices(lot))[-1].content["content"]
    assert [one["rank"] for one in content["candidates"]] == [1, 2, 3]
    for one in content["candidates"]:
        assert {"name", "price", "quality", "period_days", "total", "manager", "certificate", "qualification"} <= set(
            one
        )
    assert content["objection"]["channel"]


async def test_an_objection_of_the_last_second_is_taken_and_one_second_later_refused(
    county: County, clock: TestClock, lot: UUID
) -> None:
    """Scenario 16."""
    await clock.freeze(at("2026-05-09 09:00"))
    await publicised(county, lot)
    loser = await bidder_of(county, (await candidates_of(lot))[2].bidder)
    await clock.freeze(at("2026-05-12 23:59:59"))
    await object_result(loser, lot, OBJECTION)
    await clock.freeze(at("2026-05-13 00:00:00"))
    late = await refused(TooLate, object_result(loser, lot, OBJECTION))
    assert late.problems[0].article == "招标投标法实施条例第五十四条"
    assert len(await records.objections(lot, "result")) == 1


async def test_only_a_bidder_of_the_lot_objects_and_only_once_is_he_answered(
    county: County, clock: TestClock, lot: UUID
) -> None:
    await publicised(county, lot)
    stranger = (await county.bidder(9)).actor
    await refused(Forbidden, object_result(stranger, lot, OBJECTION))
    objection = await object_result((await county.bidder(2)).actor, lot, OBJECTION)
    answer = AnswerObjection(objection=objection, answer="经核实，该项目经理无在建工程")
    await answer_result(county.purchaser, lot, answer)
    await refused(WrongStage, answer_result(county.purchaser, lot, answer))


async def test_an_unanswered_objection_pauses_the_award(county: County, clock: TestClock, lot: UUID) -> None:
    until = await publicised(county, lot)
    objection = await object_result((await county.bidder(2)).actor, lot, OBJECTION)
    await clock.freeze(until)
    paused = await refused(WrongStage, decided(county, lot))
    assert paused.code == "result_objection_open"
    await answer_result(county.purchaser, lot, AnswerObjection(objection=objection, answer="不成立"))
    await decided(county, lot)
    assert (await records.lot(lot)).stage == Stage.AWARDED


# the award -----------------------------------------------------------------------------------------------------


async def test_nobody_wins_before_the_publicity_is_over(county: County, clock: TestClock, lot: UUID) -> None:
    until = await publicised(county, lot)
    await clock.freeze(until - timedelta(seconds=1))
    assert (await refused(WrongStage, decided(county, lot))).code == "publicity_runs"
    await clock.freeze(until)
    await decided(county, lot)


async def test_works_are_not_awarded_without_a_publicity(county: County, lot: UUID) -> None:
    told = (await publicity(lot, date(2026, 5, 9))).details[0]
    command = DecideAward(bidder=told.bidder, details=told)
    early = await refused(WrongStage, decide_award(county.tools, county.purchaser, lot, command))
    assert early.code == "publicity_missing"


async def test_rank_two_wins_only_with_a_lawful_reason_and_its_evidence(
    county: County, clock: TestClock, lot: UUID
) -> None:
    await clock.freeze(await publicised(county, lot))
    bare = await refused(LawRefuses, decided(county, lot, 2))
    assert [p.article for p in bare.problems] == ["招标投标法实施条例第五十五条"]
    first = (await candidates_of(lot))[0].bidder
    reason = await passed_over(county, first)
    winner = await decided(county, lot, 2, passed_over=[reason])
    award = await results.paper(lot, "award")
    assert award is not None
    assert (award.content["bidder"], award.content["rank"]) == (winner, 2)
    (said,) = award.content["passed_over"]
    assert (said["bidder"], said["says"], said["evidence"]["label"]) == (first, "放弃中标", "放弃中标声明.pdf")
    assert (await records.notices(lot))[-1].content["content"]["passed_over"][0]["says"] == "放弃中标"


async def test_all_bidders_are_told_at_the_same_moment(county: County, clock: TestClock, lot: UUID) -> None:
    await awarded(county, clock, lot)
    for template, count in (("award_won", 1), ("award_lost", 3)):
        sql = "select count(*) from kernel.message where template = $1"
        assert await as_admin(sql, template) == count


# 21 and the contract -------------------------------------------------------------------------------------------


async def test_a_contract_that_is_not_the_award_is_refused_term_by_term(
    county: County, clock: TestClock, lot: UUID
) -> None:
    await awarded(county, clock, lot)
    other = await contract(county, lot, price=Decimal("37000000.00"), period_days=200, quality="优良")
    differs = await refused(LawRefuses, file_contract(county.tools, county.purchaser, lot, other))
    assert [p.code for p in differs.problems] == [
        "contract_price_differs", "contract_period_days_differs", "contract_quality_differs",
    ]  # fmt: skip
    assert {p.article for p in differs.problems} == {"招标投标法实施条例第五十七条"}
    assert await results.paper(lot, "contract") is None


async def test_a_bond_above_ten_percent_is_refused(county: County, clock: TestClock, lot: UUID) -> None:
    await awarded(county, clock, lot)
    dear = await contract(county, lot, bond=Decimal("3990000.01"))
    refusal = await refused(LawRefuses, file_contract(county.tools, county.purchaser, lot, dear))
    assert [p.article for p in refusal.problems] == ["招标投标法实施条例第五十八条"]


async def test_the_winner_alone_confirms_and_the_lot_is_contracted(county: County, clock: TestClock, lot: UUID) -> None:
    winner = await awarded(county, clock, lot)
    given = await file_contract(county.tools, county.purchaser, lot, await contract(county, lot))
    command = ConfirmContract(sha256=given["contract"])
    loser = await bidder_of(county, (await candidates_of(lot))[1].bidder)
    await refused(Forbidden, confirm_contract(loser, lot, command))
    await confirm_contract(await bidder_of(county, winner), lot, command)
    assert (await records.lot(lot)).stage == Stage.CONTRACTED


async def test_supervision_sees_what_is_late_after_the_award(county: County, clock: TestClock, lot: UUID) -> None:
    """Scenario 21: the contract on day 31, the report on day 16, a deposit on day 6 after the contract."""
    winner = await awarded(county, clock, lot)
    law = LawInForce.from_json((await records.lot(lot)).law or "")
    notified = (await results.facts([lot]))[lot]["award_notified"]
    assert isinstance(notified, datetime)
    assert "contract_signed" not in (await results.facts([lot]))[lot]
    await clock.freeze(notified + timedelta(days=31))
    given = await file_contract(county.tools, county.purchaser, lot, await contract(county, lot))
    assert given["late"], "told to who files it, and refused to nobody"
    await confirm_contract(await bidder_of(county, winner), lot, ConfirmContract(sha256=given["contract"]))
    await clock.freeze(notified + timedelta(days=37))
    await file_report(county.purchaser, lot, FileReport(remarks="无"))
    paid = (await now()).date()
    for bid in await results.unrefunded(lot):
        assert "deposit_refunded" not in (await results.facts([lot]))[lot], "not before the last one has his"
        await refund_deposit(county.purchaser, lot, RefundDeposit(bidder=bid.bidder, paid_on=paid))
    facts = {name: value for name, value in (await results.facts([lot]))[lot].items() if not isinstance(value, str)}
    broken = {p.code for p in law.problems(facts)}
    assert broken == {"law_t18", "law_t19", "law_t20"}


async def test_a_deposit_goes_back_once(county: County, clock: TestClock, lot: UUID) -> None:
    await awarded(county, clock, lot)
    command = RefundDeposit(bidder=(await candidates_of(lot))[0].bidder, paid_on=(await now()).date())
    assert await refund_deposit(county.purchaser, lot, command) == 3
    await refused(WrongStage, refund_deposit(county.purchaser, lot, command))


async def test_a_case_is_ended_on_a_ground_of_the_law_and_everybody_reads_why(
    county: County, clock: TestClock, lot: UUID
) -> None:
    await publicised(county, lot)
    command = EndCase(ground="no_winner", reason="三名候选人均放弃中标")
    await end_case(county.tools, county.purchaser, lot, command)
    row = await records.lot(lot)
    assert row.stage == Stage.FAILED
    assert "招标投标法实施条例第五十五条" in row.failure
    assert (await records.notices(lot))[-1].kind == "failure"
    assert (await observed.facts([lot]))[lot][ENDED] == (await records.notices(lot))[-1].published_at
    await refused(WrongStage, end_case(county.tools, county.purchaser, lot, command))
