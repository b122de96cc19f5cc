"""Which complaints wait for an officer, what he owes them, by when, and the article that says so."""

from dataclasses import dataclass
from typing import Any

from kernel.identity import Actor
from kernel.permissions import permission
from supervision.complaints import desk
from supervision.complaints.case import shareholders
from supervision.complaints.records import ComplaintView
from supervision.complaints.stages import Stage

MOST = 20
"""A workbench names so many, the earliest due first; the list of complaints has them all."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing an officer owes a complaint."""

    title: str
    article: str
    action: str


async def todos(actor: Actor) -> list[dict[str, Any]]:
    """What waits for this officer among the complaints of his scope, the earliest due first.

    Cases whose key he held are left out: he must keep his hands off them.
    """
    if actor.person is None or not permission("handle_complaint", actor.role):
        return []
    found: list[dict[str, Any]] = []
    for row in await desk.listed(actor):
        waits = owed(actor, row["view"])
        if waits and actor.person != row["view"].person and actor.person not in await shareholders(row["view"].case):
            found.append(_todo(row, waits))
        if len(found) == MOST:
            break
    return found


def owed(actor: Actor, view: ComplaintView) -> Waiting | None:
    """What this officer should do next with this complaint; None where it waits for somebody else."""
    may, track = desk.acts_for(actor, view), view.track
    if view.stage == Stage.FILED:
        return Waiting("决定是否受理投诉", track.accept.article, "去办理")
    if "draft" in may:
        return Waiting("调查投诉，起草处理决定", track.decide.article, "去办理")
    if "join" in may:
        return Waiting("投诉还差一名调查人员", track.investigators_article, "去参加")
    if "confirm" in may:
        return Waiting("复核投诉处理决定", track.decide.article, "去复核")
    if "serve" in may:
        return Waiting("送达投诉文书", "", "去送达")
    return None


def _todo(row: dict[str, Any], waits: Waiting) -> dict[str, Any]:
    view: ComplaintView = row["view"]
    return {
        "title": waits.title,
        "case": f"{view.number}　{view.case_title}",
        "due": row["due"],
        "article": waits.article,
        "href": f"/complaints/{view.id}",
        "action": waits.action,
        "urgent": False,
    }
