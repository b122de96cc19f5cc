"""An opening waits for the log's witness: nothing opens before somebody outside has seen what was closed (log.md).

The second turn waits for him too: those who open ask for proof that he saw the report which opened the way to it.
"""

from datetime import datetime, timedelta

from kernel.acts import Beat
from kernel.box import setup
from kernel.box.close import opening_clocks
from kernel.box.records import BoxView
from kernel.clock import CHINA
from kernel.db import TRADING, reading
from kernel.log_proofs import is_cosigned

PATIENCE = timedelta(minutes=10)
"""How long a fixed close waits without a word; then the case stands still, on record, until a witness has signed."""

PATIENCE_AGAIN = timedelta(minutes=2)
"""The same for the second turn, whose windows run already: what is left of the shortest (10 minutes) must suffice."""

_EVENT = """
select t.event from box.message m join box.taken t on t.message = m.id and t.refused = ''
where m."case" = $1 and m.kind = 'close' and m.sha256 = $2
"""
_REPORT = """
select id, at from kernel.log_event where case_key = $1 and act = 'close_report' order by n desc limit 1
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


async def look_again(beat: Beat, box: BoxView) -> bool:
    """Whether the second turn may go on: the witness has seen the report that opened it.

    Where he was away for longer than his patience the windows begin anew: nobody could check the report.
    """
    async with reading(TRADING) as connection:
        closed = await connection.fetchrow(_REPORT, str(box.case))
    since = closed["at"].astimezone(CHINA)
    if not await is_cosigned(TRADING, closed["id"]):
        if beat.at >= since + PATIENCE_AGAIN and not await is_awaited(box):
            await beat.record("witness", act="await_witness", facts={"report": box.report})
        return False
    if await is_awaited(box):
        reveal, fallback = opening_clocks(box, beat.at)
        await setup.postpone(beat, reveal, fallback, box.cure_until)
        await beat.record("witness", act="witness_back", facts={"report": box.report})
    return True
