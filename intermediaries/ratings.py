"""Reads ratings.toml: the grade that the rule gives where an owner did not rate in time."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from kernel import regions


@dataclass(frozen=True, slots=True)
class Unrated:
    """The rule of a region: stars, and whether they count in the agency's mean."""

    region: str
    stars: int
    counts: bool
    source: str


def read(text: str) -> tuple[Unrated, ...]:
    """Every rule of the table."""
    return tuple(Unrated(**row) for row in tomllib.loads(text)["unrated"])


def unrated(region: str) -> Unrated:
    """The rule that holds there: the most local one."""
    rows = [row for row in RULES if regions.within(region, row.region)]
    return max(rows, key=lambda row: len(regions.lineage(row.region)))


RULES = read((Path(__file__).parent / "ratings.toml").read_text("utf-8"))
