"""What the supervision site's pages are shown with: hall, cards, letters, drafts and decisions of one bridge."""

from typing import Any
from uuid import UUID

from samples import NOW, ago, digest

from kernel.decision import KINDS
from kernel.decisions import Course
from kernel.letter import build_letter, read_letter
from kernel.letters import LetterView, ReplyView
from kernel.watched import Waiting, WatchedCase
from supervision.card_records import CardEventView, CardView
from supervision.doors.decisions import place_of
from supervision.drafts import DraftView
from supervision.evidence import Entry
from supervision.hall import STATES, Count, Hall, Row
from supervision.points import LEVEL_NAMES

CASE, ORGANISATION, PERSON = UUID(int=17), UUID(int=19), UUID(int=23)
TITLE, CODE, REGION, DEPARTMENT = "清江大桥加固工程　第一标段", "E3301060001000017001001", "330106", "交通"
ARTICLE = "招标投标法第四十六条"
WATCHED = WatchedCase(
    "intermediaries", CASE, CODE, TITLE, REGION, DEPARTMENT, "service_request", "selected", "已选取", True, None,
    ago(days=40), {"purchaser": ORGANISATION, "agency": UUID(int=29)},
)  # fmt: skip
CARD = CardView(
    id=UUID(int=31), case=CASE, duty="bidding", code=CODE, case_title=TITLE, region=REGION, department=DEPARTMENT,
    point="P501", occasion=ago(days=31).isoformat(), title="逾期未订立书面合同", article=ARTICLE, party="purchaser",
    organisation=ORGANISATION, due_at=ago(hours=9), issued_by=None, made_at=ago(days=6), level="red",
    reached_at=ago(hours=9), settled=False, replied=True, rectified=False, reviewed=False, lifted=False,
    last_at=ago(hours=1), stands=True,
)  # fmt: skip
EVENTS = [
    CardEventView("remind", "", "", "最迟应在2026年4月1日签订合同，现期限将至", ago(days=6)),
    CardEventView("red", "", "", "最迟应在2026年4月1日签订合同，现已逾期", ago(hours=9)),
    CardEventView("replied", "r", "沈立新", "合同文本正在法务审查", ago(hours=1)),
]
PAPER = read_letter(
    build_letter(
        id=UUID(int=37), case=CASE, kind="card", to=ORGANISATION, title="红牌：逾期未订立书面合同",
        says="现发出红牌，请立即改正，并书面说明原因和责任人。", written_by="清江县交通运输局", article=ARTICLE,
        matter=CARD.id, until=ago(days=-3),
    )
)  # fmt: skip
LETTER = LetterView(PAPER, ago(hours=9), ago(hours=9), "", 1)
REPLY = ReplyView(
    UUID(int=41), PAPER.id, "沈立新", "合同文本正在法务审查", "说明.pdf", "application/pdf", digest("x"), ago(hours=1)
)
LETTERS = [{"letter": LETTER, "replies": [REPLY]}]
DRAFT = DraftView(
    UUID(int=43), "directive", CASE, UUID(int=43), REGION, DEPARTMENT, f"责令暂停：{TITLE}", {"kind": "suspend"},
    PERSON, "周正", "清江县交通运输局", ago(hours=2), "", "", "", None,
)  # fmt: skip
ENDED = DraftView(
    UUID(int=44), "lift", CASE, CARD.id, REGION, DEPARTMENT, f"解除红牌：{TITLE}", {"says": "因台风停工"}, PERSON,
    "周正", "清江县交通运输局", ago(hours=5), "confirmed", "许静", "", ago(hours=4),
)  # fmt: skip
ENTRY = Entry(
    "交易日志", "发出中标通知书", "招标人", "第一名", ago(days=31), digest("leaf"), CASE, '{\n  "facts": {}\n}'
)
EVENT = {"act": "定标", "who": "清江县交通建设投资有限公司", "at": ago(days=31), "says": "第一名", "hash": digest("e")}
ORDER: dict[str, Any] = {
    "id": UUID(int=7), "case": CASE, "kind": "suspend", "label": "责令暂停", "says": "核查资格条件", "article": ARTICLE,
    "issued_by": "清江县交通运输局", "posted_at": ago(hours=3), "until": NOW, "lifts": None, "stands": True,
    "place": {"text": TITLE, "href": "/cases/17"},
}  # fmt: skip
ROWS = [
    Row(CASE, "bidding", CODE, TITLE, REGION, "awarded", "已定标", True, ago(days=31), "2026年4月1日",
        "逾期未订立书面合同", ARTICLE, "late", "red"),
    Row(UUID(int=18), "complaints", "TS330106260001", f"投诉：{TITLE}", REGION, "filed", "待受理", True, ago(days=2),
        "2026年4月20日", "逾期未决定是否受理投诉", "招标投标法实施条例第六十一条", "today", "yellow"),
    Row(UUID(int=20), "intermediaries", "ZJ2026", "环境影响评价", REGION, "selected", "已选取", True, ago(days=20), "",
        "", "", "still", None),
]  # fmt: skip
HALL = Hall(
    ROWS, 132,
    [Count("bidding", "招标采购", 100, "bidding"), Count("intermediaries", "中介超市", 32, "intermediaries")],
    [Count("announced", "公告中", 61, "bidding"), Count("awarded", "已定标", 39, "bidding")],
    [Count("330106", "330106", 132)], {"late": 3, "today": 1, "still": 4, "open": 120},
    {"red": 1, "yellow": 2, "remind": 5},
)  # fmt: skip
WAITING = Waiting(
    UUID(int=47), ("admit_expert", "refuse_expert", "rate_result"), "专家入库：王建国",
    (("姓名", "王建国"), ("职称", "高级工程师")), ago(days=1), REGION, "",
)  # fmt: skip
COURSE = [
    ("准予入库", Course(UUID(int=48), "admit_expert", "材料齐全", "省发展改革委", ago(days=9), ago(days=9), "")),
    ("暂停专家资格", Course(UUID(int=49), "suspend_expert", "核查", "省发展改革委", ago(days=2), None, "")),
]
FILTERS = {"duty": "", "stage": "awarded", "region": "", "state": "late", "q": "大桥"}
OPTIONS = [{"value": "bidding", "label": "招标采购", "count": 100}]
COMPLAINT = {
    "id": UUID(int=53), "number": "TS20260430-0001", "open": True, "stage_name": "待受理", "topic_name": "评标结果",
    "filed_at": ago(hours=30),
}  # fmt: skip
PARTS: dict[str, Any] = {
    "cards": [CARD], "letters": LETTERS, "orders": [ORDER], "can_order": True, "complaints": [COMPLAINT],
    "draws": [object()],
}  # fmt: skip

