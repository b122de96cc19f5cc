"""The price form of a bid (投标报价表) as data: which fields a lot asks for, and what is wrong with a filled one.

It is checked on the bidder's own machine before sealing; nobody else can see it until the opening.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from bidding.arithmetic import correct, words_to_amount
from bidding.scoring import rounded
from kernel.errors import Problem
from kernel.money import LIMIT, capitals

Field = Mapping[str, Any]
Form = Mapping[str, Any]

FIELDS: tuple[Field, ...] = tuple(
    tomllib.loads((Path(__file__).parent / "price_form.toml").read_text("utf-8"))["field"]
)
_AMOUNT = re.compile(r"[0-9]{1,16}(\.[0-9]{1,2})?", re.ASCII)
_FIGURE = re.compile(r"[0-9]{1,16}(\.[0-9]{1,6})?", re.ASCII)
_LONGEST = 200
_MOST_LINES = 5000


def fields(evaluation: Mapping[str, Any]) -> list[Field]:
    """The rows a lot asks for, given how its notice says that bids are compared."""
    has = set(evaluation.get("corrections", ()))
    if Decimal(evaluation.get("discount") or "0"):
        has.add("discount")
    return [row for row in FIELDS if row.get("needs", "") in ("", *has)]


def completed(form: Form, asked: Iterable[Field]) -> dict[str, Any]:
    """The form with what the machine writes by itself: the sum in capitals, and every line's total."""
    filled = dict(form)
    words = any(row["kind"] == "words" for row in asked)
    if words and not filled.get("price_words") and _is_amount(filled.get("price")):
        filled["price_words"] = capitals(Decimal(filled["price"]))
    if isinstance(filled.get("lines"), list):
        filled["lines"] = [_totalled(line) for line in filled["lines"]]
    return filled


def problems(form: Form, asked: Iterable[Field]) -> list[Problem]:
    """All that would make the form unreadable at the opening; empty for a good one."""
    known = {row["id"]: row for row in asked}
    found = [
        Problem("unknown_field", f"报价表没有“{name}”这一项", "请按标段的报价表填写", field=name)
        for name in form
        if name not in known
    ]
    for name, row in known.items():
        given = form.get(name)
        if given in (None, "", []):
            if row["required"]:
                found.append(Problem("field_missing", f"没有填写{row['name']}", "请补充后再封装", field=name))
            continue
        if wrong := CHECKS[row["kind"]](given):
            found.append(Problem("bad_field", f"{row['name']}：{wrong}", "请改正后再封装", field=name))
    return found


def warnings(form: Form, evaluation: Mapping[str, Any], ceiling: str) -> list[str]:
    """What the panel would correct or reject: sums that do not agree, a price above the ceiling.

    For a form that `problems` has passed.
    """
    found = [one.says for one in correct(form, evaluation["corrections"]).findings]
    if ceiling and Decimal(form["price"]) > Decimal(ceiling):
        found.append(f"投标总价 {form['price']} 元高于最高投标限价 {ceiling} 元，将被否决")
    return found


def _is_amount(value: object) -> bool:
    return isinstance(value, str) and bool(_AMOUNT.fullmatch(value)) and 0 < Decimal(value) < LIMIT


def _totalled(line: Any) -> Any:
    if not isinstance(line, dict) or line.get("total") or not _line_figures(line, ("quantity", "unit_price")):
        return line
    total = rounded(Decimal(line["quantity"]) * Decimal(line["unit_price"]), 2)
    return {**line, "total": f"{total:.2f}"}


def _line_figures(line: Mapping[str, Any], names: Iterable[str]) -> bool:
    given = [line.get(name) for name in names]
    return all(isinstance(text, str) and _FIGURE.fullmatch(text) and Decimal(text) > 0 for text in given)


def _money(given: object) -> str:
    return "" if _is_amount(given) else '应为大于零的金额，最多两位小数，写成文字，如 "38000000.00"'


def _words(given: object) -> str:
    return "" if isinstance(given, str) and words_to_amount(given) is not None else "不是可以读出的大写金额"


def _days(given: object) -> str:
    plain = type(given) is int or (isinstance(given, str) and given.isdecimal())
    return "" if plain and 0 < int(str(given)) <= 36500 else "应为 1 至 36500 的整数"


def _text(given: object) -> str:
    return "" if isinstance(given, str) and len(given) <= _LONGEST else f"应为文字，不超过 {_LONGEST} 字"


def _yes(given: object) -> str:
    return "" if type(given) is bool else "应为 true 或者不写"


def _lines(given: object) -> str:
    if not isinstance(given, list) or len(given) > _MOST_LINES:
        return f"应为列表，不超过 {_MOST_LINES} 项"
    for n, line in enumerate(given, 1):
        if not isinstance(line, dict) or set(line) != {"name", "quantity", "unit_price", "total"}:
            return f"第 {n} 项应写明 name、quantity、unit_price、total"
        if _text(line["name"]) or not line["name"]:
            return f"第 {n} 项没有名称，或名称过长"
        if not _line_figures(line, ("quantity", "unit_price", "total")):
            return f"第 {n} 项的数量、单价、合价应为大于零的数，写成文字"
    return ""


CHECKS = {"money": _money, "words": _words, "days": _days, "text": _text, "yes": _yes, "lines": _lines}
"""Kind of field → what is wrong with a value of it, empty for nothing."""
