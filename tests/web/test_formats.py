"""Times, money, sizes and digests are written the way a reader in China expects them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kernel.web import formats
from kernel.web.names import category_name, region_name

NINE_THIRTY = datetime(2026, 4, 20, 1, 30, tzinfo=UTC)


def test_a_moment_is_shown_in_beijing_time_with_its_zone() -> None:
    assert formats.when(NINE_THIRTY) == "2026年4月20日 09:30:00（北京时间）"
    assert formats.when_short(NINE_THIRTY) == "2026-04-20 09:30"
    assert formats.clock_time(NINE_THIRTY) == "09:30:00"
    assert formats.iso(NINE_THIRTY) == "2026-04-20T09:30:00+08:00"


def test_a_moment_late_in_the_utc_day_belongs_to_the_next_day_in_beijing() -> None:
    late = datetime(2026, 4, 19, 16, 0, tzinfo=UTC)
    assert formats.day(late) == "2026年4月20日"
    assert formats.weekday(late) == "周一"
    assert formats.day(date(2026, 4, 19)) == "2026年4月19日"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        formats.when(datetime(2026, 4, 20, 9, 30))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("1234", "¥1,234.00"), ("0.005", "¥0.01"), ("-5.5", "-¥5.50"), ("42000000", "¥42,000,000.00")],
)
def test_money_has_two_decimals_and_thousands_apart(amount: str, shown: str) -> None:
    assert formats.money(Decimal(amount)) == shown


def test_money_in_capitals_is_rounded_to_the_fen_first() -> None:
    assert formats.capital(Decimal("1409.499")) == "壹仟肆佰零玖元伍角整"


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KB"),
        (18_874_368, "18.0 MB"),
        (1_073_741_823, "1.0 GB"),
        (2**41, "2.0 TB"),
    ],
)
def test_a_length_takes_the_unit_that_reads_best(count: int, shown: str) -> None:
    assert formats.size(count) == shown


def test_a_digest_shows_both_its_ends() -> None:
    assert formats.short_hash("9f86d081" + "0" * 48 + "b0f00a08") == "9f86d081…b0f00a08"
    assert formats.short_hash("abc") == "abc"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (3 * 86400 + 4 * 3600 + 59, "还剩 3 天 4 小时"),
        (3600, "还剩 1 小时 0 分"),
        (61, "还剩 1 分 1 秒"),
        (0.4, "还剩 0 秒"),
        (0, "已截止"),
        (-1, "已截止"),
    ],
)
def test_what_is_left_ends_at_the_instant_itself(seconds: float, shown: str) -> None:
    assert formats.left(NINE_THIRTY + timedelta(seconds=seconds), NINE_THIRTY) == shown


def test_codes_get_their_names_and_unknown_ones_stand_as_they_are() -> None:
    assert category_name("A03") == "公路"
    assert category_name("B17") == "土地使用权"
    assert category_name("Z01") == "Z01"
    assert region_name("330106") == "西湖区"
    assert region_name("999999") == "999999"
