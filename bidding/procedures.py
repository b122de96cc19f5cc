"""Reads procedures.toml: how each trading procedure walks the road."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bidding.stages import ROAD


@dataclass(frozen=True, slots=True)
class Procedure:
    """One row of the table. `box` are the stages of the sealed box: (id, public or panel); times in minutes."""

    id: str
    name: str
    category: str
    method: str
    stages: tuple[str, ...]
    minimum: int
    modes: tuple[str, ...]
    window_minutes: int
    window_range: tuple[int, int]
    fallback_minutes: int
    session_minutes: int
    decides: str
    box: tuple[tuple[str, str], ...]


def read(text: str) -> Mapping[str, Procedure]:
    """Every procedure of the table; ValueError names a step or mode that does not exist."""
    return MappingProxyType({name: _procedure(name, row) for name, row in tomllib.loads(text).items()})


def _procedure(name: str, row: dict[str, Any]) -> Procedure:
    unknown = [step for step in row["stages"] if step not in ROAD]
    unknown += [mode for mode in row["modes"] if mode not in ("bidder", "roles", "bidder-only")]
    if unknown:
        raise ValueError(f"{name}: {', '.join(unknown)} is not known")
    low, high = row["window_range"]
    rest = {key: row[key] for key in row if key not in ("stages", "modes", "window_range", "box")}
    return Procedure(
        id=name,
        stages=tuple(row["stages"]),
        modes=tuple(row["modes"]),
        window_range=(low, high),
        box=tuple((stage["id"], stage["to"]) for stage in row["box"]),
        **rest,
    )


PROCEDURES = read((Path(__file__).parent / "procedures.toml").read_text("utf-8"))
