"""The road of a lot as its people and its supervisors see it: each step, its state, its moment, the law behind it."""

from typing import Any

from bidding.procedures import PROCEDURES
from bidding.records import LotRow
from bidding.stages import ROAD, Stage

STEP_NAMES = {
    "register": "进场登记",
    "accept": "受理",
    "publish": "发布公告",
    "submit": "递交投标文件",
    "close": "截标",
    "open": "开标",
    "record": "开标记录",
    "evaluate": "评标",
    "report": "评标报告",
    "publicise": "公示中标候选人",
    "award": "定标",
    "contract": "签订合同",
    "archive": "归档",
}
ARTICLES = {
    "publish": "招标投标法第十六条",
    "submit": "招标投标法第二十四条",
    "close": "电子招标投标办法第二十七条",
    "open": "招标投标法第三十四条",
    "record": "电子招标投标办法第三十二条",
    "evaluate": "招标投标法第三十七条",
    "report": "招标投标法实施条例第五十三条",
    "publicise": "招标投标法实施条例第五十四条",
    "award": "招标投标法第四十条",
    "contract": "招标投标法第四十六条",
    "archive": "电子招标投标办法第四十条",
}

DONE = {
    Stage.REGISTERED: 1,
    Stage.RETURNED: 0,
    Stage.ACCEPTED: 2,
    Stage.ANNOUNCED: 3,
    Stage.CLOSED: 5,
    Stage.OPENING: 5,
    Stage.OPENED: 7,
    Stage.EVALUATING: 8,
    Stage.EVALUATED: 9,
    Stage.PUBLICISED: 10,
    Stage.AWARDED: 11,
    Stage.CONTRACTED: 12,
    Stage.ARCHIVED: 13,
    Stage.FAILED: 5,
}
"""How many steps of the road lie behind a lot; the next one is being walked."""


def timeline(lot: LotRow) -> list[dict[str, Any]]:
    """The road of a lot, each step done, now, or still to come, with the law behind it."""
    done = 7 if lot.stage == Stage.FAILED and lot.opened_at else DONE[lot.stage]
    steps = []
    for n, name in enumerate(ROAD):
        if name not in PROCEDURES[lot.procedure].stages:
            continue
        state = "done" if n < done else "now" if n == done else "next"
        if lot.stage == Stage.FAILED and n >= done:
            state = "next" if name == "archive" else "stopped"
        article = ARTICLES.get(name, "")
        steps.append({"title": STEP_NAMES[name], "state": state, "article": article, **_moment(name, lot)})
    return steps


def _moment(name: str, lot: LotRow) -> dict[str, Any]:
    at = {"register": lot.registered_at, "publish": lot.published_at, "open": lot.opened_at}.get(name)
    if name == "close" and lot.stage == Stage.ANNOUNCED:
        return {"at": None, "due": lot.deadline}
    return {"at": lot.deadline if name == "close" and DONE[lot.stage] >= 5 else at, "due": None}
