"""The house's own source, parsed once for the tests that hold its tables to each other."""

import ast
from collections import defaultdict
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


@cache
def walked(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Every node in it, itself first; walking a tree costs as much as parsing it, and a dozen tests walk them all."""
    return tuple(ast.walk(tree))


@cache
def _calls() -> dict[str, list[tuple[str, ast.Call]]]:
    found: dict[str, list[tuple[str, ast.Call]]] = defaultdict(list)
    for file, tree in modules().items():
        for node in walked(tree):
            if isinstance(node, ast.Call):
                found[called(node)].append((file, node))
    return found


def calls(name: str) -> list[tuple[str, ast.Call]]:
    """(file, call) of every call of a function or method of this name."""
    return _calls().get(name, [])


def called(call: ast.Call) -> str:
    """The last word of what is called."""
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def constant(node: ast.AST | None) -> str | None:
    """The text of a string constant, else None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


@cache
def functions(tree: ast.AST) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]:
    """The functions and methods of a file, those inside others too."""
    return tuple(node for node in walked(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
