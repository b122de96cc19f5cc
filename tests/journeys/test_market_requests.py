"""The stories of a request in the supermarket (43, 44, 45, 48, 50, 51): Monday 2026-03-02; it closes on Thursday."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import START, TestClock
from house_databases import Databases
from market import IMPACT, SURVEY, acts, messages
from road import as_admin
from shop import CLOSES, Shop
from story import at, refused

from intermediaries.records import agencies, applicants, services
from intermediaries.records import requests as records
from intermediaries.request_case import request_act
from intermediaries.request_clockwork import ACTOR
from intermediaries.request_look import own_shortlist
from intermediaries.schemas.requests import (
    AcceptResult,
    AnswerRating,
    AnswerSelection,
    ApplyRequest,
    Avoid,
    ChooseAgency,
    FileContract,
    FollowUpRating,
    RateService,
    UnselectedContract,
)
from intermediaries.stages import Stage
from intermediaries.steps.apply import apply_request
from intermediaries.steps.confirm import answer_selection
from intermediaries.steps.contract import file_contract, file_unselected_contract
from intermediaries.steps.rate import answer_rating, follow_up_rating, rate_service
from intermediaries.steps.receive import accept_result
from intermediaries.steps.select import choose_agency
from kernel.errors import BadInput, Forbidden, LawRefuses, NotFound, TooLate, WrongStage
from kernel.toss import steps as toss_steps


@pytest.fixture
async def shop(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Shop]:
    await clock.freeze(START)
    async with Shop.open(tmp_path, house, clock, agencies=3) as made:
        yield made


# 43 ------------------------------------------------------------------------------------------------------------


async def test_an_agency_that_came_under_the_approving_department_is_refused_at_the_door(shop: Shop) -> None:
    """Scenario 43."""
    case = await shop.publish("draw")
    mine = shop.agents[0]
    sql = "update intermediaries.agency set affiliation = (select department from intermediaries.request) where id = $1"
    await as_admin(sql, mine.agency)
    refusal = await refused(Forbidden, apply_request(mine.actor, case, ApplyRequest()))
    assert [(p.code, p.article) for p in refusal.problems] == [
        ("under_approving_department", "优化营商环境条例第四十三条")
    ]


async def test_every_ground_against_an_applicant_is_said_at_once(shop: Shop) -> None:
    mine = shop.agents[0]
    case = await shop.publish(
        "draw",
        staff=3,
        all_of=[{"kind": "survey", "least": "甲级"}],
        avoid=[Avoid(code=mine.actor.organisation_code, reason="参与了需求编制").model_dump()],
    )
    refusal = await refused(Forbidden, apply_request(mine.actor, case, ApplyRequest()))
    assert {p.code for p in refusal.problems} == {"qualification_lacking", "staff_lacking", "avoidance_declared"}
    assert await applicants.own_application(case, mine.actor.organisation) is None


async def test_of_two_agencies_under_one_controller_only_the_first_takes_part_and_neither_learns_of_the_other(
    shop: Shop, clock: TestClock
) -> None:
    case = await shop.publish("draw", fiscal_percent=100)
    sql = "update intermediaries.agency set controller = '91330106000000999X' where id = any($1)"
    await as_admin(sql, [shop.agents[0].agency, shop.agents[1].agency])
    await shop.agent("第四测绘有限公司")
    for minute, agent in enumerate(shop.agents):
        await clock.freeze(at(f"2026-03-03 10:{minute:02}"))
        await shop.apply(case, agent)
    await shop.close(case)
    assert [a.shut for a in await applicants.applicants(case)] == ["", "same_controller", "", ""]
    assert (await shop.selected(case)).name != shop.agents[1].name


# 44 ------------------------------------------------------------------------------------------------------------


async def test_a_fiscal_purchase_of_80_000_is_not_filed_without_a_selection(shop: Shop) -> None:
    """Scenario 44."""
    command = UnselectedContract(
        item=SURVEY,
        region="330106",
        fiscal_percent=100,
        price=Decimal(80_000),
        service_days=7,
        signed_on=date(2026, 3, 2),
    )
    refusal = await refused(LawRefuses, file_unselected_contract(shop.market.tools, shop.owner, command))
    assert [(p.code, p.article) for p in refusal.problems] == [
        ("platform_required", "广东省优化营商环境条例第四十三条")
    ]


async def test_a_fiscal_purchase_of_80_000_may_not_be_chosen_directly_either(shop: Shop) -> None:
    refusal = await refused(BadInput, shop.publish("direct", fiscal_percent=100, amount=Decimal(80_000)))
    assert refusal.code == "mode_not_permitted"
    assert "30,000.00" in refusal.problems[0].says


async def test_an_owner_with_social_funds_chooses_directly_and_what_he_saw_is_frozen(shop: Shop) -> None:
    """Scenario 44: the region's row permits it."""
    case = await shop.publish("direct", amount=Decimal(80_000))
    sha256 = await shop.choose(case, shop.agents[1])
    (choice,) = await records.choices(case)
    assert (choice["sha256"], choice["agency"]) == (sha256, shop.agents[1].agency)
    assert all(agent.name.encode() in choice["body"] for agent in shop.agents)
    assert (await shop.row(case)).stage == Stage.SELECTED
    said = "select hashes ->> 'shortlist' from box.seen_event where case_key = $1 and act = 'choose_agency'"
    assert await as_admin(said, str(case)) == sha256


