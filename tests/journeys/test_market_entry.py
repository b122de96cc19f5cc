"""The stories of who gets into the supermarket (42, 43, 51): Monday 2026-03-02, 09:00."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from conftest import START, TestClock
from house_databases import Databases
from market import IMPACT, SURVEY, Market, acts, described, messages, survey
from road import as_admin
from story import at, refused

from intermediaries.charges import Cost, charge
from intermediaries.clockwork import turn_agency
from intermediaries.judging import service_problems
from intermediaries.records import agencies as records
from intermediaries.records import entering
from intermediaries.records import items as catalogue
from intermediaries.records.search import Question, compared, search
from intermediaries.rules.agencies import Party
from intermediaries.schemas.agencies import CheckEntry, DescribeAgency, FileEntry, PromiseItem
from intermediaries.stages import AgencyStage
from intermediaries.steps.check import check_entry
from intermediaries.steps.enter import enter_market, file_entry
from intermediaries.steps.papers import promise_item
from kernel.acts import acting
from kernel.errors import BadInput, Forbidden, LawRefuses
from kernel.ids import new_id
from supervision.judging import judge
from supervision.points import points


@pytest.fixture
async def market(house: Databases, clock: TestClock, tmp_path: Path) -> Market:
    await clock.freeze(START)
    return await Market.make(tmp_path, house)


# 42 ------------------------------------------------------------------------------------------------------------


async def test_a_form_of_monday_nine_o_clock_is_due_on_wednesday_at_the_close_of_business(market: Market) -> None:
    """Scenario 42."""
    someone, agency = await market.filed()
    row = await market.row(agency)
    assert (row.stage, row.filed_at) == (AgencyStage.FORM_CHECK, at("2026-03-02 09:00"))
    assert row.check_due == at("2026-03-04 18:00")
    assert await messages(someone.organisation) == ["entry_filed"]


async def test_an_expired_certificate_is_refused_with_its_reason(market: Market) -> None:
    """Scenario 42."""
    someone, agency = await market.opened()
    old = survey(through=date(2026, 2, 28))
    refusal = await refused(BadInput, market.certificate(someone, agency, old))
    assert [problem.code for problem in refusal.problems] == ["certificate_expired"]
    assert "2026年2月28日" in refusal.problems[0].says
    assert refusal.problems[0].article == "测绘法第二十七条"


async def test_a_certificate_that_expires_between_filing_and_check_goes_back_with_everything_else(
    market: Market, clock: TestClock
) -> None:
    someone, agency = await market.filed(papers=[survey(through=date(2026, 3, 2))])
    await clock.freeze(at("2026-03-03 10:00"))
    refusal = await refused(BadInput, check_entry(market.operator, agency, CheckEntry(decision="pass")))
    codes = {problem.code for problem in refusal.problems}
    assert codes == {"certificate_expired", "qualification_missing"}
    await check_entry(market.operator, agency, CheckEntry(decision="return", remarks="办公地址与证照不一致"))
    row = await market.row(agency)
    assert row.stage == AgencyStage.RETURNED
    assert [problem["code"] for problem in row.returned or []] == [
        "certificate_expired",
        "qualification_missing",
        "remarks",
    ]
    assert (await messages(someone.organisation))[-1] == "entry_returned"


async def test_a_certificate_that_ends_tomorrow_serves_today_and_is_suspended_at_midnight(
    market: Market, clock: TestClock
) -> None:
    """Scenario 42."""
    someone, agency = await market.active(papers=[survey(through=date(2026, 3, 2))])
    assert (await market.row(agency)).stage == AgencyStage.ACTIVE
    await clock.freeze(at("2026-03-02 23:59:59.999"))
    await turn_agency(agency)
    assert (await market.row(agency)).stage == AgencyStage.ACTIVE
    await clock.freeze(at("2026-03-03 00:00"))
    assert (await compared([agency]))[0].served == (), "at the instant itself, before any clockwork has looked"
    await turn_agency(agency)
    row = await market.row(agency)
    assert (row.stage, row.halted_by, row.halted_at) == (AgencyStage.SUSPENDED, "certificate", at("2026-03-03 00:00"))
    assert (await messages(someone.organisation))[-2:] == ["certificate_ended", "agency_suspended"]
    assert "suspend_agency" in await acts(agency)


async def test_the_job_that_suspends_is_due_at_that_very_instant(market: Market) -> None:
    _, agency = await market.active(papers=[survey(through=date(2026, 6, 30))])
    sql = (
        "select array_agg(run_at at time zone 'Asia/Shanghai' order by run_at) from kernel.job"
        " where kind = 'agency' and payload ->> 'agency' = $1"
    )
    due = await as_admin(sql, str(agency))
    assert [f"{moment:%Y-%m-%d %H:%M}" for moment in due] == ["2026-06-01 00:00", "2026-07-01 00:00"]


async def test_thirty_days_before_the_end_the_agency_is_warned_once(market: Market, clock: TestClock) -> None:
    someone, agency = await market.active(papers=[survey(through=date(2026, 4, 30))])
    for moment in ("2026-03-31 23:59", "2026-04-01 00:00", "2026-04-02 00:00"):
        await clock.freeze(at(moment))
        await turn_agency(agency)
    assert (await messages(someone.organisation)).count("certificate_ends") == 1
    warned = [paper.warned_at for paper in await records.certificates(agency)]
    assert warned == [at("2026-04-01 00:00")]


# 43 ------------------------------------------------------------------------------------------------------------


async def test_an_agency_of_the_approving_department_cannot_offer_its_item(market: Market) -> None:
    """Scenario 43, on entering."""
    someone, agency = await market.opened(affiliation="生态环境", affiliation_name="某市生态环境局")
    refusal = await refused(LawRefuses, promise_item(someone, agency, PromiseItem(item=IMPACT, days=30)))
    assert [(p.code, p.article) for p in refusal.problems] == [
        ("under_approving_department", "优化营商环境条例第四十三条")
    ]


async def test_an_agency_whose_controller_approves_the_item_is_found_without_its_saying_so(market: Market) -> None:
    office = await market.person("regulator", "某区生态环境局", kind="government")
    await as_admin(
        "insert into accounts.membership (id, person, side, organisation, role, departments, asked_at, since)"
        " values ($1, $2, 'supervise', $3, 'regulator', '{生态环境}', $4, clock_timestamp() - interval '1 day')",
        new_id(), office.person, office.organisation, START,
    )  # fmt: skip
    someone = await market.person("intermediary", "某区环境科学研究院")
    await as_admin(
        "update accounts.organisation set controller_code = $2 where code = $1",
        someone.organisation_code,
        office.organisation_code,
    )
    agency = await enter_market(someone, described())
    refusal = await refused(LawRefuses, promise_item(someone, agency, PromiseItem(item=IMPACT, days=30)))
    assert refusal.code == "under_approving_department"


async def test_an_agency_that_came_under_the_department_later_serves_the_item_no_more(market: Market) -> None:
    someone, agency = await market.active()
    await promise_item(someone, agency, PromiseItem(item=IMPACT, days=30))
    await enter_market(someone, described(affiliation="生态环境"))
    standing = {promise.code for promise in await records.promises(agency) if promise.standing}
    assert standing == {"SUR-02"}
    item = await catalogue.item(IMPACT)
    owner = Party("12330106MB0000001X", "12330106MB0000001X")
    found = await service_problems(await market.row(agency), item, owner, START)
    assert [problem.code for problem in found] == ["under_approving_department"]
    away = await refused(Forbidden, enter_market(someone, described()))
    assert away.code == "affiliation_fixed"


# 51 ------------------------------------------------------------------------------------------------------------


async def test_an_agency_below_sixty_is_not_shown_where_owners_compare(market: Market) -> None:
    """Scenario 51: at credit 50."""
    _, good = await market.active("守信测绘有限公司")
    _, bad = await market.active("失信测绘有限公司")
    async with acting("test_charge", market.operator, bad) as beat:
        await charge(market.tools, beat, bad, Cost("false_paper", bad, "伪造检定证书"))
        await beat.record("test")
    row = await market.row(bad)
    assert (row.credit, row.level.id, row.level.compared) == (50, "D", False)
    comparing = await search(Question(item="SUR-02", comparing=True))
    assert [found.id for found in comparing.agencies] == [good]
    everybody = await search(Question(item="SUR-02"))
    assert {found.id for found in everybody.agencies} == {good, bad}, "the public still sees whom it may not choose"


async def test_a_deduction_that_may_be_appealed_counts_after_five_working_days(
    market: Market, clock: TestClock
) -> None:
    someone, agency = await market.active()
    async with acting("test_charge", market.operator, agency) as beat:
        await charge(market.tools, beat, agency, Cost("subcontract", agency, "将外业整体转包"))
        await beat.record("test")
    assert (await market.row(agency)).credit == 100
    assert (await messages(someone.organisation))[-1] == "credit_charged"
    await clock.freeze(at("2026-03-10 00:00"))
    await turn_agency(agency)
    assert (await market.row(agency)).credit == 70
    await clock.freeze(at("2028-03-11 00:00"))
    await turn_agency(agency)
    assert (await market.row(agency)).credit == 100, "after twenty-four months it is forgotten"


async def test_a_suspended_agency_takes_no_new_work_and_is_still_shown_with_the_reason(market: Market) -> None:
    someone, agency = await market.active()
    await market.decide("suspend_agency", agency, "拒不配合检查")
    row = await market.row(agency)
    assert (row.stage, row.halted_by, row.halted_why) == (AgencyStage.SUSPENDED, "decision", "拒不配合检查")
    assert (await search(Question())).total == 0
    assert (await records.public_agency(agency)).id == agency
    await turn_agency(agency)
    assert (await market.row(agency)).stage == AgencyStage.SUSPENDED, "no clockwork lifts what a regulator decided"
    await market.decide("restore_agency", agency, "整改到位")
    assert (await market.row(agency)).stage == AgencyStage.ACTIVE
    told = await messages(someone.organisation)
    assert told[-2:] == ["agency_suspended", "agency_restored"]


async def test_the_whole_entry_is_refused_at_once_with_all_that_is_missing(market: Market) -> None:
    someone = await market.person("intermediary", "空白咨询有限公司")
    bare = DescribeAgency(legal_rep="李", office="某路", phone="88880000", bank_account="1")
    agency = await enter_market(someone, bare)
    refusal = await refused(BadInput, file_entry(market.tools, someone, agency, FileEntry(accepted=True)))
    assert [problem.code for problem in refusal.problems] == ["nothing_offered"]
    await promise_item(someone, agency, PromiseItem(item=SURVEY, days=7))
    lacking = await refused(BadInput, file_entry(market.tools, someone, agency, FileEntry(accepted=True)))
    assert [problem.code for problem in lacking.problems] == ["qualification_missing"]


async def test_an_operator_of_another_county_cannot_check_it(market: Market) -> None:
    _, agency = await market.filed()
    stranger = replace(market.operator, region="330108")
    refusal = await refused(Forbidden, check_entry(stranger, agency, CheckEntry(decision="pass")))
    assert refusal.code == "agency_out_of_region"


async def test_the_centre_is_late_from_wednesday_evening_on_and_that_is_a_fact_for_supervision(
    market: Market, clock: TestClock
) -> None:
    _, agency = await market.filed()
    await clock.freeze(at("2026-03-05 09:00"))
    await check_entry(market.operator, agency, CheckEntry(decision="pass"))
    facts = (await records.facts([agency]))[agency]
    assert facts["entry_filed"] == at("2026-03-02 09:00")
    assert facts["entry_check_due"] == at("2026-03-04 18:00")
    assert facts["entry_checked"] == at("2026-03-05 09:00"), "fifteen hours late"


async def test_a_late_check_of_an_entry_is_a_case_of_supervision_with_a_card(market: Market, clock: TestClock) -> None:
    _, agency = await market.filed()
    (point,) = [point for point in points() if point.id == "P809"]
    levels = {}
    for moment in ("2026-03-02 10:00", "2026-03-04 09:00", "2026-03-04 18:00"):
        (case,) = await entering.watched(None, 10)
        known = (await entering.facts([case.id]))[agency]
        found = judge(point, case.procedure, case.region, None, known, at(moment))
        levels[moment] = found and found.level
    assert levels == {"2026-03-02 10:00": None, "2026-03-04 09:00": "yellow", "2026-03-04 18:00": "red"}
    assert (case.duty, case.open) == ("entries", True)
    await clock.freeze(at("2026-03-04 10:00"))
    await check_entry(market.operator, agency, CheckEntry(decision="pass"))
    found = judge(
        point, case.procedure, case.region, None, (await entering.facts([agency]))[agency], at("2026-03-09 09:00")
    )
    assert found is not None
    assert (found.done, found.level) == (True, None), "in time"
