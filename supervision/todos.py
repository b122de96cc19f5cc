"""待办: all that waits for one officer, whichever part of his office it comes from; what cannot wait stands first."""

from typing import Any

from bidding.stages import Stage
from kernel.identity import Actor
from kernel.permissions import permission
from supervision import audit, card_records, cases, decide, drafts
from supervision.complaints.todos import todos as complaints
from supervision.desk import key_todos, todo

MOST = 10
"""Of each kind a workbench names so many; their own pages have them all."""


async def todos(actor: Actor) -> list[dict[str, Any]]:
    """What waits for this officer: openings first, then complaints by their clocks, then the rest, other keys last."""
    keys = await key_todos(actor)
    found = [*await _audits(actor), *await complaints(actor), *await _drafts(actor), *await _decisions(actor)]
    found += [*await _cards(actor), *await _late_regulators(actor)]
    now, later = ([key for key in keys if key["urgent"] is urgent] for urgent in (True, False))
    return sorted([*now, *found, *later], key=lambda one: not one["urgent"])


async def _audits(actor: Actor) -> list[dict[str, Any]]:
    """Envelopes that a holder calls bad while the time to prove or disprove it runs."""
    if not permission("audit_envelope", actor.role):
        return []
    found = []
    for lot in (await cases.cases(actor, Stage.OPENING))[0]:
        waiting, until = await audit.contested(lot.id)
        if waiting:
            place, href = f"{lot.project_name}　{lot.name}", f"/cases/{lot.id}/audits"
            found.append(todo("核实密封件", place, until, "去核实", href, "电子招标投标办法第三十一条", urgent=True))
    return found


async def _drafts(actor: Actor) -> list[dict[str, Any]]:
    """What another officer has drafted: it has no effect before a second one confirms."""
    if not permission("confirm_draft", actor.role):
        return []
    waiting = [draft for draft in await drafts.waiting(actor) if draft.person != actor.person]
    return [todo(f"复核{d.kind_name}", d.title, None, "去复核", f"/drafts/{d.id}") for d in waiting[:MOST]]


async def _decisions(actor: Actor) -> list[dict[str, Any]]:
    waiting = [each for each in await decide.waiting(actor) if permission(decide.act_of(each.kinds[0]), actor.role)]
    return [todo("审批", each.title, None, "去审批", decide.place_of(each)) for each in waiting[:MOST]]


async def _cards(actor: Actor) -> list[dict[str, Any]]:
    """Cards that were answered or put right: an officer looks and closes the matter."""
    if not permission("lift_card", actor.role):
        return []
    waiting = await card_records.to_review(actor, MOST)
    return [
        todo(f"复核{c.level_name}：{c.title}", c.case_title, None, "去复核", f"/cards/{c.id}", c.article)
        for c in waiting
    ]


async def _late_regulators(actor: Actor) -> list[dict[str, Any]]:
    """Whom an inspector watches: regulators who are late themselves."""
    if not permission("read_reads", actor.role):
        return []
    waiting = await card_records.of_regulators(actor, MOST)
    return [
        todo(f"监督部门{card.title}", card.case_title, None, "去查看", f"/cards/{card.id}", card.article)
        for card in waiting
    ]
