"""Admission, the make-up of a panel, who sits lawfully, and who is on which list: pure judgements."""

from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from bidding.procedures import PROCEDURES
from experts import professions
from experts.professions import PROFESSIONS
from experts.rules import (
    Asked,
    Candidate,
    Live,
    admission_problems,
    age,
    assigned,
    attendance_problems,
    employer_cap,
    lawful_problems,
    least_experts,
    owner_problems,
    panel_problems,
    years_before,
)
from experts.stages import EXPERT_MOVES, MOVES, ROAD, ExpertStage, Stage, next_expert_stage, next_stage
from kernel.law import Law

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 3, 2)
SHARE = Fraction(2, 3)


def codes(problems: list) -> list[str]:  # type: ignore[type-arg]
    return [problem.code for problem in problems]


def asked(size: int, owners: int, quota: int | None = None, least: int = 5) -> Asked:
    return Asked(size, owners, {"A080104": size - owners if quota is None else quota}, {}, least, SHARE)


@pytest.mark.parametrize(("size", "experts"), [(5, 4), (7, 5), (9, 6), (11, 8), (13, 9)])
def test_two_thirds_are_counted_of_all_members(size: int, experts: int) -> None:
    assert least_experts(size, SHARE) == experts
    assert codes(panel_problems(asked(size, size - experts), PROFESSIONS)) == []
    assert codes(panel_problems(asked(size, size - experts + 1), PROFESSIONS)) == ["experts_too_few"]


def test_everything_that_is_wrong_with_a_panel_is_said_at_once() -> None:
    wrong = Asked(4, 2, {"Z9": 5}, {}, 7, SHARE)
    found = codes(panel_problems(wrong, PROFESSIONS))
    assert found == ["panel_even", "panel_too_small", "experts_too_few", "quotas_wrong", "profession_unknown"]


@pytest.mark.parametrize(("size", "cap"), [(3, 1), (5, 1), (7, 2), (9, 3), (13, 4)])
def test_an_employer_has_a_third_of_the_members_at_most(size: int, cap: int) -> None:
    assert employer_cap(size) == cap


def test_four_of_five_are_no_panel() -> None:
    assert codes(lawful_problems(Live(5, 5, SHARE, 4, 1))) == []
    assert codes(lawful_problems(Live(5, 5, SHARE, 3, 1))) == ["panel_incomplete", "panel_even", "panel_too_small"]
    assert "experts_too_few" in codes(lawful_problems(Live(5, 5, SHARE, 3, 2)))


def test_five_of_seven_do_not_sit_for_seven() -> None:
    assert codes(lawful_problems(Live(7, 5, SHARE, 4, 1))) == ["panel_incomplete"]


def test_the_owner_sends_as_many_as_he_asked_for_and_nobody_of_a_bidder() -> None:
    assert codes(owner_problems(2, 1, ["张三"])) == ["owners_too_many", "owner_of_bidder"]
    assert owner_problems(1, 1, []) == []


@pytest.mark.parametrize(
    ("attended", "key", "code"),
    [
        ("asked", False, ""), ("asked", True, ""),
        ("always", True, ""), ("always", False, "attendance_wanted"),
        ("never", False, ""), ("never", True, "attendance_unknown"),
    ],
)  # fmt: skip
def test_the_procedure_says_whether_somebody_attends_the_draw(attended: str, key: bool, code: str) -> None:
    assert [problem.code for problem in attendance_problems(attended, key=key)] == ([code] if code else [])


def test_admission_wants_title_years_age_profession_evidence_and_the_commitment() -> None:
    nobody = Candidate("", 3, date(1956, 3, 2), ("X1",), 0, committed=False)
    expected = ["title_lacking", "years_lacking", "too_old", "profession_unknown", "evidence_missing", "not_committed"]
    assert codes(admission_problems(nobody, DAY, PROFESSIONS)) == expected
    good = Candidate("senior", 8, date(1956, 3, 3), ("A080104", "A060201"), 1)
    assert admission_problems(good, DAY, PROFESSIONS) == []


def test_seventy_is_reached_on_the_birthday_and_leap_days_have_a_place() -> None:
    assert (age(date(1956, 3, 2), DAY), age(date(1956, 3, 3), DAY)) == (70, 69)
    assert years_before(date(2024, 2, 29), 1) == date(2023, 2, 28)
    assert years_before(date(2026, 3, 2), -3) == date(2029, 3, 2)


def test_who_fits_two_lists_is_on_the_scarcer_one_only() -> None:
    found = {"A": ["1", "2", "3"], "B": ["3", "4"]}
    assert assigned(found, ["A", "B"]) == {"3": "B", "4": "B", "1": "A", "2": "A"}
    assert assigned({"A": ["1"], "B": ["1"]}, ["B", "A"]) == {"1": "B"}
    assert assigned(found, ["A", "B"]) == assigned(dict(reversed(found.items())), ["A", "B"])


def test_the_law_and_the_procedures_ask_for_the_same_number_of_members() -> None:
    law = Law.load([ROOT / "experts" / "law.toml"])
    for name, procedure in PROCEDURES.items():
        limits = [limit for limit in law.in_force(DAY, "330106", name) if limit.measures == ("panel_size",)]
        assert [int(limit.at_least or 0) for limit in limits] == [procedure.panel.least], name


def test_another_profession_is_a_row_and_nothing_else() -> None:
    text = (ROOT / "experts" / "professions.toml").read_text("utf-8")
    table = professions.read(f'{text}\nA082203 = "交换设备工程"\n')
    assert codes(panel_problems(Asked(5, 1, {"A082203": 4}, {}, 5, SHARE), table)) == []
    assert table.full_name("A082203") == "工程施工 · 交换设备工程"
    with pytest.raises(ValueError, match="A0822"):
        professions.read(f'{text}\nA0822 = "不是六位"\n')


def test_stages_are_walked_by_their_tables_only() -> None:
    order = list(ROAD.values())
    assert all(later in MOVES[earlier] for earlier, later in pairwise(order))
    assert set(MOVES) == set(Stage)
    assert set(EXPERT_MOVES) == set(ExpertStage)
    with pytest.raises(ValueError, match="dissolved"):
        next_stage(Stage.DISSOLVED, Stage.SEATED)
    with pytest.raises(ValueError, match="refused"):
        next_expert_stage(ExpertStage.REFUSED, ExpertStage.ADMITTED)
