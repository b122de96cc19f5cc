"""The platform stood still while a box was being opened: nobody could reveal, so nobody loses that time (etb/1 §7).

What shows it is public: the log's checkpoints, one of which is signed every minute (log.md).
"""

import json
from datetime import datetime, timedelta

from kernel.acts import Beat
from kernel.box import setup
from kernel.box.records import BoxView
from kernel.clock import CHINA, iso
from kernel.db import TRADING, reading
from kernel.standstill import after

STILL = timedelta(minutes=5)
"""The log was signed by nobody for so long: then the platform itself stood still, and not a single process of it."""
ACT = "platform_away"

_GAPS = """
with signed as (
    select at, lead(at, 1, clock_timestamp()) over (order by size) as next
    from (select size, at from kernel.log_checkpoint order by size desc limit 1000) as latest
)
select at + law.ahead as since, next + law.ahead as until
from signed, (select kernel.law_now() - clock_timestamp() as ahead) as law
where next - at >= $1 and next + law.ahead > $2 order by at
"""
_BEGUN = """
select max(at) from kernel.log_event where case_key = $1 and act in ('box_countersign', 'box_next')
"""
_GIVEN = "select body from kernel.log_event where case_key = $1 and act = 'platform_away' order by n"


async def give_back(beat: Beat, box: BoxView) -> None:
    """Move the clocks of a box that is being opened by the time the platform stood still since they began to run.

    On record, so that whoever did not reveal in a window that nobody could use is not blamed for it. Time is given back
    once, however often this is called.
    """
    if box.state != "opening":
        return
    clocks = {"reveal_until": box.reveal_until, "fallback_until": box.fallback_until, "cure_until": box.cure_until}
    for since, until in await _lost(box):
        moved = after(clocks, [(since, until)])
        if moved:
            clocks |= moved
            facts = {"since": iso(since), "until": iso(until), "moved": {name: iso(at) for name, at in moved.items()}}
            await setup.postpone(beat, **clocks)
            await beat.record("platform", act=ACT, facts=facts)


async def _lost(box: BoxView) -> list[tuple[datetime, datetime]]:
    """[since, until) of every stretch that has not been given back yet."""
    async with reading(TRADING) as connection:
        begun = await connection.fetchval(_BEGUN, str(box.case))
        gaps = await connection.fetch(_GAPS, STILL, begun)
        given = [json.loads(row["body"])["facts"] for row in await connection.fetch(_GIVEN, str(box.case))]
    before = [tuple(datetime.fromisoformat(facts[name]) for name in ("since", "until")) for facts in given]
    found = []
    for gap in gaps:
        since, until = gap["since"].astimezone(CHINA), gap["until"].astimezone(CHINA)
        counted = [end for start, end in before if start < until and end > since]
        since = max([since, begun.astimezone(CHINA), *counted])
        if until - since >= STILL:
            found.append((since, until))
    return found
