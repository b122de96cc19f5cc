"""What the pages after the report are shown with; `LOT` comes from page_samples."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from samples import NOW, ago, digest

from bidding.records import LotRow, NoticeView, ObjectionView
from bidding.results import PaperView
from bidding.stages import Stage
from kernel.errors import Problem
from kernel.proofs.canonical import encode

WINNER = {
    "rank": 1, "bidder": "91330106MA00000001", "name": "华岭路桥工程有限公司", "price": Decimal("38110000.00"),
    "total": "92.35", "period_days": 180, "quality": "合格", "manager": "王建国", "certificate": "一级注册建造师 浙133",
    "qualification": "公路工程施工总承包一级",
}  # fmt: skip
SAID = {
    "purchaser": "清江县交通建设投资有限公司", "supervisor": "清江县交通运输局", "late": {},
    "objection": {"channel": "登录平台在公示页面提出", "article": "招标投标法实施条例第五十四条"},
    "passed_over": [],
}  # fmt: skip
PASSED_OVER = {
    "bidder": "9133", "says": "放弃中标", "article": "招标投标法实施条例第五十五条", "explanation": "来函放弃",
}  # fmt: skip
NOTICE = NoticeView(3, "candidates", "清江大桥加固工程中标候选人公示", b"{}", digest("candidates"), ago(hours=20))
OBJECTION = ObjectionView(
    UUID(int=60), UUID(int=61), "中远建设集团股份有限公司", "项目经理另有在建工程", ago(hours=2), "", None
)
ANSWERED = replace(OBJECTION, answer="经核实，没有在建工程", answered_at=ago(hours=1))
SAID_BY_AWARD = encode({"name": WINNER["name"], "bidder": WINNER["bidder"]})
JUDGES = [
    {"name": "王建国", "kind": "评审专家", "chair": True},
    {"name": "李晓梅", "kind": "招标人（采购人）代表", "chair": False},
]
AWARD = PaperView(1, "award", SAID_BY_AWARD, digest("award"), ago(days=2))
CONTRACT = PaperView(
    2, "contract", encode({"period_days": 180, "quality": "合格", "signed_on": "2026-04-16",
                           "file": {"label": "施工合同.pdf", "sha256": digest("file"), "size": 9}}),
    digest("contract"), ago(days=1),
)  # fmt: skip
RANKED = [
    SimpleNamespace(bidder=f"9133{n}", rank=n, name=name, price=Decimal("38110000.00"), total="92.35", form={})
    for n, name in ((1, "华岭路桥工程有限公司"), (2, "中远建设集团股份有限公司"))
]
ENDED = "终止招标（招标投标法实施条例第三十一条）：项目审批文件被撤销"
LATE = Problem("law_t10", "收到评标报告至公示的时间不得超过3日，已超过", "", "招标投标法实施条例第五十四条")


def award_pages(lot: LotRow) -> dict[str, dict[str, Any]]:
    """Template → context, for a lot in the stages after its report."""
    return _public(lot) | _forms(lot)


def _public(lot: LotRow) -> dict[str, dict[str, Any]]:
    shown = replace(lot, stage=Stage.PUBLICISED, publicity_from=ago(hours=20), publicity_until=NOW + timedelta(days=2))
    awarded = replace(shown, stage=Stage.AWARDED)
    return {
        "app/candidates.html": {
            "lot": shown, "notice": NOTICE, "said": SAID, "candidates": [WINNER], "until": shown.publicity_until,
            "objections": [OBJECTION, ANSWERED], "can_object": True, "awarded": False, "archived": True,
        },
        "app/award.html": {
            "lot": awarded, "notice": NOTICE, "winner": WINNER, "award": AWARD, "own_result": True, "archived": True,
            "said": {**SAID, "passed_over": [PASSED_OVER]}, "contract": None, "contract_at": None, "judges": [],
        },
        "app/case_text.html": {
            "lot": shown, "notice": NOTICE,
            "facts": [{"label": "情形", "value": "终止招标"}, {"label": "暂停自", "value": NOW, "kind": "when"}],
        },
    }  # fmt: skip


SIGNED = {"price": Decimal("38110000.00"), "period_days": 180, "quality": "合格", "signed_on": "2026-04-28"}


def _forms(lot: LotRow) -> dict[str, dict[str, Any]]:
    shown = replace(lot, stage=Stage.PUBLICISED, publicity_from=ago(hours=20), publicity_until=NOW + timedelta(days=2))
    awarded = replace(shown, stage=Stage.AWARDED)
    return {
        "bidding/publicise_form.html": {
            "lot": replace(lot, stage=Stage.EVALUATED), "candidates": RANKED, "periods": {"91331": 180, "91332": 200},
            "late": [LATE], "shortest": date(2026, 4, 20),
        },
        "bidding/challenge_form.html": {"lot": shown},
        "bidding/challenges.html": {
            "lot": shown, "can_answer": True,
            "challenges": [{"objection": OBJECTION, "due": NOW}, {"objection": ANSWERED, "due": None}],
        },
        "bidding/challenge_answer.html": {"lot": shown, "objection": OBJECTION, "due": NOW + timedelta(days=2)},
        "bidding/decide_form.html": {
            "lot": shown, "candidates": RANKED, "waiting": [OBJECTION],
            "grounds": [{"value": "waived", "label": "放弃中标"}],
        },
        "bidding/contract_form.html": {"lot": awarded, "award": AWARD, "filed": CONTRACT, "until": NOW},
        "bidding/contract_confirm.html": {
            "lot": awarded, "award": AWARD, "filed": CONTRACT,
            "terms": {"price": Decimal("38110000.00"), "bond": Decimal(0)},
        },
        "bidding/settle.html": {
            "lot": awarded, "award": AWARD, "waiting": [{"bidder": "9133", "name": "中远建设集团股份有限公司"}],
            "refunds": [{"name": WINNER["name"], "amount": Decimal(500000), "interest": Decimal("12.5"),
                         "paid_on": "2026-04-16"}],
            "statement": None, "refund_until": NOW, "report_until": NOW, "wants_report": True,
            "refund_article": "招标投标法实施条例第五十七条",
        },
        "bidding/end_form.html": {
            "recorded": True, "lot": shown,
            "grounds": [{"value": "no_winner", "label": "没有能够中标的候选人", "hint": "第五十五条"}],
        },
    }  # fmt: skip


def award_variants(lot: LotRow) -> list[tuple[str, dict[str, Any]]]:
    """The same pages in their other states."""
    usual = award_pages(lot)
    return [
        ("app/candidates.html", {**usual["app/candidates.html"], "objections": [], "can_object": False}),
        (
            "app/award.html",
            {
                **usual["app/award.html"],
                "said": SAID,
                "own_result": False,
                "contract": SIGNED,
                "contract_at": NOW,
                "judges": JUDGES,
            },
        ),
        ("bidding/challenges.html", {**usual["bidding/challenges.html"], "challenges": []}),
        ("bidding/challenge_answer.html", {**usual["bidding/challenge_answer.html"], "objection": ANSWERED}),
        ("bidding/contract_confirm.html", {**usual["bidding/contract_confirm.html"], "filed": None}),
        ("bidding/settle.html", {**usual["bidding/settle.html"], "waiting": [], "statement": CONTRACT}),
        (
            "bidding/settle.html",
            {
                **usual["bidding/settle.html"],
                "lot": replace(lot, stage=Stage.FAILED, failure=ENDED),
                "award": None,
                "wants_report": False,
                "refund_until": None,
                "report_until": None,
                "refund_article": "招标投标法实施条例第三十一条",
            },
        ),
        ("bidding/end_form.html", {**usual["bidding/end_form.html"], "recorded": False}),
    ]
