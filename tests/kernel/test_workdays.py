"""The law's way of counting days, on the calendar of 2026."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import LawRefuses
from kernel.workdays import (
    CHINA,
    DateUnit,
    after,
    before,
    between,
    deadline,
    in_chinese,
    is_workday,
    knows,
    local_date,
    midnight,
    next_workday,
)

UNITS_OF_DAYS: list[DateUnit] = ["day", "workday"]
DAYS_2026 = st.dates(date(2026, 1, 1), date(2026, 6, 30))


def test_the_start_day_is_not_counted() -> None:
    assert between(date(2026, 3, 2), date(2026, 3, 21), "day") == 19
    assert between(date(2026, 3, 2), date(2026, 3, 22), "day") == 20
    assert after(date(2026, 3, 2), 20, "day") == date(2026, 3, 22)


def test_three_working_days_over_the_may_holiday_end_on_the_eighth() -> None:
    assert after(date(2026, 4, 30), 3, "workday") == date(2026, 5, 8)
    assert between(date(2026, 4, 30), date(2026, 5, 8), "workday") == 3


@pytest.mark.parametrize("day", [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9)])
def test_a_make_up_weekend_is_a_working_day(day: date) -> None:
    assert day.weekday() >= 5
    assert is_workday(day)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 1, 1), date(2026, 1, 3)),
        (date(2026, 2, 15), date(2026, 2, 23)),
        (date(2026, 4, 4), date(2026, 4, 6)),
        (date(2026, 5, 1), date(2026, 5, 5)),
        (date(2026, 6, 19), date(2026, 6, 21)),
        (date(2026, 9, 25), date(2026, 9, 27)),
        (date(2026, 10, 1), date(2026, 10, 7)),
    ],
)
def test_the_official_holidays_of_2026_are_days_of_rest(first: date, last: date) -> None:
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    assert not any(is_workday(day) for day in days)
    assert is_workday(last + timedelta(days=1)) or (last + timedelta(days=1)).weekday() >= 5


def test_a_period_ending_on_a_day_of_rest_moves_on_only_where_the_rule_applies() -> None:
    start = date(2026, 4, 28)  # three days end on 1 May
    assert after(start, 3, "day") == date(2026, 5, 1)
    assert after(start, 3, "day", rolls=True) == date(2026, 5, 6)
    assert after(date(2026, 5, 6), 3, "day", rolls=True) == date(2026, 5, 9)  # a working Saturday


def test_fifteen_days_before_the_deadline_is_the_latest_clarification() -> None:
    assert before(date(2026, 4, 20), 15, "day") == date(2026, 4, 5)
    assert after(date(2026, 4, 6), 15, "day") == date(2026, 4, 21)


def test_working_days_before_a_day_skip_holidays() -> None:
    assert before(date(2026, 5, 8), 3, "workday") == date(2026, 5, 5)
    assert between(before(date(2026, 5, 8), 3, "workday"), date(2026, 5, 8), "workday") == 3


def test_hours_run_from_the_moment_and_need_no_calendar() -> None:
    received = datetime(2026, 3, 2, 22, 30, tzinfo=CHINA)
    assert after(received, 12, "hour") == datetime(2026, 3, 3, 10, 30, tzinfo=CHINA)
    assert between(received, datetime(2026, 3, 3, 10, 29, 59, tzinfo=CHINA), "hour") == 11


def test_a_moment_counts_as_the_day_it_is_in_china() -> None:
    assert local_date(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)
    assert after(datetime(2026, 3, 1, 16, 0, tzinfo=UTC), 1, "day") == date(2026, 3, 3)


def test_a_moment_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        local_date(datetime(2026, 3, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        after(datetime(2026, 3, 1), 1, "hour")  # noqa: DTZ001


def test_the_deadline_is_the_first_instant_that_is_too_late() -> None:
    assert deadline(date(2026, 4, 30), 3, "workday") == datetime(2026, 5, 9, tzinfo=CHINA)
    moment = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
    assert deadline(moment, 2, "hour") == moment + timedelta(hours=2)


@pytest.mark.parametrize("year", [2003, 2027, 1, 9999])
def test_a_year_whose_holidays_are_unknown_is_refused(year: int) -> None:
    assert not knows(year)
    with pytest.raises(LawRefuses) as refused:
        after(date(year, 12, 1), 5, "workday")
    assert refused.value.code == "calendar_unknown"
    assert refused.value.problems[0].remedy


def test_working_days_across_the_last_known_new_year_are_refused() -> None:
    assert knows(2026)
    with pytest.raises(LawRefuses, match="2027"):
        after(date(2026, 12, 30), 5, "workday")


def test_calendar_days_need_no_holiday_table_but_never_run_off_the_calendar() -> None:
    assert after(date(2027, 1, 1), 20, "day") == date(2027, 1, 21)
    with pytest.raises(LawRefuses):
        after(date(9999, 12, 31), 1, "day")


def test_local_days_override_the_national_calendar() -> None:
    local = {date(2026, 4, 20): False, date(2026, 4, 19): True, date(2027, 1, 4): True}
    assert not is_workday(date(2026, 4, 20), local)
    assert after(date(2026, 4, 17), 2, "workday", local=local) == date(2026, 4, 21)
    assert is_workday(date(2027, 1, 4), local)
    with pytest.raises(LawRefuses):
        is_workday(date(2027, 1, 5), local)


def test_a_year_ends_on_its_day_and_on_the_last_of_february_where_there_is_none() -> None:
    assert after(date(2026, 3, 2), 10, "year") == date(2036, 3, 2)
    assert after(date(2024, 2, 29), 1, "year") == date(2025, 2, 28)
    assert between(date(2026, 3, 2), date(2036, 3, 1), "year") == 9
    assert between(date(2026, 3, 2), date(2036, 3, 2), "year") == 10
    assert before(date(2036, 3, 2), 10, "year") == date(2026, 3, 2)
    with pytest.raises(LawRefuses):
        after(date(2026, 3, 2), 9000, "year")


def test_dates_are_spoken_in_chinese_as_china_reads_them() -> None:
    assert in_chinese(date(2026, 3, 22)) == "2026年3月22日"
    assert in_chinese(datetime(2026, 4, 20, 1, 30, tzinfo=UTC)) == "2026年4月20日9时30分"
    assert in_chinese(datetime(2026, 4, 20, 1, 5, 9, tzinfo=UTC)) == "2026年4月20日9时05分09秒"


def test_the_next_working_day_after_the_holiday() -> None:
    assert next_workday(date(2026, 5, 1)) == date(2026, 5, 6)
    assert next_workday(date(2026, 5, 6)) == date(2026, 5, 6)
    assert midnight(date(2026, 5, 6)) == datetime(2026, 5, 5, 16, tzinfo=UTC)


@given(DAYS_2026, st.integers(0, 60), st.sampled_from(UNITS_OF_DAYS))
def test_counting_back_over_a_period_gives_its_length(start: date, n: int, unit: DateUnit) -> None:
    assert between(start, after(start, n, unit), unit) == n


@given(DAYS_2026, st.integers(0, 40), st.sampled_from(UNITS_OF_DAYS))
def test_the_latest_start_is_long_enough_and_a_day_later_is_not(end: date, n: int, unit: DateUnit) -> None:
    start = before(end + timedelta(days=90), n, unit)
    assert between(start, end + timedelta(days=90), unit) == n
    if n:
        assert between(start + timedelta(days=1), end + timedelta(days=90), unit) == n - 1


@given(DAYS_2026, DAYS_2026)
def test_a_period_read_backwards_is_negative(a: date, b: date) -> None:
    assert between(a, b, "workday") == -between(b, a, "workday")
