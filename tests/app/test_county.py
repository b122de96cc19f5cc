"""The county: weeks played through the real steps and kept; what is kept fits the house and holds what it should."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from house_databases import ROOT, Databases

from app.county import template
from app.county.play import read_plan
from app.county.shape import Column, misfits

SMALL = """
today = 2026-03-27
experts = 60
agencies = 20
tender = [
    { begin = 2026-03-03, purchaser = "purchaser1", name = "文二路道路工程", until = "evaluated" },
    { begin = 2026-03-04, purchaser = "purchaser2", name = "西溪管线迁改工程", mode = "roles", bids = 2 },
]
request = [
    { begin = 2026-03-04, owner = "owner1", item = "SUR-02", mode = "direct", amount = 12000, name = "云栖大厦测绘" },
    { begin = 2026-03-04, owner = "owner2", item = "SUR-02", mode = "lowest", amount = 36000, name = "文新中心测绘" },
    { begin = 2026-03-05, owner = "owner2", item = "SUR-02", mode = "draw", amount = 34000, name = "三墩", stars = 1 },
]
"""
_MOVES = ("kernel.clock", "kernel.log_checkpoint")
"""What is set anew when a template is loaded."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template of a small county, made by the command."""
    folder = tmp_path_factory.mktemp("county")
    plan, file = folder / "plan.toml", folder / "small.tar.xz"
    plan.write_text(SMALL, encoding="utf-8")
    command = [sys.executable, "-m", "app.county", str(plan), str(file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return file


@pytest.fixture(scope="module")
def kept() -> dict[str, bytes]:
    """The template of the house."""
    return template.read()


async def test_a_played_county_that_is_loaded_is_the_same_county(small: Path, house: Databases, tmp_path: Path) -> None:
    place = _place(house, tmp_path / "house")
    assert await asyncio.to_thread(template.load, place, small)
    await asyncio.to_thread(template.save, place, tmp_path / "again.tar.xz")
    first, second = template.read(small), template.read(tmp_path / "again.tar.xz")
    assert {name for name in first if not name.endswith(_MOVES)} == {n for n in second if not n.endswith(_MOVES)}
    moved = {name for name in first if first[name] != second[name]} - {template.MANIFEST}
    assert {name.partition("/")[2].partition("/")[2] for name in moved} <= set(_MOVES)
    assert _counts(first) == _counts(second)


async def test_its_clocks_go_on_from_the_morning_on_which_it_was_left(
    small: Path, house: Databases, tmp_path: Path
) -> None:
    assert await asyncio.to_thread(template.load, _place(house, tmp_path / "house"), small)
    for url in (house.admin, house.supervision_admin):
        connection = await asyncpg.connect(url)
        try:
            now = await connection.fetchval("select kernel.law_now() at time zone 'Asia/Shanghai'")
        finally:
            await connection.close()
        assert f"{now:%Y-%m-%d %H}" == "2026-03-27 09"


async def test_a_house_that_is_lived_in_keeps_what_it_has(small: Path, house: Databases, tmp_path: Path) -> None:
    place = _place(house, tmp_path / "house")
    assert await asyncio.to_thread(template.load, place, small)
    assert not await asyncio.to_thread(template.load, place, small)


async def test_the_kept_county_goes_into_the_tables_of_today(kept: dict[str, bytes], house: Databases) -> None:
    hindrances = await template.unfit(_place(house, Path()), json.loads(kept[template.MANIFEST]))
    assert not hindrances, "the tables have changed since: run `make county` and keep the new file"


def test_what_stands_in_the_way_of_kept_rows_is_named() -> None:
    text, must = Column(type="text", free=True), Column(type="text", free=False)
    kept = {"a.gone": {"id": must}, "a.kept": {"id": must, "lost": text, "changed": text}}
    present = {"a.kept": {"id": must, "changed": Column(type="bigint", free=True), "needed": must, "added": text}}
    assert misfits(kept, present) == [
        "a.gone is gone",
        "a.kept.changed was text and is bigint",
        "a.kept.lost is gone",
        "a.kept.needed must be filled",
    ]


def test_the_kept_county_is_as_large_as_its_plan(kept: dict[str, bytes]) -> None:
    weeks, counts = read_plan(), _counts(kept)
    trading, watching = counts["trading"], counts["supervision"]
    assert len(weeks.tenders) >= 30
    assert trading["bidding.lot"] == len(weeks.tenders)
    assert len(weeks.requests) == trading["intermediaries.request"] >= 80
    assert trading["experts.expert"] == 300
    assert trading["intermediaries.agency"] == 60
    assert trading["intermediaries.rating"] >= 20
    assert trading["kernel.directive"] >= 1
    assert watching["supervision.card"] >= 3
    assert watching["complaints.complaint"] >= 3


def test_it_is_small_enough_to_be_kept_with_the_source() -> None:
    assert template.FILE.stat().st_size < 12 << 20


def _place(house: Databases, var: Path) -> template.Place:
    databases = {"trading": house.admin, "supervision": house.supervision_admin}
    return template.Place(databases, var, var / "vault")


def _counts(content: dict[str, bytes]) -> dict[str, dict[str, int]]:
    """Database → table → rows."""
    manifest: dict[str, Any] = json.loads(content[template.MANIFEST])
    return {name: kept["counts"] for name, kept in manifest.items()}
