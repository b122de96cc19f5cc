"""核实密封件: a holder who calls envelopes bad shows his stage key of the lot; this side says what it saw.

The key is tried in memory and kept nowhere; what is posted are signed statements, one an envelope (etb.audit/1).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.box import contest
from kernel.box import records as boxes
from kernel.box.posts import post_message
from kernel.box.records import BoxView
from kernel.clock import now
from kernel.db import HOME, transaction
from kernel.errors import BadInput, Problem
from kernel.identity import Actor
from kernel.proofs import dsse
from kernel.proofs.anchored import TITLES
from kernel.proofs.bid import read_bid
from kernel.proofs.envelope import public_of
from kernel.proofs.opening import build_audit, read_audit
from kernel.proofs.setup import Setup
from kernel.proofs.stage import try_envelope
from supervision import cases
from supervision.acts import record

STAGES = {"price": "报价", "documents": "投标文件", "credit": "资信", "technical": "技术文件"}


@dataclass(frozen=True, slots=True)
class Audited:
    """What was seen of one envelope."""

    bid: str
    stage: str
    opens: bool


async def audit(actor: Actor, lot: UUID, private: bytes, process: dsse.Signer) -> list[Audited]:
    """Try every envelope that the holder of this stage key (32 bytes) calls bad; what was found is signed and posted.

    `BadInput` where the box knows no such key, or nothing of its holder is contested.
    """
    await cases.own_case(actor, lot)
    box = await boxes.box(lot)
    setup = await boxes.setup(box)
    kid, role = _holder(setup, private)
    found = [
        Audited(bid, stage, await _opens(setup, bid, stage, private))
        for bid, said in (await contest.open_bids(box, await now())).items()
        for stage, ruling in said
        if ruling.role == role and kid in ruling.kids
    ]
    if not found:
        raise BadInput(Problem("nothing_to_audit", "没有持钥人称这个密封件有误", "请核对标书和持钥方", field="key"))
    for one in found:
        await _say(actor, box, role, kid, one, process)
    return found


async def contested(lot: UUID) -> tuple[list[dict[str, Any]], datetime | None]:
    """What waits for a holder's key: [{bid, stage, role, count}], names to show; and until when it may be shown."""
    box = await boxes.box(lot)
    if box.state != "opening" or box.cure_until is None:
        return [], None
    heard = {(bid, stage, kid) for bid, stage, _, kid, _ in await _heard(box)}
    found = [
        _named(bid, stage, ruling.role, count)
        for bid, rulings in (await contest.open_bids(box, await now())).items()
        for stage, ruling in rulings
        if (count := sum((bid, stage, kid) not in heard for kid in ruling.kids))
    ]
    return found, box.cure_until


async def audited(lot: UUID) -> list[dict[str, Any]]:
    """What this side has seen of this case's envelopes, oldest first: {bid, stage, role, kid, opens}."""
    box = await boxes.box(lot)
    return [
        _named(bid, stage, role, 1) | {"kid": kid, "opens": opens}
        for bid, stage, role, kid, opens in (await _heard(box) if box.close else [])
    ]


async def _heard(box: BoxView) -> list[tuple[str, str, str, str, bool]]:
    """(bid, stage, role, kid, opens) of every audit posted, whether the box has taken it yet or not."""
    posted = [
        *await boxes.messages(box.case, "audit"),
        *(m for m in await boxes.untaken(box.case) if m.kind == "audit"),
    ]
    said = [read_audit(m.body, close=box.close, stage=m.stage) for m in posted]
    return [(one.bid, one.stage, one.role, one.kid, one.opens) for one in said]


def _named(bid: str, stage: str, role: str, count: int) -> dict[str, Any]:
    return {"bid": bid, "stage": STAGES.get(stage, stage), "role": TITLES[role], "count": count}


async def _opens(setup: Setup, bid: str, stage: str, private: bytes) -> bool:
    return try_envelope(setup, read_bid((await boxes.bid(bid)).body, setup), stage, private) is not None


async def _say(actor: Actor, box: BoxView, role: str, kid: str, one: Audited, process: dsse.Signer) -> None:
    body = build_audit(close=box.close, stage=one.stage, bid=one.bid, role=role, kid=kid, opens=one.opens)
    signed = dsse.sign(body, process)
    async with transaction(HOME):
        facts = {"stage": one.stage, "role": role, "kid": kid, "opens": one.opens}
        await record("audit_envelope", actor, box.case, one.bid, hashes={"audit": signed.sha256}, facts=facts)
        await post_message(box.case, "audit", "regulator", one.stage, signed)


def _holder(setup: Setup, private: bytes) -> tuple[str, str]:
    """(kid, role) of this key in the set-up."""
    own = public_of(private)
    for role in setup.roles:
        for key in role.keys:
            if key.pk == own:
                return key.kid, role.role
    raise BadInput(
        Problem("holder_not_in_setup", "这把密钥不在本标段的设定中", "请用设定中登记的密钥办理", field="key")
    )
