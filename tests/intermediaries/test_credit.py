"""Credit as data: what an event costs, what a level brings."""

from datetime import datetime

import pytest

from intermediaries.credit import CREDIT, months_later, read
from kernel.clock import CHINA

TABLE = """
start = 100
[event.shouting]
name = "在大厅喧哗"
points = 3
months = 6
source = "试验"
[[level]]
id = "低"
name = "低"
from = 0
compared = false
drawn = false
[[level]]
id = "高"
name = "高"
from = 80
compared = true
drawn = true
"""


def test_below_sixty_nobody_is_shown_where_owners_compare() -> None:
    assert CREDIT.least("compared") == 60
    assert not CREDIT.level(59).compared
    assert CREDIT.level(60).compared
    assert CREDIT.level(0).id == "D"
    assert CREDIT.level(100).id == "A"


def test_every_event_says_on_whose_rule_it_rests() -> None:
    assert len(CREDIT.events) >= 8
    assert all(event.points > 0 and event.months > 0 and event.source for event in CREDIT.events.values())


def test_a_score_never_falls_below_nought() -> None:
    assert CREDIT.score([]) == 100
    assert CREDIT.score([30, 30]) == 40
    assert CREDIT.score([50, 50, 50]) == 0


def test_a_new_event_and_new_levels_are_data_alone() -> None:
    made = read(TABLE)
    assert made.score([made.events["shouting"].points]) == 97
    assert (made.level(97).id, made.level(79).id, made.least("drawn")) == ("高", "低", 80)


def test_levels_that_leave_a_gap_at_the_bottom_are_refused() -> None:
    with pytest.raises(ValueError, match="nought"):
        read(TABLE.replace("from = 0", "from = 10"))


def test_months_are_counted_as_the_calendar_has_them() -> None:
    assert months_later(datetime(2026, 1, 31, 9, tzinfo=CHINA), 1) == datetime(2026, 2, 28, 9, tzinfo=CHINA)
    assert months_later(datetime(2026, 3, 10, tzinfo=CHINA), 24) == datetime(2028, 3, 10, tzinfo=CHINA)
    assert months_later(datetime(2026, 12, 1, tzinfo=CHINA), 1) == datetime(2027, 1, 1, tzinfo=CHINA)
