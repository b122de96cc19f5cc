"""One limit: when a period or an amount keeps it, and what the refusal says."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kernel.errors import LawRefuses
from kernel.limits import Limit
from kernel.workdays import CHINA


def a_limit(**changes: Any) -> Limit:
    values: dict[str, Any] = {
        "id": "T03",
        "title": "编制投标文件的时间",
        "law": "招标投标法",
        "article": "第二十四条",
        "says": "最短不得少于二十日。",
        "paraphrase": False,
        "measures": ("document_issued", "bid_deadline"),
        "names": ("招标文件开始发出", "投标截止"),
        "at_least": Decimal(20),
        "at_most": None,
        "unit": "day",
        "rolls": False,
        "cap": None,
        "since": date(2000, 1, 1),
        "until": None,
        "region": "000000",
        "procedures": ("construction_open_tender",),
        "see": (),
    }
    return Limit(**(values | changes))


PREPARATION = a_limit()
CLARIFICATION = a_limit(id="T04", at_least=Decimal(15), measures=("document_clarified", "bid_deadline"))
PUBLICITY_STARTS = a_limit(id="T10", at_least=None, at_most=Decimal(3), rolls=True)
PUBLICITY = a_limit(id="T11", at_least=Decimal(3))
ACCEPTANCE = a_limit(id="T15", at_least=None, at_most=Decimal(3), unit="workday")
DECISION = a_limit(id="T16", at_least=None, at_most=Decimal(30), unit="workday")
DEPOSIT = a_limit(
    id="T22",
    at_least=None,
    at_most=Decimal("0.02"),
    cap=Decimal(800_000),
    unit="ratio",
    measures=("estimate", "deposit"),
    names=("招标项目估算价", "投标保证金"),
)
BOND = a_limit(id="T24", at_least=None, at_most=Decimal("0.10"), unit="ratio", names=("合同金额", "履约保证金"))
CANDIDATES = a_limit(
    id="T28", at_least=Decimal(1), at_most=Decimal(3), unit="count", measures=("n",), names=("候选人数",)
)


def test_nineteen_days_to_prepare_a_bid_are_refused_with_the_earliest_deadline() -> None:
    problem = PREPARATION.check(date(2026, 3, 2), date(2026, 3, 21))
    assert problem is not None
    assert problem.code == "law_t03"
    assert problem.article == "招标投标法第二十四条"
    assert problem.field == "bid_deadline"
    assert "为19日" in problem.says
    assert "投标截止最早可为2026年3月22日" in problem.remedy
    assert "招标文件开始发出最迟应为2026年3月1日" in problem.remedy


def test_twenty_days_to_prepare_a_bid_are_accepted_at_any_hour_of_the_day() -> None:
    assert PREPARATION.check(date(2026, 3, 2), date(2026, 3, 22)) is None
    issued = datetime(2026, 3, 2, 17, 0, tzinfo=CHINA)
    assert PREPARATION.check(issued, datetime(2026, 3, 22, 9, 30, tzinfo=CHINA)) is None
    assert PREPARATION.check(issued, datetime(2026, 3, 21, 23, 59, tzinfo=CHINA)) is not None


def test_the_day_is_the_day_in_china() -> None:
    # 2026-03-21 17:00 UTC is already the 22nd in China.
    assert PREPARATION.check(date(2026, 3, 2), datetime(2026, 3, 21, 17, 0, tzinfo=UTC)) is None


def test_a_late_clarification_names_the_day_to_which_the_deadline_moves() -> None:
    deadline = datetime(2026, 4, 20, 9, 30, tzinfo=CHINA)
    assert CLARIFICATION.check(date(2026, 4, 5), deadline) is None
    problem = CLARIFICATION.check(date(2026, 4, 6), deadline)
    assert problem is not None
    assert "最早可为2026年4月21日" in problem.remedy
    assert CLARIFICATION.earliest_end(date(2026, 4, 6)) == date(2026, 4, 21)
    assert CLARIFICATION.latest_start(deadline) == date(2026, 4, 5)


def test_publicity_starts_in_three_days_and_lasts_three() -> None:
    handed_over = date(2026, 5, 6)
    assert PUBLICITY_STARTS.check(handed_over, date(2026, 5, 9)) is None
    assert PUBLICITY_STARTS.check(handed_over, date(2026, 5, 10)) is not None
    assert PUBLICITY.check(date(2026, 5, 9), date(2026, 5, 11)) is not None
    assert PUBLICITY.check(date(2026, 5, 9), date(2026, 5, 12)) is None


def test_a_complaint_before_the_may_holiday_is_due_on_the_eighth() -> None:
    received = datetime(2026, 4, 30, 15, 0, tzinfo=CHINA)
    assert ACCEPTANCE.latest_end(received) == date(2026, 5, 8)
    assert ACCEPTANCE.deadline(received) == datetime(2026, 5, 9, 0, 0, tzinfo=CHINA)
    assert ACCEPTANCE.check(received, date(2026, 5, 8)) is None
    problem = ACCEPTANCE.check(received, date(2026, 5, 9))
    assert problem is not None
    assert "最迟应为2026年5月8日" in problem.remedy


def test_twelve_working_days_of_testing_move_the_decision_by_exactly_twelve() -> None:
    admitted = date(2026, 3, 2)
    due, later = DECISION.latest_end(admitted), DECISION.latest_end(admitted, excluded=12)
    assert due == date(2026, 4, 14)
    assert later == date(2026, 4, 30)
    assert DECISION.check(admitted, date(2026, 4, 30)) is not None
    assert DECISION.check(admitted, date(2026, 4, 30), excluded=12) is None


def test_a_maximum_rolls_over_a_holiday_only_where_it_says_so() -> None:
    start = date(2026, 4, 28)
    assert PUBLICITY_STARTS.check(start, date(2026, 5, 6)) is None
    strict = a_limit(at_least=None, at_most=Decimal(3))
    assert strict.check(start, date(2026, 5, 6)) is not None


def test_an_act_in_time_is_not_held_up_by_an_unknown_calendar() -> None:
    contract = a_limit(id="T18", at_least=None, at_most=Decimal(30), rolls=True)
    assert contract.check(date(2026, 12, 10), date(2026, 12, 20)) is None
    with pytest.raises(LawRefuses) as refused:
        contract.check(date(2026, 12, 10), date(2027, 1, 12))
    assert refused.value.code == "calendar_unknown"


def test_twelve_hours_are_counted_to_the_second() -> None:
    medium = a_limit(id="T26A", at_least=None, at_most=Decimal(12), unit="hour")
    received = datetime(2026, 3, 2, 20, 0, tzinfo=CHINA)
    assert medium.check(received, received + timedelta(hours=12)) is None
    assert medium.check(received, received + timedelta(hours=12, seconds=1)) is not None


@pytest.mark.parametrize(
    ("deposit", "accepted"),
    [("800000", True), ("800000.01", False), ("900000", False), ("600000", True)],
)
def test_the_deposit_is_capped_whatever_the_ratio_allows(deposit: str, accepted: bool) -> None:
    problem = DEPOSIT.check_amount(Decimal(deposit), Decimal(45_000_000))
    assert (problem is None) is accepted
    if problem is not None:
        assert "800,000.00元" in problem.remedy


def test_two_percent_of_the_estimate_below_the_cap() -> None:
    assert DEPOSIT.check_amount(Decimal(200_000), Decimal(10_000_000)) is None
    problem = DEPOSIT.check_amount(Decimal("200000.01"), Decimal(10_000_000))
    assert problem is not None
    assert "10,000,000.00元的2%" in problem.says


def test_a_performance_bond_of_a_hundredth_percent_too_much_is_refused() -> None:
    contract = Decimal(38_000_000)
    assert BOND.check_amount(contract * Decimal("0.10"), contract) is None
    assert BOND.check_amount(contract * Decimal("0.1001"), contract) is not None


def test_a_count_has_a_least_and_a_most() -> None:
    assert [CANDIDATES.check_amount(n) is None for n in (0, 1, 3, 4)] == [False, True, True, False]


def test_a_share_without_its_base_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="estimate"):
        DEPOSIT.check_amount(Decimal(1))
    with pytest.raises(ValueError, match="no period"):
        DEPOSIT.check(date(2026, 3, 2), date(2026, 3, 3))
    with pytest.raises(ValueError, match="no maximum"):
        PREPARATION.deadline(date(2026, 3, 2))


def test_a_limit_reads_back_from_its_plain_values() -> None:
    for limit in (PREPARATION, DEPOSIT, CANDIDATES, a_limit(until=date(2030, 1, 1), see=("某法第一条",))):
        assert Limit.of_json(limit.as_json()) == limit
