"""开标: bidders reveal, or the three roles release; when all is resolved the prices are shown together."""

from collections.abc import Sequence
from uuid import UUID

from bidding.case import LotCase, Tools, lot_act
from bidding.schemas import RevealBid, SignedObject
from bidding.stages import Stage
from bidding.steps.close import after_close
from bidding.steps.record import set_session_end
from bidding.steps.submit import decoded
from kernel import inbox
from kernel.box import desk, progress, reveal
from kernel.box import records as box_records
from kernel.box.records import HolderView
from kernel.box.submit import as_required
from kernel.clock import when
from kernel.errors import BadInput, Forbidden, Problem, WrongStage
from kernel.identity import Actor
from kernel.proofs import dsse
from kernel.proofs.canonical import decode
from storage import keeping

LARGEST_INDEX = 4 * 1024 * 1024
"""A sealed index holds names and a form; one of more than 4 MiB is not read."""


async def reveal_bid(tools: Tools, actor: Actor, lot: UUID, command: RevealBid) -> int:
    """投标人在线解密: the seeds of every stage, checked at once; how many stages are revealed."""
    async with lot_act("reveal_bid", actor, lot) as case:
        box = await box_records.box(lot)
        chain = await box_records.chain(lot, actor.organisation_code)
        if not chain or chain[-1].kind != "bid":
            raise WrongStage(Problem("nothing_to_reveal", "您在本标段没有有效的标书", "请核对标段"))
        for text in command.envelopes:
            signed = dsse.read(decoded(text))
            await reveal.take(case.beat, box, signed, _stage_of(signed), chain[-1])
        await walk(tools, case)
    return len(command.envelopes)


async def hold_share(
    tools: Tools, actor: Actor, lot: UUID, kind: str, stage: str, command: SignedObject
) -> None:
    """What a holder of the trading side posts: a key, a signature, an attestation, a release."""
    async with lot_act("hold_key", actor, lot) as case:
        signed = dsse.read(decoded(command.envelope))
        holder = _holder(await desk.holders_of(_person(actor)), signed, actor.role)
        await desk.take(case.beat, await box_records.box(lot), holder, kind, signed, stage)
        await walk(tools, case)


async def advance(tools: Tools, actor: Actor, lot: UUID) -> None:
    """The clockwork's turn: take what the regulator's side posted, and do what time has made due."""
    async with lot_act("advance_box", actor, lot) as case:
        await walk(tools, case)
        if not case.beat.events:
            raise Unmoved


class Unmoved(Exception):
    """Nothing was due: the empty act leaves no trace."""


async def walk(tools: Tools, case: LotCase) -> None:
    """Let the box go as far as it can, and the lot's stage with it."""

    async def fetch(sha256: str) -> bytes:
        return b"".join([part async for part in keeping.read(tools.store, sha256, length=LARGEST_INDEX)])

    moved = await progress.advance(case.beat, regulator=tools.regulator, fetch=fetch)
    await after_close(tools, case, moved.after)
    if moved.after in ("opening", "opened") and case.lot.stage == Stage.CLOSED:
        await case.move(Stage.OPENING)
        await _call_bidders(case)
        await case.beat.record(case.lot.code, act="begin_opening")
    if moved.after == "opened" and moved.before != "opened":
        await case.change(opened_at=case.beat.at)
        await set_session_end(case)


async def _call_bidders(case: LotCase) -> None:
    box = await box_records.box(case.lot.id)
    if box.reveal_until is None:
        return
    standing, _ = await box_records.standing(case.lot.id)
    fields = {"project": case.lot.name, "code": case.lot.code, "until": when(box.reveal_until)}
    for bid in standing:
        link = f"/lots/{case.lot.id}/reveal"
        await inbox.send(
            case.beat.connection, "reveal_open", fields=fields, organisation=bid.organisation, link=link
        )


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
