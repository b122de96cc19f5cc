"""开标: bidders reveal, or the three roles release; when all is resolved the prices are shown together."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from bidding.case import LotCase, Tools, lot_act
from bidding.schemas import RevealBid, SignedObject, decoded
from bidding.turns import walk
from kernel.box import contest, desk, rehearsal, reveal
from kernel.box import records as box_records
from kernel.box.records import HolderView
from kernel.box.setup import leave_wrap
from kernel.box.submit import as_required
from kernel.errors import BadInput, Forbidden, Problem, WrongStage
from kernel.identity import Actor
from kernel.proofs import dsse
from kernel.proofs.canonical import decode


async def reveal_bid(tools: Tools, actor: Actor, lot: UUID, command: RevealBid) -> int:
    """投标人在线解密: the seeds of every stage, checked at once; how many stages are revealed. Again is no fault."""
    with suppress(Unmoved):
        await _reveal(tools, actor, lot, command)
    return len(command.envelopes)


async def _reveal(tools: Tools, actor: Actor, lot: UUID, command: RevealBid) -> None:
    async with lot_act("reveal_bid", actor, lot) as case:
        box = await box_records.box(lot)
        chain = await box_records.chain(lot, actor.organisation_code)
        if not chain or chain[-1].kind != "bid":
            raise WrongStage(Problem("nothing_to_reveal", "您在本标段没有有效的标书", "请核对标段"))
        for text in command.envelopes:
            signed = dsse.read(decoded(text))
            await reveal.take(case.beat, box, signed, _stage_of(signed), chain[-1])
        await _go_on(tools, case)


async def hold_share(tools: Tools, actor: Actor, lot: UUID, kind: str, stage: str, command: SignedObject) -> None:
    """What a holder of the trading side posts: a key, a signature, an attestation, a release. Again is no fault.

    Shares that are not those committed to are refused whole, and the case says whose they were.
    """
    if await rehearsal.is_one(lot):
        await _rehearse(tools, actor, lot, kind, stage, command)
        return
    try:
        with suppress(Unmoved):
            await _hold(tools, actor, lot, kind, stage, command)
    except BadInput as refused:
        if refused.code == "share_not_committed":
            await _say_whose(actor, lot, kind, stage, command, refused.code)
        raise


async def answer_cure(tools: Tools, actor: Actor, lot: UUID, command: RevealBid) -> int:
    """澄清解密问题: the bidder proves that envelopes called bad are well made, one signed object an envelope."""
    async with lot_act("answer_cure", actor, lot) as case:
        box = await box_records.box(lot)
        chain = await box_records.chain(lot, actor.organisation_code)
        if not chain or chain[-1].kind != "bid":
            raise WrongStage(Problem("no_bid_to_prove", "您在本标段没有有效的标书", "请核对标段"))
        for text in command.envelopes:
            signed = dsse.read(decoded(text))
            await contest.take_cure(case.beat, box, signed, _stage_of(signed), chain[-1])
        await walk(tools, case)
    return len(command.envelopes)


async def _hold(tools: Tools, actor: Actor, lot: UUID, kind: str, stage: str, command: SignedObject) -> None:
    async with lot_act("hold_key", actor, lot) as case:
        signed = dsse.read(decoded(command.envelope))
        holder = _holder(await desk.holders_of(_person(actor)), signed, actor.role)
        if kind == "key":
            with as_required():
                await leave_wrap(lot, signed, decoded(command.wrap))
        await desk.take(case.beat, await box_records.box(lot), holder, kind, signed, stage)
        await _go_on(tools, case)


async def _say_whose(actor: Actor, lot: UUID, kind: str, stage: str, command: SignedObject, code: str) -> None:
    signed = dsse.read(decoded(command.envelope))
    async with lot_act("hold_key", actor, lot) as case:
        holder = _holder(await desk.holders_of(_person(actor)), signed, actor.role)
        facts = {"code": code, "kind": kind, "role": holder.role, "author": holder.keyid, "stage": stage}
        await case.beat.record(f"{kind}:{holder.role}", act="box_refused", facts=facts | {"sha256": signed.sha256})


async def _rehearse(tools: Tools, actor: Actor, case: UUID, kind: str, stage: str, command: SignedObject) -> None:
    """The same into a rehearsal, which is no lot and leaves nothing in the log."""
    signed = dsse.read(decoded(command.envelope))
    holder = _holder(await desk.holders_of(_person(actor)), signed, actor.role)
    if kind == "key":
        with as_required():
            await leave_wrap(case, signed, decoded(command.wrap))
    await rehearsal.hold(actor, case, holder, kind, stage, signed)
    await rehearsal.turn(case, regulator=tools.regulator, receipts=tools.receipts, origin=tools.origin)


async def advance(tools: Tools, actor: Actor, lot: UUID) -> None:
    """The clockwork's turn: take what the regulator's side posted, and do what time has made due."""
    async with lot_act("advance_box", actor, lot) as case:
        await _go_on(tools, case)


async def _go_on(tools: Tools, case: LotCase) -> None:
    await walk(tools, case)
    if not case.beat.events:
        raise Unmoved


class Unmoved(Exception):
    """Nothing was due: the empty act leaves no trace."""


def _stage_of(signed: dsse.Signed) -> str:
    with as_required():
        value = decode(signed.payload)
    stage = value.get("stage") if isinstance(value, dict) else None
    if not isinstance(stage, str):
        raise BadInput(Problem("no_stage", "内容中没有写明阶段", "请用恢复文件重新生成"))
    return stage


def _holder(own: Sequence[HolderView], signed: dsse.Signed, role: str) -> HolderView:
    keyids = {signature.keyid for signature in signed.signatures}
    for holder in own:
        if holder.keyid in keyids and holder.role == role:
            return holder
    raise Forbidden(Problem("not_a_holder", "不是您名下登记的密钥所签", "请先登记密钥，再用它办理"))


def _person(actor: Actor) -> UUID:
    if actor.person is None:
        raise Forbidden(Problem("no_person", "须由本人办理", "请登录后办理"))
    return actor.person
