"""A close waits for the log's witness: nothing is opened before somebody outside has seen what was closed (log.md)."""

from datetime import datetime, timedelta

from kernel.acts import Beat
from kernel.box.records import BoxView
from kernel.db import TRADING, reading
from kernel.log_proofs import is_cosigned

PATIENCE = timedelta(minutes=10)
"""How long a fixed close waits without a word; then the case stands still, on record, until a witness has signed."""

_EVENT = """
select t.event from box.message m join box.taken t on t.message = m.id and t.refused = ''
where m."case" = $1 and m.kind = 'close' and m.sha256 = $2
"""
_WAITING = """
select act from kernel.log_event where case_key = $1 and act in ('await_witness', 'witness_back')
order by n desc limit 1
"""


async def has_seen(box: BoxView) -> bool:
    """Whether a cosigned checkpoint covers the close of this box."""
    async with reading(TRADING) as connection:
        event = await connection.fetchval(_EVENT, box.case, box.close)
    return event is not None and await is_cosigned(TRADING, event)


async def is_awaited(box: BoxView) -> bool:
    """Whether the case stands still for want of a witness."""
    async with reading(TRADING) as connection:
        return str(await connection.fetchval(_WAITING, str(box.case)) or "") == "await_witness"


def patience_ends(box: BoxView) -> datetime | None:
    """When a close that nobody has seen becomes a suspension."""
    return box.closed_at + PATIENCE if box.state == "closed" and box.closed_at is not None else None


async def look(beat: Beat, box: BoxView) -> bool:
    """Whether the box may go on to its opening; a suspension begins and ends on record."""
    if await has_seen(box):
        if await is_awaited(box):
            await beat.record("witness", act="witness_back", hashes={"close": box.close})
        return True
    ends = patience_ends(box)
    if ends is not None and beat.at >= ends and not await is_awaited(box):
        await beat.record("witness", act="await_witness", hashes={"close": box.close})
    return False
