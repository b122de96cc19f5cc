"""What officers and complainants see of complaints: lists with their clocks, and what may be done next."""

from datetime import datetime
from typing import Any

from experts.records import grounds
from kernel.accounts.throttle import Allowance, address_key, knock
from kernel.identity import Actor
from supervision.complaints import records
from supervision.complaints.records import ComplaintView
from supervision.complaints.rules import Clock, clock, lapses
from supervision.complaints.stages import OPEN, WINDOWS, Stage
from supervision.complaints.steps import OUTCOMES
from supervision.complaints.tracks import tracks

TRIES = Allowance(free=10, longest=300)
ACTS = {
    "file": "收到投诉",
    "admit": "受理",
    "refuse": "不予受理",
    "join": "参加调查",
    "note": "调查记录",
    "exclude": "不计入期限的时间",
    "draft": "起草决定",
    "send_back": "退回再查",
    "confirm": "作出决定",
    "serve": "送达",
    "withdraw": "准予撤回",
}


TITLES = ACTS | {"admit": "予以受理", "note": "写调查记录", "draft": "起草处理决定", "confirm": "复核同意，作出决定"}
"""Act → what the button says."""
PLAIN = ("confirm",)
"""Acts of one button, without a form."""
HINTS = {
    "admit": "受理即由您担任第一调查人员，处理期限开始计算。",
    "refuse": "将生成不予受理决定书，公开理由，须送达投诉人。",
    "join": "调查人员不少于二人；与当事人有利害关系的应当回避。",
    "note": "记入后不能删改。",
    "exclude": "检验、检测、鉴定、专家评审所需时间不计入处理期限；首尾两日都算在内。",
    "draft": "起草后由另一名调查人员复核，复核同意才作出决定。",
    "confirm": "同意后即生成处理决定书，不能再改。",
    "send_back": "退回后继续调查。",
    "serve": "送达后本件办结。",
    "withdraw": "已查实有明显违法行为的，不得准予撤回，应当继续处理。",
}


def declarations() -> list[dict[str, str]]:
    """What an officer declares of himself before he takes a complaint up or joins: none of the grounds, or which."""
    rows = [{"value": one.code, "label": f"本人{one.reason}（{one.article}）"} for one in grounds("handler")]
    return [{"value": "none", "label": "没有下列应当回避的情形"}, *rows]


async def listed(actor: Actor, *, closed: bool = False) -> list[dict[str, Any]]:
    """The complaints of the officer's scope with what is due on each; the earliest due first."""
    departments = actor.departments if actor.role == "regulator" else ()
    if actor.role == "regulator" and not departments:
        return []
    views = await records.in_scope(actor.region, departments, tuple(Stage) if closed else OPEN)
    rows = [{"view": view, "due": await due(view)} for view in views]
    return sorted(rows, key=lambda row: (row["due"] is None, row["due"] or row["view"].filed_at))


async def due(view: ComplaintView) -> datetime | None:
    """The instant at which what must be done next is late; None where nothing is due."""
    times = await clocks(view)
    if view.stage == Stage.FILED:
        return lapses(times.accept_by)
    if view.stage in (Stage.ADMITTED, Stage.DRAFTED) and times.decide_by is not None:
        return lapses(times.decide_by)
    return None


async def clocks(view: ComplaintView) -> Clock:
    """By which days to admit and to decide, the excluded working days added."""
    return clock(view.track, view.filed_at, view.admitted_at, await records.excluded_days(view.id))


async def shown(view: ComplaintView) -> dict[str, Any]:
    """All that a page about one complaint shows."""
    return {
        "entries": [{"label": ACTS[e.act], "entry": e} for e in await records.entries(view.id)],
        "papers": await records.papers(view.id),
        "clocks": await clocks(view),
        "excluded": await records.excluded_days(view.id),
        "due": await due(view),
        "outcome": OUTCOMES.get(view.outcome, ""),
    }


def acts_for(actor: Actor, view: ComplaintView) -> list[str]:
    """What this officer may do with it now."""
    two = (view.first, view.second)
    asked = {
        "admit": True,
        "refuse": True,
        "join": actor.person not in two and None in two,
        "note": actor.person in two,
        "exclude": actor.person in two,
        "draft": actor.person in two and None not in two,
        "confirm": actor.person in two and actor.person != view.drafted_by,
        "send_back": actor.person in two and actor.person != view.drafted_by,
        "serve": True,
        "withdraw": True,
    }
    return [act for act, may in asked.items() if may and view.stage in WINDOWS[act]]


def all_topics() -> list[dict[str, str]]:
    """The topics of all tracks once, for the form at the counter."""
    found: dict[str, list[str]] = {}
    for topic in (topic for track in tracks().values() for topic in track.topics):
        names = found.setdefault(topic.id, [])
        if topic.name not in names:
            names.append(topic.name)
    return [{"value": id, "label": " / ".join(names)} for id, names in found.items()]


async def throttle(actor: Actor) -> None:
    """Codes are not to be guessed: a few tries an address, then growing waits."""
    await knock(address_key("complaint", actor.address), TRIES)
