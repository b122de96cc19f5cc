"""How the bids of a lot will be compared: what the notice publishes, built from its choice and the procedure's data."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bidding.procedures import EvaluationRule, Procedure
from kernel.errors import Problem

FULL = Decimal(100)
Plan = Mapping[str, Any]
"""What a notice chooses, decimals as text; a member that is missing or empty takes the procedure's own."""


@dataclass(frozen=True, slots=True)
class Methods:
    """methods.toml: the methods and the price formulas by their id."""

    method: Mapping[str, Mapping[str, Any]]
    formula: Mapping[str, Mapping[str, Any]]


def read(text: str) -> Methods:
    """The table of methods and formulas."""
    found = tomllib.loads(text)
    return Methods(found["method"], found["formula"])


METHODS = read((Path(__file__).parent / "methods.toml").read_text("utf-8"))


def plan_problems(
    procedure: Procedure, ceiling: Decimal | None, plan: Plan, methods: Methods = METHODS
) -> list[Problem]:
    """All that is wrong with a notice's choice, but for what the law limits (`law_facts`)."""
    rule, problems = procedure.evaluation, []
    if _method(rule, plan) not in rule.methods:
        problems.append(_wrong("method_unknown", "这种交易方式不能用此评标办法", "请从列表中选择", "method"))
    if _formula(rule, plan) not in rule.formulas:
        problems.append(_wrong("formula_unknown", "这种交易方式不能用此价格分公式", "请从列表中选择", "formula"))
    if problems:
        return problems
    evaluation = build(procedure, "", ceiling, plan, methods)
    problems += _weight_problems(evaluation)
    if "delta" in evaluation["price"]:
        problems += _delta_problems(evaluation["price"]["delta"])
    if ceiling is None and evaluation["price"].get("share", "1") != "1":
        says = "复合基准价须有最高投标限价"
        problems.append(_wrong("ceiling_needed", says, "请另选公式，或在登记时填写最高投标限价", "formula"))
    names = [entry["id"] for entry in (*evaluation["items"], *evaluation["review"])]
    if len(set(names)) != len(names):
        problems.append(_wrong("item_twice", "评审因素的编号重复", "每项请用不同的编号", "items"))
    return problems


def build(
    procedure: Procedure, category: str, ceiling: Decimal | None, plan: Plan, methods: Methods = METHODS
) -> dict[str, Any]:
    """The `evaluation` of a notice: all that scoring needs but the bids, the marks and what the opening draws."""
    rule = procedure.evaluation
    method, formula = _method(rule, plan), _formula(rule, plan)
    row = methods.method[method]
    return {
        "type": "yangguang.evaluation/1",
        "method": method,
        "name": row["name"],
        "article": row["article"],
        "ranks": row["ranks"],
        "table": row["table"],
        "price": _price(rule, plan, formula, methods.formula[formula]),
        "items": _items(rule, plan) if row["ranks"] == "total" else [],
        "review": [_reviewed(item) for item in (*rule.review, *(plan.get("review") or ()))],
        "discount": str(plan.get("discount") or rule.discounts.get(category, "0")),
        "corrections": list(rule.corrections),
        "confirms": rule.confirms,
        "low_price": dict(rule.low_price),
        "ceiling": "" if ceiling is None else str(ceiling),
        "ceiling_article": rule.ceiling_article,
        "ties": list(rule.ties),
        "candidates": rule.candidates,
        "fewest": rule.fewest,
        "fewer": rule.fewer,
        "places": rule.places,
        "rounding": "half_up",
        "answer_minutes": rule.answer_minutes,
        "sign_minutes": rule.sign_minutes,
    }


def law_facts(procedure: Procedure, category: str, evaluation: Mapping[str, Any]) -> dict[str, Decimal]:
    """Measure of law.toml → percent, for what the law limits in a method that ranks by marks."""
    rule, facts = procedure.evaluation, {}
    if evaluation["ranks"] == "total" and category in rule.floors:
        facts[rule.floors[category]] = Decimal(evaluation["price"]["maximum"])
    if category in rule.discount_limits:
        facts[rule.discount_limits[category]] = Decimal(evaluation["discount"]) * 100
    return facts


def _method(rule: EvaluationRule, plan: Plan) -> str:
    return str(plan.get("method") or rule.methods[0])


def _formula(rule: EvaluationRule, plan: Plan) -> str:
    return str(plan.get("formula") or rule.formulas[0])


def _price(rule: EvaluationRule, plan: Plan, formula: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The formula with the notice's own figures in the place of the table's."""
    known = {key: value for key, value in row.items() if key not in ("name", "procedures")}
    chosen = {key: value for key, value in (plan.get("parameters") or {}).items() if key in known}
    if "delta" in known and plan.get("delta"):
        chosen["delta"] = dict(plan["delta"])
    head = {"formula": formula, "name": row["name"], "maximum": str(plan.get("price") or rule.price)}
    return {**head, **known, **chosen}


def _items(rule: EvaluationRule, plan: Plan) -> list[dict[str, str]]:
    return [dict(item) for item in (plan.get("items") or rule.items)]


def _reviewed(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"effect": "reject", "by": "panel", "explained": False, "adds": "0", **item}


def _weight_problems(evaluation: Mapping[str, Any]) -> list[Problem]:
    if evaluation["ranks"] != "total":
        return []
    whole = sum((Decimal(part["maximum"]) for part in (evaluation["price"], *evaluation["items"])), Decimal())
    if whole == FULL:
        return []
    remedy = "价格分与各评分项的满分之和应为 100"
    return [_wrong("weights_not_full", f"满分合计为 {whole} 分", remedy, "items")]


def _delta_problems(grid: Mapping[str, str]) -> list[Problem]:
    low, high, step = (Decimal(grid[key]) for key in ("low", "high", "step"))
    if 0 <= low <= high < 1 and step > 0 and (high - low) % step == 0:
        return []
    remedy = "下限不大于上限，均小于 1，且相差为步长的整数倍"
    return [_wrong("delta_range", "下浮系数的范围不成立", remedy, "delta")]


def _wrong(code: str, says: str, remedy: str, member: str) -> Problem:
    return Problem(code, says, remedy, field=f"evaluation.{member}")
