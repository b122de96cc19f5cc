"""Reads procedures.toml: how each trading procedure walks the road."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bidding.stages import ROAD

NAMES_FROM = ("result", "end")
ATTENDED = ("never", "asked", "always")


@dataclass(frozen=True, slots=True)
class PanelRule:
    """Who judges: `larger` are (budget in yuan, least members from there on), `experts` their share of all members."""

    least: int
    larger: tuple[tuple[Decimal, int], ...]
    experts: Fraction
    owner_may_chair: bool
    announce_names: str
    attended: str

    def size(self, budget: Decimal) -> int:
        """The fewest members for this budget in yuan; always odd."""
        return max([self.least, *(least for over, least in self.larger if budget >= over)])

    def experts_of(self, size: int) -> int:
        """How many of `size` members are experts at least: two thirds of five are four."""
        return ceil(size * self.experts)


@dataclass(frozen=True, slots=True)
class EvaluationRule:
    """What a notice may choose of methods.toml, and what holds unless it says otherwise; decimals as text.

    `floors` and `discount_limits` map a category to the measure of the law that its price weight and its small
    firms' discount are held to, in percent. `reopens` are the grounds on which the signed report may be taken up again.
    """

    methods: tuple[str, ...]
    formulas: tuple[str, ...]
    price: str
    floors: Mapping[str, str]
    places: int
    candidates: int
    candidates_article: str
    ceiling_article: str
    fewest: int
    fewer: str
    corrections: tuple[str, ...]
    confirms: str
    low_price: Mapping[str, str]
    discounts: Mapping[str, str]
    discount_limits: Mapping[str, str]
    ties: tuple[str, ...]
    answer_minutes: int
    sign_minutes: int
    reopens: tuple[str, ...]
    reopen_article: str
    items: tuple[Mapping[str, str], ...]
    review: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Procedure:
    """One row of the table. `box` are the stages of the sealed box: (id, public or panel); times in minutes.

    `later` are those of them that wait for the signed report on the others.
    """

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
    publicity_days: int
    decides: str
    keeps: tuple[str, ...]
    box: tuple[tuple[str, str], ...]
    later: frozenset[str]
    panel: PanelRule
    evaluation: EvaluationRule


def read(text: str) -> Mapping[str, Procedure]:
    """Every procedure of the table; ValueError names a step or mode that does not exist."""
    return MappingProxyType({name: _procedure(name, row) for name, row in tomllib.loads(text).items()})


def _procedure(name: str, row: dict[str, Any]) -> Procedure:
    unknown = [step for step in row["stages"] if step not in ROAD]
    unknown += [mode for mode in row["modes"] if mode not in ("bidder", "roles", "bidder-only")]
    if unknown:
        raise ValueError(f"{name}: {', '.join(unknown)} is not known")
    low, high = row["window_range"]
    apart = ("stages", "modes", "window_range", "keeps", "box", "panel", "evaluation")
    rest = {key: row[key] for key in row if key not in apart}
    return Procedure(
        id=name,
        stages=tuple(row["stages"]),
        modes=tuple(row["modes"]),
        window_range=(low, high),
        keeps=tuple(row["keeps"]),
        box=tuple((stage["id"], stage["to"]) for stage in row["box"]),
        later=frozenset(stage["id"] for stage in row["box"] if stage.get("later")),
        panel=_panel(row["panel"]),
        evaluation=_evaluation(row["evaluation"]),
        **rest,
    )


def _evaluation(row: dict[str, Any]) -> EvaluationRule:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return EvaluationRule(**values)


def _panel(row: dict[str, Any]) -> PanelRule:
    larger = tuple((Decimal(step["budget"]), int(step["least"])) for step in row.get("larger", ()))
    rule = PanelRule(**{**row, "larger": larger, "experts": Fraction(row["experts"])})
    if rule.announce_names not in NAMES_FROM or rule.attended not in ATTENDED:
        raise ValueError(f"unknown moment {rule.announce_names} or attendance {rule.attended}")
    return rule


PROCEDURES = read((Path(__file__).parent / "procedures.toml").read_text("utf-8"))