async def test_a_list_that_has_changed_since_it_was_shown_is_not_chosen_from(shop: Shop) -> None:
    case = await shop.publish("direct")
    listed = await own_shortlist(shop.owner, case)
    await shop.agent("后来的测绘有限公司")
    asked = ChooseAgency(agency=shop.agents[0].agency, reason="价格合适", seen=listed.sha256)
    assert (await refused(WrongStage, choose_agency(shop.owner, case, asked))).code == "shortlist_changed"
    assert await records.choices(case) == []


async def test_a_fiscal_purchase_over_the_procurement_threshold_belongs_elsewhere(shop: Shop) -> None:
    refusal = await refused(BadInput, shop.publish("draw", fiscal_percent=60, amount=Decimal(300_001)))
    assert [p.field for p in refusal.problems] == ["amount"]
    assert "财库〔2019〕69号" in refusal.problems[0].article


# 45 ------------------------------------------------------------------------------------------------------------


async def test_two_applicants_of_a_state_funded_draw_are_too_few(shop: Shop) -> None:
    """Scenario 45."""
    case = await shop.publish("draw", fiscal_percent=100)
    await shop.apply(case, *shop.agents[:2])
    await shop.close(case)
    row = await shop.row(case)
    assert row.stage == Stage.FAILED
    assert "2 家，少于 3 家" in row.failure
    assert (await messages(shop.owner.organisation))[-1] == "request_failed"


async def test_three_applicants_give_exactly_one_and_never_a_second_draw(shop: Shop) -> None:
    """Scenario 45."""
    case = await shop.publish("draw", fiscal_percent=100)
    await shop.apply(case, *shop.agents)
    await shop.close(case)
    row = await shop.row(case)
    assert (row.stage, len(await records.selections(case))) == (Stage.SELECTED, 1)
    await shop.close(case)
    assert len(await records.selections(case)) == 1
    assert (await acts(case)).count("toss_order") == 1
    asked = ChooseAgency(agency=shop.agents[0].agency, reason="再抽一次", seen="0" * 64)
    assert (await refused(WrongStage, choose_agency(shop.owner, case, asked))).code == "wrong_stage"
    tools = shop.market.tools
    async with request_act("fix_request_list", ACTOR, case) as found:
        again = [{"id": str(agent.agency), "employer": ""} for agent in shop.agents]
        assert row.toss is not None
        refusal = await refused(
            WrongStage,
            toss_steps.fix_list(
                found.beat, tools.hand, row.toss, strata=[("agencies", 1)], candidates={"agencies": again}
            ),
        )
        assert refusal.code == "list_fixed_already"
        await found.record()


async def test_a_draw_that_was_called_off_ends_the_request_with_its_reason(shop: Shop) -> None:
    case = await shop.publish("draw")
    await shop.apply(case, *shop.agents)
    row, tools = await shop.row(case), shop.market.tools
    assert row.toss is not None
    async with request_act("turn_draw", ACTOR, case) as found:
        await toss_steps.void(found.beat, tools.hand, row.toss, "一方的密钥疑似泄露")
    await shop.close(case)
    after = await shop.row(case)
    assert after.stage == Stage.FAILED
    assert "一方的密钥疑似泄露" in after.failure
    assert (await messages(shop.agents[0].actor.organisation))[-1] == "request_failed"


