"""How long a whole draw of a large list takes, beside the time it may take and a shuffle that nobody can check.

Measured in processor time, without a database: salting and hashing every candidate, the list's root, and the order.
"""

import asyncio
import os
import random
import time
from uuid import uuid4

from bench.table import Row, Sample, in_turn, say
from kernel.proofs.draw import DrawList, Stratum, draw
from kernel.proofs.draw_salts import opened_leaves

LIMIT = 0.5
"""Seconds for 20,000 candidates."""
ROLES = ("operator", "regulator")
Record = dict[str, str]


async def rows(*, quick: bool) -> list[Row]:
    """Ours against the limit; the shuffle stands beside it to show what being checkable costs."""
    count, rounds = (2000, 5) if quick else (20_000, 7)
    people = [{"id": str(uuid4()), "name": "专家", "employer": f"单位{n % 900}"} for n in range(count)]
    say(f"draw: {count} candidates")

    async def ours() -> float:
        return await asyncio.to_thread(_timed_draw, people)

    async def shuffled() -> float:
        return await asyncio.to_thread(_timed_shuffle, people)

    mine, plain = await in_turn([ours, shuffled], rounds, name="draw")
    return _told(count, mine, plain)


def _told(count: int, mine: Sample, plain: Sample) -> list[Row]:
    limit = LIMIT * count / 20_000
    said = mine.text("ms", 1000)
    return [
        Row.at_most(f"draw {count} candidates", said, f"limit {limit * 1000:g} ms", mine.median / limit, 1.0),
        Row.lacking(f"draw {count} candidates", said, f"a shuffle: {plain.text('ms', 1000)}", "-"),
    ]


def _timed_draw(people: list[Record]) -> float:
    since = time.thread_time()
    leaves = tuple(one.leaf for one in opened_leaves(os.urandom(32), people))
    listing = DrawList("bench", ROLES, (Stratum("A", 5, leaves),))
    drawn = draw(listing, {role: [os.urandom(32), os.urandom(32)] for role in ROLES})
    assert len(drawn.orders["A"]) == len(people)
    return time.thread_time() - since


def _timed_shuffle(people: list[Record]) -> float:
    since = time.thread_time()
    order = [*people]
    random.SystemRandom().shuffle(order)
    return time.thread_time() - since
