"""A tender on paper: the opening record, a bidder's receipt, the notices of award and of the result."""

import json
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from bidding.records import LotRow
from bidding.results import PaperView
from kernel.box.records import BidView
from kernel.money import capitals, figures, or_as_written
from kernel.paper import pdf
from kernel.proofs import dsse
from kernel.proofs.bid import sealed_size
from kernel.workdays import in_chinese

VERDICTS = {"revoked": "视为撤销", "withdrawn": "视为撤回", "kept_shut": "第二信封未开启"}
MODES = {"bidder": "投标人解密", "roles": "三方共同解密", "bidder-only": "仅投标人解密"}


@lru_cache(maxsize=64)
def opening_sheet(body: bytes, sha256: str, origin: str) -> bytes:
    """PDF/A of an opening record (its exact JSON); some 0.1 s of computing the first time: call it in a thread."""
    return pdf("opening_record", opening_data(json.loads(body), sha256, origin))


def opening_data(record: dict[str, Any], sha256: str, origin: str) -> dict[str, Any]:
    """What the sheet of an opening record says."""
    facts = [
        ["项目", record["project"]],
        ["标段", record["lot_name"]],
        ["招标人", record["purchaser"]],
        ["开标地点", record["place"]],
        ["投标截止", _moment(record["deadline"])],
        ["开启时间", _moment(record["opened"])],
        ["解密方式", MODES.get(record["mode"], record["mode"])],
    ]
    return {
        "title": "第一信封开标记录" if _is_of_first_envelope(record) else "开标记录",
        "number": f"{record['tender']}/{record['lot']}",
        "issued_at": _moment(record["at"]),
        "proof": f"{origin}/check?sha256={sha256}",
        "proofs": [["记录 SHA-256", sha256], ["截标名单", record["close"]], ["密封设定", record["setup"]]],
        "facts": facts,
        "bids": [_line(number, bid) for number, bid in enumerate(record["bids"], 1)],
        "verdicts": [_verdict(bid) for bid in record["bids"] if bid["outcome"] in VERDICTS],
        "objections": [_objection(one) for one in record["objections"]],
        "notes": [f"截标前撤回的投标 {record['withdrawn']} 份。", *_incidents(record)],
    }


def receipt_sheet(lot: LotRow, view: BidView, name: str) -> bytes:
    """PDF/A of one's own receipt; `name` is the bidder's. Computing: call it in a thread."""
    return pdf("receipt", receipt_data(lot, view, name))


def receipt_data(lot: LotRow, view: BidView, name: str) -> dict[str, Any]:
    """What the sheet of a receipt says."""
    withdrawn = view.kind == "withdraw"
    what = "撤回声明" if withdrawn else "密封的投标文件"
    return {
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
            *([] if withdrawn else [["密封文件大小", f"{sealed_size(view.body):,} 字节"]]),
            ["收到时间", view.received],
            ["投标截止时间", lot.deadline],
        ],
        "notes": ["截止前可以修改、撤回，次数不限；以最后一次为准。", "依据：电子招标投标办法第二十七条。"],
        "proofs": [["密封文件 SHA-256", view.sha256], ["回执 SHA-256", dsse.read(view.receipt).sha256]],
    }


@lru_cache(maxsize=64)
def award_sheet(lot: LotRow, award: PaperView, origin: str) -> bytes:
    """中标通知书 as PDF/A, addressed to the winner. Computing: call it in a thread."""
    said = award.content
    issued = in_chinese(award.at.date())
    term = f"请自本通知书发出之日（{issued}）起三十日内，与招标人按照招标文件和贵单位的投标文件订立书面合同。"
    opening = f"{said['name']}：贵单位参加下列标段的投标，经依法评标、公示，招标人确定贵单位为中标人。"
    terms = [
        ["项目", lot.project_name],
        ["标段", f"{lot.name}（{lot.code}）"],
        ["中标价", f"{figures(Decimal(said['price']))} 元（{capitals(Decimal(said['price']))}）"],
        ["工期", f"{said['period_days']} 日历天"],
        ["质量标准", said["quality"]],
        ["项目负责人", f"{said['manager']}（{said['certificate']}）"],
    ]
    closing = "中标通知书对招标人和中标人具有法律效力（招标投标法第四十五条）。"
    sections: list[dict[str, Any]] = [{"paragraphs": [opening]}, {"pairs": terms}, {"paragraphs": [term, closing]}]
    return _letter("中标通知书", lot, award, sections, origin)


@lru_cache(maxsize=64)
def result_sheet(lot: LotRow, award: PaperView, to: str, origin: str) -> bytes:
    """中标结果通知书 as PDF/A, to a bidder who did not win, sent at the same time. Computing: call it in a thread."""
    said = award.content
    opening = f"{to}：贵单位参加了下列标段的投标，现将中标结果通知如下。"
    terms = [
        ["项目", lot.project_name],
        ["标段", f"{lot.name}（{lot.code}）"],
        ["中标人", said["name"]],
        ["中标价", f"{figures(Decimal(said['price']))} 元"],
    ]
    closing = "感谢贵单位对本项目的支持。投标保证金及银行同期存款利息将在合同签订后五日内退还。"
    rights = "认为招标投标活动不符合法律、行政法规规定的，可以自知道或者应当知道之日起十日内向行政监督部门投诉。"
    sections: list[dict[str, Any]] = [{"paragraphs": [opening]}, {"pairs": terms}, {"paragraphs": [closing, rights]}]
    return _letter("中标结果通知书", lot, award, sections, origin)


def _letter(title: str, lot: LotRow, award: PaperView, sections: list[dict[str, Any]], origin: str) -> bytes:
    data = {
        "title": title,
        "number": lot.code,
        "issued_at": award.at.date(),
        "proof": f"{origin}/check?sha256={award.sha256}",
        "proofs": [["定标文件 SHA-256", award.sha256]],
        "sections": sections,
        "signed_by": lot.purchaser_name,
    }
    return pdf("notice", data)


def _line(number: int, bid: dict[str, Any]) -> dict[str, Any]:
    form = bid["form"]
    return {
        "no": number,
        "bidder": bid["name"],
        "price": or_as_written(form.get("price", "")),
        "period": str(form.get("period_days", "")),
        "status": bid["says"],
    }


def _is_of_first_envelope(record: dict[str, Any]) -> bool:
    """Whether nothing of any bid's price was due yet (双信封)."""
    stages = {one["stage"] for bid in record["bids"] for one in bid.get("stages", ())}
    return bool(stages) and "price" not in stages


def _incidents(record: dict[str, Any]) -> list[str]:
    """What went wrong; older records have none."""
    return [f"{one['says']}。" for one in record.get("incidents", ())]


def _verdict(bid: dict[str, Any]) -> dict[str, Any]:
    return {"bidder": bid["name"], "verdict": VERDICTS[bid["outcome"]], "reason": bid["says"]}


def _objection(one: dict[str, Any]) -> dict[str, Any]:
    return {"bidder": one["by"], "at": _moment(one["at"]), "says": one["text"], "answer": one["answer"]}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
