"""The duties lie side by side with the same kinds of file: who knows one finds his way in the others."""

import ast
from pathlib import Path

import pytest
from house_databases import ROOT
from source_tree import functions

from kernel.law_table import read_limits

DUTIES = ("bidding", "experts", "intermediaries")
ONE_FILE = ("__init__", "piccolo_app", "stages", "case", "clockwork")
FILE_OR_FOLDER = ("rules", "schemas", "tables", "records")
FOLDERS = ("steps", "api", "pages", "templates")
WRITES = ("insert", "update", "delete", "execute", "executemany", "save", "remove")


def part(duty: str, name: str) -> list[Path]:
    """The files of this kind: the one named so, or those of the folder named so."""
    place = ROOT / duty / name
    return sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


def parsed(duty: str, name: str) -> list[ast.Module]:
    return [ast.parse(file.read_text("utf-8")) for file in part(duty, name)]


def classes(duty: str, name: str) -> list[ast.ClassDef]:
    return [node for tree in parsed(duty, name) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rpartition(".")[2] for base in node.bases}


@pytest.mark.parametrize("duty", DUTIES)
def test_a_duty_has_every_kind_of_file(duty: str) -> None:
    here = ROOT / duty
    kinds = {name: (here / f"{name}.py").is_file() for name in ONE_FILE}
    kinds |= {name: (here / name).is_dir() != (here / f"{name}.py").is_file() for name in FILE_OR_FOLDER}
    kinds |= {name: (here / name).is_dir() for name in FOLDERS}
    kinds |= {"law": (here / "law.toml").is_file(), "migrations": (ROOT / "migrations" / duty).is_dir()}
    assert [name for name, there in kinds.items() if not there] == []


@pytest.mark.parametrize("duty", DUTIES)
def test_the_stages_are_an_enumeration_and_one_function_that_goes_on(duty: str) -> None:
    assert any(bases(node) & {"StrEnum", "Enum"} for node in classes(duty, "stages"))
    (stages,) = parsed(duty, "stages")
    assert "next_stage" in {function.name for function in functions(stages)}
    assert [f.name for f in functions(stages) if isinstance(f, ast.AsyncFunctionDef)] == []


@pytest.mark.parametrize("duty", DUTIES)
def test_the_limits_can_be_read_together_with_those_of_the_others(duty: str) -> None:
    limits = read_limits({name: (ROOT / name / "law.toml").read_text("utf-8") for name in DUTIES})
    own = read_limits({duty: (ROOT / duty / "law.toml").read_text("utf-8")})
    assert own
    assert set(own) <= set(limits)


@pytest.mark.parametrize("duty", DUTIES)
def test_tables_are_declared_in_the_tables_and_commands_in_the_schemas(duty: str) -> None:
    assert any("Table" in bases(node) for node in classes(duty, "tables"))
    assert any("Command" in node.name or bases(node) & {"BaseModel", "Command"} for node in classes(duty, "schemas"))
    tables = {file.resolve() for file in part(duty, "tables")}
    stray = [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / duty).rglob("*.py"))
        if file.resolve() not in tables
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and "Table" in bases(node)
    ]
    assert stray == []


@pytest.mark.parametrize("duty", DUTIES)
def test_the_records_only_read(duty: str) -> None:
    """They are what supervision sees: nothing there may write."""
    written = [
        ast.unparse(node)[:80]
        for tree in parsed(duty, "records")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES
    ]
    assert written == []


@pytest.mark.parametrize("duty", DUTIES)
def test_the_steps_act_and_the_clockwork_sweeps(duty: str) -> None:
    idle = [
        str(file.relative_to(ROOT))
        for file in part(duty, "steps")
        if file.stem != "__init__"
        if not any(
            isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_")
            for node in ast.parse(file.read_text("utf-8")).body
        )
    ]
    assert idle == []
    (clockwork,) = parsed(duty, "clockwork")
    timed = [f.name for f in functions(clockwork) if isinstance(f, ast.AsyncFunctionDef)]
    for turn in ("turn", "run", "sweep"):
        assert any(name.startswith(turn) for name in timed), f"nothing that may be called to {turn}"


@pytest.mark.parametrize("duty", DUTIES)
@pytest.mark.parametrize("kind", ["api", "pages"])
def test_a_door_hands_on_and_asks_no_table(duty: str, kind: str) -> None:
    doors = parsed(duty, kind)
    assert any(f.decorator_list for tree in doors for f in functions(tree))
    named = {
        module
        for tree in doors
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom | ast.Import)
        for module in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
    }
    assert not {module for module in named if module.split(".")[-1] == "tables" or module.startswith("piccolo")}


# ------------------------------------------------ the fourth: it watches, and one kind of case is its own


WATCHING = ("__init__", "piccolo_app", "tables", "clockwork", "desk", "api", "pages")
COMPLAINTS = "supervision/complaints"


def test_supervision_has_the_kinds_of_file_of_what_it_is_and_no_stages_of_another_duty() -> None:
    """It trades nothing: of a case of its own it has only complaints; the law it watches by is a table of points."""
    here = ROOT / "supervision"
    assert [name for name in WATCHING if not (here / f"{name}.py").is_file()] == []
    assert [name for name in ("doors", "templates") if not (here / name).is_dir()] == []
    assert [name for name in ("points.toml", "complaints/tracks.toml") if not (here / name).is_file()] == []
    assert not any((here / f"{name}.py").exists() for name in ("stages", "case", "rules", "steps"))


def test_complaints_have_every_kind_of_file_that_a_trading_duty_has() -> None:
    kinds = (*ONE_FILE, *FILE_OR_FOLDER, "steps", "pages")
    assert [name for name in kinds if not (ROOT / COMPLAINTS / f"{name}.py").is_file()] == []
    (stages,) = parsed(COMPLAINTS, "stages")
    assert "next_stage" in {function.name for function in functions(stages)}
    assert any("Table" in bases(node) for node in classes(COMPLAINTS, "tables"))
    assert any(bases(node) & {"BaseModel", "Command"} for node in classes(COMPLAINTS, "schemas"))


@pytest.mark.parametrize("duty", ["supervision", COMPLAINTS])
def test_supervision_writes_rows_and_asks_tables_where_the_others_do(duty: str) -> None:
    stray = [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / duty).glob("*.py"))
        if file.stem != "tables"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and "Table" in bases(node)
    ]
    assert stray == []
    doors = [*part(duty, "pages"), *(sorted((ROOT / duty / "doors").glob("*.py")))]
    asked = [
        str(file.relative_to(ROOT))
        for file in doors
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[-1] in ("tables", "db")
    ]
    assert asked == []
