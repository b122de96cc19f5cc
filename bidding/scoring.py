"""Evaluation formulas: marks and ranking of bids, computed in decimals from plain values alone.

`replay` needs nothing but what is published or archived, so that whoever holds the package ranks again at home:
`evaluation` as the notice published it (see methods.py) with the lot's `ceiling` (or empty) and the opening's `draw`
in hex; `bids` with bidder code, corrected `price` in yuan, `small` enterprise, the review items the bid `lacks`; and
the members' `scores`, seat → bidder → item → marks. All decimals are text.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Values = Mapping[str, Any]
Scores = Mapping[str, Mapping[str, Mapping[str, str]]]
Reason = dict[str, str]

_DRAW = b"yangguang/opening-draw/1\0"
OVER_CEILING = "投标报价 {price} 元高于最高投标限价 {ceiling} 元，否决投标"


def replay(evaluation: Values, bids: Sequence[Values], scores: Scores) -> list[dict[str, Any]]:
    """The ranking, best first, rejected bids last with their reasons; equal bids that nothing parts share a rank."""
    places = int(evaluation["places"])
    reasons = {bid["bidder"]: rejections(evaluation, bid) for bid in bids}
    valid = [bid for bid in bids if not reasons[bid["bidder"]]]
    compared = {bid["bidder"]: evaluated_price(evaluation, bid) for bid in valid}
    by_marks = evaluation["ranks"] == "total"
    marks = price_marks(evaluation, compared, _all_opened(evaluation, bids)) if by_marks else {}
    rows = [_row(evaluation, bid, compared[bid["bidder"]], marks, scores if by_marks else {}, places) for bid in valid]
    ranked = _ranked(evaluation, rows)
    return ranked + [_rejected(bid, reasons[bid["bidder"]]) for bid in bids if reasons[bid["bidder"]]]


def rejections(evaluation: Values, bid: Values) -> list[Reason]:
    """Why this bid is rejected: over the ceiling, or what the review found lacking; none for a valid bid."""
    found = []
    ceiling = evaluation.get("ceiling") or ""
    if ceiling and Decimal(bid["price"]) > Decimal(ceiling):
        says = OVER_CEILING.format(price=bid["price"], ceiling=ceiling)
        found.append({"code": "over_ceiling", "says": says, "article": str(evaluation["ceiling_article"])})
    for item in evaluation["review"]:
        if item["effect"] == "reject" and item["id"] in bid["lacks"]:
            found.append({"code": str(item["id"]), "says": f"不符合：{item['name']}", "article": str(item["article"])})
    return found + [dict(reason) for reason in bid.get("rejected", ())]


def evaluated_price(evaluation: Values, bid: Values) -> Decimal:
    """The price bids are compared by: with listed deviations, less a small firm's discount; no contract price."""
    contract = Decimal(bid["price"])
    price, lacking = contract, set(bid["lacks"])
    refused = False
    for item in evaluation["review"]:
        if item["id"] in lacking and item["effect"] == "adjust":
            price += contract * Decimal(item["adds"])
        refused = refused or (item["effect"] == "discount" and item["id"] in lacking)
    if bid.get("small") and not refused:
        price -= contract * Decimal(evaluation["discount"])
    return rounded(price, 2)


def price_marks(
    evaluation: Values, compared: Mapping[str, Decimal], opened: Iterable[Decimal] = ()
) -> dict[str, Decimal]:
    """Bidder → marks for the price, by the formula the notice chose; `opened` are the prices of all opened bids."""
    formula, places = evaluation["price"], int(evaluation["places"])
    maximum = Decimal(formula["maximum"])
    if formula["kernel"] == "none":
        return {bidder: Decimal() for bidder in compared}
    if not compared:
        return {}
    if formula["kernel"] == "ratio":
        lowest = min(compared.values())
        return {bidder: rounded(lowest / price * maximum, places) for bidder, price in compared.items()}
    base = benchmark(evaluation, list(opened) if formula["counted"] == "opened" else list(compared.values()))
    return {
        bidder: rounded(_from_benchmark(formula, price, base, maximum), places) for bidder, price in compared.items()
    }


