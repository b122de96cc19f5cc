"""What a person's day consists of: what waits for him, where his cases stand, what he may do next."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bidding import award_desk, records, session, sitting_todos
from bidding.records import LotRow
from bidding.stages import RECORDED, WINDOWS, Stage
from bidding.timeline import ARTICLES
from kernel import letters
from kernel.accounts.rules import in_scope
from kernel.box import contest, showing
from kernel.box import desk as holders_desk
from kernel.box import records as box_records
from kernel.box.records import BidView, BoxView
from kernel.errors import NotFound
from kernel.identity import Actor
from kernel.law import LawInForce
from kernel.limits import Limit
from kernel.permissions import permission
from kernel.web.waiting import todo

Todo = dict[str, Any]

STAGE_NAMES = {"price": "报价", "documents": "投标文件", "credit": "资信", "technical": "技术"}


async def todos(actor: Actor, now: datetime) -> list[Todo]:
    """What waits for this person, each with its deadline and the article behind it."""
    found = await _shares(actor) + await _letters(actor)
    if actor.role in ("purchaser", "agent"):
        found += await _purchaser(actor, now)
    if actor.role == "operator":
        found += await _operator(actor, now)
    if actor.role == "bidder":
        found += await _bidder(actor, now)
    return found


async def _letters(actor: Actor) -> list[Todo]:
    """What the regulators wait for an answer to."""
    if actor.organisation is None or not permission("answer_letter", actor.role):
        return []
    waiting = [view for view in await letters.letters_to(actor) if view.paper.until is not None and not view.answers]
    return [
        todo(
            f"回复{view.kind_name}", view.paper.title, view.paper.until, view.paper.article,
            f"/letters/{view.paper.id}", "去回复",
        )
        for view in waiting
    ]  # fmt: skip


async def _shares(actor: Actor) -> list[Todo]:
    if actor.person is None or not permission("hold_key", actor.role):
        return []
    own = await holders_desk.holders_of(actor.person)
    names = holders_desk.KEY_WORK
    return [
        todo(names[task["do"]], f"{task['tender']} {task['lot']} 标段", _due(task), "", "/trustee", "去解锁办理")
        for task in await holders_desk.waiting(own)
    ] + [
        todo(
            showing.TITLE, f"{task['tender']} {task['lot']} 标段", datetime.fromisoformat(task["until"]),
            "电子招标投标办法第三十一条", "/trustee#show", "去出示", urgent=True,
        )
        for task in await showing.to_show(own)
    ]  # fmt: skip


def _due(task: dict[str, Any]) -> datetime | None:
    return datetime.fromisoformat(task["due"]) if task.get("due") else None


async def _purchaser(actor: Actor, now: datetime) -> list[Todo]:
    found = []
    for lot in await records.lots_where(purchaser=actor.organisation):
        place, href = f"{lot.project_name} {lot.name}", f"/projects/{lot.project}?lot={lot.id}"
        if lot.stage == Stage.RETURNED:
            found.append(todo("补正登记材料", place, None, "", href, "去补正", urgent=True))
        if lot.stage == Stage.ACCEPTED:
            found.append(todo("发布招标公告", place, None, ARTICLES["publish"], f"/lots/{lot.id}/publish", "去发布"))
        if lot.stage == Stage.OPENING:
            found += await _answers(lot, place)
        found += await sitting_todos.purchaser_todos(lot, actor, now)
        found += await award_desk.purchaser_todos(lot, now)
    return found


async def _answers(lot: LotRow, place: str) -> list[Todo]:
    waiting = [o for o in await records.objections(lot.id) if o.answered_at is None]
    article = "招标投标法实施条例第四十四条"
    href = f"/lots/{lot.id}/objections/{{}}/answer"
    return [todo("当场答复开标异议", place, None, article, href.format(o.id), "去答复", urgent=True) for o in waiting]


async def _operator(actor: Actor, now: datetime) -> list[Todo]:
    waiting = await records.lots_where(region=actor.region, stages=(Stage.REGISTERED,))
    projects = {lot.project: lot for lot in waiting}
    return [
        todo("受理项目登记", lot.project_name, None, "", f"/projects/{lot.project}/accept", "去受理")
        for lot in projects.values()
    ] + [
        todo(
            "调整开标室的预订", f"{lot.project_name} {lot.name}　{room.name}", room.begins, "", f"/lots/{lot.id}/rooms",
            "去调整",
        )
        for lot, room in await session.misplaced_rooms(actor.region, now)
    ]  # fmt: skip


async def _bidder(actor: Actor, now: datetime) -> list[Todo]:
    found = []
    for lot, box in await own_bids(actor):
        until = box.reveal_until if box.state == "opening" else None
        if until is not None and now < until and await unrevealed_by(actor, box):
            place, article = f"{lot.project_name} {lot.name}", "电子招标投标办法第三十一条"
            found.append(todo("解密投标文件", place, until, article, f"/lots/{lot.id}/reveal", "去解密", urgent=True))
        found += await _to_prove(lot, box, actor, now)
        found += await sitting_todos.bidder_todos(lot, actor, now)
        found += await award_desk.bidder_todos(lot, actor, now)
    return found


async def _to_prove(lot: LotRow, box: BoxView, actor: Actor, now: datetime) -> list[Todo]:
    """A holder calls envelopes of this bidder's bad, and he has still time to prove them well made."""
    if box.state != "opening" or box.cure_until is None or now >= box.cure_until:
        return []
    chain = await box_records.chain(box.case, actor.organisation_code)
    if not chain or chain[-1].sha256 not in await contest.open_bids(box, now):
        return []
    place, article, href = f"{lot.project_name} {lot.name}", "电子招标投标办法第三十一条", f"/lots/{lot.id}/cure"
    return [todo("证明密封件无误", place, box.cure_until, article, href, "去证明", urgent=True)]


