"""Runs the browser's pure modules in Node: tests written in JavaScript, and single duties asked from Python."""

import subprocess
from pathlib import Path
from typing import Any

from node_program import program

from kernel.web import build

BOX = Path(__file__).parent / "box"


class RefusedThere(Exception):
    """The browser's module refused: `code`, the error's class, and where."""

    def __init__(self, code: str, kind: str, where: str) -> None:
        super().__init__(f"{kind} {code} {where}")
        self.code, self.kind, self.where = code, kind, where


def ready() -> str:
    """Node's path, the libraries being there."""
    build.build()
    return str(build.node_and_npm()[0])


def run_tests(*files: Path) -> str:
    """Node's own test runner over these files; what it says, or AssertionError with all of it."""
    command = [ready(), "--test", *map(str, files)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ask_all(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """{"value"} or {"refused", "kind", "where"} for each order."""
    return list(program(BOX / "driver.mjs").ask(orders))


def ask(duty: str, **asked: Any) -> Any:
    """One duty's value, or RefusedThere."""
    (answer,) = ask_all([{"duty": duty, **asked}])
    if "refused" in answer:
        raise RefusedThere(answer["refused"], answer["kind"], answer["where"])
    return answer["value"]
