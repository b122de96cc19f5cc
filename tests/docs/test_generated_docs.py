"""What the documents say of commands, tables and bytes is what the code does (同源发布)."""

import argparse
import re
import shlex
from pathlib import Path

import pytest

from app.cli import _parser
from docs.generate import HERE, sheets

ROOT = HERE.parent
PAGES = sorted([*HERE.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
COMMAND = re.compile(r"(?<![\w/.-])yangguang ((?:[a-z]+)(?: (?:[^`|\n]|\\\n)*)?)")
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
TYPE = re.compile(rb"etb\.[a-z]+/1")
TAG = re.compile(rb'b"(etb/1/[a-z-]+)\\0')
TAGGED = re.compile(rb'_tagged\(b"([a-z-]+)"')


@pytest.mark.parametrize("name", sheets())
def test_a_generated_sheet_says_what_the_tables_say(name: str) -> None:
    written = (HERE / "generated" / name).read_text("utf-8")
    assert written == sheets()[name], "run: python -m docs.generate"


def test_nothing_else_lies_among_the_generated_sheets() -> None:
    assert {path.name for path in (HERE / "generated").iterdir()} == set(sheets())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_a_page_names_exists_with_its_options(page: Path) -> None:
    for command in commands_in(page.read_text("utf-8")):
        assert unknown_in(command) == [], command


def test_a_page_that_names_an_unknown_command_or_option_is_found() -> None:
    text = "`yangguang open x` and\n```\nyangguang seal --lot a \\\n    --colour red\nyangguang trustee burn\n```\n"
    assert [unknown_in(c) for c in commands_in(text)] == [["open"], ["--colour"], ["burn"]]


def test_the_manual_has_every_command() -> None:
    manual = " ".join(page.read_text("utf-8") for page in (HERE / "manual").glob("*.md"))
    named = {command.split()[0] for command in commands_in(manual)}
    assert named == set(_subcommands(_parser()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    local = [link for link in LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_the_specifications_name_every_type_and_every_label_that_is_hashed() -> None:
    specs = " ".join(page.read_text("utf-8") for page in (HERE / "specs").glob("*.md"))
    source = b"\n".join(path.read_bytes() for path in (ROOT / "kernel").rglob("*.py"))
    types = {found.decode() for found in TYPE.findall(source)}
    labels = {found.decode() for found in TAG.findall(source)}
    labels |= {f"etb/1/{found.decode()}" for found in TAGGED.findall(source)}
    assert len(types) > 15
    assert len(labels) > 10
    assert sorted(name for name in types | labels if name not in specs) == []


def test_every_decision_has_its_own_number() -> None:
    numbers = [path.name[:4] for path in sorted((HERE / "decisions").glob("*.md"))]
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def commands_in(text: str) -> list[str]:
    """What follows `yangguang ` in code: to the end of the code, or of the line where that goes on."""
    joined = text.replace("\\\n", " ")
    code = re.findall(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", joined, re.DOTALL)
    lines = [line for block, inline in code for line in (block or inline).splitlines()]
    return [found.group(1).strip() for line in lines for found in [COMMAND.match(line.strip())] if found]


def unknown_in(command: str) -> list[str]:
    """The words of a command line that its parser does not know: the subcommands, then the options."""
    words = shlex.split(command.split(" > ", maxsplit=1)[0], comments=True)
    parser = _parser()
    while words and (choices := _subcommands(parser)) and words[0] not in ("|", "…"):
        if words[0] not in choices:
            return [words[0]]
        parser = choices[words.pop(0)]
    known = {option for action in parser._actions for option in action.option_strings}
    return [word for word in words if word.startswith("--") and word not in known]


def _subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(found[0].choices) if found else {}
