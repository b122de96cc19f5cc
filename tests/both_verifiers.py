"""One package, two verifiers: the command's in Python and the browser's in JavaScript must say the same of it."""

import atexit
import io
import json
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bidding import score_check
from kernel.proofs.anchors import Anchors
from kernel.proofs.verify import Check, Report, verify
from kernel.web import build

PROGRAM = Path(__file__).parent / "node" / "verify.mjs"


class Browser:
    """The browser's verifier in one Node process, as long as the tests last."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        build.build()  # which installs the libraries
        command = [str(build.node_and_npm()[0]), str(PROGRAM)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(self.close)

    def verify(self, data: bytes, anchors: Anchors | None) -> dict[str, Any]:
        """Its report, as it gives it to the page."""
        file, keys = Path(self._folder.name, "package.zip"), Path(self._folder.name, "anchors.json")
        file.write_bytes(data)
        if anchors is not None:
            keys.write_bytes(anchors.data)
        sink, source = self._process.stdin, self._process.stdout
        assert sink is not None
        assert source is not None
        sink.write(json.dumps({"file": str(file), "anchors": str(keys) if anchors else ""}) + "\n")
        sink.flush()
        found: dict[str, Any] = json.loads(source.readline())
        return found

    def close(self) -> None:
        """End the process and drop its folder."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(10)
        self._folder.cleanup()


@cache
def browser() -> Browser:
    """The one process of this run."""
    return Browser()


def verified(data: bytes, anchors: Anchors | None, more: Sequence[tuple[str, Check]] = score_check.CHECKS) -> Report:
    """The command's report; fails where the browser's says anything else."""
    report = verify(io.BytesIO(data), anchors, more)
    told = browser().verify(data, anchors)
    failure = report.failure
    place = (failure.code, failure.where) if failure else None
    same = (told["failure"]["code"], told["failure"]["where"]) if told["failure"] else None
    assert same == place, told["failure"]
    assert [(p["name"], p["says"]) for p in told["passed"]] == [(p.name, p.says) for p in report.passed]
    assert (told["kind"], told["anchored"], told["notes"]) == (report.kind, report.anchored, report.notes)
    assert told["notProved"] == report.not_proved
    return report
