"""deadline.json: it moves only later, and says why."""

from datetime import UTC, datetime, timedelta

import pytest
from sealed_lot import altered

from kernel.proofs.deadline import BEIJING, build_deadline, check_later, read_deadline, write_moment
from kernel.proofs.errors import Malformed

AT = datetime(2026, 3, 30, 9, 0, tzinfo=BEIJING)
FIRST = read_deadline(build_deadline(tender="T", lot="1", at=AT))


def later(by: timedelta, prev: str = FIRST.sha256) -> bytes:
    return build_deadline(tender="T", lot="1", at=AT + by, prev=prev, reason="澄清影响编制")


def test_a_deadline_keeps_its_moment_in_beijing_time() -> None:
    data = build_deadline(tender="T", lot="1", at=datetime(2026, 3, 30, 1, 0, tzinfo=UTC))
    assert data == FIRST.data
    assert b'"at":"2026-03-30T09:00:00.000+08:00"' in data
    assert FIRST.at == AT


def test_what_is_finer_than_a_millisecond_is_cut_off() -> None:
    assert write_moment(AT - timedelta(microseconds=1)) == "2026-03-30T08:59:59.999+08:00"
    with pytest.raises(ValueError, match="time zone"):
        write_moment(datetime(2026, 3, 30))  # noqa: DTZ001 - the point of the test


def test_a_later_deadline_follows_and_an_earlier_or_equal_one_does_not() -> None:
    check_later(read_deadline(later(timedelta(days=3))), FIRST)
    for by in (timedelta(0), timedelta(milliseconds=-1)):
        with pytest.raises(Malformed, match="not_later"):
            check_later(read_deadline(later(by)), FIRST)


def test_a_deadline_that_does_not_name_the_last_one_is_refused() -> None:
    with pytest.raises(Malformed, match="broken_chain"):
        check_later(read_deadline(later(timedelta(days=3), prev="00" * 32)), FIRST)


def test_moving_a_deadline_needs_a_reason() -> None:
    with pytest.raises(Malformed, match="reason_missing"):
        build_deadline(tender="T", lot="1", at=AT, prev=FIRST.sha256)


@pytest.mark.parametrize(
    "at",
    [
        "2026-03-30T09:00:00+08:00",
        "2026-03-30T09:00:00.000Z",
        "2026-03-30T01:00:00.000+00:00",
        "2026-02-30T09:00:00.000+08:00",
        "2026-03-30T24:00:00.000+08:00",
        "2026-03-30T09:00:60.000+08:00",
        "2026-03-30 09:00:00.000+08:00",
        "２026-03-30T09:00:00.000+08:00",
        1,
    ],
)
def test_a_moment_in_another_spelling_is_refused(at: object) -> None:
    with pytest.raises(Malformed):
        read_deadline(altered(FIRST.data, "at", to=at))
