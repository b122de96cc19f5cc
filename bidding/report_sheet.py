"""评标报告 on paper: what the law wants in it, part by part, and every member's signature."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from bidding.procedures import PROCEDURES
from kernel.money import figures
from kernel.paper import pdf

KINDS = {"expert": "评标专家", "owner": "招标人代表"}
SAYS = {"signed": "签署", "dissent": "有不同意见", "deemed": "未签署且未书面说明，视为同意"}
QUESTIONS = {"clarify": "澄清", "low_price": "报价说明", "confirm": "确认修正报价"}
Part = dict[str, Any]


@lru_cache(maxsize=32)
def report_sheet(body: bytes, sha256: str, signed: bytes, origin: str) -> bytes:
    """PDF/A of a report (its exact JSON) with its signatures; empty `signed` for a draft. Call it in a thread."""
    report = json.loads(body)
    signatures = json.loads(signed)["signatures"] if signed else []
    names = {bid["bidder"]: bid["name"] for bid in report["bids"]}
    data = {
        "title": "评标报告",
        "kind": "" if signed else "待签署",
        "number": f"{report['tender']}/{report['lot']}",
        "issued_at": datetime.fromisoformat(report["at"]),
        "proof": f"{origin}/check?sha256={sha256}",
        "proofs": [["报告 SHA-256", sha256], ["开标记录", report["opening"]], ["评审依据", report["basis"]]],
        "landscape": True,
        "facts": _facts(report),
        "parts": [
            _panel(report),
            _bids(report, names),
            _review(report, names),
            _rejected(report, names),
            _clarifications(report, names),
            _comparison(report, names),
            *_scores(report, names),
            _candidates(report, names),
            _signatures(report, signatures),
        ],
    }
    return pdf("dossier", data)


def _facts(report: Mapping[str, Any]) -> list[list[str]]:
    evaluation, again = report["evaluation"], report["round"] > 1
    facts = [
        ["项目", report["project"]],
        ["标段", report["lot_name"]],
        ["招标人", report["purchaser"]],
        ["交易方式", PROCEDURES[report["procedure"]].name],
        ["评标办法", f"{evaluation['name']}（{evaluation['article']}）"],
        ["最高限价", f"{evaluation['ceiling']} 元" if evaluation["ceiling"] else "未设"],
    ]
    if evaluation["ranks"] == "total":
        facts.append(["价格分", f"{evaluation['price']['name']}，满分 {evaluation['price']['maximum']} 分"])
    return facts + ([["重新评审", f"第 {report['round']} 次：{report['says']}"]] if again else [])


def _panel(report: Mapping[str, Any]) -> Part:
    rows = [
        [m["number"], KINDS.get(m["kind"], m["kind"]), m["profession"], "组长" if m["chair"] else ""]
        for m in report["panel"]
    ]
    columns = [_centre("席位"), _plain("身份"), _plain("专业"), _plain("职务")]
    notes = ["成员姓名在中标结果确定前保密，结果确定后随评标委员会名单公开。"]
    if report["void"]:
        seats = "、".join(f"{row['seat']} 号" for row in report["void"])
        notes.append(f"{seats}席位的成员中途退出并被更换，其评审意见和评分无效，未计入本报告。")
    return {"heading": "一、评标委员会", "paragraphs": notes, "columns": columns, "rows": rows}


def _bids(report: Mapping[str, Any], names: Mapping[str, str]) -> Part:
    rows = [
        [names[b["bidder"]], b["bidder"], _money(b["form"].get("price", "")), _money(b["price"]),
         "；".join(one["says"] for one in b["corrections"]) or "无"]
        for b in report["bids"]
    ]  # fmt: skip
    columns = [_wide("投标人"), _plain("信用代码"), _right("投标报价（元）"), _right("修正后（元）"), _wide("算术修正")]
    return {"heading": "二、投标一览", "columns": columns, "rows": rows}


def _review(report: Mapping[str, Any], names: Mapping[str, str]) -> Part:
    rows = [
        [
            names[line["bidder"]],
            line["name"],
            line["kept"],
            line["not_kept"],
            "；".join(line["reasons"]) or "—",
            line["article"],
        ]
        for line in report["review"]
    ]
    columns = [_plain("投标人"), _wide("评审项"), _centre("符合"), _centre("不符合"), _wide("理由"), _plain("依据")]
    notes = ["由全体成员逐项独立评审，过半数成员认为不符合的，认定不符合。"]
    return {"heading": "三、初步评审", "paragraphs": notes, "columns": columns, "rows": rows}


def _rejected(report: Mapping[str, Any], names: Mapping[str, str]) -> Part:
    rows = [
        [names[row["bidder"]], reason["says"], reason["article"]]
        for row in report["ranking"]
        for reason in row["rejected"]
    ]
    columns = [_plain("投标人"), _wide("否决原因"), _plain("依据")]
    return {"heading": "四、否决的投标", "columns": columns, "rows": rows, "nothing": "没有被否决的投标。"}


def _clarifications(report: Mapping[str, Any], names: Mapping[str, str]) -> Part:
    rows = [
        [names[q["bidder"]], QUESTIONS[q["kind"]], q["text"], q["answer"] or "期限内未答复"]
        for q in report["clarifications"]
    ]
    columns = [_plain("投标人"), _plain("事项"), _wide("要求"), _wide("书面答复")]
    return {"heading": "五、澄清、说明纪要", "columns": columns, "rows": rows, "nothing": "没有要求澄清。"}


def _comparison(report: Mapping[str, Any], names: Mapping[str, str]) -> Part:
    evaluation = report["evaluation"]
    by_marks = evaluation["ranks"] == "total"
    items = [(item["id"], f"{item['name']}（{item['maximum']}）") for item in evaluation["items"]]
    columns = [_centre("排序"), _wide("投标人"), _right("评审价（元）")]
    columns += [_right("价格分"), *(_right(label) for _, label in items), _right("总分")] if by_marks else []
    rows = []
    for row in (row for row in report["ranking"] if row["rank"]):
        marks = (
            [row["price_score"], *(row["items"].get(item, "") for item, _ in items), row["total"]] if by_marks else []
        )
        rows.append(
            [
                f"{row['rank']}{'（并列）' if row['tied'] else ''}",
                names[row["bidder"]],
                _money(row["evaluated"]),
                *marks,
            ]
        )
    notes = [f"开标时抽取值 {evaluation['draw'][:16]}…，由截标名单和全部开启种子算得，任何人可以复算。"]
    return {"heading": f"六、{evaluation['table']}", "paragraphs": notes, "columns": columns, "rows": rows}


def _scores(report: Mapping[str, Any], names: Mapping[str, str]) -> list[Part]:
    """Each member's marks; none where the method ranks by price."""
    seats = sorted(report["scores"], key=int)
    if not seats:
        return []
    rows = [
        [names[row["bidder"]], item["name"], *(report["scores"][seat][row["bidder"]][item["id"]] for seat in seats)]
        for row in report["ranking"]
        if row["rank"]
        for item in report["evaluation"]["items"]
    ]
    columns = [_wide("投标人"), _plain("评分项"), *(_right(f"{seat} 号席位") for seat in seats)]
    return [{"heading": "七、各成员评分", "columns": columns, "rows": rows}]


