"""AB 岗: which two or three holders of every role stand for a box, and who steps in for one that is away."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from kernel import log
from kernel.box import records
from kernel.box.records import BoxView, HolderView
from kernel.box.tables import Holder
from kernel.clock import iso, now
from kernel.db import HOME, TRADING, transaction
from kernel.errors import BadInput, Forbidden, NotFound, Problem
from kernel.identity import Actor
from kernel.proofs.setup import ROLES

MOST = 3
"""Holders of one role in one set-up (etb/1 §2: two or three)."""
LEAST = 2


async def on_duty(box: BoxView, at: datetime) -> list[HolderView]:
    """Up to three of each role: first who has given his key, then by turns among those who are there."""
    offered = {message.author for message in await records.messages(box.case, "key")}
    present = [holder for holder in await records.holders(box) if not holder.away(at)]
    return [holder for role in ROLES for holder in _of(role, present, offered, box.case)]


def _of(role: str, present: Iterable[HolderView], offered: set[str], case: UUID) -> list[HolderView]:
    mine = [holder for holder in present if holder.role == role]
    return sorted(mine, key=lambda h: (h.keyid not in offered, _turn(case, h)))[:MOST]


def _turn(case: UUID, holder: HolderView) -> bytes:
    """Another order for every box, so that the work is spread; the same whoever looks."""
    return hashlib.sha256(case.bytes + holder.id.bytes).digest()


async def set_away(actor: Actor, holder: UUID, until: datetime | None) -> HolderView:
    """离岗登记, for oneself or for a colleague of the same role and organisation who cannot do it; None: he is back."""
    at = await now()
    if until is not None and until <= at:
        raise BadInput(Problem("away_in_past", "离岗的截止时刻已经过去", "请填写将来的时刻", field="until"))
    found = await _colleague(actor, holder)
    async with transaction(TRADING), transaction(HOME) as home:
        await Holder.update({Holder.away_until: until}).where(Holder.id == holder)
        facts = {"role": found.role, "until": iso(until) if until else ""}
        await log.record(
            home, case_key="holders", act="holder_away", actor=actor, subject=str(holder), at=at, facts=facts
        )
    return found


async def colleagues(actor: Actor) -> list[HolderView]:
    """The holders of the actor's role in his organisation, himself among them."""
    return [h for h in await records.holders_in_force(actor.role) if h.organisation == actor.organisation]


async def _colleague(actor: Actor, holder: UUID) -> HolderView:
    if actor.person is None or actor.role not in ROLES:
        raise Forbidden(Problem("no_holder_role", "您的角色不持有份额", "请由持钥人或其同岗同事登记"))
    for found in await colleagues(actor):
        if found.id == holder:
            return found
    raise NotFound(Problem("no_colleague", "没有这位同岗持钥人", "只能为本单位同一角色的持钥人登记"))
