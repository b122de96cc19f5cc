"""Reads modes.toml: every way of selecting an agency as data, and who may use it where, up to what amount."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kernel import regions

FUNDS = {"fiscal": "财政资金", "social": "社会资金"}
PICKS = ("choice", "draw", "lowest", "nearest")
TIES = ("none", "draw")


@dataclass(frozen=True, slots=True)
class Permit:
    """One row of who may use a mode: `up_to` in yuan, None for any amount, an unknown one included."""

    region: str
    funds: str
    up_to: Decimal | None
    source: str


@dataclass(frozen=True, slots=True)
class Nearest:
    """How a reference price is made: one of `percents` is drawn; from `drop_from` quotes on both ends are dropped
    (0: never)."""

    percents: tuple[int, ...]
    drop_from: int


@dataclass(frozen=True, slots=True)
class Mode:
    """One way of selecting."""

    id: str
    name: str
    picks: str
    applies: bool
    quotes: bool
    least: Mapping[str, int]
    too_few: str
    credit: int
    ties: str
    source: str
    nearest: Nearest | None
    permits: tuple[Permit, ...]

    @property
    def tossed(self) -> bool:
        """Whether a draw is begun with the notice: it picks, orders equal prices, or draws the percentage."""
        return self.picks == "draw" or self.ties == "draw"

    def as_row(self) -> dict[str, Any]:
        """What a notice says of the mode and a verifier needs of it; plain values only."""
        return {
            "id": self.id,
            "name": self.name,
            "picks": self.picks,
            "applies": self.applies,
            "quotes": self.quotes,
            "least": dict(self.least),
            "credit": self.credit,
            "ties": self.ties,
            "percents": list(self.nearest.percents) if self.nearest else [],
            "drop_from": self.nearest.drop_from if self.nearest else 0,
            "source": self.source,
        }

    def permit(self, region: str, funds: str) -> Permit | None:
        """The row that rules in this region for these funds: the most local one; None where the mode is not used."""
        rows = [row for row in self.permits if row.funds == funds and regions.within(region, row.region)]
        return max(rows, key=lambda row: len(regions.lineage(row.region)), default=None)

    def allows(self, region: str, funds: str, amount: Decimal | None) -> bool:
        """Whether an owner may use it for this amount in yuan; None: not known yet."""
        permit = self.permit(region, funds)
        if permit is None:
            return False
        return permit.up_to is None or (amount is not None and amount <= permit.up_to)


def read(text: str) -> Mapping[str, Mode]:
    """Every mode of the table; ValueError names what is not known."""
    return MappingProxyType({name: _mode(name, row) for name, row in tomllib.loads(text).items()})


def funds_of(fiscal_percent: int) -> str:
    """The funds a request counts as: fiscal as soon as a part of the money is."""
    return "fiscal" if fiscal_percent > 0 else "social"


def _mode(name: str, row: dict[str, Any]) -> Mode:
    unknown = [row["picks"]] if row["picks"] not in PICKS else []
    unknown += [row["ties"]] if row["ties"] not in TIES else []
    unknown += [row["too_few"]] if row["too_few"] != "fails" else []
    unknown += [each["funds"] for each in row["permitted"] if each["funds"] not in FUNDS]
    if unknown or set(row["least"]) != set(FUNDS):
        raise ValueError(f"{name}: {', '.join(unknown) or 'least'} is not known")
    if (row["picks"] == "nearest") != ("nearest" in row) or (row["picks"] in ("lowest", "nearest")) != row["quotes"]:
        raise ValueError(f"{name}: quotes and the reference price go with a mode that picks by price")
    near = row.get("nearest")
    if near and near["drop_from"] in (1, 2):
        raise ValueError(f"{name}: of fewer than three quotes nothing is left when both ends are dropped")
    apart = ("permitted", "nearest", "least")
    return Mode(
        id=name,
        least=MappingProxyType(dict(row["least"])),
        nearest=Nearest(tuple(near["percents"]), near["drop_from"]) if near else None,
        permits=tuple(_permit(each) for each in row["permitted"]),
        **{key: value for key, value in row.items() if key not in apart},
    )


def _permit(row: dict[str, Any]) -> Permit:
    up_to = Decimal(row["up_to"]) if "up_to" in row else None
    return Permit(row["region"], row["funds"], up_to, row["source"])


MODES = read((Path(__file__).parent / "modes.toml").read_text("utf-8"))
