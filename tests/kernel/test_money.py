"""Amounts as people type them and as bills write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import BadInput
from kernel.money import LIMIT, capitals, figures, read


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("0.56", "伍角陆分"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("16.05", "壹拾陆元零伍分"),
        ("1234567.89", "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
        ("1200000", "壹佰贰拾万元整"),
        ("1002003.40", "壹佰万贰仟零叁元肆角整"),
        ("100200", "壹拾万零贰佰元整"),
        ("50000001", "伍仟万零壹元整"),
        ("100000000", "壹亿元整"),
        ("100000001", "壹亿零壹元整"),
        ("102030405", "壹亿零贰佰零叁万零肆佰零伍元整"),
        ("1000000000000", "壹万亿元整"),
        ("1000200000000", "壹万零贰亿元整"),
        ("1000000010000", "壹万亿零壹万元整"),
        ("9999999999999999.99", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_capitals_follow_the_rules_for_bills(amount: str, text: str) -> None:
    assert capitals(Decimal(amount)) == text


@pytest.mark.parametrize("amount", [Decimal("-1"), Decimal("0.001"), LIMIT])
def test_what_cannot_stand_on_a_bill_has_no_capitals(amount: Decimal) -> None:
    with pytest.raises(ValueError, match="capitals"):
        capitals(amount)


@given(st.integers(0, 10**18 - 1), st.integers(0, 10**18 - 1))
def test_different_amounts_never_share_their_capitals(a: int, b: int) -> None:
    same = capitals(Decimal(a) / 100) == capitals(Decimal(b) / 100)
    assert same == (a == b)


def test_figures_part_the_thousands() -> None:
    assert figures(Decimal("1234567.8")) == "1,234,567.80"


@given(st.decimals(0, LIMIT - 1, places=2))
def test_what_is_written_in_figures_reads_back_as_itself(amount: Decimal) -> None:
    assert read(figures(amount)) == amount


@pytest.mark.parametrize(
    "text", ["", "一百", "-5", "1e9", "NaN", "Infinity", "1.234", "1,23", "12,34,567", "１００", "1_000"]
)
def test_what_is_not_an_amount_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text, "price")
    assert refused.value.problems[0].field == "price"
    assert refused.value.code == "amount_malformed"


def test_an_amount_beyond_the_column_is_refused() -> None:
    with pytest.raises(BadInput) as refused:
        read("1" + "0" * 16)
    assert refused.value.code == "amount_too_large"