def benchmark(evaluation: Values, prices: Sequence[Decimal]) -> Decimal:
    """评标基准价 in yuan: B = trimmed mean × (1 − Δ) × share + ceiling × (1 − share), rounded half up."""
    formula = evaluation["price"]
    drop = int(formula["drop"]) if len(prices) >= int(formula["drop_from"]) else 0
    kept = sorted(prices)[drop : len(prices) - drop]
    mean = sum(kept, Decimal()) / len(kept)
    share = Decimal(formula["share"])
    base = mean * (1 - delta(evaluation)) * share
    if share != 1:
        base += Decimal(evaluation["ceiling"]) * (1 - share)
    return rounded(base, 2)


def delta(evaluation: Values) -> Decimal:
    """Δ, the benchmark's drawn reduction: the step of its range that the opening's draw falls on."""
    grid = evaluation["price"]["delta"]
    low, high, step = (Decimal(grid[key]) for key in ("low", "high", "step"))
    steps = int((high - low) / step) + 1
    return low if steps == 1 else low + step * (int(evaluation["draw"], 16) % steps)


def opening_draw(close: str, seeds: Mapping[str, bytes]) -> str:
    """What is drawn at the opening, in hex: SHA-256 over the close and the first stage's seed of every opened bid.

    Every seed was committed to before the deadline and nobody knew all of them before the last was revealed: who
    would change the draw must give up his bid. `seeds` maps a bid's SHA-256 to its 32 bytes.
    """
    parts = [bytes.fromhex(bid) + seeds[bid] for bid in sorted(seeds)]
    return hashlib.sha256(_DRAW + bytes.fromhex(close) + b"".join(parts)).hexdigest()


def abnormally_low(rule: Mapping[str, str], prices: Mapping[str, Decimal], ceiling: Decimal | None) -> set[str]:
    """Bidders whose price is so low that they must be asked: under a share of the mean, the next one or the ceiling."""
    found: set[str] = set()
    if not prices:
        return found
    mean = sum(prices.values(), Decimal()) / len(prices)
    for bidder, price in prices.items():
        higher = [other for other in prices.values() if other > price]
        limits = {"of_mean": mean, "of_next": min(higher, default=None), "of_ceiling": ceiling}
        bounds = [limits[key] for key in rule]
        if any(b is not None and price < b * Decimal(rule[k]) for k, b in zip(rule, bounds, strict=True)):
            found.add(bidder)
    return found


def score_problems(evaluation: Values, valid: Iterable[str], sheet: Mapping[str, Mapping[str, str]]) -> list[Reason]:
    """All that is wrong with one member's sheet: every valid bid, every item, 0 to its maximum, so many places."""
    wanted, items = set(valid), {item["id"]: item for item in evaluation["items"]}
    found = [{"bidder": b, "item": "", "says": "这份投标已被否决或不存在，不应评分"} for b in sheet if b not in wanted]
    for bidder in sorted(wanted):
        given = sheet.get(bidder, {})
        found += [{"bidder": bidder, "item": i, "says": "没有这个评分项"} for i in given if i not in items]
        for name, item in items.items():
            wrong = _mark_problem(given.get(name), Decimal(item["maximum"]), int(evaluation["places"]))
            if wrong:
                found.append({"bidder": bidder, "item": name, "says": f"{item['name']}：{wrong}"})
    return found


