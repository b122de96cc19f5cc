"""Amounts in yuan: read as people type them, written in figures and in the capitals of finance (大写金额)."""

import re
from decimal import Decimal
from typing import Final

from kernel.errors import BadInput, Problem

LIMIT: Final = Decimal(10) ** 16
"""Amounts stay below ten thousand trillion yuan, the capacity of numeric(18,2)."""

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "万亿")
_TYPED: Final = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]{1,2})?", re.ASCII)


def figures(amount: Decimal) -> str:
    """1,234,567.80: two decimals and thousands apart."""
    return f"{amount:,.2f}"


def read(text: str, field: str = "amount") -> Decimal:
    """The amount a person typed, with or without thousands separators; `BadInput` says what is wrong."""
    typed = text.strip()
    if not _TYPED.fullmatch(typed):
        raise BadInput(Problem("amount_malformed", "金额应为数字，最多两位小数", "例如 1234567.80", field=field))
    amount = Decimal(typed.replace(",", "")).quantize(Decimal("0.01"))
    if amount >= LIMIT:
        raise BadInput(Problem("amount_too_large", "金额超出系统可记载的范围", "请核对单位是元", field=field))
    return amount


def or_as_written(text: object) -> Decimal | str:
    """The amount in a text of somebody else's; whatever is none stands as he wrote it, at most 64 signs of it."""
    try:
        return read(str(text))
    except BadInput:
        return str(text)[:64]


def capitals(amount: Decimal) -> str:
    """壹佰贰拾叁万肆仟元伍角整, by the rules for bank bills (支付结算办法附一).

    `amount` is not negative, below `LIMIT`, with at most two decimals; anything else is a ValueError.
    """
    fen = amount * 100
    if not 0 <= amount < LIMIT or fen != fen.to_integral_value():
        raise ValueError(f"no capitals for {amount}")
    yuan, cents = divmod(int(fen), 100)
    text = _integer(yuan) + "元" if yuan else ""
    jiao, rest = divmod(cents, 10)
    if not cents:
        return (text or "零元") + "整"
    text += _DIGITS[jiao] + "角" if jiao else ("零" if yuan else "")
    return text + (_DIGITS[rest] + "分" if rest else "整")


def _integer(number: int) -> str:
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text, gap = "", False
    for power in range(len(groups) - 1, -1, -1):
        group = groups[power]
        if not group:
            gap = gap or bool(text)
            continue
        if text and (gap or group < 1000):
            text += "零"
        text, gap = text + _group(group) + _unit(power, groups), False
    return text


def _unit(power: int, groups: list[int]) -> str:
    # Ten thousand 亿 is read 万…亿 where an 亿 group follows, and 万亿 where none does.
    return "万" if power == 3 and groups[2] else _GROUPS[power]


def _group(group: int) -> str:
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = bool(text)
    return text
