"""The manual has a page for every role, and what its pages show and point to is there."""

import re
from pathlib import Path

import pytest
from house_databases import ROOT

from docs.pictures import PICTURES
from kernel.identity import ROLES

MANUAL = ROOT / "docs" / "manual"
PAGES = sorted(MANUAL.glob("*.md"))
LARGEST = 4 * 1024 * 1024
POINTS = re.compile(r"!?\[[^\]]*\]\(([^)]+)\)")


def pointed(page: Path) -> list[str]:
    """What the page points to within the project, without the place on the page."""
    found = [to.partition("#")[0] for to in POINTS.findall(page.read_text("utf-8"))]
    return [to for to in found if to and "://" not in to]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_points_only_to_what_is_there(page: Path) -> None:
    assert [to for to in pointed(page) if not (MANUAL / to).exists()] == []


def test_every_role_has_its_page_with_a_picture_and_the_first_page_leads_to_it() -> None:
    listed = pointed(MANUAL / "README.md")
    for role in {"public", *ROLES}:
        page = MANUAL / f"{role}.md"
        assert page.name in listed, role
        assert re.search(r"!\[[^\]]+\]\(pictures/", page.read_text("utf-8")), f"{page.name} shows nothing"


def test_every_picture_is_taken_by_the_script_is_shown_and_is_small() -> None:
    shown = {to for page in PAGES for to in pointed(page) if to.startswith("pictures/")}
    assert shown == {f"pictures/{name}.png" for name in PICTURES}
    files = list((MANUAL / "pictures").iterdir())
    assert {f"pictures/{file.name}" for file in files} == shown
    assert sum(file.stat().st_size for file in files) < LARGEST


def test_the_readme_leads_to_the_manual() -> None:
    assert "docs/manual/README.md" in pointed(ROOT / "README.md")
