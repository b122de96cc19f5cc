"""Whose word waits for a proof: a holder called envelopes bad, and has time to show the auditor his key of the lot."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kernel.box import contest, opening_tasks, records
from kernel.box.listed import of_turn
from kernel.box.records import BoxView, HolderView
from kernel.box.waiting_records import boxes_for
from kernel.clock import now

TITLE = "向监督部门出示密钥"


async def to_show(holders: Sequence[HolderView]) -> list[dict[str, Any]]:
    """A task for every lot in which one of these keys of one person called envelopes bad that nothing has settled.

    {do: "show", case, tender, lot, keyid, role, until, said: [{bid, stage}], …} with the material of an opening. It is
    never among the tasks that one unlock does: a key is shown by an act of its own.
    """
    at, own = await now(), {holder.keyid: holder for holder in holders}
    found = []
    for box in await boxes_for(holders[0].person, sorted(own)) if holders else []:
        if box.state != "opening" or box.cure_until is None or at >= box.cure_until:
            continue
        for holder in (one for one in await records.holders(box) if one.keyid in own):
            found += await _task(box, holder, at)
    return found


async def _task(box: BoxView, holder: HolderView, at: datetime) -> list[dict[str, Any]]:
    kid = await opening_tasks.kid_of(box, holder)
    said = [
        {"bid": bid, "stage": stage}
        for bid, rulings in (await contest.open_bids(box, at)).items()
        for stage, ruling in rulings
        if kid in ruling.kids and (bid, kid) not in await contest.shown(box, stage)
    ]
    if not said:
        return []
    named = {one["bid"] for one in said}
    bids = [bid for bid in await of_turn(box) if bid in named]
    place = {"case": str(box.case), "tender": box.tender, "lot": box.lot, "keyid": holder.keyid, "role": holder.role}
    until = box.cure_until.isoformat() if box.cure_until else ""
    whole = {"do": "show", "stage": said[0]["stage"], "until": until, "said": said}
    return [place | whole | await opening_tasks.material(box, holder, bids)]
