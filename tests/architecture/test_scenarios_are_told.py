"""Every acceptance scenario that the duties must live through is told by a journey whose docstring gives its number."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

JOURNEYS = Path(__file__).resolve().parent.parent / "journeys"
WANTED = [16, 17, 18, 21, 22, 28, 29, 31, 32, 34, 35, 36, 37, 39, 40, 42, 43, 44, 45, 48, 50, 51, 52, 53, 55]
NUMBERED = re.compile(r"^Scenario (\d+)\b")


def journeys() -> Iterator[tuple[int, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """(scenario, test) of every journey that says which it tells."""
    for file in sorted(JOURNEYS.glob("test_*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test_"):
                continue
            if numbered := NUMBERED.match(ast.get_docstring(node) or ""):
                yield int(numbered[1]), node


TOLD = list(journeys())


@pytest.mark.parametrize("scenario", WANTED)
def test_a_journey_tells_the_scenario(scenario: int) -> None:
    assert [test.name for number, test in TOLD if number == scenario] != []


def test_every_journey_that_tells_a_scenario_asserts_something_of_it() -> None:
    """By an assertion of its own, or by the refusal or the error that it waits for."""
    silent = [test.name for _, test in TOLD if not any(_judges(node) for node in ast.walk(test))]
    assert silent == []


def _judges(node: ast.AST) -> bool:
    called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    return isinstance(node, ast.Assert) or called in ("refused", "pytest.raises")
