"""What a reader can hold in his head: short functions and files, a sentence for every file, no drawer for odds."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from house_databases import ROOT
from source_tree import functions, packages, walked

FUNCTION, FILE, TEST_FILE = 40, 300, 500
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "shared_code", "stuff"}
BARE_IGNORE = re.compile(r"#\s*type:\s*ignore(?!\[[a-z-]+(, ?[a-z-]+)*\])|#\s*noqa(?!:\s*[A-Z]+\d+)", re.IGNORECASE)
GENERATED = re.compile(r"migrations/\w+/\w+_\d{4}_\d\d_\d\dt\d\d_\d\d_\d\d_\d+\.py")
"""What `piccolo migrations new --auto` writes."""


def files() -> Iterator[Path]:
    """Every Python file that people have written."""
    folders = [*packages(), ROOT / "migrations", ROOT / "tests", ROOT / "bench"]
    for file in sorted(file for folder in folders for file in folder.rglob("*.py")):
        if not GENERATED.search(file.as_posix()) and "node_modules" not in file.parts:
            yield file


@cache
def text(file: Path) -> str:
    return file.read_text("utf-8")


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(text(file))


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def is_test(file: Path) -> bool:
    return named(file).startswith("tests/")


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the `def` to the end, without docstring and without functions inside, which are measured too."""
    first = function.body[0]
    said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    doc = (first.end_lineno or first.lineno) - first.lineno + 1 if said else 0
    inside = sum((inner.end_lineno or 0) - inner.lineno + 1 for inner in function.body if isinstance(inner, FUNCTIONS))
    return (function.end_lineno or function.lineno) - function.lineno + 1 - doc - inside


def test_no_function_is_longer_than_forty_lines() -> None:
    found = [
        (named(file), f.name, length(f)) for file in files() for f in functions(tree(file)) if length(f) > FUNCTION
    ]
    assert found == []


def test_no_file_is_longer_than_three_hundred_lines_nor_a_test_than_five_hundred() -> None:
    lines = {file: text(file).count("\n") for file in files()}
    assert len(lines) > 300
    assert {named(f): n for f, n in lines.items() if n > (TEST_FILE if is_test(f) else FILE)} == {}


def test_browser_sources_keep_the_same_measure() -> None:
    sources = [*(ROOT / "kernel" / "web" / "client").rglob("*.js")]
    assert len(sources) > 5
    assert {named(f): n for f in sources if (n := text(f).count("\n")) > FILE} == {}


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    names = {named(file): {file.stem, *(part for part in file.relative_to(ROOT).parts[:-1])} for file in files()}
    assert [name for name, words in names.items() if words & DRAWERS] == []


def test_every_module_says_its_job_in_a_docstring() -> None:
    bare = [named(file) for file in files() if text(file).strip() and not ast.get_docstring(tree(file))]
    assert bare == []


def test_every_ignored_complaint_says_which() -> None:
    found = [
        f"{named(file)}:{n}"
        for file in files()
        for n, line in enumerate(text(file).splitlines(), 1)
        if BARE_IGNORE.search(line) and file != Path(__file__).resolve()
    ]
    assert found == []


def test_no_stub_is_left_behind() -> None:
    """A word for later is a promise nobody keeps, and a body of `...` is no body outside a protocol."""
    later = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
    found = [f"{named(f)}:{n}" for f in files() for n, line in enumerate(text(f).splitlines(), 1) if later.search(line)]
    assert found == []
    hollow = [
        f"{named(file)}: {function.name}"
        for file in files()
        if not is_test(file)
        for function in functions(tree(file))
        if any(isinstance(n, ast.Raise) and "NotImplementedError" in ast.unparse(n) for n in walked(function))
    ]
    assert hollow == []
