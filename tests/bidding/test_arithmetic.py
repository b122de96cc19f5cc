"""Arithmetic correction, each rule in the legal order of works and of government procurement."""

from decimal import Decimal
from typing import Any

import pytest

from bidding.arithmetic import correct, words_to_amount
from bidding.procedures import PROCEDURES
from kernel.money import capitals

WORKS = PROCEDURES["construction_open_tender"].evaluation.corrections
PROCUREMENT = PROCEDURES["procurement_open_tender"].evaluation.corrections


def line(name: str, quantity: str, unit: str, total: str) -> dict[str, str]:
    return {"name": name, "quantity": quantity, "unit_price": unit, "total": total}


def rules(found: Any) -> list[str]:
    return [finding.rule for finding in found.findings]


@pytest.mark.parametrize(
    "amount", ["0.05", "10.00", "305.40", "10006.00", "4023000.50", "120000000.00", "1030000500.01"]
)
def test_capitals_are_read_back_as_they_are_written(amount: str) -> None:
    assert words_to_amount(capitals(Decimal(amount))) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "叁佰", "three yuan", "叁佰元五毛"])
def test_what_is_no_amount_in_words_is_not_guessed_at(text: str) -> None:
    assert words_to_amount(text) is None


def test_a_form_without_a_fault_stands_as_it_is() -> None:
    form = {"price": "300.00", "price_words": "叁佰元整", "lines": [line("a", "3", "100", "300")]}
    found = correct(form, WORKS)
    assert (found.price, found.findings) == (Decimal("300.00"), ())


def test_words_beat_figures() -> None:
    found = correct({"price": "300.00", "price_words": "叁佰贰拾元整"}, WORKS)
    assert found.price == 320
    assert rules(found) == ["words"]
    assert (found.findings[0].before, found.findings[0].after) == (Decimal("300.00"), Decimal(320))


def test_unit_prices_beat_totals() -> None:
    found = correct({"price": "500", "lines": [line("a", "3", "100", "200"), line("b", "1", "300", "300")]}, WORKS)
    assert found.price == 600
    assert rules(found) == ["unit_price"]


def test_a_unit_price_whose_point_is_clearly_wrong_yields_to_its_total() -> None:
    found = correct({"price": "300", "lines": [line("a", "3", "1000", "300")]}, WORKS)
    assert found.price == 300
    assert rules(found) == ["decimal"]
    assert found.lines[0][2] == 100


def test_a_sum_that_does_not_add_up_is_added_again() -> None:
    found = correct({"price": "999", "lines": [line("a", "3", "100", "300"), line("b", "1", "300", "300")]}, WORKS)
    assert found.price == 600


def test_a_unit_price_rounded_to_the_fen_is_no_error() -> None:
    assert correct({"price": "100", "lines": [line("a", "3", "33.33", "100.00")]}, WORKS).findings == ()


def test_in_procurement_the_opening_form_beats_the_body_and_then_words_beat_figures() -> None:
    form = {"price": "300", "body_price": "290", "price_words": "叁佰壹拾元整"}
    found = correct(form, PROCUREMENT)
    assert rules(found) == ["summary", "words"]
    assert found.price == 310


def test_of_two_faults_the_laws_order_decides() -> None:
    form = {"price": "300", "price_words": "肆佰元整", "lines": [line("a", "5", "100", "450")]}
    found = correct(form, WORKS)
    assert [(f.rule, f.after) for f in found.findings] == [("words", Decimal(400)), ("unit_price", Decimal(500))]


@pytest.mark.parametrize("price", ["", "-1", "NaN", "many"])
def test_a_price_that_is_none_is_refused(price: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        correct({"price": price}, WORKS)
