"""A tender on paper: the opening record from the published record alone, and a bidder's own receipt."""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from bidding.records import LotRow
from kernel.box.records import BidView
from kernel.money import or_as_written
from kernel.paper import pdf
from kernel.proofs import dsse

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


def receipt_sheet(lot: LotRow, view: BidView, name: str) -> bytes:
    """PDF/A of one's own receipt; `name` is the bidder's. Computing: call it in a thread."""
    withdrawn = view.kind == "withdraw"
    what = "撤回声明" if withdrawn else "密封的投标文件"
    data = {
        "title": "撤回回执" if withdrawn else "投标回执",
        "number": f"{lot.code}/{view.seq}",
        "issued_at": view.received,
        "to": name,
        "says": [f"本平台已收到贵单位就下列标段递交的{what}。收到时间以本回执所载时刻为准。"],
        "facts": [
            ["项目", lot.project_name],
            ["标段", f"{lot.name}（{lot.code}）"],
            ["招标人", lot.purchaser_name],
            ["投标人", f"{name}（{view.bidder}）"],
            ["递交次数", f"第 {view.seq} 次"],
            ["收到时间", view.received],
            ["投标截止时间", lot.deadline],
        ],
        "notes": ["截止前可以修改、撤回，次数不限；以最后一次为准。", "依据：电子招标投标办法第二十七条。"],
        "proofs": [["密封文件 SHA-256", view.sha256], ["回执 SHA-256", dsse.read(view.receipt).sha256]],
    }
    return pdf("receipt", data)


def _line(number: int, bid: dict[str, Any]) -> dict[str, Any]:
    form = bid["form"]
    return {
        "no": number,
        "bidder": bid["name"],
        "price": or_as_written(form.get("price", "")),
        "period": str(form.get("period_days", "")),
        "status": bid["says"],
    }


def _objection(one: dict[str, Any]) -> dict[str, Any]:
    return {"bidder": one["by"], "at": _moment(one["at"]), "says": one["text"], "answer": one["answer"]}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
