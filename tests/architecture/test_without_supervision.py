"""The trading side stands alone: on a copy of the house without the folder `supervision`, its tests still pass."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from house_databases import ROOT

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", ".*_cache", ".hypothesis", "__pycache__", "node_modules", "var", "dist", "build", "bench", "docs",
    "supervision_site.py",
)  # fmt: skip
CHOSEN = (
    "tests/bidding/test_road.py::test_bidders_reveal_and_all_prices_appear_in_the_record",
    "tests/bidding/test_road.py::test_three_roles_open_together_and_no_bidder_needs_to_come",
    "tests/attacks/test_opening_out_of_order.py::test_an_early_close_is_not_countersigned_into_an_opening",
    "tests/kernel/test_publishing.py",
    "tests/app/test_worker.py::test_a_lot_walks_from_deadline_to_opening_without_anybodys_act",
    "tests/kernel/test_directives.py",
)
"""A walk in two modes, an attack, the log before a small witness, timers, orders that somebody else has posted."""

# The copy is put first, and the finder of an editable installation, which knows the original folder, taken out.
LAUNCHER = """
import sys
from importlib.util import find_spec
sys.meta_path[:] = [f for f in sys.meta_path if not getattr(f, "__module__", "").startswith("__editable__")]
sys.path.insert(0, {folder!r})
assert find_spec("supervision") is None, "supervision is still there"
assert find_spec("bidding").origin.startswith({folder!r}), "not the copy"
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:]]))
"""


def test_the_trading_tests_pass_on_a_copy_without_supervision() -> None:
    # A short path: the copy has a database server of its own, and the name of its socket must fit in 107 bytes.
    with tempfile.TemporaryDirectory(prefix="yg-") as folder:
        copy = Path(folder) / "house"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT, symlinks=True)
        shutil.rmtree(copy / "supervision")
        shutil.rmtree(copy / "tests" / "supervision")
        done = subprocess.run(
            [sys.executable, "-c", LAUNCHER.format(folder=str(copy)), *CHOSEN],
            cwd=copy, env={**os.environ, "TMPDIR": folder}, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout
