"""The walk: the first to accept are seated, every skip has its reason, replacements keep the order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.proofs.draw_walk import ACCEPT, SKIPS, cap_breaches, over_cap, walk
from kernel.proofs.errors import Malformed

ORDER = [4, 2, 0, 3, 1]


def test_before_anybody_is_asked_the_first_in_the_order_is_next() -> None:
    assert walk(ORDER, 2, {}).next == 4


def test_the_first_who_accept_are_seated_and_skips_keep_their_reason() -> None:
    steps = walk(ORDER, 2, {4: "declined", 2: ACCEPT, 0: "avoidance", 3: ACCEPT})
    assert (steps.seated, steps.next, steps.full) == ((2, 3), None, True)
    assert steps.skipped == {4: "declined", 0: "avoidance"}


def test_who_accepts_after_the_seats_are_filled_is_a_spare() -> None:
    steps = walk(ORDER, 1, {4: ACCEPT, 2: ACCEPT})
    assert (steps.seated, steps.spares) == ((4,), (2,))


def test_a_withdrawal_is_replaced_by_the_next_in_the_same_order() -> None:
    outcomes = {4: ACCEPT, 2: ACCEPT}
    assert walk(ORDER, 2, outcomes).full
    after = walk(ORDER, 2, outcomes | {4: "withdrawn"})
    assert (after.seated, after.next, after.full) == ((2,), 0, False)
    assert walk(ORDER, 2, outcomes | {4: "withdrawn", 0: ACCEPT}).seated == (2, 0)


def test_an_exhausted_list_leaves_seats_empty() -> None:
    steps = walk(ORDER, 2, dict.fromkeys(ORDER, "declined"))
    assert (steps.seated, steps.next, steps.full) == ((), None, False)


@pytest.mark.parametrize("outcomes", [{2: ACCEPT}, {4: ACCEPT, 0: ACCEPT}, {9: ACCEPT}, {-1: "declined"}])
def test_nobody_is_asked_out_of_turn(outcomes: dict[int, str]) -> None:
    with pytest.raises(Malformed) as refusal:
        walk(ORDER, 2, outcomes)
    assert refusal.value.code == "out_of_turn"


def test_more_outcomes_than_people_and_unknown_outcomes_are_refused() -> None:
    with pytest.raises(Malformed):
        walk(ORDER, 2, dict.fromkeys(range(6), ACCEPT))
    with pytest.raises(Malformed) as refusal:
        walk(ORDER, 2, {4: "forgotten"})
    assert refusal.value.code == "outcome_unknown"


@given(st.data())
def test_following_the_next_one_always_ends_with_the_seats_filled_or_the_list_used_up(
    data: st.DataObject,
) -> None:
    outcomes: dict[int, str] = {}
    while (following := walk(ORDER, 2, outcomes).next) is not None:
        outcomes[following] = data.draw(st.sampled_from([ACCEPT, *SKIPS]))
    steps = walk(ORDER, 2, outcomes)
    accepted = [n for n in ORDER if outcomes.get(n) == ACCEPT]
    assert list(steps.seated) == accepted
    assert steps.full == (len(accepted) == 2)
    assert steps.full or set(outcomes) == set(ORDER)


EMPLOYERS = {"A": {0: "E0", 1: "E1", 2: "E2", 3: "E0", 4: "E0"}, "B": {0: "E0", 1: ""}}


def test_the_cap_closes_an_employer_once_it_is_reached() -> None:
    assert not over_cap("E0", ["E1"], 1)
    assert over_cap("E0", ["E1", "E0"], 1)
    assert not over_cap("", ["", ""], 1)


def test_a_cap_kept_over_all_strata_shows_no_breach() -> None:
    walks = {
        "A": walk(ORDER, 2, {4: ACCEPT, 2: ACCEPT}),
        "B": walk([0, 1], 1, {0: "employer_cap", 1: ACCEPT}),
    }
    assert cap_breaches(walks, EMPLOYERS, 1) == []


def test_too_many_of_one_employer_are_named_even_across_strata() -> None:
    walks = {"A": walk(ORDER, 2, {4: ACCEPT, 2: ACCEPT}), "B": walk([0, 1], 1, {0: ACCEPT})}
    assert cap_breaches(walks, EMPLOYERS, 1) == [("B", 0, "employer_cap_exceeded")]
    assert cap_breaches(walks, EMPLOYERS, 2) == []


def test_a_skip_for_a_cap_that_was_not_reached_is_named() -> None:
    walks = {"A": walk(ORDER, 1, {4: "employer_cap", 2: ACCEPT})}
    assert cap_breaches(walks, EMPLOYERS, 1) == [("A", 4, "employer_cap_unfounded")]


def test_one_who_withdrew_later_still_explains_an_earlier_skip() -> None:
    walks = {"A": walk(ORDER, 1, {4: "withdrawn", 2: "declined", 0: "employer_cap", 3: "declined", 1: ACCEPT})}
    assert cap_breaches(walks, EMPLOYERS, 1) == []