def _candidates(report: Mapping[str, Any], names: Mapping[str, str]) -> Part:
    ranked = {row["bidder"]: row for row in report["ranking"]}
    rows = [[f"第 {ranked[b]['rank']} 名", names[b], b, _money(ranked[b]["price"])] for b in report["candidates"]]
    columns = [_centre("排序"), _wide("中标候选人"), _plain("信用代码"), _right("投标报价（元）")]
    return {"heading": "八、推荐的中标候选人", "columns": columns, "rows": rows, "nothing": "没有可以推荐的候选人。"}


def _signatures(report: Mapping[str, Any], signatures: Sequence[Mapping[str, Any]]) -> Part:
    rows = [
        [f"{one['number']} 号席位", SAYS[one["says"]], one["text"] or "—", datetime.fromisoformat(one["at"])]
        for one in signatures
    ]
    columns = [_plain("成员"), _plain("意见"), _wide("书面说明"), _plain("时间")]
    nothing = "尚未签署。"
    return {"heading": "九、签署", "columns": columns, "rows": rows, "nothing": nothing}


def _money(text: str) -> str:
    return figures(Decimal(text)) if text and text != "0" else "—"


def _plain(title: str) -> dict[str, str]:
    return {"title": title}


def _wide(title: str) -> dict[str, str]:
    return {"title": title, "width": "wide"}


def _right(title: str) -> dict[str, str]:
    return {"title": title, "align": "right"}


def _centre(title: str) -> dict[str, str]:
    return {"title": title, "align": "center"}
