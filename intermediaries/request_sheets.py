"""A request on paper: its notice, and the notice of selection (中选通知书) from the published text alone."""

from datetime import datetime
from typing import Any

from intermediaries.records.requests import RequestRow, SelectionView, TextView
from kernel.money import or_as_written
from kernel.paper import pdf


def notice_sheet(row: RequestRow, text: TextView, origin: str) -> bytes:
    """PDF/A of the notice. Computing: call it in a thread."""
    said = text.content["content"]
    data = {
        "title": text.title,
        "number": row.code,
        "issued_at": text.at,
        "proof": f"{origin}/check?sha256={text.sha256}",
        "proofs": [["公告 SHA-256", text.sha256], ["适用时限 SHA-256", said["law"]]],
        "says": [f"{row.owner_name}现就下列中介服务公开选取机构，符合条件的机构均可参加。"],
        "facts": _facts(row, said),
        "notes": ["任何部门不得指定机构（优化营商环境条例第四十三条）。报名情况在截止前不向任何人公开。"],
    }
    return pdf("receipt", data)


def selection_sheet(row: RequestRow, asked: SelectionView, owner_phone: str, origin: str) -> bytes:
    """PDF/A of the 中选通知书 to the agency that accepted. Computing: call it in a thread."""
    data = {
        "title": "中选通知书",
        "number": f"{row.code}/{asked.n}",
        "issued_at": asked.answered_at,
        "proof": f"{origin}/check?sha256={asked.text_sha256}",
        "proofs": [["选取结果 SHA-256", asked.text_sha256]],
        "to": f"{asked.name}（{asked.code}）",
        "says": [f"经{row.mode_row['name']}，贵单位中选下列服务并已确认接受。请与项目业主签订服务合同，并在平台备案。"],
        "facts": [
            ["项目业主", row.owner_name],
            ["项目名称", row.name],
            ["服务事项", f"{row.item_name}（{row.item_code}）"],
            ["中选价（元）", asked.price if asked.price is not None else row.amount_says],
            ["服务时限", f"{row.service_days} 个工作日，自合同签订次日起算"],
            ["业主电话", owner_phone or "见公告"],
        ],
        "notes": ["合同的价格和时限须与选取结果一致；无正当理由不签合同的，记入信用并由后位机构递补。"],
    }
    return pdf("receipt", data)


def _facts(row: RequestRow, said: dict[str, Any]) -> list[list[Any]]:
    money = or_as_written(said["amount"]) if said["amount"] else said["amount_says"]
    limits = f"{said['lowest'] or '不设'} 至 {said['highest'] or '不设'}" if said["mode"]["quotes"] else ""
    rows = [
        ["项目业主", row.owner_name],
        ["项目名称", row.name],
        ["服务事项", f"{row.item_name}（{row.item_code}，第 {row.item_version} 版）"],
        ["项目规模", said["scale"]],
        ["服务内容", said["content"]],
        ["资金来源", f"{said['funds']}（财政 {said['fiscal_percent']}%）"],
        ["服务金额（元）", money],
        ["报价范围（元）", limits],
        ["选取方式", said["mode"]["name"]],
        ["资质要求", "；".join(said["licences"]["all_of"] + said["licences"]["any_of"]) or "按服务事项清单"],
        ["执业人员", f"{said['staff']} 名" if said["staff"] else ""],
        ["服务时限", f"{row.service_days} 个工作日"],
        ["报名截止", _moment(said["apply_until"])],
        ["投诉电话", said["complaints_phone"]],
    ]
    return [[label, value] for label, value in rows if value not in ("", None)]


def _moment(text: str) -> datetime | str:
    return datetime.fromisoformat(text) if text else ""