async def own_bids(actor: Actor) -> list[tuple[LotRow, BoxView]]:
    """The lots in which this bidder has a chain, newest deadline first."""
    if actor.organisation is None:
        return []
    cases = await box_records.cases_of(actor.organisation)
    found = [(await records.lot(case), await box_records.box(case)) for case in cases]
    return sorted(found, key=lambda pair: pair[1].deadline_at or pair[0].registered_at, reverse=True)


def goes_on(box: BoxView, sha256: str) -> bool:
    """Whether the envelopes of this bid whose turn it is are opened: the second only of those who passed the first."""
    return box.going_on is None or sha256 in box.going_on


async def unrevealed_by(actor: Actor, box: BoxView) -> bool:
    """Whether this bidder's standing bid still waits for its seeds."""
    chain = await box_records.chain(box.case, actor.organisation_code)
    if not chain or chain[-1].kind != "bid":
        return False
    seeds = await box_records.seeds(box.case)
    if not goes_on(box, chain[-1].sha256):
        return False
    return any((chain[-1].sha256, stage) not in seeds for stage in box.due)


async def box_or_none(lot: LotRow) -> BoxView | None:
    """The lot's box, once it has one."""
    try:
        return await box_records.box(lot.id)
    except NotFound:
        return None


def law_of(lot: LotRow) -> list[Limit]:
    """The limits fixed for this case on the day of its notice."""
    return list(LawInForce.from_json(lot.law)) if lot.law else []


NEAR = {
    "document_issued",
    "document_closed",
    "document_clarified",
    "document_objected",
    "document_answered",
    "bid_deadline",
    "estimate",
    "deposit",
}
"""What limits measure that bind between the notice and the opening."""


def near_and_far(limits: Iterable[Limit]) -> tuple[list[Limit], list[Limit]]:
    """The limits a bidder lives with until the opening, and those of later days."""
    found = list(limits)
    near = [limit for limit in found if NEAR.issuperset(limit.measures)]
    return near, [limit for limit in found if limit not in near]


