"""What a notice may choose of the methods, what holds when it says nothing, and what it is told is wrong."""

from decimal import Decimal
from typing import Any

import pytest

from bidding.methods import METHODS, build, law_facts, plan_problems
from bidding.panel_schemas import EvaluationPlan
from bidding.procedures import PROCEDURES, Procedure

CONSTRUCTION, PROCUREMENT = PROCEDURES["construction_open_tender"], PROCEDURES["procurement_open_tender"]


def codes(procedure: Procedure, ceiling: Decimal | None = None, **plan: Any) -> list[str]:
    return [problem.code for problem in plan_problems(procedure, ceiling, EvaluationPlan(**plan).plain())]


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=lambda procedure: procedure.id)
def test_a_notice_that_says_nothing_takes_the_procedures_own_and_its_marks_make_a_hundred(procedure: Procedure) -> None:
    assert codes(procedure) == []
    evaluation = build(procedure, procedure.category + "01", None, {})
    parts = [evaluation["price"], *evaluation["items"]]
    assert sum(Decimal(part["maximum"]) for part in parts) == 100


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=lambda procedure: procedure.id)
def test_everything_a_procedure_allows_is_in_the_table(procedure: Procedure) -> None:
    assert set(procedure.evaluation.methods) <= set(METHODS.method)
    assert set(procedure.evaluation.formulas) <= set(METHODS.formula)


def test_a_method_that_ranks_by_price_has_no_items_to_mark() -> None:
    evaluation = build(CONSTRUCTION, "A01", None, {"method": "lowest_evaluated"})
    assert (evaluation["ranks"], evaluation["items"]) == ("price", [])


def test_the_notices_own_figures_take_the_place_of_the_tables() -> None:
    plan = EvaluationPlan(above=Decimal(2), delta={"low": "0.02", "high": "0.04", "step": "0.01"}).plain()
    price = build(CONSTRUCTION, "A01", None, plan)["price"]
    assert (price["above"], price["below"], price["delta"]["high"]) == ("2", "0.5", "0.04")


def test_marks_that_do_not_make_a_hundred_are_refused() -> None:
    assert codes(CONSTRUCTION, price="50") == ["weights_not_full"]


def test_a_compound_benchmark_needs_a_ceiling() -> None:
    assert codes(CONSTRUCTION, formula="benchmark_ceiling") == ["ceiling_needed"]
    assert codes(CONSTRUCTION, Decimal(100), formula="benchmark_ceiling") == []


@pytest.mark.parametrize("delta", [("0.05", "0.01", "0.01"), ("0.01", "0.05", "0.03")])
def test_a_range_that_its_steps_do_not_fill_is_refused(delta: tuple[str, str, str]) -> None:
    low, high, step = delta
    assert codes(CONSTRUCTION, delta={"low": low, "high": high, "step": step}) == ["delta_range"]


def test_an_item_named_like_another_is_refused() -> None:
    review = [{"id": "signed", "name": "签字"}]
    assert codes(CONSTRUCTION, review=review) == ["item_twice"]


def test_the_law_is_asked_in_percent_about_weights_and_discounts_of_the_category() -> None:
    evaluation = build(PROCUREMENT, "D03", None, {})
    facts = law_facts(PROCUREMENT, "D03", evaluation)
    assert facts == {"price_weight_services": Decimal(30), "small_discount": Decimal("10.00")}
    assert law_facts(CONSTRUCTION, "A01", build(CONSTRUCTION, "A01", None, {})) == {}
