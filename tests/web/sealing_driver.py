"""Asks the sealing page's pure modules in Node."""

import json
import subprocess
from pathlib import Path
from typing import Any

from in_node import ready

DRIVER = Path(__file__).parent / "sealing" / "driver.mjs"


def ask_all(orders: list[dict[str, Any]]) -> list[Any]:
    """Every order's answer, in one process; {"refused": code} where the module refused."""
    command = [ready(), str(DRIVER)]
    done = subprocess.run(command, input=json.dumps(orders), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def ask(duty: str, **asked: Any) -> Any:
    """One duty's answer."""
    return ask_all([{"duty": duty, **asked}])[0]
