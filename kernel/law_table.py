"""Reads the duties' `law.toml` and refuses a table that is not sane, naming every fault at once.

A file holds `[measures]`, the Chinese names of the facts that are measured, and `[[limit]]` rows: id, title,
law, article, says, measures, at_least and/or at_most, unit, in_force {since, until}, procedures; and where
they differ from the ordinary: region (the nation), rolls, cap, paraphrase, see.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations
from typing import Any, Final

from kernel import regions
from kernel.limits import AMOUNT_UNITS, PERIOD_UNITS, Limit

Row = Mapping[str, Any]

_ID: Final = re.compile(r"[A-Z][0-9]{2}[A-Z]?", re.ASCII)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_TEXTS: Final = ("id", "title", "law", "article", "says", "unit")
_OPTIONAL: Final = {"at_least", "at_most", "region", "rolls", "cap", "paraphrase", "see"}
_KEYS: Final = {*_TEXTS, *_OPTIONAL, "measures", "in_force", "procedures"}


class BadLawTable(ValueError):
    """The table of limits cannot be trusted; the platform does not start with it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read_limits(texts: Mapping[str, str]) -> tuple[Limit, ...]:
    """Every limit of these TOML texts, keyed by the name faults should give; `BadLawTable` for any fault."""
    limits: list[Limit] = []
    names: dict[str, str] = {}
    faults: list[str] = []
    for source, text in texts.items():
        measures, rows = _parse(source, text, faults)
        twice = (key for key in names if measures.get(key, names[key]) != names[key])
        faults += [f"{source}: {key} has two names" for key in twice]
        names |= measures
        for row in rows:
            wrong = [f"{source} {row.get('id', '?')}: {fault}" for fault in _faults(row, measures)]
            faults += wrong
            limits += [] if wrong else [_limit(row, measures)]
    faults += _clashes(limits)
    if faults:
        raise BadLawTable(faults)
    return tuple(limits)


def _parse(source: str, text: str, faults: list[str]) -> tuple[dict[str, str], list[Row]]:
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        faults.append(f"{source}: {error}")
        return {}, []
    faults += [f"{source}: unknown table {key}" for key in table.keys() - {"measures", "limit"}]
    return table.get("measures", {}), table.get("limit", [])


def _faults(row: Row, names: Mapping[str, str]) -> Iterator[str]:
    yield from (f"unknown key {key}" for key in row.keys() - _KEYS)
    for key in _TEXTS:
        if not isinstance(row.get(key), str) or not row[key].strip():
            yield f"{key} is missing"
    if not _ID.fullmatch(str(row.get("id", ""))):
        yield "id is a capital letter and two digits, as in T03 or T26A"
    yield from _wrong_numbers(row)
    yield from _wrong_measures(row, names)
    yield from _wrong_place_and_time(row)


def _wrong_numbers(row: Row) -> Iterator[str]:
    unit, numbers = row.get("unit"), [row[key] for key in ("at_least", "at_most") if key in row]
    if unit not in (*PERIOD_UNITS, *AMOUNT_UNITS):
        yield f"unknown unit {unit}"
    if not numbers:
        yield "neither at_least nor at_most"
    for number in (*numbers, *([row["cap"]] if "cap" in row else [])):
        if isinstance(number, bool) or not isinstance(number, int | Decimal) or number < 0:
            yield f"{number!r} is not an amount"
        elif unit not in ("ratio", "yuan") and number != int(number):
            yield f"{number} is not whole"
    if "cap" in row and unit != "ratio":
        yield "cap belongs to a ratio"
    for key in ("rolls", "paraphrase"):
        if not isinstance(row.get(key, False), bool):
            yield f"{key} is true or false"


def _wrong_measures(row: Row, names: Mapping[str, str]) -> Iterator[str]:
    measures = row.get("measures", [])
    wanted = 1 if row.get("unit") in ("yuan", "count") else 2
    if not _is_names(measures) or len(measures) != wanted or len(set(measures)) != wanted:
        yield f"measures names {wanted} facts"
        return
    yield from (f"measure {m} has no Chinese name in [measures]" for m in measures if not names.get(m))


def _wrong_place_and_time(row: Row) -> Iterator[str]:
    for key in ("procedures", "see"):
        if not _is_names(row.get(key, [])):
            yield f"{key} is a list of names"
        elif key == "procedures" and not all(_NAME.fullmatch(name) for name in row.get(key) or [""]):
            yield "procedures names at least one procedure in lower_snake"
    region = row.get("region", regions.NATION)
    if region != regions.NATION and (not isinstance(region, str) or regions.check(region) is not None):
        yield f"unknown region {region}"
    force = row.get("in_force")
    force = force if isinstance(force, dict) else {}
    since, until = force.get("since"), force.get("until")
    if not _is_day(since) or not (until is None or _is_day(until)) or force.keys() - {"since", "until"}:
        yield "in_force needs the day it began, and the day it ended if it did"
    elif until is not None and until <= since:
        yield f"in force until {until}, which is not after {since}"


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) and name for name in value)


def _is_day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _limit(row: Row, names: Mapping[str, str]) -> Limit:
    values: dict[str, Any] = {key: row[key] for key in _TEXTS}
    values |= {key: Decimal(row[key]) if key in row else None for key in ("at_least", "at_most", "cap")}
    return Limit(
        **values,
        paraphrase=row.get("paraphrase", False),
        rolls=row.get("rolls", False),
        measures=tuple(row["measures"]),
        names=tuple(names[measure] for measure in row["measures"]),
        since=row["in_force"]["since"],
        until=row["in_force"].get("until"),
        region=row.get("region", regions.NATION),
        procedures=tuple(row["procedures"]),
        see=tuple(row.get("see", [])),
    )


def _clashes(limits: list[Limit]) -> Iterator[str]:
    by_id: dict[str, list[Limit]] = defaultdict(list)
    for limit in limits:
        by_id[limit.id].append(limit)
    for limit_id, texts in by_id.items():
        if len({text.measures for text in texts}) > 1:
            yield f"{limit_id}: its texts measure different things"
        for a, b in combinations(texts, 2):
            if a.region == b.region and set(a.procedures) & set(b.procedures) and _overlap(a, b):
                yield f"{limit_id}: two texts in force on {max(a.since, b.since)} in {a.region}"


def _overlap(a: Limit, b: Limit) -> bool:
    return (a.until is None or b.since < a.until) and (b.until is None or a.since < b.until)
