"""What the regulator has decided about items and agencies is carried out here, once, with its own event."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast
from uuid import UUID

import asyncpg
from piccolo.columns import Column

from intermediaries import profile
from intermediaries.case import agency_act
from intermediaries.catalogue import ServiceItem, item_id
from intermediaries.records import agencies as records
from intermediaries.rules.items import item_problems
from intermediaries.stages import AgencyStage
from intermediaries.tables import Item, ItemProposal, ItemVersion
from kernel import inbox
from kernel.acts import Beat, acting
from kernel.decisions import Decision, take
from kernel.errors import BadInput, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.jobs import schedule
from kernel.proofs.canonical import decode

KINDS = ("approve_item", "refuse_item", "withdraw_item", "suspend_agency", "restore_agency", "clear_agency")


async def carry_out(actor: Actor, decision: Decision) -> None:
    """Do what a decision says and mark it as taken, in one transaction; refuses what cannot be done as it stands."""
    doing: Mapping[str, Callable[[Actor, Decision], Awaitable[None]]] = {
        "approve_item": _approve_item,
        "refuse_item": _refuse_item,
        "withdraw_item": _withdraw_item,
        "suspend_agency": _suspend,
        "restore_agency": _restore,
        "clear_agency": _clear,
    }
    await doing[decision.kind](actor, decision)


async def _approve_item(actor: Actor, decision: Decision) -> None:
    refuse_all(item_problems(decision.facts), BadInput)
    item = ServiceItem.of(decision.facts)
    if item_id(item.code) != decision.subject:
        raise BadInput(Problem("item_misnamed", "决定的对象与事项编码不一致", "请重新作出决定"))
    async with acting("approve_item", actor, decision.subject) as beat:
        await _write(beat, decision, item, "approved", "listed")


async def _refuse_item(actor: Actor, decision: Decision) -> None:
    """What was proposed is not taken up; the list stays as it is."""
    async with acting("refuse_item", actor, decision.subject) as beat:
        code = await _close_proposals(beat, decision, "不予列入")
        if not code:
            raise WrongStage(Problem("no_proposal_waits", "没有等待审批的申报", "请核对编号"))
        await _taken(beat, decision, code)


async def _withdraw_item(actor: Actor, decision: Decision) -> None:
    async with acting("withdraw_item", actor, decision.subject) as beat:
        row = await Item.select(Item.body, Item.state).where(Item.id == decision.subject).first()
        if row is None or row["state"] != "listed":
            raise WrongStage(Problem("item_not_listed", "清单中没有这个事项", "请核对编码", field="row.code"))
        item = ServiceItem.of(decode(row["body"]))
        await _write(beat, decision, item, "ended", "withdrawn")


async def _write(beat: Beat, decision: Decision, item: ServiceItem, kind: str, state: str) -> None:
    """The next version; what agencies promised is judged anew by the clockwork, each agency by itself."""
    row = await Item.select(Item.version).where(Item.id == item.id).first()
    n = (row["version"] if row else 0) + 1
    values: dict[str, Any] = {
        "name": item.name,
        "category": item.category,
        "department": item.department,
        "state": state,
        "version": n,
        "body": item.data,
        "sha256": item.sha256,
        "since": beat.at,
    }
    if row is None:
        await Item.insert(Item(id=item.id, code=item.code, **values))
    else:
        await Item.update(cast(dict[Column | str, Any], values)).where(Item.id == item.id)
    said: dict[str, Any] = {
        "decided_by": decision.decided_by,
        "says": decision.says,
        "decision": decision.id,
        "since": beat.at,
    }
    await ItemVersion.insert(
        ItemVersion(id=new_id(), item=item.id, n=n, kind=kind, body=item.data, sha256=item.sha256, **said)
    )
    await _close_proposals(beat, decision, "按审定的内容列入" if state == "listed" else "已取消")
    await _rejudge(beat.connection, item.id)
    await _taken(beat, decision, item.code)


async def _close_proposals(beat: Beat, decision: Decision, outcome: str) -> str:
    """Answer what was proposed for this item; its code, empty when nobody waited for an answer."""
    code = ""
    mine = (ItemProposal.item == decision.subject) & ItemProposal.decided_at.is_null()
    for proposal in await ItemProposal.select().where(mine):
        code = proposal["code"]
        values: dict[Column | str, Any] = {
            ItemProposal.decided_at: beat.at,
            ItemProposal.outcome: f"{outcome}：{decision.says}"[:400],
        }
        await ItemProposal.update(values).where(ItemProposal.id == proposal["id"])
        fields = {"code": code, "outcome": outcome, "reason": decision.says[:300]}
        whom = proposal["organisation"]
        await inbox.send(beat.connection, "item_decided", fields=fields, organisation=whom, link=f"/items/{code}")
    return code


async def _rejudge(connection: asyncpg.Connection, item: UUID) -> None:
    rows = await connection.fetch("select agency from intermediaries.promise where item = $1", item)
    for row in rows:
        dedup = f"rejudge:{row['agency']}"
        await schedule(connection, "agency", {"agency": str(row["agency"])}, dedup=dedup)


async def _suspend(actor: Actor, decision: Decision) -> None:
    async with agency_act("suspend_agency", actor, decision.subject) as case:
        changes = {"halted_by": "decision", "halted_why": decision.says, "halted_at": case.beat.at}
        if case.agency.stage == AgencyStage.SUSPENDED:
            await case.change(**changes)
        else:
            await case.move(AgencyStage.SUSPENDED, **changes)
        await case.tell("agency_suspended", reason=decision.says[:400])
        await _taken(case.beat, decision, case.agency.code)


async def _restore(actor: Actor, decision: Decision) -> None:
    """Back in, if anything is left that it may serve; otherwise it stays out until its certificates are in order."""
    async with agency_act("restore_agency", actor, decision.subject) as case:
        if case.agency.halted_by != "decision":
            says = "机构不是因监督决定暂停的，换领证书并核验后自行恢复"
            raise WrongStage(Problem("not_halted_by_decision", says, "无须作出恢复决定"))
        served = await profile.refresh(await records.agency(case.agency.id), case.beat.at)
        if served:
            await case.move(AgencyStage.ACTIVE, halted_by="", halted_why="", halted_at=None)
            await case.tell("agency_restored", reason=decision.says[:400])
        else:
            await case.change(halted_by="certificate", halted_why="没有一项服务事项的资质仍然有效")
        await _taken(case.beat, decision, case.agency.code)


async def _clear(actor: Actor, decision: Decision) -> None:
    async with agency_act("clear_agency", actor, decision.subject) as case:
        changes = {"halted_by": "decision", "halted_why": decision.says, "halted_at": case.beat.at}
        await case.move(AgencyStage.CLEARED, **changes)
        await case.tell("agency_cleared", reason=decision.says[:400])
        await _taken(case.beat, decision, case.agency.code)


async def _taken(beat: Beat, decision: Decision, subject: str) -> None:
    if not await take(beat.connection, decision.id):
        raise WrongStage(Problem("decision_taken", "这份决定已经办理", "无须重复办理"))
    facts = {"decision": str(decision.id), "by": decision.decided_by, "says": decision.says}
    await beat.record(subject, act=decision.kind, hashes={"decision": decision.sha256}, facts=facts)
