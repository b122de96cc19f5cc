"""Whether a row may stand in the catalogue: its shape, its legal basis, its time limit and its price."""

import re
from collections.abc import Mapping
from typing import Any

from intermediaries.catalogue import CATEGORIES, PRICES, QUALIFICATIONS
from kernel.errors import Problem

ARTICLE = "优化营商环境条例第四十三条"
_CODE = re.compile(r"[A-Z]{3}-[0-9]{2}", re.ASCII)
_TEXTS = {"name": 80, "department": 20, "conditions": 1000, "contract": 120, "result": 120}
_KEYS = {*_TEXTS, "code", "category", "approval", "legal", "needs", "limit", "price", "payer", "workflow"}


def item_problems(row: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with a row; the caller may give any JSON object."""
    unknown = [str(key) for key in row if key not in _KEYS]
    problems = [_wrong(key, f"清单中没有“{key[:40]}”这一栏") for key in unknown]
    if not _CODE.fullmatch(str(row.get("code", ""))):
        problems.append(_wrong("code", "事项编码应为三个大写字母、短横和两位数字"))
    if row.get("category") not in CATEGORIES:
        problems.append(_wrong("category", "没有这个服务类别"))
    for key, longest in _TEXTS.items():
        if not _is_text(row.get(key), longest):
            problems.append(_wrong(key, f"应填写，且不超过 {longest} 字"))
    return problems + _approval(row.get("approval")) + _legal(row.get("legal")) + _needs(row.get("needs")) + _terms(row)


def _approval(value: object) -> list[Problem]:
    if isinstance(value, dict) and _is_text(value.get("name"), 80) and _is_text(value.get("department"), 20):
        return [] if value.keys() == {"name", "department"} else [_wrong("approval", "审批事项只写名称和部门")]
    return [_wrong("approval", "应写明所关联的审批事项和审批部门")]


def _legal(value: object) -> list[Problem]:
    """A service without a basis in law may not be demanded at all (条例第四十三条)."""
    rows = value if isinstance(value, list) else []
    wanted = {"law": 80, "article": 40, "says": 1000}
    fine = [isinstance(r, dict) and r.keys() == wanted.keys() and _texts(r, wanted) for r in rows]
    if rows and len(rows) <= 20 and all(fine):
        return []
    says = "应写明设定依据：法律、行政法规或国务院决定的名称、条款和内容"
    return [Problem("item_without_basis", says, "没有依据的，不得作为审批条件", ARTICLE, "legal")]


def _needs(value: object) -> list[Problem]:
    if not isinstance(value, list) or len(value) > 10:
        return [_wrong("needs", "资质要求应为列表，没有要求的留空")]
    problems = []
    for need in value:
        kind = QUALIFICATIONS.get(str(need.get("kind"))) if isinstance(need, dict) else None
        if kind is None or not need.keys() <= {"kind", "least"}:
            problems.append(_wrong("needs", "没有这种资质"))
        elif need.get("least", "") not in ("", *kind.grades):
            problems.append(_wrong("needs", f"{kind.name}没有这个等级"))
    return problems


def _terms(row: Mapping[str, Any]) -> list[Problem]:
    problems = []
    limit, price, flow = row.get("limit"), row.get("price"), row.get("workflow")
    if not isinstance(limit, dict) or limit.keys() != {"days", "unit", "by"} or not _is_limit(limit):
        problems.append(_wrong("limit", "办理时限应为 1 至 999 个工作日，并写明依据或清单承诺"))
    if not isinstance(price, dict) or price.keys() != {"basis", "document"} or price["basis"] not in PRICES:
        problems.append(_wrong("price", "收费方式应为市场调节价、政府指导价或政府定价"))
    elif not _is_text(price["document"], 200):
        problems.append(_wrong("price", "应写明收费依据"))
    if row.get("payer") not in ("owner", "department"):
        problems.append(_wrong("payer", "付费人应为业主或委托部门"))
    if not isinstance(flow, list) or not 1 <= len(flow) <= 12 or not all(_is_text(step, 80) for step in flow):
        problems.append(_wrong("workflow", "服务流程应有 1 至 12 步"))
    return problems


def _is_limit(limit: Mapping[str, Any]) -> bool:
    days = limit["days"]
    whole = isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= 999
    return whole and limit["unit"] == "workday" and _is_text(limit["by"], 120)


def _texts(row: Mapping[str, Any], wanted: Mapping[str, int]) -> bool:
    return all(_is_text(row[key], longest) for key, longest in wanted.items())


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= longest


def _wrong(field: str, says: str) -> Problem:
    return Problem("item_row_wrong", says, "请按服务事项清单的格式填写", field=field)
