"""The road of a tender is told in four places, and they tell the same: docstring, stages, procedures, folder."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

import bidding
from bidding.procedures import PROCEDURES, Procedure
from bidding.stages import MOVES, NAMES, ROAD, WINDOWS, Stage
from kernel import box

STEPS = Path(bidding.__file__).parent / "steps"
TOLD = re.compile(r"^    (?P<step>\w+) {2,}(?P<says>.+?) {2,}(?P<stage>\S+)$", re.MULTILINE)


def told() -> list[tuple[str, str]]:
    """(step, Chinese name of the stage it ends in) of each line of the docstring."""
    return [(line["step"], line["stage"]) for line in TOLD.finditer(bidding.__doc__ or "")]


def test_the_docstring_tells_the_steps_and_stages_of_the_road_in_its_order() -> None:
    assert told() == [(step, NAMES[stage]) for step, stage in ROAD.items()]


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=lambda procedure: procedure.id)
def test_a_procedure_walks_the_road_in_its_order(procedure: Procedure) -> None:
    assert list(procedure.stages) == [step for step in ROAD if step in procedure.stages]


def test_every_step_of_the_road_has_its_file_whose_docstring_says_what_it_does() -> None:
    for step in ROAD:
        text = (STEPS / f"{step}.py").read_text("utf-8")
        assert ast.get_docstring(ast.parse(text)), step


def test_a_file_beside_the_road_takes_no_act_of_its_own_unless_a_step_is_named_after_it() -> None:
    """What is not on the road only reads or collects: it opens no act, so no stage can be moved from there."""
    beside = [file for file in STEPS.glob("*.py") if file.stem not in {*ROAD, "__init__"}]
    assert beside, "look.py at least"
    assert [file.name for file in beside if "lot_act(" in file.read_text("utf-8")] == []


def test_the_table_of_moves_can_walk_the_road() -> None:
    for here, there in pairwise(ROAD.values()):
        assert here == there or there in MOVES[here], f"{here} → {there}"


def test_every_stage_has_a_name_a_row_of_moves_and_a_way_to_it() -> None:
    reached = {Stage.REGISTERED}.union(*MOVES.values())
    assert set(NAMES) == set(MOVES) == reached == set(Stage)
    assert len(set(NAMES.values())) == len(NAMES)


def test_no_window_opens_where_nothing_can_be_moved_but_for_what_comes_late() -> None:
    ended = {stage for stage, moves in MOVES.items() if not moves}
    late = {"submit_bid", "withdraw_bid", "refund_deposit"}
    assert {act for act, stages in WINDOWS.items() if stages & ended} == late


def test_the_files_that_the_box_names_are_there() -> None:
    folder = Path(box.__file__).parent
    named = re.findall(r"^    (\w+\.py) {2,}", box.__doc__ or "", re.MULTILINE)
    assert len(named) > 3
    assert [name for name in named if not (folder / name).exists()] == []
