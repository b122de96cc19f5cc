"""Who wins from quotes and a drawn order: the rule book's worked figures, ties, and few quotes."""

import random
from decimal import Decimal

import pytest

from kernel.proofs.errors import Malformed
from kernel.proofs.selection import Rule, rank, reference_price

BEST = Rule("nearest", (95, 96, 97, 98), 3)
LOWEST = Rule("lowest")
QUOTES = {"a": Decimal("9.2"), "b": Decimal("9.5"), "c": Decimal("9.8"), "d": Decimal("10.0"), "e": Decimal("10.6")}


@pytest.mark.parametrize(("percent", "reference"), [(95, "9.28"), (96, "9.38"), (97, "9.47"), (98, "9.57")])
def test_best_price_drops_both_ends_and_takes_the_nearest_to_the_reference(percent: int, reference: str) -> None:
    ranking = rank(BEST, QUOTES, "edcba", percent)
    assert ranking.reference == Decimal(reference)
    assert ranking.order == ("b", "c", "d")
    assert set(ranking.dropped) == {"a", "e"}


def test_the_order_of_the_input_never_matters() -> None:
    names = list(QUOTES)
    for seed in range(20):
        random.Random(seed).shuffle(names)
        assert rank(BEST, {name: QUOTES[name] for name in names}, "edcba", 95) == rank(BEST, QUOTES, "edcba", 95)


def test_equal_lowest_prices_stand_in_the_drawn_order() -> None:
    quotes = {"a": Decimal(100), "b": Decimal(90), "c": Decimal(90), "d": Decimal(95)}
    assert rank(LOWEST, quotes, "acdb").order == ("c", "b", "d", "a")
    assert rank(LOWEST, quotes, "abdc").order == ("b", "c", "d", "a")


def test_equally_near_prices_stand_in_the_drawn_order() -> None:
    quotes = {"a": Decimal(99), "b": Decimal(101)}
    mean = Rule("nearest", (100,), 0)
    assert rank(mean, quotes, "ab", 100).order == ("a", "b")
    assert rank(mean, quotes, "ba", 100).order == ("b", "a")


def test_few_quotes_are_handled_by_their_number() -> None:
    assert rank(BEST, {"a": Decimal(10)}, "a", 95).order == ("a",)
    two = rank(BEST, {"a": Decimal(10), "b": Decimal(20)}, "ab", 98)
    assert (two.reference, two.dropped, two.order) == (Decimal("14.70"), (), ("a", "b"))
    three = rank(BEST, {"a": Decimal(10), "b": Decimal(20), "c": Decimal(30)}, "abc", 95)
    assert (three.reference, three.order) == (Decimal("19.00"), ("b",))


def test_of_equal_prices_at_an_end_the_one_drawn_later_is_dropped() -> None:
    quotes = {"a": Decimal(10), "b": Decimal(10), "c": Decimal(12), "d": Decimal(14)}
    ranking = rank(BEST, quotes, "abcd", 95)
    assert set(ranking.dropped) == {"b", "d"}
    same = {name: Decimal(10) for name in "abc"}
    assert rank(BEST, same, "abc", 95).order == ("a",)


def test_a_draw_gives_its_own_order() -> None:
    assert rank(Rule("draw"), {}, ["x", "y"]).order == ("x", "y")


def test_a_draw_of_other_agencies_or_another_percentage_is_refused() -> None:
    with pytest.raises(Malformed, match="不是同一组"):
        rank(LOWEST, {"a": Decimal(1)}, "ab")
    with pytest.raises(Malformed, match="比例"):
        rank(BEST, QUOTES, "abcde", 94)
    with pytest.raises(Malformed, match="没有名次"):
        rank(Rule("choice"), {}, "")


def test_the_reference_is_rounded_half_up_to_two_decimals() -> None:
    assert reference_price([Decimal("0.01"), Decimal("0.02")], 100) == Decimal("0.02")
