"""Every toxic combination, row by row, in both orders, inside its scope and outside of it."""

import pytest

from kernel.accounts.toxic import TOXIC, Capacity, Toxic, conflicts

PAIRS = [(row, one, other) for row in TOXIC for one in sorted(row.one) for other in sorted(row.other)]


def _judged(row: Toxic, held: Capacity, asked: Capacity) -> list[str]:
    problems = conflicts((), asked, [held]) if row.of_a_group else conflicts([held], asked)
    return [problem.code for problem in problems]


def _inside(row: Toxic, name: str) -> Capacity:
    subject = "" if row.scope in ("ever", "group") else "case-1"
    return Capacity(name, subject, "CONTROLLER" if row.of_a_group else "")


def test_the_table_holds_the_twenty_combinations_of_the_acceptance_rules() -> None:
    assert {row.number for row in TOXIC} == set(range(1, 21))


@pytest.mark.parametrize(("row", "one", "other"), PAIRS)
def test_each_pair_of_each_row_is_refused_in_both_orders(row: Toxic, one: str, other: str) -> None:
    code = f"toxic_{row.number}_{row.scope}"
    assert code in _judged(row, _inside(row, one), _inside(row, other))
    assert code in _judged(row, _inside(row, other), _inside(row, one))


@pytest.mark.parametrize(("row", "one", "other"), [p for p in PAIRS if p[0].scope.endswith(("case", "account"))])
def test_rows_about_one_case_or_account_do_not_reach_another(row: Toxic, one: str, other: str) -> None:
    elsewhere = Capacity(other, "case-2", "CONTROLLER" if row.of_a_group else "")
    code = f"toxic_{row.number}_{row.scope}"
    assert code not in _judged(row, _inside(row, one), elsewhere)
    assert code not in _judged(row, Capacity(one), Capacity(other)), "no subject is not the same subject"


@pytest.mark.parametrize(("row", "one", "other"), [p for p in PAIRS if p[0].of_a_group])
def test_rows_about_a_group_do_not_reach_other_groups(row: Toxic, one: str, other: str) -> None:
    subject = _inside(row, one).subject
    code = f"toxic_{row.number}_{row.scope}"
    assert code not in _judged(row, _inside(row, one), Capacity(other, subject, "ANOTHER"))
    assert code not in _judged(row, Capacity(one, subject), Capacity(other, subject)), "nobody controls nobody"


def test_what_other_people_of_the_group_are_is_not_held_against_a_person() -> None:
    colleague = Capacity("purchaser", controller="CONTROLLER")
    assert conflicts((), Capacity("bidder", controller="CONTROLLER"), [colleague]) == []


def test_all_conflicts_are_told_at_once() -> None:
    held = [Capacity("regulator", "case-1"), Capacity("operator")]
    told = {problem.code for problem in conflicts(held, Capacity("expert", "case-1"))}
    assert told == {"toxic_4_ever", "toxic_5_same_case"}


def test_a_bidder_may_also_be_an_intermediary() -> None:
    assert conflicts([Capacity("bidder")], Capacity("intermediary")) == []
