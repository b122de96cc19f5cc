"""A holder's desk: what waits for him, and what he posts; the same on both sites."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kernel import log
from kernel.acts import Beat
from kernel.box import duty, opening_tasks, readiness, records, release, setup
from kernel.box.records import BoxView, HolderView
from kernel.box.submit import as_required
from kernel.box.tables import Holder
from kernel.box.waiting_records import boxes_for
from kernel.clock import now
from kernel.db import HOME, TRADING, transaction
from kernel.errors import BadInput, Forbidden, Problem, WrongStage
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.proofs import dsse
from kernel.proofs.canonical import to_base64
from kernel.proofs.holding import read_key
from kernel.proofs.setup import ROLES

KEY_WORK = {
    "key": "提供本标段的密钥",
    "setup": "签署标箱设定",
    "deadline": "签署投标截止时间",
    "tested": "试开测试信封",
    "attest": "核验密封件",
    "release": "交出份额",
}
"""What waits for a holder's keys → what it is called."""


async def register(actor: Actor, public_key: bytes, recipient: str) -> UUID:
    """Make an officer a holder for his role: his signing key and the recipient of his master."""
    if len(public_key) != 32 or not recipient.startswith("age1") or len(recipient) > 80:
        raise BadInput(Problem("bad_key", "公钥格式不对", "请用 yangguang trustee 生成"))
    if actor.role not in ROLES or actor.person is None or actor.organisation is None:
        raise Forbidden(Problem("no_holder_role", "您的角色不持有份额", "持钥人由交易中心、监督部门、招标人指定"))
    if await Holder.exists().where(Holder.public_key == public_key):
        raise WrongStage(Problem("key_known", "这把公钥已经登记", "请用 yangguang trustee 另行生成"))
    row = Holder(
        id=new_id(),
        person=actor.person,
        name=actor.name,
        role=actor.role,
        organisation=actor.organisation,
        region=actor.region,
        public_key=public_key,
        recipient=recipient,
        since=await now(),
    )
    async with transaction(TRADING), transaction(HOME) as home:
        await Holder.insert(row)
        facts = {"key": public_key.hex(), "role": actor.role}
        await log.record(
            home, case_key="holders", act="register_holder", actor=actor, subject=str(row.id), at=row.since, facts=facts
        )
    return UUID(str(row.id))


async def holders_of(person: UUID) -> list[HolderView]:
    """A person's keys in force."""
    async with transaction(TRADING) as connection:
        rows = await connection.fetch(
            f"{records.HOLDER} where person = $1 and until is null",
            person,
        )
    return [HolderView(**dict(row)) for row in rows]


async def take(beat: Beat, box: BoxView, holder: HolderView, kind: str, signed: dsse.Signed, stage: str = "") -> None:
    """One posted object, to where it belongs."""
    if kind == "key":
        await setup.take_key(beat, holder, signed)
    elif kind == "setup":
        await setup.take_setup_signature(beat, holder, signed)
    elif kind == "deadline":
        await setup.take_deadline_signature(beat, holder, signed)
    elif kind == "tested":
        with as_required():
            await readiness.take(beat, box, holder, signed)
    elif kind == "attest":
        await release.take_attest(beat, box, holder, signed, stage)
    elif kind == "release":
        await release.take_release(beat, box, holder, signed, stage)
    else:
        raise BadInput(Problem("unknown_kind", "不认识的办理事项", "请更新客户端后重试", field="kind"))


async def waiting(holders: Sequence[HolderView]) -> list[dict[str, Any]]:
    """Everything that waits for this person's keys, over all boxes, with what he needs to do it."""
    tasks: list[dict[str, Any]] = []
    keyids = {own.keyid for own in holders}
    for box in await boxes_for(holders[0].person, sorted(keyids)) if holders else []:
        for holder in (h for h in await records.holders(box) if h.keyid in keyids):
            tasks += await _waiting(box, holder)
    return tasks


async def _waiting(box: BoxView, holder: HolderView) -> list[dict[str, Any]]:
    place = {
        "case": str(box.case),
        "tender": box.tender,
        "lot": box.lot,
        "keyid": holder.keyid,
        "role": holder.role,
    }
    found = await _at_setup(box, holder) + await _at_readiness(box, holder)
    if box.state == "opening" and holder.keyid in {h.keyid for h in await readiness.in_setup(box)}:
        found += await opening_tasks.tasks(box, holder)
    return [place | task for task in found]


async def _at_setup(box: BoxView, holder: HolderView) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = []
    offered = {m.author: m for m in await records.messages(box.case, "key")}
    wanted = {h.keyid for h in await duty.on_duty(box, await now())} if box.state == "setup" else set()
    if box.state == "setup" and not box.setup and holder.keyid in wanted and holder.keyid not in offered:
        tasks.append({"do": "key", "recipient": holder.recipient})
    if box.state == "setup" and box.setup and holder.keyid in offered:
        fixed = await records.setup(box)
        kids = {key.kid for role in fixed.roles for key in role.keys}
        signed = {m.author for m in await records.messages(box.case, "setup") if m.sha256 == box.setup}
        if read_key(offered[holder.keyid].body).kid in kids and holder.keyid not in signed:
            own = to_base64(offered[holder.keyid].envelope)
            tasks.append({"do": "setup", "body": to_base64(fixed.data), "key": own})
    if box.deadline and holder.role == "purchaser":
        current = [m for m in await records.messages(box.case, "deadline") if m.sha256 == box.deadline]
        if all(not m.author for m in current):
            tasks.append({"do": "deadline", "body": to_base64(current[0].body)})
    return tasks


async def _at_readiness(box: BoxView, holder: HolderView) -> list[dict[str, Any]]:
    waits = await readiness.waits_for(box, holder) if box.state == "ready" else None
    if waits is None:
        return []
    message, kid = waits
    wrap = (await records.wraps(box.case)).get(kid, b"")
    due = box.deadline_at.isoformat() if box.deadline_at else ""
    return [{"do": "tested", "body": to_base64(message.body), "wrap": to_base64(wrap), "kid": kid, "due": due}]
