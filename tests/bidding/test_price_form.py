"""The price form as data: what a lot asks for, what the machine writes by itself, what is wrong, what is doubtful."""

from decimal import Decimal
from typing import Any

import pytest

from bidding.arithmetic import correct, words_to_amount
from bidding.methods import build
from bidding.price_form import FIELDS, completed, fields, problems, warnings
from bidding.procedures import PROCEDURES
from kernel.money import capitals

WORKS = build(PROCEDURES["construction_open_tender"], "A01", Decimal(40_000_000), {})
GOODS = build(PROCEDURES["procurement_open_tender"], "D01", None, {})
GOOD = {"price": "38000000.00", "period_days": 180}


def ids(evaluation: dict[str, Any]) -> set[str]:
    return {row["id"] for row in fields(evaluation)}


def test_works_ask_for_lines_and_goods_ask_small_firms_to_say_so() -> None:
    assert {"price", "price_words", "period_days", "lines"} <= ids(WORKS)
    assert "small" not in ids(WORKS)
    assert {"small", "body_price", "lines"} <= ids(GOODS)


def test_a_filled_form_gets_its_capitals_and_totals_and_then_nothing_is_wrong_or_corrected() -> None:
    lines = [{"name": "土方", "quantity": "1000.5", "unit_price": "12.34"}]
    form = completed({**GOOD, "price": "12346.17", "lines": lines}, fields(WORKS))
    assert form["price_words"] == "壹万贰仟叁佰肆拾陆元壹角柒分"
    assert form["lines"][0]["total"] == "12346.17"
    assert problems(form, fields(WORKS)) == []
    assert correct(form, WORKS["corrections"]).findings == ()
    assert warnings(form, WORKS, WORKS["ceiling"]) == []


def test_capitals_the_bidder_wrote_himself_stay_and_a_difference_is_told() -> None:
    form = completed({**GOOD, "price_words": "叁仟柒佰万元整"}, fields(WORKS))
    assert form["price_words"] == "叁仟柒佰万元整"
    (said,) = warnings(form, WORKS, "")
    assert "以大写金额为准" in said


def test_a_price_above_the_ceiling_is_told_before_it_is_sealed() -> None:
    (said,) = warnings({"price": "40000000.01"}, WORKS, WORKS["ceiling"])
    assert "高于最高投标限价" in said


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"price": "38000000.001"}, "price"),
        ({"price": "0"}, "price"),
        ({"price": 38000000}, "price"),
        ({"price": "３８"}, "price"),
        ({"price": None}, "price"),
        ({"price_words": "很多钱"}, "price_words"),
        ({"period_days": 0}, "period_days"),
        ({"period_days": True}, "period_days"),
        ({"period_days": "半年"}, "period_days"),
        ({"quality": "合" * 201}, "quality"),
        ({"small": "yes"}, "small"),
        ({"discount": "0.1"}, "discount"),
        ({"lines": {"name": "土方"}}, "lines"),
        ({"lines": [{"name": "土方", "quantity": "1", "unit_price": "1"}]}, "lines"),
        ({"lines": [{"name": "土方", "quantity": "-1", "unit_price": "1", "total": "1"}]}, "lines"),
        ({"lines": [{"name": "", "quantity": "1", "unit_price": "1", "total": "1"}]}, "lines"),
    ],
)
def test_what_could_not_be_read_at_the_opening_is_said_beside_its_field(wrong: dict[str, Any], at: str) -> None:
    form = {**GOOD, "price_words": "叁仟捌佰万元整", **wrong}
    assert [problem.field for problem in problems(form, FIELDS)] == [at]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert {p.field for p in problems({"quality": 1}, fields(WORKS))} == {
        "price",
        "price_words",
        "period_days",
        "quality",
    }


@pytest.mark.parametrize("fen", [1, 10, 100, 1005, 100_000_07, 10_000_000_000_00, 123_456_789_012_34, 10_0005_0000_00])
def test_the_panel_reads_the_capitals_that_the_form_writes(fen: int) -> None:
    amount = Decimal(fen) / 100
    assert words_to_amount(capitals(amount)) == amount
