"""How long each kind of record is kept, and that the longest term wins."""

from datetime import UTC, date, datetime

import pytest

from storage.retention import lock_moment, locked_until, terms

DAY = date(2026, 4, 20)


@pytest.mark.parametrize(
    ("category", "last"),
    [
        ("procurement_file", date(2041, 4, 20)),
        ("tender_file", date(2029, 4, 20)),
        ("agency_file_long", date(2056, 4, 20)),
        ("agency_file_short", date(2036, 4, 20)),
        ("agency_file_permanent", date(2125, 4, 20)),
        ("announcement", date(2036, 4, 20)),
        ("network_log", date(2026, 10, 20)),
    ],
)
def test_each_category_is_kept_for_its_term(category: str, last: date) -> None:
    assert locked_until([category], DAY) == last


def test_the_longest_of_all_that_apply_is_kept() -> None:
    assert locked_until(["tender_file", "procurement_file", "announcement"], DAY) == date(2041, 4, 20)


@pytest.mark.parametrize(
    ("start", "last"),
    [
        (date(2026, 8, 31), date(2027, 3, 1)),
        (date(2027, 8, 31), date(2028, 3, 1)),
        (date(2026, 7, 31), date(2027, 1, 31)),
        (date(2026, 12, 31), date(2027, 7, 1)),
    ],
)
def test_a_term_of_months_is_never_shorter_for_want_of_a_day(start: date, last: date) -> None:
    assert locked_until(["network_log"], start) == last


def test_a_term_from_a_leap_day_ends_on_the_day_after() -> None:
    assert locked_until(["tender_file"], date(2028, 2, 29)) == date(2031, 3, 1)


@pytest.mark.parametrize("categories", [[], ["tender_file", "diary"]])
def test_what_has_no_term_is_not_guessed(categories: list[str]) -> None:
    with pytest.raises(ValueError, match="no term"):
        locked_until(categories, DAY)


def test_the_lock_ends_with_the_last_day_in_china() -> None:
    assert lock_moment(date(2041, 4, 20)) == datetime(2041, 4, 20, 16, tzinfo=UTC)


def test_every_term_names_its_source_and_its_start() -> None:
    for term in terms().values():
        assert term.law
        assert term.starts
        assert term.says
        assert (term.years > 0) != (term.months > 0)