async def test_an_application_after_the_deadline_is_late(shop: Shop, clock: TestClock) -> None:
    case = await shop.publish("draw")
    await clock.freeze(CLOSES)
    assert (await refused(TooLate, apply_request(shop.agents[0].actor, case, ApplyRequest()))).code == "late"


# quotes --------------------------------------------------------------------------------------------------------


async def test_the_lowest_sealed_quote_wins_and_nobody_could_read_it_before(shop: Shop) -> None:
    case = await shop.publish("lowest", fiscal_percent=100)
    for agent, price in zip(shop.agents, ("98000", "95000", "201000"), strict=True):
        await shop.quote(case, agent, price)
    await shop.close(case, *shop.agents)
    row = await shop.row(case)
    assert row.stage == Stage.FAILED, "a quote over the ceiling leaves two, and three are needed"
    assert "有效报价 2 家" in row.failure


async def test_best_price_takes_the_quote_nearest_to_the_drawn_share_of_the_mean(shop: Shop) -> None:
    await shop.agent("第四测绘有限公司")
    await shop.agent("第五测绘有限公司")
    case = await shop.publish("best_price", fiscal_percent=100)
    for agent, price in zip(shop.agents, ("92000", "95000", "98000", "100000", "106000"), strict=True):
        await shop.quote(case, agent, price)
    await shop.close(case, *shop.agents)
    assert (await shop.selected(case)).name == "第2测绘有限公司", "95,000 wins whichever share is drawn"
    asked = await records.last_selection(case)
    assert asked is not None
    assert asked.price == Decimal(95_000)
    basis = (await records.texts(case))[-1].content["content"]["basis"]
    assert basis["percent"] in (95, 96, 97, 98)
    assert Decimal(basis["reference"]) == round(Decimal("97666.6666666667") * basis["percent"] / 100, 2)
    assert len(basis["dropped"]) == 2


async def test_who_does_not_open_his_quote_is_out_and_equal_prices_are_drawn(shop: Shop) -> None:
    await shop.agent("第四测绘有限公司")
    case = await shop.publish("lowest")
    for agent, price in zip(shop.agents, ("90000", "95000", "95000", "99000"), strict=True):
        await shop.quote(case, agent, price)
    await shop.close(case, *shop.agents[1:])
    winner = await shop.selected(case)
    assert winner in shop.agents[1:3]
    basis = (await records.texts(case))[-1].content["content"]["basis"]
    assert basis["ranking"][0] == winner.actor.organisation_code
    first = next(code for code in basis["drawn"] if code in {a.actor.organisation_code for a in shop.agents[1:3]})
    assert first == winner.actor.organisation_code, "of equal prices the one drawn first"


# 48 ------------------------------------------------------------------------------------------------------------


async def test_who_declines_gives_way_to_the_next_loses_credit_and_cannot_come_back(
    shop: Shop, clock: TestClock
) -> None:
    """Scenario 48."""
    case = await shop.publish("draw", fiscal_percent=100)
    await shop.apply(case, *shop.agents)
    await shop.close(case)
    first = await shop.selected(case)
    await shop.answer(case, first, "decline", "人员已全部派出")
    second = await shop.selected(case)
    assert second is not first
    assert [s.answer for s in await records.selections(case)] == ["declined", ""]
    assert [c.event for c in await agencies.charges(first.agency)] == ["declined_selection"]
    refusal = await refused(
        NotFound, answer_selection(shop.market.tools, first.actor, case, AnswerSelection(answer="accept"))
    )
    assert refusal.code == "no_request"
    for _ in range(2):
        await shop.answer(case, await shop.selected(case), "decline", "价格过低")
    assert (await shop.row(case)).stage == Stage.FAILED
    await clock.freeze(at("2026-03-09 09:00"))
    again = await shop.publish("draw", project=case, apply_until=at("2026-03-12 17:00"))
    kept_out = await refused(Forbidden, apply_request(first.actor, again, ApplyRequest()))
    assert [p.code for p in kept_out.problems] == ["declined_before"]


