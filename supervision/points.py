"""Reads the supervision points from `points.toml` and refuses a table that is not sane, naming every fault at once."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

from kernel.limits import AMOUNT_UNITS, PERIOD_UNITS

Kind = Literal["time", "number", "relation"]
Level = Literal["remind", "yellow", "red"]

LEVELS: tuple[Level, ...] = ("remind", "yellow", "red")
"""From the mildest to the gravest."""
LEVEL_NAMES: Mapping[str, str] = {"remind": "提醒", "yellow": "黄牌", "red": "红牌"}
PARTIES: Mapping[str, str] = {
    "purchaser": "招标人（采购人、业主）",
    "agent": "代理机构",
    "agency": "中介服务机构",
    "operator": "交易中心",
    "panel": "评标委员会",
    "regulator": "行政监督部门",
}
RELATIONS = ("equals", "not_before", "not_after", "is", "is_not", "share_at_least")
_TEXTS = ("id", "title", "node", "duty", "kind", "party")
_OPTIONAL = {
    "limit", "at_most", "at_least", "unit", "rolls", "cap", "article", "due", "procedures", "region", "relation",
    "value", "level", "remind", "yellow", "outlives",
}  # fmt: skip
_KEYS = {*_TEXTS, "measures", *_OPTIONAL}


class BadPointTable(ValueError):
    """The table of points cannot be trusted; nothing is watched by it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a level is reached: at this share of the time, or with so many working days left; whichever is first."""

    share: Decimal | None = None
    workdays: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One supervision point. `measures`: from and to, or base and share; `names` are theirs in Chinese.

    `limit` names a limit of the case's law, else the bounds are its own. `level`: of a violation that is no lateness.
    `outlives`: it is to be done even in a case that came to nothing.
    """

    id: str
    title: str
    node: str
    duty: str
    kind: Kind
    party: str
    measures: tuple[str, ...]
    names: tuple[str, ...]
    procedures: tuple[str, ...]
    region: str
    limit: str
    at_least: Decimal | None
    at_most: Decimal | None
    cap: Decimal | None
    unit: str
    rolls: bool
    article: str
    due: str
    relation: str
    value: str
    level: Level
    remind: Threshold
    yellow: Threshold
    outlives: bool = False

    @property
    def party_name(self) -> str:
        return PARTIES[self.party]


@cache
def points() -> tuple[Point, ...]:
    """Every point of this house."""
    return read_points((Path(__file__).parent / "points.toml").read_text("utf-8"), _measures_of_law())


def read_points(text: str, names: Mapping[str, Mapping[str, str]]) -> tuple[Point, ...]:
    """The points of this TOML text; `names`: duty → the measures its law names. `BadPointTable` for any fault."""
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise BadPointTable([str(error)]) from error
    rows = table.get("point", [])
    known = {row.get("duty"): {**table.get("measures", {}), **names.get(row.get("duty"), {})} for row in rows}
    faults = [f"{row.get('id', '?')}: {fault}" for row in rows for fault in _faults(row, known[row.get("duty")])]
    ids = [row.get("id") for row in rows]
    faults += [f"{each} is there twice" for each in sorted({str(i) for i in ids if ids.count(i) > 1})]
    if faults:
        raise BadPointTable(faults)
    levels = table.get("levels", {})
    return tuple(_point(row, known[row["duty"]], levels) for row in rows)


def _faults(row: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    yield from (f"unknown key {key}" for key in row.keys() - _KEYS)
    yield from (f"{key} is missing" for key in _TEXTS if not isinstance(row.get(key), str) or not row[key].strip())
    if row.get("party") not in PARTIES:
        yield f"unknown party {row.get('party')}"
    if row.get("level", "red") not in LEVELS:
        yield f"unknown level {row.get('level')}"
    measures = row.get("measures", [])
    wanted = [*measures, *([row["due"]] if "due" in row else [])]
    yield from (f"measure {measure} has no name" for measure in wanted if measure not in names)
    judge = {"time": _wrong_time, "number": _wrong_number, "relation": _wrong_relation}.get(str(row.get("kind")))
    if judge is None:
        yield f"unknown kind {row.get('kind')}"
    else:
        yield from judge(row, measures)
    if "limit" not in row and not row.get("article"):
        yield "its own bounds need an article"


def _wrong_time(row: Mapping[str, Any], measures: Sequence[str]) -> Iterator[str]:
    if len(measures) != 2:
        yield "a time has two measures"
    if sum(key in row for key in ("limit", "due", "unit")) != 1:
        yield "a time has a limit, or a moment that is due, or a unit of its own"
    if "unit" in row and (row["unit"] not in PERIOD_UNITS or not {"at_most", "at_least"} & row.keys()):
        yield "a period of its own has a unit of time and a bound"


def _wrong_number(row: Mapping[str, Any], measures: Sequence[str]) -> Iterator[str]:
    if len(measures) not in (1, 2):
        yield "a number has one measure, or a base and its share"
    if "limit" not in row and not {"at_most", "at_least"} & row.keys():
        yield "a number has a limit or a bound"
    if row.get("unit", "count") not in AMOUNT_UNITS:
        yield f"unknown unit {row['unit']}"


def _wrong_relation(row: Mapping[str, Any], measures: Sequence[str]) -> Iterator[str]:
    if row.get("relation") not in RELATIONS:
        yield f"unknown relation {row.get('relation')}"
    alone = row.get("relation") in ("is", "is_not")
    if len(measures) != (1 if alone else 2) or ((alone or row.get("relation") == "share_at_least") != ("value" in row)):
        yield "a relation has two measures, or one and a value; a share has two and a value"
    if row.get("relation") == "share_at_least" and not _is_fraction(row.get("value")):
        yield f"{row.get('value')} is no fraction"


def _is_fraction(value: object) -> bool:
    try:
        return 0 < Fraction(str(value)) <= 1
    except (ValueError, ZeroDivisionError):
        return False


def _point(row: Mapping[str, Any], names: Mapping[str, str], levels: Mapping[str, Any]) -> Point:
    bounds: dict[str, Any] = {key: Decimal(row[key]) if key in row else None for key in ("at_least", "at_most", "cap")}
    return Point(
        **{key: row[key] for key in _TEXTS},
        measures=tuple(row["measures"]),
        names=tuple(names[measure] for measure in row["measures"]),
        procedures=tuple(row.get("procedures", ())),
        region=row.get("region", ""),
        limit=row.get("limit", ""),
        **bounds,
        unit=row.get("unit", ""),
        rolls=row.get("rolls", False),
        article=row.get("article", ""),
        due=row.get("due", ""),
        relation=row.get("relation", ""),
        value=row.get("value", ""),
        level=row.get("level", "red"),
        remind=_threshold(row.get("remind", levels.get("remind", {}))),
        yellow=_threshold(row.get("yellow", levels.get("yellow", {}))),
        outlives=row.get("outlives", False),
    )


def _threshold(row: Mapping[str, Any]) -> Threshold:
    share = row.get("share")
    return Threshold(None if share is None else Decimal(share), row.get("workdays"))


def _measures_of_law() -> dict[str, dict[str, str]]:
    """Duty → the names that its law.toml gives its measures. Complaints are measured by the law of bidding, entries
    into the market by that of the market."""
    root = Path(__file__).resolve().parent.parent
    tables = {path.parent.name: tomllib.loads(path.read_text("utf-8")) for path in sorted(root.glob("*/law.toml"))}
    found = {duty: dict(table.get("measures", {})) for duty, table in tables.items()}
    return found | {"complaints": found.get("bidding", {}), "entries": found.get("intermediaries", {})}