def actions(lot: LotRow, actor: Actor) -> list[dict[str, str]]:
    """The buttons of a case for the one who looks at it; what is not his is not there."""
    found = []
    own = actor.organisation in (lot.purchaser, lot.agent)
    if own and lot.stage == Stage.ACCEPTED:
        found.append(_button("发布招标公告", f"/lots/{lot.id}/publish"))
    if own and lot.stage == Stage.ANNOUNCED:
        found.append(_button("发布变更公告", f"/lots/{lot.id}/amend", "secondary"))
    if actor.role == "operator" and lot.stage == Stage.REGISTERED:
        found.append(_button("办理受理", f"/projects/{lot.project}/accept"))
    if lot.stage in (Stage.ANNOUNCED, Stage.CLOSED, Stage.OPENING):
        found.append(_button("进入开标大厅", f"/lots/{lot.id}/hall", "quiet"))
    if actor.role == "operator" and lot.stage in WINDOWS["book_room"] | WINDOWS["keep_recording"]:
        found.append(_button("开标评标场地", f"/lots/{lot.id}/rooms", "secondary"))
    if (own or actor.role == "operator") and lot.stage in RECORDED | {Stage.ANNOUNCED, Stage.CLOSED, Stage.OPENING}:
        found.append(_button("评标委员会", f"/lots/{lot.id}/panel", "secondary"))
    if own:
        found += [_button(*one) for one in (*sitting_todos.purchaser_actions(lot), *award_desk.purchaser_actions(lot))]
    if (own or actor.role == "operator") and lot.stage in WINDOWS["rehearse_opening"] and lot.mode != "bidder-only":
        found.append(_button("开标演练", f"/lots/{lot.id}/rehearsals", "quiet"))
    found += [_button(*one) for one in award_desk.public_actions(lot)]
    if lot.stage in RECORDED or (lot.failure and lot.opened_at):
        found.append(_button("查看开标记录", f"/lots/{lot.id}/record", "secondary"))
    if lot.stage == Stage.ARCHIVED and permission("read_archive", actor.role):
        found.append(_button("下载完整归档包", f"/api/v1/lots/{lot.id}/archive.zip", "quiet"))
    return found


async def hall_rights(lot: LotRow, actor: Actor) -> dict[str, bool]:
    """What this visitor of the opening hall may do there, when its time has come."""
    party = actor.role in ("purchaser", "agent") and actor.organisation in (lot.purchaser, lot.agent)
    chain = await box_records.chain(lot.id, actor.organisation_code) if actor.role == "bidder" else []
    centre = actor.role == "operator" and in_scope(actor, lot.region)
    came = [(one.organisation, one.role) for one in await session.attendance(lot.id)]
    return {
        "can_sign_in": (party or centre or bool(chain)) and (actor.organisation, actor.role) not in came,
        "can_object": bool(chain),
        "can_reveal": lot.mode != "roles" and await _may_reveal(lot, chain),
        "can_answer": party,
        "can_conclude": party,
    }


async def _may_reveal(lot: LotRow, chain: Sequence[BidView]) -> bool:
    """Whether the last of this bidder's messages is a bid whose turn it is."""
    if not chain or chain[-1].kind != "bid":
        return False
    return goes_on(await box_records.box(lot.id), chain[-1].sha256)


async def may_sign(lot: LotRow, actor: Actor) -> bool:
    """Whether this visitor of the opening record may put his organisation's name under it."""
    if lot.stage not in WINDOWS["sign_opening"] or not permission("sign_opening", actor.role):
        return False
    found = await records.opening(lot.id)
    signed = [(one.organisation, one.role, one.sha256) for one in await session.signatures(lot.id)]
    if found is None or (actor.organisation, actor.role, found[1]) in signed:
        return False
    if actor.role == "bidder":
        return await session.takes_part(actor, lot.id)
    return actor.organisation in (lot.purchaser, lot.agent) or in_scope(actor, lot.region)


def facts(lot: LotRow) -> list[dict[str, Any]]:
    """What a case's page says of it in one column."""
    return [
        {"label": "环节", "value": lot.stage_name},
        {"label": "招标人", "value": lot.purchaser_name},
        {"label": "招标代理", "value": lot.agent_name},
        {"label": "批准文号", "value": lot.approval},
        {"label": "资金来源", "value": lot.funding},
        {"label": "估算价", "value": lot.estimate, "kind": "money"},
        {"label": "最高投标限价", "value": lot.ceiling, "kind": "money"},
        {"label": "投标保证金", "value": lot.deposit, "kind": "money"},
        {"label": "行政监督部门", "value": lot.department},
    ]


def _button(label: str, href: str, kind: str = "primary") -> dict[str, str]:
    return {"label": label, "href": href, "kind": kind}
