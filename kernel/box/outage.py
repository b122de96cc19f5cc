"""The platform stood still while a box was being opened: nobody could reveal, so nobody loses that time (etb/1 §7).

What shows it is public: the log's checkpoints, one of which is signed every minute (log.md). Where the pages alone were
away it is what the worker put on record when it knocked at them (`kernel.box.knock`).
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from kernel.acts import Beat
from kernel.box import setup
from kernel.box.records import BoxView
from kernel.clock import CHINA, iso
from kernel.db import TRADING, reading
from kernel.standstill import Stretch, after, merged

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
SILENT, ANSWERS = "site_silent", "site_answers"
"""The pages do not answer (facts.since: when they last did), and answer again."""

_KNOCKS = """
select act, body from kernel.log_event
where case_key = $1 and act in ('site_silent', 'site_answers', 'box_reveal') order by n
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
        gaps = [(row["since"], row["until"]) for row in await connection.fetch(_GAPS, STILL, begun)]
        given = [json.loads(row["body"])["facts"] for row in await connection.fetch(_GIVEN, str(box.case))]
    before = [tuple(datetime.fromisoformat(facts[name]) for name in ("since", "until")) for facts in given]
    found = []
    for begins, ends in merged([*gaps, *_without_pages(await _knocks(box.case))]):
        since, until = begins.astimezone(CHINA), ends.astimezone(CHINA)
        counted = [end for start, end in before if start < until and end > since]
        since = max([since, begun.astimezone(CHINA), *counted])
        if until - since >= STILL:
            found.append((since, until))
    return found


async def is_silent(case: UUID) -> bool:
    """Whether the pages do not answer, as far as knocks on record say; who reveals has found them answering."""
    knocks = await _knocks(case)
    return bool(knocks) and knocks[-1][0] == SILENT


async def _knocks(case: UUID) -> list[tuple[str, datetime]]:
    """(act, the moment from which what it says was so), in their order."""
    async with reading(TRADING) as connection:
        said = [json.loads(row["body"]) for row in await connection.fetch(_KNOCKS, str(case))]
    return [(one["act"], datetime.fromisoformat(one["facts"].get("since", one["at"]))) for one in said]


def _without_pages(knocks: Sequence[tuple[str, datetime]]) -> list[Stretch]:
    """Stretches without pages that are over and were not short; none reaches back before an answer on record."""
    found, answered = [], datetime.min.replace(tzinfo=CHINA)
    for (act, at), (_, until) in pairwise(knocks):
        since = max(at, answered)
        if act == SILENT and until - since >= STILL:
            found.append((since, until))
        answered = answered if act == SILENT else at
    return found