async def test_who_does_not_answer_in_two_working_days_has_given_up(shop: Shop, clock: TestClock) -> None:
    case = await shop.publish("draw")
    await shop.apply(case, *shop.agents[:2])
    await shop.close(case)
    first = await shop.selected(case)
    asked = await records.last_selection(case)
    assert asked is not None
    assert asked.answer_until == at("2026-03-10 00:00"), "Friday and Monday"
    await clock.freeze(at("2026-03-10 00:00"))
    refusal = await refused(
        TooLate, answer_selection(shop.market.tools, first.actor, case, AnswerSelection(answer="accept"))
    )
    assert refusal.code == "answer_late"
    await shop.turn(case)
    assert [s.answer for s in await records.selections(case)] == ["lapsed", ""]
    assert [c.event for c in await agencies.charges(first.agency)] == ["unanswered_selection"]


async def test_who_accepts_and_then_refuses_the_contract_gives_way_too(shop: Shop) -> None:
    case = await shop.publish("draw")
    await shop.apply(case, *shop.agents[:2])
    await shop.close(case)
    first = await shop.selected(case)
    await shop.answer(case, first, "accept")
    await shop.answer(case, first, "decline", "不同意付款条件")
    assert (await shop.selected(case)) is not first
    assert (await shop.row(case)).stage == Stage.SELECTED
    assert [c.event for c in await agencies.charges(first.agency)] == ["refused_contract"]


# the contract and the service ------------------------------------------------------------------------------------


async def test_a_contract_at_another_price_or_with_more_time_is_refused_whole(shop: Shop) -> None:
    case = await shop.publish("direct")
    await shop.choose(case, shop.agents[0])
    await shop.answer(case, shop.agents[0], "accept")
    command = FileContract(price=Decimal(33_000), service_days=9, signed_on=date(2026, 3, 2))
    refusal = await refused(LawRefuses, file_contract(shop.market.tools, shop.owner, case, command))
    assert {p.code for p in refusal.problems} == {"contract_price_differs", "contract_days_differ"}


async def test_the_service_clock_runs_from_the_signature_to_the_accepted_result(shop: Shop, clock: TestClock) -> None:
    case = await shop.publish("direct")
    mine = shop.agents[0]
    await shop.choose(case, mine)
    await shop.answer(case, mine, "accept")
    await shop.served(case, mine, date(2026, 3, 2))
    await clock.freeze(at("2026-03-12 10:00"))
    await shop.deliver(case, mine)
    await accept_result(shop.market.tools, shop.owner, case, AcceptResult(answer="return", reasons="缺少附图"))
    await clock.freeze(at("2026-03-13 10:00"))
    await shop.deliver(case, mine)
    await clock.freeze(at("2026-03-17 10:00"))
    await accept_result(shop.market.tools, shop.owner, case, AcceptResult(answer="accept"))
    first, last = await services.deliveries(case)
    assert (first.outcome, last.outcome) == ("returned", "accepted")
    assert (last.days, last.late) == (11, True), "handed over on the 9th working day of 7, accepted on the 11th"
    events = {c.event for c in await agencies.charges(mine.agency)}
    assert events == {"returned_result", "late_result"}
    agency = await agencies.agency(mine.agency)
    assert (agency.deliveries, agency.mean_days, agency.late_deliveries) == (1, Decimal(11), 1)
    assert "pass_result" in await acts(case)


# 50 ------------------------------------------------------------------------------------------------------------


async def test_the_owner_rates_once_within_fifteen_working_days(shop: Shop) -> None:
    """Scenario 50."""
    case = await shop.publish("direct")
    mine = shop.agents[0]
    await shop.choose(case, mine)
    await shop.finished(case, mine, date(2026, 3, 2))
    await rate_service(shop.owner, case, RateService(stars=5, says="又快又好"))
    assert (await refused(WrongStage, rate_service(shop.owner, case, RateService(stars=1)))).code == "rated_already"
    assert (await agencies.agency(mine.agency)).stars == 5
    assert [(h.stars, h.days) for h in await services.history(mine.agency)] == [(5, 0)]


