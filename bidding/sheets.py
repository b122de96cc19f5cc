"""The opening record as a sheet of paper: from the published record alone, so that the same record prints the same."""

import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from kernel.paper import pdf

MODES = {"bidder": "投标人解密", "roles": "三方共同解密", "bidder-only": "仅投标人解密"}


@lru_cache(maxsize=64)
def opening_sheet(body: bytes, sha256: str, origin: str) -> bytes:
    """PDF/A of an opening record (its exact JSON); some 0.1 s of computing the first time: call it in a thread."""
    record = json.loads(body)
    facts = [
        ["项目", record["project"]],
        ["标段", record["lot_name"]],
        ["招标人", record["purchaser"]],
        ["开标地点", record["place"]],
        ["投标截止", _moment(record["deadline"])],
        ["开启时间", _moment(record["opened"])],
        ["解密方式", MODES.get(record["mode"], record["mode"])],
    ]
    data = {
        "title": "开标记录",
        "number": f"{record['tender']}/{record['lot']}",
        "issued_at": _moment(record["at"]),
        "proof": f"{origin}/check?sha256={sha256}",
        "proofs": [["记录 SHA-256", sha256], ["截标名单", record["close"]], ["密封设定", record["setup"]]],
        "facts": facts,
        "bids": [_line(number, bid) for number, bid in enumerate(record["bids"], 1)],
        "objections": [_objection(one) for one in record["objections"]],
        "notes": [f"截标前撤回的投标 {record['withdrawn']} 份。"],
    }
    return pdf("opening_record", data)


def _line(number: int, bid: dict[str, Any]) -> dict[str, Any]:
    form = bid["form"]
    return {
        "no": number,
        "bidder": bid["name"],
        "price": _amount(form.get("price", "")),
        "period": str(form.get("period_days", "")),
        "status": bid["says"],
    }


def _objection(one: dict[str, Any]) -> dict[str, Any]:
    return {"bidder": one["by"], "at": _moment(one["at"]), "says": one["text"], "answer": one["answer"]}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _amount(text: Any) -> Decimal | str:
    """A price as money; whatever else a bidder wrote stands as he wrote it."""
    try:
        amount = Decimal(str(text))
    except InvalidOperation:
        return str(text)
    return amount if amount.is_finite() else str(text)
