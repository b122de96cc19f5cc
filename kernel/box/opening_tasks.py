"""What waits for a holder at the opening: to try his envelopes, then to give his shares, with what he needs for it."""

from collections.abc import Sequence
from typing import Any

from kernel.box import contest, records, release
from kernel.box.listed import to_open
from kernel.box.proven import report_shown
from kernel.box.records import BoxView, HolderView
from kernel.clock import now
from kernel.proofs.canonical import to_base64
from kernel.proofs.holding import read_key
from kernel.proofs.setup import ROLES

Task = dict[str, Any]


async def tasks(box: BoxView, holder: HolderView) -> list[Task]:
    """His attestations and releases of the stages whose turn it is."""
    at = await now()
    listed = await to_open(box, box.reveal_until is not None and at >= box.reveal_until)
    if not listed:
        return []
    found = []
    for stage in box.due:
        released = {m.role for m in await records.messages(box.case, "release", stage=stage)}
        left = await release.to_release(box, stage, listed, at)
        if await _is_to_attest(box, holder, stage, listed, bool(released)):
            found.append({"do": "attest", "stage": stage, **await material(box, holder, listed)})
        elif left and len(released) < len(ROLES) and ROLES[len(released)] == holder.role:
            cures = await contest.shares(box, stage, holder.role)
            given = {bid: to_base64(y) for bid, y in cures.items()}
            found.append({"do": "release", "stage": stage, "cures": given, **await material(box, holder, left)})
    return found


async def _is_to_attest(box: BoxView, holder: HolderView, stage: str, listed: Sequence[str], released: bool) -> bool:
    """Nobody of his role has attested yet, or one called an envelope bad and this one has not tried his own."""
    attests = [a for a in await contest.attests(box, stage, listed) if a.role == holder.role]
    if not attests:
        return True
    rulings = await contest.rulings(box, stage, listed)
    contested = any(one.role == holder.role and one.outcome != "cured" for one in rulings)
    in_time = box.cure_until is not None and await now() < box.cure_until
    return contested and in_time and not released and await kid_of(box, holder) not in {a.kid for a in attests}


async def kid_of(box: BoxView, holder: HolderView) -> str:
    """The number of the stage key he has offered for this box; empty where he has offered none."""
    offered = {m.author: m for m in await records.messages(box.case, "key")}
    return read_key(offered[holder.keyid].body).kid if holder.keyid in offered else ""


async def material(box: BoxView, holder: HolderView, bids: Sequence[str]) -> Task:
    """The set-up, the bids, the holder's own wrapped stage key, and what proves to him that the box has closed."""
    kid = await kid_of(box, holder)
    wrapped = (await records.wraps(box.case)).get(kid, b"")
    return {
        "close": box.close,
        "countersigned": await _envelope(box, "countersign", box.close),
        "deadline": await _envelope(box, "deadline", box.deadline),
        "setup": to_base64((await records.setup(box)).data),
        **await report_shown(box),
        "kid": kid,
        "wrap": to_base64(wrapped),
        "bids": [to_base64((await records.bid(sha256)).body) for sha256 in bids],
    }


async def _envelope(box: BoxView, kind: str, sha256: str) -> str:
    signed = await records.merged(box.case, kind, sha256)
    return to_base64(signed.to_bytes()) if signed else ""
