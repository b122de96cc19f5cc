"""The house's own source, parsed once for the tests that hold its tables to each other."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from house_databases import ROOT

DUTIES = ("kernel", "storage", "experts", "bidding", "intermediaries", "supervision", "app")


def packages() -> list[Path]:
    """The folders of the duties that exist."""
    return [ROOT / name for name in DUTIES if (ROOT / name).is_dir()]


@cache
def modules() -> dict[str, ast.Module]:
    """Path inside the house → the parsed file, for every duty."""
    files = sorted(path for package in packages() for path in package.rglob("*.py"))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in files}


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """(file, call) of every call of a function or method of this name."""
    for file, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) == name:
                yield file, node


def called(call: ast.Call) -> str:
    """The last word of what is called."""
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def constant(node: ast.AST | None) -> str | None:
    """The text of a string constant, else None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
