"""Selecting an agency: who wins and who follows, from sealed quotes and the drawn order; the same for everybody.

Prices are decimals in one unit. Equal prices stand in the drawn order, so the order of the input never matters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from kernel.proofs.errors import Malformed

PICKS = ("choice", "draw", "lowest", "nearest")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rule:
    """How the winner is found. `percents`: one is drawn and applied to the mean; `drop_from`: from so many quotes on
    the highest and the lowest are dropped, 0 for never."""

    picks: str
    percents: tuple[int, ...] = ()
    drop_from: int = 0


@dataclass(frozen=True, slots=True)
class Ranking:
    """The agencies in the order in which they are asked; `dropped` cannot win; the reference price, if there is one."""

    order: tuple[str, ...]
    dropped: tuple[str, ...] = ()
    reference: Decimal | None = None


def rank(rule: Rule, quotes: Mapping[str, Decimal], drawn: Sequence[str], percent: int | None = None) -> Ranking:
    """Everybody's place. `quotes` maps an agency to its price, empty where none was asked; `drawn` is the draw's order.

    `Malformed` when the draw does not name exactly those who quoted, or the percentage is none of the rule's.
    """
    if rule.picks not in ("draw", "lowest", "nearest"):
        raise Malformed("not_ranked", "业主自选的方式没有名次", "picks")
    if rule.picks == "draw":
        return Ranking(tuple(drawn))
    place = {agency: i for i, agency in enumerate(drawn)}
    if place.keys() != quotes.keys() or len(place) != len(drawn):
        raise Malformed("draw_differs", "抽取的名单与有效报价的机构不是同一组", "drawn")
    if rule.picks == "lowest":
        return Ranking(tuple(sorted(quotes, key=lambda agency: (quotes[agency], place[agency]))))
    return _nearest(rule, quotes, place, percent)


def reference_price(kept: Sequence[Decimal], percent: int) -> Decimal:
    """The mean of what was kept times the percentage, rounded half up to two decimals."""
    mean = sum(kept, Decimal(0)) * percent / (100 * len(kept))
    return mean.quantize(_CENT, ROUND_HALF_UP)


def _nearest(rule: Rule, quotes: Mapping[str, Decimal], place: Mapping[str, int], percent: int | None) -> Ranking:
    if percent not in rule.percents:
        raise Malformed("percent_unknown", "抽出的比例不在公告所列之内", "percent")
    assert percent is not None, "the rule lists numbers only"
    dropped = _ends(quotes, place) if rule.drop_from and len(quotes) >= rule.drop_from else ()
    kept = [agency for agency in quotes if agency not in dropped]
    reference = reference_price([quotes[agency] for agency in kept], percent)
    order = sorted(kept, key=lambda agency: (abs(quotes[agency] - reference), place[agency]))
    return Ranking(tuple(order), dropped, reference)


def _ends(quotes: Mapping[str, Decimal], place: Mapping[str, int]) -> tuple[str, ...]:
    """The highest and the lowest, two different ones; of equal prices the one drawn later is dropped."""
    highest = max(quotes, key=lambda agency: (quotes[agency], place[agency]))
    rest = [agency for agency in quotes if agency != highest]
    return highest, min(rest, key=lambda agency: (quotes[agency], -place[agency]))
