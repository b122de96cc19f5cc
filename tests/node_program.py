"""A program in Node that answers orders, a line of JSON each, and stays for as long as the tests last."""

import atexit
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from kernel.web import build


class NodeProgram:
    """One process, begun with the first order; after one that broke it, the next order begins another."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._process: subprocess.Popen[str] | None = None
        atexit.register(self.close)

    def ask(self, order: object) -> Any:
        """What the program answers; AssertionError where it breaks, having said on stderr what was wrong."""
        process = self._process or self._begun()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            self.close()
        assert answer, f"{self._program.name} broke"
        return json.loads(answer)

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            process.wait(10)

    def _begun(self) -> subprocess.Popen[str]:
        build.build()  # which installs the libraries
        command = [str(build.node_and_npm()[0]), str(self._program)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self._process


@cache
def program(path: Path) -> NodeProgram:
    """The one process of this run for this program."""
    return NodeProgram(path)
