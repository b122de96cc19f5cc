"""What `make bench` measures: each figure beside a peer or a limit of the same run, never alone."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the parties and the template databases of the tests serve here as well
