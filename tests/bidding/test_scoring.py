"""Evaluation formulas against the worked figures, the ceiling, ties, rounding, and what a sheet of marks may hold."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from bidding.methods import build, read
from bidding.procedures import PROCEDURES
from bidding.scoring import (
    abnormally_low,
    benchmark,
    delta,
    disagreements,
    evaluated_price,
    opening_draw,
    replay,
    rounded,
    score_problems,
)

CONSTRUCTION, PROCUREMENT = PROCEDURES["construction_open_tender"], PROCEDURES["procurement_open_tender"]
THREE_PERCENT = {"low": "0.03", "high": "0.03", "step": "0.01"}


def evaluation(procedure: Any = CONSTRUCTION, ceiling: str = "", draw: str = "00", **plan: Any) -> dict[str, Any]:
    category = procedure.category + "01"
    return {**build(procedure, category, Decimal(ceiling) if ceiling else None, plan), "draw": draw}


def bid(bidder: str, price: str, **more: Any) -> dict[str, Any]:
    return {"bidder": bidder, "price": price, "small": False, "lacks": [], **more}


def marks(of: Mapping[str, Any], *bidders: str, technical: str = "20") -> dict[str, dict[str, dict[str, str]]]:
    sheet = {b: {item["id"]: technical if item["id"] == "technical" else "5" for item in of["items"]} for b in bidders}
    return {str(seat): sheet for seat in range(1, 6)}


def of(ranking: list[dict[str, Any]], member: str) -> dict[str, Any]:
    return {row["bidder"]: row[member] for row in ranking}


def test_price_marks_of_comprehensive_scoring_are_lowest_by_price_by_weight() -> None:
    rules = evaluation(PROCUREMENT)
    ranking = replay(rules, [bid("A", "950000"), bid("B", "1000000"), bid("C", "1100000")], marks(rules, *"ABC"))
    assert of(ranking, "price_score") == {"A": "30.00", "B": "28.50", "C": "25.91"}


def test_a_small_firms_discount_counts_in_comparing_and_leaves_the_contract_price() -> None:
    rules = evaluation(PROCUREMENT)
    bids = [bid("A", "950000"), bid("B", "1000000", small=True), bid("C", "1100000")]
    ranking = replay(rules, bids, marks(rules, *"ABC"))
    assert of(ranking, "price_score") == {"B": "30.00", "A": "28.42", "C": "24.55"}
    assert of(ranking, "evaluated")["B"] == "900000.00"
    assert of(ranking, "price")["B"] == "1000000"


def test_a_false_claim_to_be_small_loses_the_discount_and_not_the_bid() -> None:
    rules = evaluation(PROCUREMENT)
    claimed = bid("B", "1000000", small=True, lacks=["small"])
    assert evaluated_price(rules, claimed) == 1000000
    assert of(replay(rules, [claimed], marks(rules, "B")), "rejected") == {"B": []}


def test_the_benchmark_of_five_bids_drops_one_at_each_end_and_is_lowered_by_what_was_drawn() -> None:
    rules = evaluation(delta=THREE_PERCENT)
    prices = ["3800000", "3950000", "4020000", "4100000", "4550000"]
    assert benchmark(rules, [Decimal(price) for price in prices]) == Decimal("3902633.33")
    ranking = replay(rules, [bid(p[:3], p) for p in prices], marks(rules, *(p[:3] for p in prices)))
    assert of(ranking, "price_score") == {
        "380": "58.69",
        "395": "58.79",
        "402": "56.99",
        "410": "54.94",
        "455": "43.41",
    }
    assert ranking[0]["bidder"] == "395"


def test_fewer_than_five_bids_are_all_in_the_mean() -> None:
    rules = evaluation(delta={"low": "0", "high": "0", "step": "0.01"})
    assert benchmark(rules, [Decimal(n) for n in (100, 200, 600)]) == 300


def test_the_compound_benchmark_takes_its_share_of_the_ceiling() -> None:
    rules = evaluation(formula="benchmark_ceiling", ceiling="500")
    assert benchmark(rules, [Decimal(300), Decimal(500)]) == Decimal("450.00")


def test_marks_never_fall_below_the_least_the_formula_gives() -> None:
    rules = evaluation(delta=THREE_PERCENT)
    ranking = replay(rules, [bid("A", "100"), bid("B", "1000")], marks(rules, "A", "B"))
    assert of(ranking, "price_score")["B"] == "0.00"


def test_every_step_of_the_range_can_be_drawn_and_the_draw_depends_on_every_seed() -> None:
    rules = evaluation()
    drawn = {delta({**rules, "draw": f"{n:064x}"}) for n in range(50)}
    assert drawn == {Decimal(n) / 1000 for n in range(10, 55, 5)}
    seeds = {"aa" * 32: b"1" * 32, "bb" * 32: b"2" * 32}
    other = {**seeds, "bb" * 32: b"3" * 32}
    assert opening_draw("cc" * 32, seeds) != opening_draw("cc" * 32, other)
    assert opening_draw("cc" * 32, seeds) == opening_draw("cc" * 32, dict(reversed(seeds.items())))


def test_a_bid_over_the_ceiling_is_rejected_with_its_reason_and_one_at_the_ceiling_is_valid() -> None:
    rules = evaluation(ceiling="4100000")
    ranking = replay(rules, [bid("over", "4200000"), bid("at", "4100000.00")], marks(rules, "at"))
    assert of(ranking, "rank") == {"at": 1, "over": 0}
    reason = of(ranking, "rejected")["over"][0]
    assert (reason["code"], reason["article"]) == ("over_ceiling", "招标投标法实施条例第五十一条")
    assert "4200000" in reason["says"]


def test_what_the_review_found_lacking_rejects_with_its_article() -> None:
    rules = evaluation()
    ranking = replay(rules, [bid("A", "100", lacks=["cost"])], {})
    assert ranking[0]["rejected"][0]["article"] == "评标委员会和评标方法暂行规定第二十一条"


def test_a_rejected_bid_is_left_out_of_the_benchmark_unless_the_document_counts_it() -> None:
    bids = [bid("A", "100"), bid("B", "200", lacks=["signed"])]
    zero = {"low": "0", "high": "0", "step": "0.01"}
    passed = replay(evaluation(delta=zero), bids, marks(evaluation(), "A"))
    opened = replay(evaluation(delta=zero, parameters={"counted": "opened"}), bids, marks(evaluation(), "A"))
    assert of(passed, "price_score")["A"] == "60.00"
    assert of(opened, "price_score")["A"] == "43.33"


def test_the_lowest_evaluated_price_comes_first_and_listed_deviations_raise_it() -> None:
    late = {"id": "late", "name": "工期偏差", "article": "", "effect": "adjust", "adds": "0.05"}
    rules = evaluation(method="lowest_evaluated", review=[late])
    ranking = replay(rules, [bid("A", "100", lacks=["late"]), bid("B", "104")], {})
    assert [(row["bidder"], row["rank"], row["evaluated"], row["price"]) for row in ranking] == [
        ("B", 1, "104.00", "104"),
        ("A", 2, "105.00", "100"),
    ]
    assert all(row["total"] == "" for row in ranking)


def test_the_lowest_price_method_leaves_equal_prices_side_by_side() -> None:
    rules = evaluation(PROCUREMENT, method="lowest_price")
    ranking = replay(rules, [bid("A", "100"), bid("B", "100.00"), bid("C", "120")], {})
    assert [(row["rank"], row["tied"]) for row in ranking] == [(1, True), (1, True), (3, False)]


def test_equal_totals_go_to_the_lower_price_then_to_the_technical_marks_then_to_the_draw() -> None:
    rules = evaluation(formula="ratio_to_lowest", items=[_item("technical", "40")])
    given = {"1": {"A": {"technical": "20"}, "B": {"technical": "26"}}}
    ranking = replay(rules, [bid("A", "90"), bid("B", "100")], given)
    assert of(ranking, "total") == {"A": "80.00", "B": "80.00"}
    assert ranking[0]["bidder"] == "A"
    same = {"1": {name: {"technical": "20"} for name in "ABCD"}}
    firsts = {
        replay({**rules, "draw": f"{n:064x}"}, [bid(name, "100") for name in "ABCD"], same)[0]["bidder"]
        for n in range(40)
    }
    assert firsts == set("ABCD")


def test_marks_are_the_mean_of_all_members_and_rounded_half_up() -> None:
    assert rounded(Decimal("0.125"), 2) == Decimal("0.13")
    rules = evaluation(formula="ratio_to_lowest", items=[_item("technical", "40")])
    given = {str(n): {"A": {"technical": mark}} for n, mark in enumerate(("10", "10.01"))}
    (row,) = replay(rules, [bid("A", "100")], given)
    assert (row["items"]["technical"], row["total"]) == ("10.01", "70.01")
    assert row["members"] == {"0": "10.00", "1": "10.01"}


def test_the_same_values_rank_the_same_whatever_their_order() -> None:
    rules = evaluation(draw="7f" * 32)
    bids = [bid(name, str(100 + n)) for n, name in enumerate("ABCDE")]
    given = marks(rules, *"ABCDE")
    turned = dict(reversed(given.items()))
    assert replay(rules, bids, given) == replay(rules, list(reversed(bids)), turned)


def test_a_price_far_below_the_others_or_the_ceiling_calls_for_an_explanation() -> None:
    prices = {"A": Decimal(40), "B": Decimal(100), "C": Decimal(110)}
    rule = PROCUREMENT.evaluation.low_price
    assert abnormally_low(rule, prices, None) == {"A"}
    assert abnormally_low(rule, {"A": Decimal(60), "B": Decimal(100)}, None) == set()
    assert abnormally_low(rule, {"A": Decimal(60), "B": Decimal(70)}, Decimal(140)) == {"A"}


def test_a_sheet_of_marks_is_told_everything_that_is_wrong_with_it_at_once() -> None:
    rules = evaluation()
    sheet = {"A": {"technical": "30.01", "credit": "9.999", "beauty": "1"}, "Z": {}}
    said = {(p["bidder"], p["item"]) for p in score_problems(rules, ["A", "B"], sheet)}
    assert said == {
        ("A", "technical"),
        ("A", "credit"),
        ("A", "beauty"),
        ("B", "technical"),
        ("B", "credit"),
        ("Z", ""),
    }
    assert score_problems(rules, ["A"], {"A": {"technical": "30", "credit": "0"}}) == []


def test_objective_items_that_members_marked_differently_are_named() -> None:
    rules = evaluation()
    one = {"A": {"technical": "20", "credit": "5"}}
    two = {"A": {"technical": "10", "credit": "5.5"}}
    assert disagreements(rules, {"1": one, "2": two}) == [("A", "credit")]


def test_a_new_formulas_weights_are_added_by_data_alone() -> None:
    methods = read(
        """
        [method.comprehensive]
        name = "综合评估法"
        article = "评标委员会和评标方法暂行规定第三十四条"
        ranks = "total"
        table = "综合评估比较表"

        [formula.benchmark_mean]
        name = "某县合理低价法"
        kernel = "benchmark"
        counted = "passed"
        drop = 0
        drop_from = 1
        share = "1"
        above = "3"
        below = "2"
        least = "20"
        delta = { low = "0", high = "0", step = "0.01" }
        """
    )
    plan = {"price": "50", "items": [_item("technical", "50")]}
    rules = {**build(CONSTRUCTION, "A01", None, plan, methods), "draw": "00"}
    given = {"1": {name: {"technical": "40"} for name in "ABC"}}
    ranking = replay(rules, [bid("A", "90"), bid("B", "100"), bid("C", "110")], given)
    assert of(ranking, "price_score") == {"A": "30.00", "B": "50.00", "C": "20.00"}
    assert of(ranking, "total") == {"B": "90.00", "A": "70.00", "C": "60.00"}


@pytest.mark.parametrize(("budget", "least"), [("9999999.99", 5), ("10000000", 7)])
def test_a_large_budget_asks_for_a_larger_panel(budget: str, least: int) -> None:
    assert PROCUREMENT.panel.size(Decimal(budget)) == least
    assert [CONSTRUCTION.panel.experts_of(n) for n in (5, 7, 9, 11, 13)] == [4, 5, 6, 8, 9]


def _item(name: str, maximum: str) -> dict[str, str]:
    return {"id": name, "name": "技术", "maximum": maximum, "group": name, "kind": "subjective"}
