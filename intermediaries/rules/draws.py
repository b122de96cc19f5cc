"""From whom a request's agency is drawn: the list that its rows give, the same on both sites."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from intermediaries.rules.agencies import Party, one_of_a_group

AGENCIES, PERCENT, TIES = "agencies", "percent", "ties"
"""Strata: the draw picks the agency; one of the notice's percentages; the order that decides between equal prices."""
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Applied:
    """An applicant as the list looks at it: `record` is what the list holds of it, `shut` why it takes no part."""

    code: str
    controller: str
    record: Record
    shut: str


@dataclass(frozen=True, slots=True)
class DrawList:
    """What is drawn from: (stratum, quota), the records of each stratum, and who was left out for which reason."""

    strata: list[tuple[str, int]]
    candidates: dict[str, list[Record]]
    avoided: list[tuple[Record, str]]

    @property
    def size(self) -> int:
        """How many agencies are on it."""
        return len(self.candidates.get(AGENCIES, self.candidates.get(TIES, ())))


def draw_list(
    request: UUID, mode: Mapping[str, Any], applied: Sequence[Applied], quoted: Collection[str] | None
) -> DrawList:
    """The list of a request; `applied` in order of coming, `quoted` the codes whose quote can stand (None: no quotes).

    Of agencies under one controller only the first to come takes part.
    """
    shut = {one.code: one.shut for one in applied if one.shut}
    shut |= dict.fromkeys(twins(applied), "same_controller")
    if quoted is not None:
        shut |= {one.code: "quote_invalid" for one in applied if one.code not in quoted and one.code not in shut}
    avoided = [(one.record, shut[one.code]) for one in applied if one.code in shut]
    stand = [one.record for one in applied if one.code not in shut]
    if mode["picks"] == "draw":
        return DrawList([(AGENCIES, 1)], {AGENCIES: stand}, avoided)
    percents = [_percent(request, percent) for percent in mode["percents"]]
    strata = [(PERCENT, 1)] if percents else []
    candidates = {PERCENT: percents} if percents else {}
    return DrawList([*strata, (TIES, len(stand))], {**candidates, TIES: stand}, avoided)


def twins(applied: Sequence[Applied]) -> list[str]:
    """Credit codes of applicants under one controller with somebody who came before them."""
    pairs = one_of_a_group([Party(one.code, one.controller or one.code) for one in applied if not one.shut])
    return [second.code for _, second in pairs]


def price_stands(price: Decimal | None, lowest: Decimal | None, highest: Decimal | None) -> bool:
    """Whether an opened quote lies within the notice's limits."""
    return price is not None and price > 0 and (highest is None or price <= highest) and (lowest or 0) <= price


def _percent(request: UUID, percent: int) -> Record:
    return {"id": str(uuid5(request, f"percent/{percent}")), "employer": "", "percent": percent}
