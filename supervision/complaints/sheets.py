"""A complaint on paper: the receipt, the refusal, the decision, the proof of service."""

from datetime import date, datetime
from typing import Any

from kernel.clock import iso
from kernel.paper import pdf
from supervision.complaints.records import ComplaintView


def receipt(view: ComplaintView, code: str, accept_by: date) -> bytes:
    """What whoever filed takes home: number, code, and by which day he hears. Computing: call it in a thread."""
    return pdf("receipt", {
        "title": "投诉材料收件回执", "number": view.number, "issued_at": view.filed_at, "to": view.complainant,
        "says": ["本机关已收到您就下列项目提出的投诉材料。"],
        "facts": [*_facts(view), ["查询码", code], ["受理决定作出日期不迟于", f"{accept_by}"]],
        "notes": ["凭投诉编号和查询码可以随时查询；查询码只在本回执上出现。", f"依据：{view.track.accept.article}。"],
        "proofs": [],
    })  # fmt: skip


def refusal(view: ComplaintView, says: str, at: datetime) -> bytes:
    """不予受理决定书."""
    sections: list[dict[str, Any]] = [
        {"heading": "投诉事项", "pairs": _facts(view)},
        {"heading": "不予受理的理由", "paragraphs": _lines(says)},
    ]
    return _notice("不予受理决定书", view, sections, at)


def decision(view: ComplaintView, outcome: str, issued_by: str, at: datetime) -> bytes:
    """投诉处理决定书."""
    sections: list[dict[str, Any]] = [
        {"heading": "投诉事项", "pairs": _facts(view)},
        {"heading": "请求和主张", "paragraphs": _lines(view.claims)},
        {"heading": "查明的事实和依据", "paragraphs": _lines(view.decision)},
        {
            "heading": "处理决定",
            "paragraphs": [outcome + "。", "对本决定不服的，可以依法申请行政复议或者提起行政诉讼。"],
        },
        {"heading": "调查人员", "paragraphs": [f"{view.first_name}、{view.second_name}"]},
    ]
    return _notice("投诉处理决定书", view, sections, at, issued_by)


def service(view: ComplaintView, words: str, at: datetime) -> bytes:
    """送达回证."""
    return _notice("送达回证", view, [{"heading": "送达", "paragraphs": _lines(words)}], at)


def _notice(
    title: str, view: ComplaintView, sections: list[dict[str, Any]], at: datetime, signed_by: str = ""
) -> bytes:
    data = {"title": title, "number": view.number, "issued_at": at, "sections": sections, "signed_by": signed_by}
    return pdf("notice", {**data, "proofs": [["投诉编号", view.number], ["作出时间", iso(at)]]})


def _facts(view: ComplaintView) -> list[list[str]]:
    return [
        ["投诉编号", view.number],
        ["项目", view.case_title],
        ["项目编号", view.case_code],
        ["投诉人", view.complainant],
        ["被投诉人", view.respondent],
        ["事项类别", f"{view.track.name} · {view.topic_name}"],
        ["收到日期", f"{view.filed_at:%Y-%m-%d %H:%M}"],
    ]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
