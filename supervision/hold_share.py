"""The regulator's holders: their keys are named here, and what they sign is posted from here, as exact bytes.

The trading side verifies everything again before it counts; this side can only add rows of its own role.
"""

from uuid import UUID

from kernel.box import desk
from kernel.box import records as boxes
from kernel.box.posts import post_message
from kernel.box.setup import leave_wrap
from kernel.box.submit import as_required
from kernel.db import HOME, transaction
from kernel.errors import Forbidden, Problem
from kernel.identity import Actor
from kernel.proofs import dsse
from kernel.proofs.errors import ProofError
from supervision.acts import record


async def post(actor: Actor, lot: UUID, kind: str, stage: str, envelope: bytes, wrap: bytes = b"") -> None:
    """Post a signed object into a box; refused unless a key of the officer's that this box names signed it.

    Every holder of the region holds in its boxes, whichever department a project is under.
    """
    box = await boxes.box(lot)
    named = {holder.keyid for holder in await boxes.holders(box)}
    signed = _own([own for own in await desk.holders_of(_person(actor)) if own.keyid in named], envelope)
    async with transaction(HOME):
        await record("hold_key", actor, lot, kind, hashes={kind: signed.sha256}, facts={"stage": stage})
        if kind == "key":
            with as_required():
                await leave_wrap(box.case, signed, wrap)
        await post_message(box.case, kind, "regulator", stage, signed)


def _own(holders: list[boxes.HolderView], envelope: bytes) -> dsse.Signed:
    try:
        signed = dsse.read(envelope)
        for holder in holders:
            if dsse.verify(signed, [holder.public_key]):
                return signed
    except ProofError as error:
        raise Forbidden(Problem(error.code, f"签名内容不合格式：{error.says}", "请用本平台的工具重新生成")) from None
    raise Forbidden(Problem("not_a_holder", "不是您名下登记的密钥所签", "请先登记密钥，再用它办理"))


def _person(actor: Actor) -> UUID:
    if actor.person is None:
        raise Forbidden(Problem("no_person", "须由本人办理", "请登录后办理"))
    return actor.person
