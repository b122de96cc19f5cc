"""Asks the sealing page's pure modules in Node."""

from pathlib import Path
from typing import Any

from node_program import program

DRIVER = Path(__file__).parent / "sealing" / "driver.mjs"


def ask_all(orders: list[dict[str, Any]]) -> list[Any]:
    """Every order's answer; {"refused": code} where the module refused."""
    return list(program(DRIVER).ask(orders))


def ask(duty: str, **asked: Any) -> Any:
    """One duty's answer."""
    return ask_all([{"duty": duty, **asked}])[0]
