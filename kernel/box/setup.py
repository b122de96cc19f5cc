"""The set-up: every holder offers a stage key, setup.json is made of them, every holder signs it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.acts import Beat
from kernel.box import duty, messages, records
from kernel.box.records import BoxView, HolderView
from kernel.box.tables import Box, Wrap
from kernel.errors import BadInput, Problem, Refusal, WrongStage
from kernel.ids import secret_id
from kernel.proofs import dsse
from kernel.proofs.deadline import build_deadline, check_later, read_deadline
from kernel.proofs.holding import read_key
from kernel.proofs.setup import ROLES, build_setup


@dataclass(frozen=True, slots=True)
class BoxPlan:
    """What a duty asks of a new box."""

    tender: str
    lot: str
    region: str
    purchaser: UUID
    mode: str
    stages: tuple[tuple[str, str], ...]
    minimum: int
    window_minutes: int
    fallback_minutes: int
    rehearsal: bool = False
    later: frozenset[str] = frozenset()


async def prepare(beat: Beat, plan: BoxPlan) -> None:
    """Make the lot's box; in mode `bidder-only`, which has no shares, its set-up is complete at once."""
    await Box.insert(
        Box(
            case=beat.case,
            tender=plan.tender,
            lot=plan.lot,
            region=plan.region,
            purchaser=plan.purchaser,
            mode=plan.mode,
            stages=json.dumps([_stage(plan, *stage) for stage in plan.stages]),
            minimum=plan.minimum,
            window_minutes=plan.window_minutes,
            fallback_minutes=plan.fallback_minutes,
            rehearsal=plan.rehearsal,
        )
    )
    if plan.mode == "bidder-only":
        await _fix(beat, await records.box(beat.case), {})
        await Box.update({Box.state: "ready", Box.ready_at: beat.at}).where(Box.case == beat.case)


def _stage(plan: BoxPlan, name: str, to: str) -> dict[str, str | bool]:
    return {"id": name, "to": to} | ({"later": True} if name in plan.later else {})


async def take_key(beat: Beat, holder: HolderView, signed: dsse.Signed) -> None:
    """A holder's stage key for this lot, whose wrapped private half lies in the box already (`leave_wrap`)."""
    box = await records.box(beat.case)
    if box.state != "setup" or box.setup:
        raise WrongStage(Problem("setup_fixed", "设定已经生成，不再收新的密钥", "如需更换持钥人，请另行设定"))
    key = read_key(dsse.require(signed, [holder.public_key]))
    if (key.tender, key.lot, key.role) != (box.tender, box.lot, holder.role):
        raise Refusal(Problem("key_of_another_lot", "密钥不是为本标段本角色生成的", "请重新生成"))
    if holder.keyid not in {h.keyid for h in await duty.on_duty(box, beat.at)}:
        raise WrongStage(Problem("not_on_duty", "本标段的持钥人已由同岗的其他人担任", "无需办理"))
    if any(m.author == holder.keyid for m in await records.messages(beat.case, "key")):
        raise WrongStage(Problem("key_offered", "您已为本标段提供过密钥", "无需重复办理"))
    wrapped = (await records.wraps(beat.case)).get(key.kid)
    if wrapped is None or hashlib.sha256(wrapped).hexdigest() != key.wrap:
        raise BadInput(Problem("wrap_missing", "没有随密钥交来它的密封私钥", "请更新工具后重新办理"))
    await messages.put(beat, "key", holder.role, signed, author=holder.keyid)


async def leave_wrap(case: UUID, signed: dsse.Signed, wrap: bytes) -> None:
    """Put the wrapped private half beside its key: it opens for the holder's master only, and can be deleted."""
    key = read_key(signed.payload)
    if hashlib.sha256(wrap).hexdigest() != key.wrap:
        raise BadInput(Problem("wrap_differs", "密封私钥与密钥所写的摘要不符", "请重新生成"))
    if key.kid not in await records.wraps(case):
        await Wrap.insert(Wrap(id=secret_id(), case=case, kid=key.kid, wrapped=wrap))


async def retire(beat: Beat) -> None:
    """Delete the wraps of the stage keys: from now on nobody can open what stayed sealed in this box."""
    if await records.wraps(beat.case):
        await Wrap.delete().where(Wrap.case == beat.case)
        await beat.record("retired", act="box_retired")


async def assemble(beat: Beat, box: BoxView, *, without_missing: bool = False) -> bool:
    """Fix setup.json once everybody on duty has offered a key, or, when asked, with those who have.

    Every role needs two at least. It is made anew without one who went away before he signed. True when it was
    fixed now.
    """
    if box.state != "setup" or (box.setup and not await _lost_one(beat, box)):
        return False
    offered = {m.author: m for m in await records.messages(beat.case, "key")}
    named = await duty.on_duty(box, beat.at)
    present = [h for h in named if h.keyid in offered]
    complete = len(present) == len(named) or without_missing or bool(box.setup)
    if not complete or any(sum(h.role == role for h in present) < duty.LEAST for role in ROLES):
        await _reopen(beat, box)
        return False
    keys: dict[str, Sequence[bytes]] = {
        role: [read_key(offered[h.keyid].body).pk for h in present if h.role == role] for role in ROLES
    }
    await _fix(beat, box, keys)
    return True


async def _lost_one(beat: Beat, box: BoxView) -> bool:
    """Whether somebody whose signature the fixed set-up still waits for is away."""
    waits = await _unsigned(box)
    return any(h.keyid in waits and h.away(beat.at) for h in await records.holders(box))


