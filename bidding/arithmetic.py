"""Arithmetic correction of a price form, each rule in the order the law gives (评标办法暂行规定 19; 87 号令 59).

A price form is {"price", and if the bidder gave them: "body_price", "price_words", "lines": [{"name", "quantity",
"unit_price", "total"}]}, amounts in yuan as decimal text.

    summary     the opening form prevails over the body
    words       words prevail over figures
    decimal     a unit price whose decimal point is clearly wrong yields to its line's total
    unit_price  otherwise unit prices prevail over totals, and the sum of the lines over the whole
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from bidding.scoring import rounded

DIGITS = {
    d: n
    for n, pair in enumerate(("零〇", "壹一", "贰二", "叁三", "肆四", "伍五", "陆六", "柒七", "捌八", "玖九"))
    for d in pair
}
TENS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
MYRIADS = {"万": 10**4, "亿": 10**8}
SHIFTS = {Decimal(10) ** n for n in (-3, -2, -1, 1, 2, 3)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One correction: the rule, what was found, the whole price before and after it in yuan."""

    rule: str
    says: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Corrected:
    """The price that counts, the lines as they now stand, and how it came about; no finding, nothing was wrong."""

    price: Decimal
    lines: tuple[tuple[str, Decimal, Decimal, Decimal], ...]
    findings: tuple[Finding, ...] = ()


def correct(form: Mapping[str, Any], order: Iterable[str]) -> Corrected:
    """Apply the rules in this order; ValueError where an amount is no amount."""
    found = Corrected(_amount(form["price"]), tuple(_line(line) for line in form.get("lines", ())))
    for rule in order:
        found = RULES[rule](form, found)
    return found


def words_to_amount(text: str) -> Decimal | None:
    """肆佰零贰万叁仟元伍角 → 4023000.50; None for what cannot be read."""
    plain = text.strip().removeprefix("人民币").rstrip("整正").replace("圆", "元")
    whole, _, parts = plain.rpartition("元")
    yuan, fen = _integer(whole) if "元" in plain else 0, _fraction(parts)
    return None if not plain or yuan is None or fen is None else Decimal(yuan) + fen


def _summary(form: Mapping[str, Any], found: Corrected) -> Corrected:
    body = form.get("body_price")
    if not body or _amount(body) == found.price:
        return found
    says = f"投标文件中的报价 {body} 元与开标一览表 {found.price} 元不一致，以开标一览表为准"
    return _with(found, "summary", says, found.price)


def _words(form: Mapping[str, Any], found: Corrected) -> Corrected:
    words = str(form.get("price_words") or "")
    amount = words_to_amount(words) if words else None
    if amount is None or amount == found.price:
        return found
    says = f"大写金额“{words}”与小写金额 {found.price} 元不一致，以大写金额为准"
    return _with(found, "words", says, amount)


def _decimal(_: Mapping[str, Any], found: Corrected) -> Corrected:
    for n, (name, quantity, unit, total) in enumerate(found.lines):
        product = rounded(unit * quantity, 2)
        if product and total and total != product and total / product in SHIFTS:
            right = rounded(total / quantity, 2)
            lines = (*found.lines[:n], (name, quantity, right, total), *found.lines[n + 1 :])
            says = f"{name}的单价 {unit} 元小数点明显错位，以总价为准，单价改为 {right} 元"
            found = _with(replace(found, lines=lines), "decimal", says, found.price)
    return found


def _unit_price(_: Mapping[str, Any], found: Corrected) -> Corrected:
    if not found.lines:
        return found
    lines = tuple(
        (name, quantity, unit, _line_total(quantity, unit, total)) for name, quantity, unit, total in found.lines
    )
    wrong = [line[0] for line, old in zip(lines, found.lines, strict=True) if line != old]
    whole = sum((line[3] for line in lines), Decimal())
    if whole == found.price and not wrong:
        return found
    what = f"{'、'.join(wrong)}的合价与单价不一致" if wrong else "总价与各项合计不一致"
    return _with(replace(found, lines=lines), "unit_price", f"{what}，以单价计算的结果 {whole} 元为准", whole)


RULES: Mapping[str, Callable[[Mapping[str, Any], Corrected], Corrected]] = {
    "summary": _summary,
    "words": _words,
    "decimal": _decimal,
    "unit_price": _unit_price,
}


def _with(found: Corrected, rule: str, says: str, after: Decimal) -> Corrected:
    finding = Finding(rule, says, found.price, after)
    return replace(found, price=after, findings=(*found.findings, finding))


def _line(line: Mapping[str, Any]) -> tuple[str, Decimal, Decimal, Decimal]:
    return str(line["name"]), *(_amount(line[key]) for key in ("quantity", "unit_price", "total"))  # type: ignore[return-value]


def _line_total(quantity: Decimal, unit: Decimal, total: Decimal) -> Decimal:
    """What the unit price gives; a total that gave the unit price, rounded to the fen, stands."""
    product = rounded(unit * quantity, 2)
    return total if rounded(total / quantity, 2) == unit else product


def _amount(value: object) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value} is no amount") from None
    if not amount.is_finite() or amount <= 0:
        raise ValueError(f"{value} is no amount")
    return amount


def _integer(text: str) -> int | None:
    whole = part = digit = 0
    for sign in text:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in TENS:
            part, digit = part + (digit or 1) * TENS[sign], 0
        elif sign in MYRIADS:
            whole, part, digit = _grouped(whole, part + digit, MYRIADS[sign]), 0, 0
        else:
            return None
    return whole + part + digit if text else None


def _grouped(whole: int, part: int, myriad: int) -> int:
    """壹万贰仟亿: what stands before 亿 is of 亿 altogether."""
    return (whole + part) * myriad if myriad == MYRIADS["亿"] else whole + part * myriad


def _fraction(text: str) -> Decimal | None:
    amount, digit = Decimal(), Decimal()
    worth = {"角": Decimal("0.1"), "分": Decimal("0.01")}
    for sign in text:
        if sign in DIGITS:
            digit = Decimal(DIGITS[sign])
        elif sign in worth:
            amount, digit = amount + digit * worth[sign], Decimal()
        else:
            return None
    return amount


def amounts(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """The findings in plain values, for the report."""
    return [{"rule": f.rule, "says": f.says, "before": str(f.before), "after": str(f.after)} for f in findings]