def disagreements(evaluation: Values, scores: Scores) -> list[tuple[str, str]]:
    """(bidder, item) of objective items that members did not mark alike (客观评审因素评分不一致)."""
    objective = [item["id"] for item in evaluation["items"] if item["kind"] == "objective"]
    bidders = {bidder for sheet in scores.values() for bidder in sheet}
    return [
        (bidder, item)
        for bidder in sorted(bidders)
        for item in objective
        if len({Decimal(sheet[bidder][item]) for sheet in scores.values() if bidder in sheet}) > 1
    ]


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up, as the tender document fixes it."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _all_opened(evaluation: Values, bids: Sequence[Values]) -> list[Decimal]:
    """Every price that could be read at the opening."""
    return [evaluated_price(evaluation, bid) for bid in bids if Decimal(bid["price"])]


def _from_benchmark(formula: Values, price: Decimal, base: Decimal, maximum: Decimal) -> Decimal:
    away = (price - base) / base
    loss = abs(away) * 100 * Decimal(formula["above"] if away > 0 else formula["below"])
    return max(maximum - loss, Decimal(formula["least"]))


def _row(
    evaluation: Values, bid: Values, compared: Decimal, marks: Mapping[str, Decimal], scores: Scores, places: int
) -> dict[str, Any]:
    bidder = bid["bidder"]
    sheets = {seat: sheet[bidder] for seat, sheet in scores.items()}
    items = {
        item["id"]: str(_mean([Decimal(given[item["id"]]) for given in sheets.values()], places))
        for item in (evaluation["items"] if sheets else ())
    }
    members = {seat: sum((Decimal(mark) for mark in given.values()), Decimal()) for seat, given in sheets.items()}
    price_score = marks.get(bidder)
    total = "" if price_score is None else str(price_score + _mean(list(members.values()), places))
    return {
        "bidder": bidder,
        "rank": 0,
        "tied": False,
        "price": str(bid["price"]),
        "evaluated": str(compared),
        "price_score": "" if price_score is None else str(price_score),
        "items": items,
        "members": {seat: str(rounded(mark, places)) for seat, mark in members.items()},
        "total": total,
        "rejected": [],
    }


def _rejected(bid: Values, reasons: list[Reason]) -> dict[str, Any]:
    empty: dict[str, Any] = {"rank": 0, "tied": False, "evaluated": "", "price_score": "", "total": ""}
    kept = {"bidder": bid["bidder"], "price": str(bid["price"]), "items": {}, "members": {}, "rejected": reasons}
    return {**empty, **kept}


def _ranked(evaluation: Values, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    keys = {row["bidder"]: _key(evaluation, row) for row in rows}
    ordered = sorted(rows, key=lambda row: (*keys[row["bidder"]], row["bidder"]))
    ranks: list[dict[str, Any]] = []
    for n, row in enumerate(ordered, 1):
        same = [other for other in rows if keys[other["bidder"]] == keys[row["bidder"]]]
        rank = ranks[-1]["rank"] if ranks and keys[ranks[-1]["bidder"]] == keys[row["bidder"]] else n
        ranks.append({**row, "rank": rank, "tied": len(same) > 1})
    return ranks


def _key(evaluation: Values, row: Values) -> tuple[Any, ...]:
    technical = [i["id"] for i in evaluation["items"] if i["group"] == "technical"]
    found = {
        "total": -Decimal(row["total"] or 0),
        "price": Decimal(row["evaluated"]),
        "technical": -sum((Decimal(row["items"].get(item, 0)) for item in technical), Decimal()),
        "draw": hashlib.sha256(f"{evaluation['draw']}/{row['bidder']}".encode()).hexdigest(),
    }
    return tuple(found[name] for name in evaluation["ties"])


def _mean(values: Sequence[Decimal], places: int) -> Decimal:
    return rounded(sum(values, Decimal()) / len(values), places) if values else Decimal()


def _mark_problem(mark: str | None, maximum: Decimal, places: int) -> str:
    if mark is None:
        return "没有评分"
    value = Decimal(mark)
    if not 0 <= value <= maximum:
        return f"应在 0 至 {maximum} 分之间"
    return f"最多 {places} 位小数" if rounded(value, places) != value else ""
