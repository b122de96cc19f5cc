"""The catalogue's row as a form of plain fields, there and back: one line of text for each basis, need and step."""

from collections.abc import Mapping
from typing import Any

from intermediaries.catalogue import CATEGORIES, PRICES, QUALIFICATIONS

PLAIN = ("code", "name", "category", "department", "conditions", "payer", "contract", "result")
ANY = "any"
"""A licence is needed, of whatever grade."""


def row_of(form: Mapping[str, Any]) -> dict[str, Any]:
    """The row that a filled form makes; whether it may stand is for `rules.items` to say."""
    said = {name: str(form.get(name, "")).strip() for name in PLAIN}
    days = str(form.get("days", "")).strip()
    return said | {
        "approval": {"name": _text(form, "approval"), "department": _text(form, "approval_department")},
        "legal": [_basis(line) for line in _lines(form, "legal")],
        "needs": [_need(kind, _text(form, f"need-{kind}")) for kind in QUALIFICATIONS if _text(form, f"need-{kind}")],
        "limit": {
            "days": int(days) if days.isascii() and days.isdigit() else 0,
            "unit": "workday",
            "by": _text(form, "limit_by"),
        },
        "price": {"basis": _text(form, "price"), "document": _text(form, "price_document")},
        "workflow": _lines(form, "workflow"),
    }


def values_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a form that holds this row."""
    values = {name: row[name] for name in PLAIN}
    values |= {"approval": row["approval"]["name"], "approval_department": row["approval"]["department"]}
    values |= {"days": str(row["limit"]["days"]), "limit_by": row["limit"]["by"]}
    values |= {"price": row["price"]["basis"], "price_document": row["price"]["document"]}
    values["legal"] = "\n".join(f"{b['law']}｜{b['article']}｜{b['says']}" for b in row["legal"])
    values["workflow"] = "\n".join(row["workflow"])
    return values | {f"need-{need['kind']}": need.get("least") or ANY for need in row["needs"]}


def choices() -> dict[str, Any]:
    """What the form's lists offer."""
    return {
        "categories": _options(CATEGORIES),
        "prices": [{"value": price, "label": price} for price in PRICES],
        "payers": [{"value": "owner", "label": "项目业主"}, {"value": "department", "label": "委托评估的行政机关"}],
        "needs": [
            {
                "name": f"need-{kind}",
                "label": q.name,
                "options": _options({grade: f"{grade}及以上" for grade in q.grades} or {ANY: "要求"}),
            }
            for kind, q in QUALIFICATIONS.items()
        ],
    }


def _need(kind: str, least: str) -> dict[str, str]:
    return {"kind": kind} if least == ANY else {"kind": kind, "least": least}


def _basis(line: str) -> dict[str, str]:
    law, article, says = (*(part.strip() for part in line.replace("|", "｜").split("｜", 2)), "", "")[:3]
    return {"law": law, "article": article, "says": says}


def _lines(form: Mapping[str, Any], name: str) -> list[str]:
    return [line.strip() for line in str(form.get(name, "")).splitlines() if line.strip()]


def _text(form: Mapping[str, Any], name: str) -> str:
    return str(form.get(name, "")).strip()


def _options(named: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in named.items()]
