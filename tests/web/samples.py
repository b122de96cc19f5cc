"""Sample contexts for the gallery and for page templates: one invented region, one bridge tender."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from kernel.errors import Problem
from kernel.web.formats import BEIJING
from kernel.web.sites import Viewer

NOW = datetime(2026, 4, 17, 14, 5, tzinfo=BEIJING).astimezone(UTC)
DEADLINE = datetime(2026, 4, 20, 9, 30, tzinfo=BEIJING)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


VIEWER = Viewer("陈明", "清江县交通建设投资有限公司", "招标人")

TODOS: list[dict[str, Any]] = [
    {
        "title": "答复异议",
        "case": "清江大桥加固工程 第一标段",
        "due": NOW + timedelta(hours=20),
        "article": "招标投标法实施条例第二十二条",
        "href": "/objections/3",
        "action": "去答复",
        "urgent": True,
    },
    {
        "title": "发布招标公告",
        "case": "城东小学教学楼工程",
        "due": NOW + timedelta(days=6),
        "article": "招标投标法第十六条",
        "href": "/lots/7/publish",
        "action": "编制公告",
    },
    {"title": "补充联系方式", "case": "单位信息", "due": None, "href": "/organisation", "action": "填写"},
]

ALL_STEPS: list[dict[str, Any]] = [
    {"title": "项目登记", "state": "done", "at": ago(days=46), "who": "陈明（招标人）", "href": "/lots/1/register"},
    {"title": "登记受理", "state": "done", "at": ago(days=45), "who": "交易中心 周岚"},
    {
        "title": "发布招标公告",
        "state": "done",
        "at": ago(days=44),
        "who": "陈明（招标人）",
        "article": "招标投标法第十六条",
        "hash": digest("notice"),
    },
    {
        "title": "投标",
        "state": "now",
        "due": DEADLINE,
        "says": "截止前，投标家数与名单对任何人保密。",
        "article": "招标投标法第二十四条",
    },
    {"title": "开标", "state": "next"},
    {"title": "评标", "state": "next"},
    {"title": "资格预审", "state": "skipped", "says": "本项目采用资格后审。"},
    {"title": "定标", "state": "stopped", "says": "示例：因监督指令中止。"},
]

COLUMNS: list[dict[str, Any]] = [
    {"key": "bidder", "label": "投标人", "kind": "link", "wide": True},
    {"key": "price", "label": "投标报价", "kind": "money"},
    {"key": "days", "label": "工期（日）", "kind": "number"},
    {"key": "at", "label": "递交时间", "kind": "when_short"},
    {"key": "state", "label": "结果", "kind": "badge"},
    {"key": "hash", "label": "文件指纹", "kind": "short_hash"},
]


def bid(name: str, price: str, days: int, label: str = "已开启", tone: str = "done") -> dict[str, Any]:
    return {
        "bidder": {"text": name, "href": "/bidders/1", "sub": "统一社会信用代码 91350100M000100Y43"},
        "price": Decimal(price),
        "days": days,
        "at": ago(days=1, hours=len(name)),
        "state": {"label": label, "tone": tone},
        "hash": digest(name),
    }


ROWS = [
    bid("华岭路桥工程有限公司", "38214560.00", 240),
    bid("中远建设集团股份有限公司", "39580000.50", 232),
    bid("清江市政工程有限责任公司", "40150000", 250, "已否决", "danger"),
]

RESULTS: list[dict[str, Any]] = [
    {
        "title": "清江大桥加固工程施工招标公告",
        "href": "/notices/1",
        "kind_label": "招标公告",
        "category": "公路工程",
        "region": "清江县",
        "organisation": "清江县交通建设投资有限公司",
        "budget": Decimal("42000000"),
        "published_at": ago(days=20),
        "deadline": DEADLINE,
        "stage": "announced",
        "stage_label": "投标中",
    },
    {
        "title": "县人民医院医用直线加速器采购项目中标候选人公示",
        "href": "/notices/2",
        "kind_label": "候选人公示",
        "category": "政府采购 货物",
        "region": "安平市",
        "published_at": ago(days=2),
        "stage": "publicity",
        "stage_label": "公示中",
    },
    {
        "title": "城东片区 2026-07 号国有建设用地使用权挂牌出让公告",
        "href": "/notices/3",
        "kind_label": "出让公告",
        "category": "土地使用权",
        "region": "安平市",
        "budget": Decimal("218000000"),
        "published_at": ago(days=5),
        "stage": "suspended",
        "stage_label": "暂停",
    },
]

FACETS: list[dict[str, Any]] = [
    {
        "key": "category",
        "label": "交易类别",
        "options": [
            {"value": "A", "label": "工程建设", "count": 64, "selected": True},
            {"value": "D", "label": "政府采购", "count": 41, "selected": False},
            {"value": "B", "label": "土地使用权", "count": 9, "selected": False},
        ],
    },
    {
        "key": "region",
        "label": "地区",
        "options": [
            {"value": "430000", "label": "省本级", "count": 12, "selected": False},
            {"value": "430100", "label": "安平市", "count": 53, "selected": True},
        ],
    },
    {
        "key": "stage",
        "label": "环节",
        "options": [{"value": "announced", "label": "投标中", "count": 31, "selected": False}],
    },
]

FILES: list[dict[str, Any]] = [
    {
        "name": "清江大桥加固工程招标文件.pdf",
        "href": "/files/1",
        "size": 18_874_368,
        "sha256": digest("doc"),
        "published_at": ago(days=20),
    },
    {
        "name": "工程量清单与图纸.zip",
        "href": "/files/2",
        "size": 734_003_200,
        "sha256": digest("zip"),
        "note": "共 214 张图",
    },
]

PROOF_ROWS: list[dict[str, Any]] = [
    {"label": "公告指纹（SHA-256）", "value": digest("notice")},
    {"label": "日志序号", "value": 18204, "kind": "number"},
    {"label": "登记时刻", "value": ago(days=20), "kind": "when"},
    {"label": "日志根指纹", "value": digest("root")},
]

FACTS: list[dict[str, Any]] = [
    {"label": "招标人", "value": "清江县交通建设投资有限公司"},
    {"label": "最高投标限价", "value": Decimal("42000000"), "kind": "capital"},
    {"label": "统一交易标识码", "value": "A03-12350100MB02709751-20260302-000017-4"},
    {"label": "开标时间", "value": DEADLINE, "kind": "when", "note": "与投标截止为同一时刻"},
]

LIMITS: list[dict[str, Any]] = [
    {
        "label": "投标文件编制时间",
        "measure": "不少于 20 日",
        "kept": "本项目为 42 日。",
        "article": "招标投标法第二十四条",
        "says": "自招标文件开始发出之日起至投标人提交投标文件截止之日止，最短不得少于二十日",
    },
    {
        "label": "招标文件发售期",
        "measure": "不少于 5 日",
        "article": "招标投标法实施条例第十六条",
        "says": "资格预审文件或者招标文件的发售期不得少于5日",
    },
]

CHAIN: list[dict[str, Any]] = [
    {"title": "招标公告", "href": "/notices/1", "at": ago(days=44), "hash": digest("notice")},
    {
        "title": "变更公告（第 1 号）",
        "href": "/notices/1/changes/1",
        "at": ago(days=20),
        "hash": digest("change"),
        "says": "投标截止时间由 4 月 13 日改为 4 月 20 日。",
        "current": True,
    },
]

DAYS: list[dict[str, Any]] = [
    {
        "day": date(2026, 4, 17),
        "openings": [
            {
                "at": datetime(2026, 4, 17, 15, 0, tzinfo=BEIJING),
                "title": "滨河路改造工程",
                "href": "/hall/2",
                "region": "安平市",
                "stage_label": "即将开标",
                "tone": "sealed",
            },
            {
                "at": datetime(2026, 4, 17, 9, 0, tzinfo=BEIJING),
                "title": "农村公路养护",
                "href": "/hall/3",
                "region": "清江县",
                "stage_label": "已开标",
                "tone": "done",
            },
        ],
    },
    {
        "day": date(2026, 4, 20),
        "openings": [{"at": DEADLINE, "title": "清江大桥加固工程", "href": "/hall/1", "region": "清江县"}],
    },
]

ARTICLE: dict[str, Any] = {
    "title": "清江大桥加固工程施工招标公告",
    "meta": ["清江县交通建设投资有限公司　2026年3月9日发布", "招标编号 QJ-2026-017"],
    "sections": [
        {
            "heading": "一、招标条件",
            "paragraphs": ["本项目已由清江县发展和改革局批准建设，资金来自财政资金，现对该项目的施工进行公开招标。"],
        },
        {
            "heading": "二、项目概况",
            "facts": [{"label": "建设地点", "value": "清江县城关镇"}, {"label": "工期", "value": "260 日历天"}],
        },
        {
            "heading": "三、投标人资格要求",
            "points": ["具有公路工程施工总承包二级及以上资质；", "近五年完成过一座以上大桥加固工程。"],
        },
    ],
    "organisation": "清江县交通建设投资有限公司",
    "signed_on": date(2026, 3, 9),
}

PROBLEMS = (
    Problem(
        "bid_period_too_short",
        "投标截止时间早于法定最短期限",
        "请改为 2026年3月29日或以后",
        "招标投标法第二十四条",
        "deadline",
    ),
    Problem("budget_missing", "没有填写最高投标限价", "填写金额，或选择“不设限价”", "", "budget"),
    Problem("method_not_allowed", "依法必须公开招标，不能邀请招标", "改选公开招标", "招标投标法第三条", "method"),
    Problem("purchaser_suspended", "本单位的交易权限已暂停", "请联系行政监督部门"),
)

DIRECTIVE: dict[str, Any] = {
    "id": "D-2026-004",
    "says": "暂停开标",
    "article": "招标投标法实施条例第六十二条",
    "issued_by": "清江县交通运输局",
    "posted_at": ago(hours=3),
    "href": "/directives/4",
}

METHODS = [
    {"value": "open", "label": "公开招标"},
    {"value": "invited", "label": "邀请招标", "hint": "须经审批部门认定"},
]
CATEGORIES = [{"value": "A03", "label": "公路工程"}, {"value": "A07", "label": "水利工程"}]

GALLERY: dict[str, Any] = {
    "todos": TODOS,
    "steps": ALL_STEPS,
    "columns": COLUMNS,
    "rows": ROWS,
    "results": RESULTS,
    "facets": FACETS,
    "attachments": FILES,
    "proof_rows": PROOF_ROWS,
    "facts": FACTS,
    "limits": LIMITS,
    "chain": CHAIN,
    "days": DAYS,
    "today": date(2026, 4, 17),
    "article": ARTICLE,
    "deadline": DEADLINE,
    "directives": (DIRECTIVE,),
    "problems": PROBLEMS,
    "values": {"name": "清江大桥加固工程", "category": "A03", "method": "invited", "deadline": "2026-03-20T09:30"},
    "methods": METHODS,
    "categories": CATEGORIES,
    "tones": [
        ("草稿", "neutral"), ("投标中", "open"), ("已封存", "sealed"), ("评标中", "judging"), ("已定标", "done"),
        ("补正", "warn"), ("暂停", "danger"),
    ],
}  # fmt: skip