WATCH_PAGES: dict[str, dict[str, Any]] = {
    "supervision/hall.html": {
        "hall": HALL, "filters": FILTERS, "states": STATES, "facets": [("业务", "duty", OPTIONS)], "bars": HALL.stages,
        "page_number": 1, "pages": 3, "href": "/hall?page={page}",
    },
    "supervision/any_case.html": {
        "case": WATCHED, "duty_name": "中介超市", "steps": [], "events": [EVENT], "directives": [], **PARTS,
    },
    "supervision/cards.html": {
        "cards": [CARD], "level": "red", "every": "", "counts": HALL.cards, "levels": LEVEL_NAMES, "page_number": 1,
        "pages": 2, "href": "/cards?page={page}",
    },
    "supervision/card.html": {
        "card": CARD, "place": {"text": TITLE, "href": "/cases/17"}, "events": EVENTS, "letters": LETTERS,
        "entries": [ENTRY], "may": True, "issuer": False, "open_form": "lift", "values": {"says": "因台风停工"},
    },
    "supervision/card_form.html": {
        "case": WATCHED, "parties": [{"value": "purchaser", "label": "招标人"}], "back": "/cases/17", "values": {},
    },
    "supervision/letter_form.html": {
        "case": WATCHED, "parties": [{"value": "purchaser", "label": "招标人"}], "back": "/cases/17",
        "values": {"kind": "inquiry"},
    },
    "supervision/drafts.html": {"waiting": [DRAFT], "ended": [ENDED], "me": PERSON},
    "supervision/draft.html": {
        "draft": DRAFT, "place": {"text": TITLE, "href": "/cases/17"}, "may": True, "own": False,
        "lines": [{"label": "种类", "value": "责令暂停"}, {"label": "期满", "value": NOW, "kind": "when"}],
    },
    "supervision/entry.html": {"entry": ENTRY},
    "supervision/decisions.html": {
        "waiting": [WAITING], "found": [WAITING], "q": "王", "may": True, "kinds": KINDS,
        "place_of": place_of,
    },
    "supervision/decision_form.html": {
        "thing": WAITING, "kinds": [{"value": "admit_expert", "label": "准予入库", "hint": ""}], "course": COURSE,
        "stars": [{"value": "5", "label": "5 级"}], "q": "", "values": {}, "action": "/decisions/people/47",
    },
    "supervision/directives.html": {"orders": [ORDER], "drafts": [DRAFT], "me": PERSON},
}  # fmt: skip
LETTER_PAGES: dict[str, dict[str, Any]] = {
    "letters.html": {"letters": [LETTER, LetterView(PAPER, ago(hours=1), ago(hours=1), "", 0)]},
    "letter.html": {"letter": LETTER, "replies": [REPLY], "values": {}},
}
