"""What follows from a draw's messages, written where it is read quickly, and told to the duty."""

from hashlib import sha256
from typing import Any
from uuid import UUID

from kernel.acts import Beat
from kernel.proofs.canonical import encode
from kernel.proofs.draw_state import Ceremony
from kernel.toss.messages import story
from kernel.toss.news import tell
from kernel.toss.tables import Toss


async def mark(toss: UUID, **changes: Any) -> None:
    """Write columns of the draw."""
    columns: dict[Any, Any] = dict(changes)
    await Toss.update(columns).where(Toss.id == toss)


async def mark_void(beat: Beat, toss: UUID, why: str, missing: str, what: str = "void", code: str = "") -> None:
    """Write down that there will be no draw, and tell the duty."""
    await mark(toss, stage="void", why=why, missing=missing, restless=False, due_by=None)
    await tell(beat.connection, toss, what, {"code": code or what, "says": why, "missing": missing})


async def mark_sealed(beat: Beat, toss: UUID) -> None:
    """D2 is done; who does not fix a list is not missing, so the clock stops until there is one."""
    attended = (await Toss.select(Toss.attended).where(Toss.id == toss).first() or {}).get("attended")
    await mark(toss, stage="sealed", **({} if attended else {"due_by": None}))
    await tell(beat.connection, toss, "sealed")


async def mark_listed(beat: Beat, toss: UUID, ceremony: Ceremony) -> None:
    """The leaves are there and agree with the list."""
    assert ceremony.draw_list is not None
    await mark(toss, stage="listed", list_root=ceremony.draw_list.root().hex())
    await tell(beat.connection, toss, "listed")


async def mark_ordered(beat: Beat, toss: UUID, ceremony: Ceremony) -> None:
    """D4: the order, on record by its hash."""
    drawn = ceremony.drawn
    assert drawn is not None
    hashes = {"seed": drawn.seed.hex(), "list_root": drawn.root.hex(), "order": _order_hash(drawn.orders)}
    await beat.record(str(toss), act="toss_order", hashes=hashes, facts={"beacon": ceremony.beacon})
    await mark(toss, stage="ordered", order=drawn.orders, due_by=None)
    await tell(beat.connection, toss, "ordered")


async def settle_walk(beat: Beat, toss: UUID) -> None:
    """Compare the walk with what was last known of it, and tell when it is at its end or a group is used up."""
    ceremony = (await story(beat.connection, toss)).ceremony
    walks = ceremony.walks()
    over = all(one.next is None for one in walks.values()) and not ceremony.giving_up
    before = (await Toss.select(Toss.stage).where(Toss.id == toss).first() or {})["stage"]
    if over == (before == "walked"):
        return
    await mark(toss, stage="walked" if over else "ordered")
    if over:
        for stratum in [s for s, one in walks.items() if not one.full]:
            await tell(beat.connection, toss, "exhausted", {"stratum": stratum})
        await tell(beat.connection, toss, "walked")


def _order_hash(orders: dict[str, list[int]]) -> str:
    return sha256(encode(orders)).hexdigest()
