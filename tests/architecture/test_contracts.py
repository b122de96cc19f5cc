"""Every contract of .importlinter can break: in a copy of the house one violation of each is planted and seen."""

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path

import pytest
from house_databases import ROOT
from source_tree import modules

LINT = "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports_command; lint_imports_command()"


@dataclass(frozen=True, slots=True)
class Violation:
    """What somebody in a hurry might write: `line` at the end of a file, which is made when there is none."""

    contract: str
    file: str
    line: str

    @property
    def module(self) -> str:
        return self.file.removesuffix(".py").replace("/", ".")

    def named_in(self, says: str) -> bool:
        """Whether what the linter says of a broken contract blames this file, and for what it imports."""
        words = self.line.replace(" import ", " ").split()[1:]
        return self.module in says and (not words or words[0] in says)


PLANTED = [
    Violation("house", "storage/hurried.py", "import bidding.rules"),
    Violation("house", "kernel/hurried.py", "import storage.vault"),
    Violation("house", "supervision/hurried.py", "import app.files"),
    Violation("house", "bidding/steps/hurried.py", "import intermediaries.stages"),
    Violation("supervision-unseen", "app/hurried.py", "import supervision.words"),
    Violation("supervision-unseen", "kernel/web/hurried.py", "from supervision import records"),
    Violation("supervision-reads-only", "supervision/hurried.py", "import bidding.steps.publish"),
    Violation("supervision-reads-only", "supervision/hurried.py", "from bidding.tables import Lot"),
    Violation("supervision-reads-only", "supervision/hurried.py", "import bidding.award_desk"),
    Violation("supervision-reads-only", "supervision/hurried.py", "import experts.steps"),
    Violation("supervision-reads-only", "supervision/hurried.py", "import intermediaries.desk"),
    Violation("supervision-reads-only", "supervision/hurried.py", "import storage.keeping"),
    Violation("proofs", "kernel/proofs/hurried.py", "import kernel.errors"),
    Violation("proofs", "kernel/proofs/hurried.py", "import kernel.regions"),
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
    Violation("pure", "bidding/stages.py", "import piccolo"),
    Violation("pure", "bidding/award_rules.py", "import kernel.web.door"),
    Violation("pure", "experts/avoidance.py", "import kernel.db"),
    Violation("pure", "intermediaries/credit.py", "import kernel.clock"),
    Violation("pure", "supervision/complaints/rules.py", "import kernel.db"),
    Violation("pure", "kernel/permissions.py", "import kernel.clock"),
    Violation("tables-at-home", "app/hurried.py", "import bidding.tables"),
    Violation("tables-at-home", "bidding/hurried.py", "import kernel.box.tables"),
    Violation("tables-at-home", "app/late.py", "from intermediaries.tables import Agency"),
    Violation("tables-at-home", "intermediaries/hurried.py", "from kernel.tables import Job"),
    Violation("tables-at-home", "kernel/web/hurried.py", "import kernel.accounts.tables"),
    Violation("tables-at-home", "supervision/hurried.py", "from experts.tables import Expert"),
    Violation("steps-apart", "bidding/steps/accept.py", "from bidding.steps.publish import publish_notice"),
    Violation("steps-apart", "bidding/detours/amend.py", "import bidding.steps.close"),
    Violation("steps-apart", "intermediaries/steps/check.py", "import intermediaries.steps.rate"),
]
SEEN_BY_SUPERVISION = {
    "bidding.facts",
    "bidding.observed",
    "bidding.records",
    "experts.records",
    "intermediaries.records",
}
"""Of the trading duties, with what lies in their folders: the pane of glass."""


@cache
def contracts() -> dict[str, str]:
    """Contract's id → its name, as .importlinter has them."""
    sections = (name for name in _read().sections() if name.startswith("importlinter:contract:"))
    return {name.rpartition(":")[2]: _read()[name]["name"] for name in sections}


@cache
def _read() -> configparser.ConfigParser:
    read = configparser.ConfigParser()
    read.read(ROOT / ".importlinter")
    return read


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages and the contracts alone, without anything that was built."""
    there = tmp_path_factory.mktemp("house")
    for package in _read()["importlinter"]["root_packages"].split():
        shutil.copytree(ROOT / package, there / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / ".importlinter", there)
    return there


def linted(copy: Path) -> dict[str, str]:
    """Contract's name → what the linter says of its breaking, or nothing where it is kept."""
    environment = {**os.environ, "COLUMNS": "400", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LINT], cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE))
    assert set(verdicts) == set(contracts().values()), done.stdout + done.stderr
    _, _, broken = done.stdout.partition("Broken contracts\n")
    said = dict(re.findall(r"^(.+)\n-{3,}\n((?:(?!.+\n-{3,}\n).*\n?)*)", broken, re.MULTILINE))
    return {name: said[name] if verdict == "BROKEN" else "" for name, verdict in verdicts.items()}


@contextmanager
def planted(copy: Path, violations: Sequence[Violation]) -> Iterator[None]:
    before: dict[Path, str | None] = {}
    for violation in violations:
        file = copy / violation.file
        text = file.read_text() if file.exists() else None
        before.setdefault(file, text)
        file.write_text(f"{text or ''}\n{violation.line}\n")
    try:
        yield
    finally:
        for file, text in before.items():
            if text is None:
                file.unlink()
            else:
                file.write_text(text)


def rounds() -> list[list[Violation]]:
    """One violation of every contract at a time, until each has had its turn."""
    of = [[one for one in PLANTED if one.contract == id] for id in contracts()]
    return [[one for one in together if one] for together in zip_longest(*of)]


def test_every_contract_is_tried() -> None:
    assert {violation.contract for violation in PLANTED} == set(contracts())


def test_the_house_as_it_is_keeps_every_contract(copy: Path) -> None:
    assert linted(copy) == dict.fromkeys(contracts().values(), "")


@pytest.mark.parametrize("together", rounds(), ids=lambda together: str(len(together)))
def test_planted_violations_each_break_their_contract(copy: Path, together: list[Violation]) -> None:
    with planted(copy, together):
        said = linted(copy)
    assert [one for one in together if not one.named_in(said[contracts()[one.contract]])] == []


def test_what_supervision_loads_by_name_is_of_the_records_too() -> None:
    """The linter sees no import that is made of a string."""
    named = {
        node.value
        for file, tree in modules().items()
        if file.startswith("supervision/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.fullmatch(r"(app|bidding|experts|intermediaries|storage)(\.\w+)+", node.value)
    }
    assert named, "it does load some"
    assert {name for name in named if ".".join(name.split(".")[:2]) not in SEEN_BY_SUPERVISION} == set()


def test_everything_that_is_called_rules_or_stages_is_held_to_be_pure() -> None:
    pure = _read()["importlinter:contract:pure"]["source_modules"].split()
    called_so = {
        file.removesuffix(".py").replace("/", ".")
        for file in modules()
        if re.search(r"(^|[/_])(rules|stages|permissions)(\.py|/(?!__init__))", file)
    }
    assert len(called_so) > 10
    assert {name for name in called_so if not any(name == one or name.startswith(f"{one}.") for one in pure)} == set()
