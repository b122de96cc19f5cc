"""What the panel's work follows from: majorities, who is waited for, and when everything is there to compare."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bidding.judging import moved
from bidding.methods import build
from bidding.panel_rules import (
    PURCHASER,
    Asked,
    Sitting,
    current,
    items_of,
    judged,
    lacking,
    phase,
    review_problems,
    too_few,
    valid,
)
from bidding.procedures import PROCEDURES
from kernel.clock import CHINA

SEATS = ["s1", "s2", "s3", "s4", "s5"]
CONSTRUCTION, PROCUREMENT = PROCEDURES["construction_open_tender"], PROCEDURES["procurement_open_tender"]


def sitting(procedure: Any = CONSTRUCTION, prices: tuple[str, ...] = ("100", "110", "120"), **more: Any) -> Sitting:
    evaluation = {**build(procedure, procedure.category + "01", None, {}), "draw": "00"}
    bids = [
        {"bidder": b, "name": b, "price": p, "small": False, "corrections": [], "rejected": []}
        for b, p in zip("ABC", prices, strict=True)
    ]
    return replace(Sitting(evaluation, bids, SEATS), **more)


def reviews(of: Sitting, lacks: dict[str, dict[str, tuple[str, ...]]] | None = None) -> dict[str, Any]:
    """seat → bidder → item → passed, all passed but what `lacks` says (bidder → item → seats that say no)."""
    said: dict[str, Any] = {
        seat: {
            bid["bidder"]: {
                item["id"]: seat not in (lacks or {}).get(bid["bidder"], {}).get(item["id"], ())
                for item in items_of(of.evaluation, "panel")
            }
            for bid in of.bids
        }
        for seat in SEATS
    }
    own = {item["id"]: True for item in items_of(of.evaluation, "purchaser")}
    return said | ({PURCHASER: {bid["bidder"]: own for bid in of.bids}} if own else {})


def sheets(*seats: str, credit: str = "5") -> dict[str, Any]:
    return {seat: {b: {"technical": "20", "credit": credit} for b in "ABC"} for seat in seats}


def test_a_sitting_goes_from_review_to_marks_to_the_report() -> None:
    start = sitting()
    assert phase(start) == "review"
    assert lacking(start) == ["5 位成员尚未完成初步评审"]
    reviewed = replace(start, reviews=reviews(start))
    assert phase(reviewed) == "score"
    assert phase(replace(reviewed, sheets=sheets(*SEATS[:4]))) == "score"
    assert phase(replace(reviewed, sheets=sheets(*SEATS))) == "report"


def test_three_of_five_reject_a_bid_and_two_do_not() -> None:
    start = sitting()
    for no, still in (("s1", "s2", "s3"), []), (("s1", "s2"), ["A"]):
        found = replace(start, reviews=reviews(start, {"A": {"signed": no}}))
        assert [b for b in valid(found) if b == "A"] == still


def test_what_somebody_wrote_who_no_longer_sits_counts_for_nothing() -> None:
    start = sitting()
    found = replace(start, reviews=reviews(start, {"A": {"signed": ("s1", "s2", "s3")}}), sheets=sheets(*SEATS))
    without = replace(found, seats=["s2", "s3", "s4", "s5", "s6"])
    assert "1 位成员尚未完成初步评审" in lacking(without)
    assert set(current(without)) == {"s2", "s3", "s4", "s5"}


def test_a_question_that_waits_keeps_the_review_open() -> None:
    start = sitting(asked=[Asked("B", "clarify", True)])
    found = replace(start, reviews=reviews(start))
    assert lacking(found) == ["B尚未答复澄清"]
    assert phase(replace(found, asked=[Asked("B", "clarify", False)])) == "score"


def test_a_price_far_below_the_others_must_be_asked_about_before_anything_is_said_of_it() -> None:
    start = sitting(prices=("40", "110", "120"))
    assert "A的报价明显偏低，须书面要求说明" in lacking(start)
    findings = {item["id"]: (True, "") for item in items_of(start.evaluation, "panel")}
    assert [p.code for p in review_problems(start, "A", findings, "panel")] == ["not_explained"]
    asked = replace(start, asked=[Asked("A", "low_price", False)])
    assert review_problems(asked, "A", findings, "panel") == []


def test_a_no_without_a_reason_is_refused_with_its_article() -> None:
    findings = {item["id"]: (item["id"] != "honest", "") for item in items_of(sitting().evaluation, "panel")}
    (problem,) = review_problems(sitting(), "A", findings, "panel")
    assert (problem.code, problem.article) == ("review_reason_missing", "招标投标法实施条例第五十一条")


def test_the_purchaser_reviews_qualification_where_the_law_gives_it_to_him() -> None:
    start = sitting(PROCUREMENT)
    panel_only = {seat: said for seat, said in reviews(start).items() if seat != PURCHASER}
    assert lacking(replace(start, reviews=panel_only)) == ["采购人或者代理机构尚未完成资格审查"]
    said = reviews(start) | {PURCHASER: {b: {"qualified": b != "C"} for b in "ABC"}}
    found = replace(start, reviews=said)
    assert valid(found) == ["A", "B"]
    assert too_few(found) == "合格投标人不足 3 家，不得评标"


def test_works_go_on_with_two_valid_bids_and_end_with_none() -> None:
    start = sitting()
    one_out = replace(start, reviews=reviews(start, {"A": {"signed": tuple(SEATS)}}))
    assert too_few(one_out) == ""
    out = {bidder: {"signed": tuple(SEATS)} for bidder in "ABC"}
    assert too_few(replace(start, reviews=reviews(start, out))) == "所有投标均被否决"


@pytest.mark.parametrize(("confirms", "valid_bids"), [(True, ["A", "B", "C"]), (False, ["A", "B"]), (None, ["A", "B"])])
def test_a_corrected_price_stands_only_once_it_is_confirmed(confirms: bool | None, valid_bids: list[str]) -> None:
    start = sitting(PROCUREMENT)
    bids = [dict(bid) for bid in start.bids]
    bids[2]["corrections"] = [{"rule": "words", "says": "", "before": "1", "after": "120"}]
    asked = [Asked("C", "confirm", False, confirms)]
    found = replace(start, bids=bids, reviews=reviews(start), asked=asked)
    assert valid(found) == valid_bids
    assert [b["rejected"] == [] for b in judged(found)] == [True, True, confirms is True]


def test_objective_marks_that_differ_keep_the_comparison_shut() -> None:
    start = sitting()
    given = sheets(*SEATS[:4]) | sheets("s5", credit="6")
    assert phase(replace(start, reviews=reviews(start), sheets=given)) == "score"


def test_a_term_is_longer_by_as_long_as_the_lot_stood_suspended_within_it() -> None:
    start = datetime(2026, 4, 20, 10, tzinfo=CHINA)
    hour = timedelta(hours=1)
    stood_still = [
        (start - 3 * hour, start - hour),
        (start + hour, start + 3 * hour),
        (start + 9 * hour, start + 10 * hour),
    ]
    assert moved(start, start + 2 * hour, stood_still) == start + 4 * hour
    assert moved(start, start + 2 * hour, [(start - hour, start + hour)]) == start + 3 * hour
