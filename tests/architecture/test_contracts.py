"""Every contract of .importlinter can break: in a copy of the house one violation of each is planted and seen."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from house_databases import ROOT

LINT = "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports_command; lint_imports_command()"


@dataclass(frozen=True, slots=True)
class Violation:
    """What somebody in a hurry might write: `line` at the end of a file, which is made when there is none."""

    contract: str
    file: str
    line: str


PLANTED = [
    Violation("house", "storage/hurried.py", "import bidding.rules"),
    Violation("house", "kernel/hurried.py", "import storage.vault"),
    Violation("house", "supervision/hurried.py", "import app.files"),
    Violation("supervision-unseen", "app/hurried.py", "import supervision.words"),
    Violation("supervision-unseen", "kernel/web/hurried.py", "from supervision import records"),
    Violation("supervision-reads-only", "supervision/hurried.py", "import bidding.steps.publish"),
    Violation("supervision-reads-only", "supervision/hurried.py", "from bidding.tables import Lot"),
    Violation("supervision-reads-only", "supervision/hurried.py", "import bidding.desk"),
    Violation("supervision-reads-only", "supervision/hurried.py", "import experts.steps"),
    Violation("supervision-reads-only", "supervision/hurried.py", "import intermediaries.desk"),
    Violation("proofs", "kernel/proofs/hurried.py", "import kernel.errors"),
    Violation("proofs", "kernel/proofs/hurried.py", "import pydantic"),
    Violation("bidding", "bidding/helpers.py", ""),
    Violation("bidding", "bidding/rules.py", "import bidding.records"),
    Violation("bidding", "bidding/steps/publish.py", "import bidding.clockwork"),
    Violation("experts", "experts/helpers.py", ""),
    Violation("experts", "experts/rules.py", "import experts.records"),
    Violation("experts", "experts/steps/leave.py", "import experts.clockwork"),
    Violation("intermediaries", "intermediaries/helpers.py", ""),
    Violation("intermediaries", "intermediaries/rules/agencies.py", "import intermediaries.records.agencies"),
    Violation("intermediaries", "intermediaries/steps/check.py", "import intermediaries.clockwork"),
    Violation("pure", "bidding/stages.py", "import piccolo.table"),
    Violation("pure", "experts/avoidance.py", "import kernel.db"),
    Violation("pure", "intermediaries/credit.py", "import kernel.clock"),
    Violation("pure", "kernel/permissions.py", "import kernel.clock"),
    Violation("tables-at-home", "app/hurried.py", "import bidding.tables"),
    Violation("tables-at-home", "bidding/hurried.py", "import kernel.box.tables"),
    Violation("tables-at-home", "app/hurried.py", "from intermediaries.tables import Agency"),
    Violation("tables-at-home", "supervision/hurried.py", "from experts.tables import Expert"),
]


def contracts() -> dict[str, str]:
    """Contract's id → its name, as .importlinter has them."""
    read = configparser.ConfigParser()
    read.read(ROOT / ".importlinter")
    sections = (name for name in read.sections() if name.startswith("importlinter:contract:"))
    return {name.rpartition(":")[2]: read[name]["name"] for name in sections}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages and the contracts alone, without anything that was built."""
    there = tmp_path_factory.mktemp("house")
    read = configparser.ConfigParser()
    read.read(ROOT / ".importlinter")
    for package in read["importlinter"]["root_packages"].split():
        shutil.copytree(ROOT / package, there / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / ".importlinter", there)
    return there


def verdicts(copy: Path) -> dict[str, str]:
    """Contract's name → KEPT or BROKEN, as the linter says it of the copy."""
    environment = {**os.environ, "COLUMNS": "400", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LINT], cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    found = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE))
    assert found, done.stdout + done.stderr
    return found


@contextmanager
def planted(copy: Path, violation: Violation) -> Iterator[None]:
    file = copy / violation.file
    before = file.read_text() if file.exists() else None
    file.write_text(f"{before or ''}\n{violation.line}\n")
    try:
        yield
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before)


def test_every_contract_is_tried() -> None:
    assert {violation.contract for violation in PLANTED} == set(contracts())


def test_the_house_as_it_is_keeps_every_contract(copy: Path) -> None:
    assert verdicts(copy) == dict.fromkeys(contracts().values(), "KEPT")


@pytest.mark.parametrize("violation", PLANTED, ids=lambda violation: f"{violation.contract}: {violation.file}")
def test_a_planted_violation_breaks_its_contract(copy: Path, violation: Violation) -> None:
    with planted(copy, violation):
        assert verdicts(copy)[contracts()[violation.contract]] == "BROKEN"