async def _reopen(beat: Beat, box: BoxView) -> None:
    """Without the one who went away too few are left: somebody steps in with a new key, and all sign again."""
    if box.setup:
        await Box.update({Box.setup: ""}).where(Box.case == beat.case)
        await beat.record("setup", act="box_reopened", hashes={"setup": box.setup})


async def _unsigned(box: BoxView) -> set[str]:
    """The keyids of those whose keys stand in the fixed set-up and who have not signed it."""
    in_setup = {key.kid for role in (await records.setup(box)).roles for key in role.keys}
    offered = {m.author: read_key(m.body).kid for m in await records.messages(box.case, "key")}
    needed = {author for author, kid in offered.items() if kid in in_setup}
    return needed - {m.author for m in await records.messages(box.case, "setup") if m.sha256 == box.setup}


async def _fix(beat: Beat, box: BoxView, keys: dict[str, Sequence[bytes]]) -> None:
    data = build_setup(
        mode=box.mode,
        tender=box.tender,
        lot=box.lot,
        keys=keys,
        stages=[(s["id"], s["to"]) for s in box.stages],
        later=[s["id"] for s in box.stages if s.get("later")],
        prev=box.setup,
        rehearsal=box.rehearsal,
    )
    draft = dsse.sign(data)
    await messages.put(beat, "setup", "platform", draft)
    await Box.update({Box.setup: draft.sha256}).where(Box.case == beat.case)


async def take_setup_signature(beat: Beat, holder: HolderView, signed: dsse.Signed) -> None:
    """A holder's signature over the fixed set-up; with the last of them sealing may open."""
    box = await records.box(beat.case)
    dsse.require(signed, [holder.public_key])
    if not box.setup or signed.sha256 != box.setup:
        raise Refusal(Problem("other_setup", "签的不是本标段当前的设定", "请刷新后重新签署"))
    await messages.put(beat, "setup", holder.role, signed, author=holder.keyid)


async def complete(beat: Beat, box: BoxView) -> bool:
    """Open the box for sealing once everybody whose key is in the set-up has signed it."""
    if box.state != "setup" or not box.setup:
        return False
    if await _unsigned(box):
        return False
    await Box.update({Box.state: "ready", Box.ready_at: beat.at}).where(Box.case == beat.case)
    await beat.record("setup", act="box_ready", hashes={"setup": box.setup})
    return True


async def signed_setup(box: BoxView) -> dsse.Signed:
    """setup.json with every signature given so far."""
    parts = [m for m in await records.messages(box.case, "setup") if m.sha256 == box.setup]
    merged = {s.keyid: s for m in parts for s in m.signed.signatures}
    return dsse.Signed(parts[0].body, dsse.PAYLOAD_TYPE, tuple(merged[k] for k in sorted(merged)))


async def set_deadline(beat: Beat, at: datetime, reason: str = "") -> str:
    """Draft deadline.json, the first or a later one of the chain; the purchaser's holder signs it. Its SHA-256."""
    box = await records.box(beat.case)
    data = build_deadline(tender=box.tender, lot=box.lot, at=at, prev=box.deadline, reason=reason)
    new = read_deadline(data)
    if box.deadline:
        check_later(new, read_deadline(await _deadline_body(box)))
    await messages.put(beat, "deadline", "platform", dsse.sign(data))
    await Box.update({Box.deadline: new.sha256, Box.deadline_at: new.at, Box.deadline_signed: False}).where(
        Box.case == beat.case
    )
    return new.sha256


async def take_deadline_signature(beat: Beat, holder: HolderView, signed: dsse.Signed) -> None:
    """The purchaser's signature over the current deadline."""
    box = await records.box(beat.case)
    dsse.require(signed, [holder.public_key])
    if holder.role != "purchaser" or signed.sha256 != box.deadline:
        raise Refusal(Problem("other_deadline", "签的不是本标段当前的截止时间", "请刷新后由招标人的持钥人签署"))
    await messages.put(beat, "deadline", holder.role, signed, author=holder.keyid)
    await Box.update({Box.deadline_signed: True, Box.sealing_open: True}).where(Box.case == beat.case)


async def sign_deadline(beat: Beat, platform: dsse.Signer) -> None:
    """Sign the current deadline with the platform's own key, for a purchaser who holds none.

    Only in mode `bidder-only`: there nobody but the bidder can open, so the deadline gives nobody a key too early.
    """
    box = await records.box(beat.case)
    if box.mode != "bidder-only":
        raise ValueError("a deadline that shares hang on is signed by the purchaser's holder")
    signed = dsse.sign(await _deadline_body(box), platform)
    await messages.put(beat, "deadline", "operator", signed, author=dsse.keyid_of(platform.public))
    await Box.update({Box.deadline_signed: True, Box.sealing_open: True}).where(Box.case == beat.case)


async def set_window(beat: Beat, minutes: int) -> None:
    """How long bidders have to reveal, as the notice says."""
    await Box.update({Box.window_minutes: minutes}).where(Box.case == beat.case)


async def postpone(
    beat: Beat, reveal_until: datetime | None, fallback_until: datetime | None, cure_until: datetime | None
) -> None:
    """Give back the time that was taken from those who reveal, release and prove their envelopes well made."""
    await Box.update(
        {Box.reveal_until: reveal_until, Box.fallback_until: fallback_until, Box.cure_until: cure_until}
    ).where(Box.case == beat.case)


async def set_notice(beat: Beat, sha256: str) -> None:
    """The latest notice or amendment: what a bid says it answers."""
    await Box.update({Box.notice: sha256}).where(Box.case == beat.case)


async def _deadline_body(box: BoxView) -> bytes:
    bodies = {m.sha256: m.body for m in await records.messages(box.case, "deadline")}
    return bodies[box.deadline]
