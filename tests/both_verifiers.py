"""One package, two verifiers: the command's in Python and the browser's in JavaScript must say the same of it."""

import atexit
import io
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from node_program import program

from bidding import score_check
from kernel.proofs.anchors import Anchors
from kernel.proofs.verify import Check, Report, verify

PROGRAM = Path(__file__).parent / "node" / "verify.mjs"


class Browser:
    """The browser's verifier in its Node process, and the files that it is handed."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        atexit.register(self._folder.cleanup)

    def verify(self, data: bytes, anchors: Anchors | None) -> dict[str, Any]:
        """Its report, as it gives it to the page."""
        file, keys = Path(self._folder.name, "package.zip"), Path(self._folder.name, "anchors.json")
        file.write_bytes(data)
        if anchors is not None:
            keys.write_bytes(anchors.data)
        found: dict[str, Any] = program(PROGRAM).ask({"file": str(file), "anchors": str(keys) if anchors else ""})
        return found


@cache
def browser() -> Browser:
    """The one of this run."""
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