async def test_an_owner_who_says_nothing_leaves_the_grade_of_the_rule(shop: Shop, clock: TestClock) -> None:
    """Scenario 50."""
    case = await shop.publish("direct")
    await shop.choose(case, shop.agents[0])
    await shop.finished(case, shop.agents[0], date(2026, 3, 2))
    await clock.freeze(at("2026-03-23 23:59:59"))
    await shop.turn(case)
    assert await services.ratings(case) == []
    await clock.freeze(at("2026-03-24 00:00"))
    await shop.turn(case)
    (rating,) = await services.ratings(case)
    assert (rating.stars, rating.by_default) == (4, True)
    assert (await agencies.agency(shop.agents[0].agency)).stars is None, "a grade nobody gave is not counted"
    refusal = await refused(TooLate, rate_service(shop.owner, case, RateService(stars=1)))
    assert refusal.code == "rated_by_default"


async def test_one_star_calls_for_a_return_visit_with_a_day_and_nothing_is_ever_taken_away(
    shop: Shop, clock: TestClock
) -> None:
    """Scenario 50."""
    case = await shop.publish("direct")
    mine = shop.agents[0]
    await shop.choose(case, mine)
    await shop.finished(case, mine, date(2026, 3, 2))
    await rate_service(shop.owner, case, RateService(stars=1, on_time=False, says="一再拖延"))
    (rating,) = await services.ratings(case)
    assert rating.due_at == at("2026-03-24 00:00")
    assert [r.id for r in await services.visits_due("3301%")] == [rating.id]
    await answer_rating(mine.actor, case, "owner", AnswerRating(says="已向业主致歉并补救"))
    visit = FollowUpRating(visit="电话核实，拖延属实，机构已补测", rectified=True)
    await clock.freeze(at("2026-03-06 10:00"))
    await follow_up_rating(shop.market.tools, shop.market.operator, case, "owner", visit)
    (after,) = await services.ratings(case)
    assert (after.stars, after.answer, after.rectified) == (1, "已向业主致歉并补救", True)
    assert await services.visits_due("3301%") == []
    assert [c.event for c in await agencies.charges(mine.agency)] == ["poor_rating"]
    again = follow_up_rating(shop.market.tools, shop.market.operator, case, "owner", visit)
    assert (await refused(WrongStage, again)).code == "no_visit_due"


async def test_the_approving_department_rates_the_result_it_used(shop: Shop) -> None:
    case = await shop.publish("direct")
    await shop.choose(case, shop.agents[0])
    await shop.finished(case, shop.agents[0], date(2026, 3, 2))
    await shop.market.decide("rate_result", case, "成果可用，图件齐全", stars=4)
    await shop.settle()
    await shop.turn(case)
    assert [(r.rater, r.stars) for r in await services.ratings(case)] == [("department", 4)]
    await shop.market.decide("rate_result", case, "再评一次", stars=1)
    await shop.settle()
    sql = "select array_agg(problem order by at) from kernel.decision_taken"
    assert [bool(problem) for problem in await as_admin(sql)] == [False, True]


# 51 ------------------------------------------------------------------------------------------------------------


async def test_an_agency_below_sixty_may_not_enter_a_comparison_and_its_running_contract_goes_on(shop: Shop) -> None:
    """Scenario 51."""
    mine = shop.agents[0]
    running = await shop.publish("direct")
    await shop.choose(running, mine)
    await shop.answer(running, mine, "accept")
    await as_admin("update intermediaries.agency set credit = 59 where id = $1", mine.agency)
    compared = await shop.publish("merit")
    refusal = await refused(Forbidden, apply_request(mine.actor, compared, ApplyRequest()))
    assert [p.code for p in refusal.problems] == ["credit_too_low"]
    await shop.market.decide("suspend_agency", mine.agency, "查实转包")
    await shop.served(running, mine, date(2026, 3, 2))
    await shop.deliver(running, mine)
    assert (await shop.row(running)).stage == Stage.DELIVERED


async def test_an_item_nobody_approved_cannot_be_asked_for(shop: Shop) -> None:
    await shop.market.decide("withdraw_item", IMPACT, "依据已废止")
    refusal = await refused(NotFound, shop.publish("draw", item=IMPACT))
    assert refusal.code == "item_withdrawn"
