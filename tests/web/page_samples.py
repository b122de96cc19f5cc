"""What each page template is shown with: rows as the records give them, for one invented bridge tender."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import watch_samples
from account_samples import SHARED
from award_samples import award_pages, award_variants
from box_samples import CURE, REHEARSALS, cure_variants, officers_pages
from lot_samples import FAILED, LOT, LOT_ID, LOTS, OPENED, OTHER_ID, RETURNED
from samples import ALL_STEPS, DEADLINE, NOW, PROBLEMS, TODOS, VIEWER, ago, digest

from bidding.procedures import PROCEDURES
from bidding.records import DocumentView, NoticeView, ObjectionView
from bidding.stages import NAMES, Stage
from bidding.views import OwnReceipt
from kernel.directives import Standing
from kernel.inbox import MessageView
from kernel.law import Law
from kernel.web.static import OfflineTool

ROOT = Path(__file__).parents[2]


def notice(n: int, kind: str, title: str, days: int, body: bytes = b"{}") -> NoticeView:
    return NoticeView(n, kind, title, body, digest(title), ago(days=days))


NOTICES = [
    notice(1, "notice", "清江大桥加固工程施工招标公告", 39),
    notice(2, "amendment", "清江大桥加固工程变更公告（第 1 号）", 18, '{"text":"投标截止时间改为4月20日。"}'.encode()),
]
DOCUMENTS = [
    DocumentView(UUID(int=1), LOT_ID, 1, "招标文件.pdf", "application/pdf", 18_874_368, digest("doc")),
    DocumentView(UUID(int=2), LOT_ID, 2, "补充图纸.zip", "application/zip", 734_003_200, digest("zip")),
]
OBJECTIONS = [
    ObjectionView(
        UUID(int=5),
        OTHER_ID,
        "中远建设集团股份有限公司",
        "对唱标工期有异议。",
        ago(minutes=20),
        "经核对无误。",
        ago(minutes=12),
    ),
    ObjectionView(UUID(int=6), OTHER_ID, "清江市政工程有限责任公司", "对解密用时有异议。", ago(minutes=5), "", None),
]
LIMITS = tuple(
    Law.load([ROOT / "bidding" / "law.toml"]).in_force(date(2026, 3, 9), "330106", "construction_open_tender")
)[:4]
DIRECTIVE = Standing(
    UUID(int=9), "suspend", "暂停开标", "招标投标法实施条例第六十二条", "清江县交通运输局", ago(hours=3), None
)


def price(name: str, amount: str, label: str = "已开启", tone: str = "done") -> dict[str, Any]:
    return {
        "name": name,
        "price": Decimal(amount) if amount else None,
        "period_days": 240,
        "state_label": label,
        "state_tone": tone,
        "sha256": digest(name),
        "received": ago(days=1),
    }


PRICES = [
    price("华岭路桥工程有限公司", "38214560.00"),
    price("中远建设集团股份有限公司", "39580000.50"),
    price("清江市政工程有限责任公司", "", "未解密", "danger"),
]
HALL: dict[str, Any] = {
    "lot": LOT,
    "phase": "before",
    "window_ends": None,
    "officers_until": None,
    "envelope": 0,
    "progress": None,
    "present": [],
    "room": "",
    "can_sign_in": False,
    "prices": [],
    "objections": [],
    "can_object": False,
    "can_reveal": False,
    "can_answer": False,
    "can_conclude": False,
    "stream": "",
    "last_id": "",
}
OPTIONS = [{"value": "330106", "label": "浙江省杭州市西湖区"}, {"value": "330100", "label": "浙江省杭州市"}]
MODES = [
    {"value": "bidder", "label": "投标人在线解密", "hint": "开标不需要任何工作人员操作"},
    {"value": "roles", "label": "三方共同开启"},
]
NO_PROBLEMS: dict[str, Any] = {"problems": (), "values": {}}
FACETS = {"category": [("A", 64), ("D", 41)], "region": [("330106", 12), ("330100", 53)], "stage": [("announced", 31)]}
FILTERS = {"q": "大桥", "category": "A", "region": "", "stage": "", "from": "2026-03-01", "to": ""}
RECEIPT = OwnReceipt(
    tender="清江大桥加固工程",
    lot=str(LOT_ID),
    bidder="华岭路桥工程有限公司",
    kind="bid",
    seq=2,
    sha256=digest("bid"),
    size=48_231_424,
    received="2026-04-17T06:02:11Z",
    receipt=digest("receipt"),
    event=UUID(int=33),
    warnings=["之后又发布过变更公告，请核对。"],
    envelope="",
    final=True,
)
RECEIPT_PAGE: dict[str, Any] = {
    "receipt": RECEIPT,
    "receipt_sha256": digest("receipt"),
    "bidder_name": "华岭路桥工程有限公司",
}
SUBMIT: dict[str, Any] = {
    "lot": LOT,
    "previous": RECEIPT,
    "client_script": "sealed.js",
    "origin": "https://trading.example.gov.cn",
    "bidder": "91330106MA2B00001X",
    "stages": [{"id": "price", "label": "报价"}, {"id": "documents", "label": "投标文件"}],
}
SEAL = {
    "lot": LOT,
    "previous": None,
    "taken": True,
    "mode": "bidder",
    "bidder": "91330106MA000001X1",
    "stages": [
        {"id": "price", "label": "报价", "public": True},
        {"id": "documents", "label": "投标文件", "public": False},
    ],
    "limits": {"file": 2**31, "files": 200, "bid": 2**32},
}
LAST = SimpleNamespace(seq=2, received=ago(days=1), sha256=digest("bid"))
OPEN_BOX = SimpleNamespace(reveal_until=NOW + timedelta(minutes=20), state="opening", report="")
REVEAL: dict[str, Any] = {
    "lot": LOT,
    "last": LAST,
    "box": OPEN_BOX,
    **{"goes_on": True, "envelope": 0},
    "revealed": False,
    "fallback": True,
    "due": ["报价", "投标文件"],
    "origin": "https://trading.example.gov.cn",
    "bidder": "91330106MA2B00001X",
}
SEALING = {"ready": True, "setup_href": "/api/v1/lots/17/setup", "fingerprint": digest("setup")}
PROJECT: dict[str, Any] = {
    "lots": [LOT, FAILED],
    "lot": LOT,
    "steps": ALL_STEPS,
    "can_answer_return": False,
    "actions": [{"label": "发布澄清或变更", "href": f"/lots/{LOT_ID}/amend", "kind": "secondary"}],
    "facts": [
        {"label": "招标人", "value": LOT.purchaser_name},
        {"label": "估算价", "value": LOT.estimate, "kind": "capital"},
    ],
}
EVENTS = [
    {
        "at": ago(days=39),
        "who": "陈明",
        "role": "招标人",
        "act": "发布公告",
        "says": "第 1 号文本",
        "index": 18204,
        "hash": digest("e1"),
    },
    {
        "at": ago(days=18),
        "who": "陈明",
        "role": "招标人",
        "act": "发布变更",
        "says": "截止时间改为 4 月 20 日",
        "index": 19877,
        "hash": digest("e2"),
    },
]
PROOF = {"sha256": digest("notice")}
CHECKED = {
    "good": True,
    "title": "一致：这是本平台公布过的文本",
    "says": "清江大桥加固工程施工招标公告",
    "rows": [{"label": "公布时间", "value": NOW, "kind": "when"}],
}

NOTICE_PAGE: dict[str, Any] = {
    "lot": LOT,
    "notices": NOTICES,
    "chain": [
        {"title": n.title, "href": f"/lots/1?text={n.n}", "at": n.published_at, "hash": n.sha256, "current": n.n == 1}
        for n in NOTICES
    ],
    "current": NOTICES[0],
    "documents": DOCUMENTS,
    "limits": LIMITS,
    "proof_of": PROOF,
    "requirements": "具有公路工程施工总承包二级及以上资质；\n近五年完成过一座以上大桥加固工程。",
    "period_days": 260,
    "deadline": DEADLINE,
    "change": "投标截止时间改为4月20日。",
    "told": False,
    "opened": False,
}
FORM: dict[str, Any] = {
    "procedures": [{"value": "construction_open_tender", "label": "工程建设公开招标"}],
    "categories": [{"value": "A03", "label": "公路"}],
    "regions": OPTIONS,
    "modes": MODES,
    "owners": OPTIONS,
    "by_agent": True,
}
CASE: dict[str, Any] = {
    "lot": LOT,
    "steps": ALL_STEPS,
    "events": EVENTS,
    "can_order": True,
    "cards": [{"tone": "yellow", "title": "异议答复将到期", "at": ago(hours=1), "says": "还有 20 小时"}],
}
SUMMARY: dict[str, Any] = {
    "todos": TODOS,
    "lots": LOTS,
    "stages": [{"code": s.value, "label": NAMES[s], "count": n} for n, s in enumerate(Stage)],
    "alerts": [
        {
            "title": "两份投标文件出自同一台电脑",
            "says": "元数据相同，请看附件",
            "at": ago(hours=2),
            "href": "/alerts/1",
            "tone": "warn",
        }
    ],
}

LOST = {"name": "华岭路桥工程有限公司", "file": "documents-1.age", "at": ago(hours=1), "sealed": digest("lost")}
LINKS: dict[str, Any] = {"unread": 3, "role": "purchaser"}
TRADING_PAGES: dict[str, dict[str, Any]] = {
    "app/portal_home.html": {"lots": LOTS, "openings": LOTS[:2], "counts": {"A": 64, "D": 41}},
    "app/search.html": {
        "lots": LOTS,
        "total": 117,
        "page_number": 2,
        "pages": 6,
        "filters": FILTERS,
        "facets": FACETS,
        "stage_names": NAMES,
        "href": "/search?q=%E5%A4%A7%E6%A1%A5&page={page}",
    },
    "app/notice.html": NOTICE_PAGE,
    "app/openings_calendar.html": {
        "month": date(2026, 4, 1),
        "previous": date(2026, 3, 1),
        "next": date(2026, 5, 1),
        "today": date(2026, 4, 17),
        "days": [{"day": date(2026, 4, 17), "lots": [OPENED]}, {"day": date(2026, 4, 20), "lots": [LOT]}],
    },
    "app/opening_record.html": {
        "lot": OPENED,
        "record": {"bidders": PRICES, "opened_at": ago(hours=4), "remarks": ["一份投标未在规定时间内解密，视为撤销。"]},
        "objections": OBJECTIONS[:1],
        "sha256": digest("record"),
        "envelope": 0,
        "older": False,
        "archived": True,
        "room": "开标一室（政务中心三楼）",
        "signatures": [
            {"name": "华岭路桥工程有限公司", "capacity": "投标人（供应商）", "remark": "", "at": ago(hours=3)},
        ],
        "damages": [LOST | {"found": digest("other")}, LOST | {"file": "documents-2.age", "found": ""}],
        "recordings": [
            {
                "name": "开标一室",
                "label": "一号机位",
                "size": 7_000_000_000,
                "sha256": digest("film"),
                "at": ago(hours=2),
            },
        ],
        "can_sign": True,
    },
    "app/hall.html": {
        **HALL,
        "lot": OPENED,
        "phase": "shown",
        "progress": {"done": 2, "total": 3},
        "prices": PRICES,
        "objections": OBJECTIONS,
        "present": [
            {"name": "清江县交通建设中心", "role": "purchaser", "capacity": "招标人（采购人）", "at": ago(hours=6)},
            {"name": "行政监督部门", "role": "regulator", "capacity": "行政监督部门", "at": ago(hours=6)},
            {"name": "华岭路桥工程有限公司", "role": "bidder", "capacity": "投标人（供应商）", "at": ago(hours=6)},
            {"name": "中远建设集团股份有限公司", "role": "bidder", "capacity": "投标人（供应商）", "at": None},
        ],
        "room": "开标一室（政务中心三楼）",
        "can_sign_in": True,
        "can_object": True,
        "can_reveal": True,
        "can_answer": True,
        "can_conclude": True,
    },
    "app/check.html": {
        "result": CHECKED,
        "sha256": digest("notice"),
        "origin": "yangguang.example/log",
        "checkpoint": {"size": 20144, "root": digest("root"), "at": NOW},
    },
    "app/offline_tools.html": {
        "rows": [
            {
                "tool": OfflineTool("sealer", b"<!doctype html>"),
                "title": "离线封装工具",
                "says": "在断网的电脑上封装投标文件，结果用 U 盘拷到任何能上网的电脑递交。",
                "known": {"at": ago(hours=2), "salt": digest("salt")},
            }
        ]
    },
    "app/register_account.html": {"regions": OPTIONS},
    "bidding/rehearsals.html": {
        "lot": LOT,
        "can": True,
        "role_names": {"operator": "交易中心", "regulator": "监督部门", "purchaser": "招标人"},
        "rehearsals": REHEARSALS,
    },
    "bidding/workbench_purchaser.html": {**LINKS, "todos": TODOS, "lots": LOTS},
    "bidding/workbench_bidder.html": {
        **LINKS,
        "todos": TODOS[:1],
        "lots": LOTS[:2],
        "bids": [{"lot": LOT, "seq": 2, "state_label": "已封存", "state_tone": "sealed", "received": ago(hours=2)}],
    },
    "bidding/workbench_operator.html": {**LINKS, "todos": [], "lots": LOTS[:1], "openings": LOTS[:1]},
    "bidding/project_form.html": {**FORM, "lot_count": 2, "problems": PROBLEMS, "values": {"name": "清江大桥加固工程"}},
    "bidding/project.html": {**PROJECT, "directives": (DIRECTIVE,)},
    "bidding/accept.html": {"lots": [LOT], "missing": PROBLEMS[:2]},
    "bidding/publish_form.html": {
        "lot": LOT,
        "earliest": date(2026, 5, 8),
        "limits": LIMITS,
        "window_range": (10, 240),
        "methods": [{"value": "comprehensive", "label": "综合评估法"}],
        "formulas": [{"value": "lowest_ratio", "label": "低价优先法"}],
        "items": PROCEDURES[LOT.procedure].evaluation.items,
    },
    "bidding/amend_form.html": {"lot": LOT},
    "bidding/submit.html": {**SUBMIT, "sealing": SEALING},
    "bidding/seal.html": SEAL,
    "bidding/withdraw.html": {"lot": LOT, "last": LAST},
    "bidding/reveal.html": REVEAL,
    "bidding/cure.html": CURE | {"lot": LOT, "last": LAST},
    "bidding/restore.html": {"lot": LOT, "last": LAST, "minutes": 5, "listed": False},
    "bidding/receipt.html": {**RECEIPT_PAGE, "lot": LOT, "received": ago(minutes=3), "superseded_by": None},
    "bidding/objection.html": {"lot": OPENED},
    "bidding/answer.html": {"lot": OPENED, "objection": OBJECTIONS[1]},
    "messages.html": {
        "messages": [
            MessageView(
                UUID(int=3), "reveal_open", "请解密：清江大桥加固工程", "请在 10:30 前解密。", "/lots/17/reveal", NOW
            )
        ]
    },
    **award_pages(LOT),
    **watch_samples.LETTER_PAGES,
    **SHARED,
}

ALARM: dict[str, Any] = {
    "title": "交易日志与已公布的不符",
    "says": "前 64 条与见证方签过的不是同一个日志",
    "at": ago(hours=1),
    "href": "/cases/17",
    "tone": "danger",
    "hash": digest("alarm"),
    "case": LOT.id,
}
READ: dict[str, Any] = {
    "act": "查看项目",
    "who": "周正（行政监督）",
    "at": ago(hours=2),
    "lot": {"text": LOT.project_name, "href": "/cases/17"},
    "hash": digest("read"),
}
REPORT = SimpleNamespace(
    round=1,
    sha256=digest("report"),
    closed_at=ago(days=1),
    signatures=[
        {"number": 1, "says": "signed", "text": ""},
        {"number": 2, "says": "dissent", "text": "技术分的差距没有依据"},
        {"number": 3, "says": "deemed", "text": ""},
    ],
)
SUPERVISION_PAGES: dict[str, dict[str, Any]] = {
    "supervision/workbench_regulator.html": {
        **SUMMARY,
        "stage_label": "公告中",
        "watches": True,
        "cards": {"red": 1, "yellow": 2, "remind": 3},
        "drafts": [watch_samples.DRAFT],
        "decisions": 2,
        "total": 132,
        "me": watch_samples.PERSON,
    },
    "supervision/case.html": {
        **CASE,
        "to_audit": 2,
        "rehearsals": 1,
        "orders": [watch_samples.ORDER],
        "cards": [watch_samples.CARD],
        "letters": watch_samples.LETTERS,
        "complaints": [watch_samples.COMPLAINT],
        "draws": [],
        "report": REPORT,
        "limits": LIMITS,
        "directives": (DIRECTIVE,),
    },
    "supervision/directive_form.html": {
        "about": {"id": LOT.id, "title": LOT.project_name},
        "back": f"/cases/{LOT.id}",
        "kinds": [
            {"value": "suspend", "label": "责令暂停", "hint": "停办并停止计算期限"},
            {"value": "resume", "label": "恢复"},
        ],
        "standing": [{"value": str(UUID(int=7)), "label": "责令暂停：核查资格条件"}],
    },
    "supervision/alarms.html": {
        "alarms": [ALARM, {**ALARM, "case": None, "tone": "warn"}],
        "checked": {"at": ago(hours=1), "facts": {"findings": 1, "heads": 12}},
    },
    "supervision/reads.html": {"reads": [READ, {**READ, "lot": None}], "tried": [READ]},
    **watch_samples.WATCH_PAGES,
    **officers_pages(OPENED),
    **SHARED,
}

# The same template in the states that the table above does not show.
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("print.html", {"title": "投标回执", "proof_rows": [{"label": "回执指纹", "value": digest("receipt")}]}),
    ("supervision/alarms.html", {"alarms": [], "checked": None}),
    ("supervision/directives.html", {"orders": [], "drafts": [], "me": None}),
    ("app/portal_home.html", {"lots": [], "openings": [], "counts": {}}),
    ("app/notice.html", {**NOTICE_PAGE, "current": NOTICES[1], "told": True}),
    ("app/notice.html", {**NOTICE_PAGE, "lot": OPENED}),
    ("app/hall.html", HALL),
    (
        "app/hall.html",
        {
            **HALL,
            "lot": OPENED,
            "phase": "window",
            "window_ends": NOW + timedelta(minutes=20),
            "progress": SimpleNamespace(done=1, total=3),
            "stream": "/hall/17/stream",
            "last_id": "12",
        },
    ),
    ("app/hall.html", {**HALL, "lot": OPENED, "phase": "window"}),
    (
        "app/hall.html",
        {
            **HALL,
            "lot": OPENED,
            "phase": "window",
            "progress": SimpleNamespace(done=2, total=3),
            "officers_until": NOW + timedelta(minutes=20),
        },
    ),
    ("app/hall.html", {**HALL, "lot": OPENED, "phase": "concluded", "prices": PRICES}),
    ("app/hall.html", {**HALL, "lot": FAILED, "phase": "failed"}),
    ("app/offline_tools.html", {"rows": []}),
    ("app/check.html", {"result": None, "origin": "yangguang.example/log", "checkpoint": None}),
    ("bidding/project.html", {**PROJECT, "lot": RETURNED, "can_answer_return": True}),
    ("bidding/project.html", {**PROJECT, "lot": FAILED}),
    ("bidding/reveal.html", REVEAL | {"box": SimpleNamespace(reveal_until=None, state="closed", report="")}),
    ("bidding/reveal.html", REVEAL | {"box": SimpleNamespace(**vars(OPEN_BOX) | {"reveal_until": NOW}), "envelope": 1}),
    ("bidding/reveal.html", REVEAL | {"goes_on": False, "revealed": True}),
    ("bidding/reveal.html", REVEAL | {"box": SimpleNamespace(**vars(OPEN_BOX) | {"report": "ab" * 32}), "envelope": 2}),
    *cure_variants(LOT, LAST),
    ("bidding/answer.html", {"lot": OPENED, "objection": OBJECTIONS[0]}),
    ("messages.html", {"messages": []}),
    ("bidding/accept.html", {"lots": [LOT], "missing": []}),
    (
        "bidding/submit.html",
        {**SUBMIT, "previous": None, "sealing": {**SEALING, "ready": False}},
    ),
    ("bidding/receipt.html", {**RECEIPT_PAGE, "lot": OPENED, "received": ago(days=1), "superseded_by": 3}),
    *award_variants(LOT),
]
__all__ = ["SUPERVISION_PAGES", "TRADING_PAGES", "VARIANTS", "VIEWER"]
