"""The regulator's hall over many cases, beside the same screen made by fetching its rows and counting them in Python.

Both give the same counts and the same first page. The round that fills the hall is measured too, and the buffers of
the hall's two statements at two sizes: what one page costs must grow no faster than the cases do.
"""

import json
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from bench.house import House
from bench.table import Row, Sample, in_turn, say
from kernel.clock import now
from kernel.db import HOME, connected, reading
from kernel.identity import Actor
from kernel.proofs.signers import Ed25519Signer
from supervision import hall
from supervision.hall import STILL, Filters
from supervision.patrol import Patrol

OFFICER = Actor(role="regulator", name="某市住建局的人", region="330100", departments=("housing",))
GOAL = 1.0
"""The hall takes no longer than fetching every row of the scope."""
_FILL = """
with made as (
    insert into bidding.project (id, code, name, category, region, department, purchaser, purchaser_name,
        registered_at)
    select gen_random_uuid(), 'B' || lpad(n::text, 19, '0'), '道路改造工程第' || n || '期', 'A02',
        (array['330106', '330105', '330108'])[1 + n % 3], case when n % 4 = 0 then 'water' else 'housing' end,
        gen_random_uuid(), '某区城市建设中心', kernel.law_now() - n % 400 * interval '1 day'
    from generate_series($1::int, $2::int) n returning id, code, registered_at
)
insert into bidding.lot (id, project, code, number, name, procedure, mode, stage, estimate, deposit, window_minutes,
    published_at, documents_until, deadline)
select gen_random_uuid(), id, code || '001', '001', '一标段', 'construction_open_tender', 'bidder',
    (array['accepted', 'announced', 'closed', 'opened', 'archived'])[1 + abs(hashtext(code)) % 5], 40000000, 500000, 60,
    registered_at, registered_at + interval '6 days', registered_at + interval '30 days' from made
"""


async def rows(house: House, *, quick: bool) -> list[Row]:
    """Milliseconds a screen, ours and by hand; the round; the buffers at two sizes."""
    small, large, rounds = (100, 1000, 5) if quick else (1000, 10_000, 15)
    patrol = Patrol(Ed25519Signer.generate())
    await _fill(house, 1, small)
    async with connected(house.databases.supervision_trading, house.databases.supervision):
        await patrol.walk()
        before = await _buffers()
    await _fill(house, small + 1, large)
    async with connected(house.databases.supervision_trading, house.databases.supervision):
        first, again = await _timed_walk(patrol), await _timed_walk(patrol)
        after = await _buffers()
        await _compare()
        ours, by_hand = await in_turn([_ours, _by_hand], rounds, name="hall")
    return _told(small, large, before, after, ours, by_hand, [first, again])


def _told(
    small: int, large: int, before: Sequence[int], after: Sequence[int], ours: Sample, by_hand: Sample,
    walks: Sequence[float],
) -> list[Row]:  # fmt: skip
    plans = f"{before[0]} and {before[1]}, then {after[0]} and {after[1]}"
    return [
        Row.at_most(
            f"hall of {large:,} cases, one screen",
            ours.text("ms", 1000),
            f"all rows, counted in Python: {by_hand.text('ms', 1000)}",
            ours.median / by_hand.median,
            GOAL,
        ),
        Row.lacking(f"hall, buffers of counts and list at {small:,} and {large:,}", plans, "-", "no faster than cases"),
        Row.lacking(
            f"patrol of {large:,} cases: first round, a quiet one",
            f"{walks[0]:.1f} s, {walks[1]:.1f} s",
            "-",
            "within its 10 s",
        ),
    ]


async def _fill(house: House, first: int, last: int) -> None:
    owner = await asyncpg.connect(house.databases.admin)
    try:
        await owner.execute(_FILL, first, last)
        await owner.execute("analyze bidding.project, bidding.lot")
    finally:
        await owner.close()
    say(f"hall: {last} cases are there")


async def _timed_walk(patrol: Patrol) -> float:
    started = time.perf_counter()
    await patrol.walk()
    return time.perf_counter() - started


async def _ours() -> float:
    started = time.perf_counter()
    await hall.overview(OFFICER, Filters())
    return time.perf_counter() - started


async def _by_hand() -> float:
    started = time.perf_counter()
    await _screen_by_hand()
    return time.perf_counter() - started


async def _screen_by_hand() -> tuple[dict[str, int], list[str]]:
    """The same counts and codes of the first page, from every row of the scope."""
    at = await now(HOME)
    async with reading(HOME) as connection:
        found = await connection.fetch(
            "select * from supervision.watched where region like '3301%' and department = 'housing'"
        )
    states = Counter(_state(row, at) for row in found)
    late = [row["due_at"] for row in found if row["due_at"] is not None and row["due_at"] <= at]
    ordered = sorted(
        found,
        key=lambda row: (
            _state(row, at) != "late",
            row["due_at"] is None,
            row["due_at"] or at,
            -row["since"].timestamp(),
            row["case"],
        ),
    )
    return {**states, "late": len(late)}, [row["code"] for row in ordered[: hall.SIZE]]


def _state(row: asyncpg.Record, at: datetime) -> str:
    if row["due_at"] is not None:
        return "late" if row["due_at"] <= at else ""
    return "still" if row["open"] and row["moved_at"] < at - STILL else ""


async def _compare() -> None:
    """Both ways must show the same, or there is nothing to compare."""
    found = await hall.overview(OFFICER, Filters())
    states, codes = await _screen_by_hand()
    if [row.code for row in found.rows] != codes or found.states.get("still", 0) != states.get("still", 0):
        raise RuntimeError("the two screens differ")


async def _buffers() -> list[int]:
    """Shared buffers of the hall's two statements."""
    found = []
    async with reading(HOME) as connection:
        await connection.execute("set plan_cache_mode = force_custom_plan")
        for sql, values in hall.statements(OFFICER, Filters(), await now(HOME)):
            plan = await connection.fetchval(f"explain (analyze, buffers, format json) {sql}", *values)
            found.append(_hits(plan))
    return found


def _hits(plan: str) -> int:
    top = json.loads(plan)[0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])
