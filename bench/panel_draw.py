"""A panel's whole draw from a large pool: filters, every ground of avoidance, salts, root, order; beside plain SQL.

The peer asks one statement for the same people in a random order, with the same filters and the same ties left out:
what a draw costs that nobody can check. The processor's time of both processes together, ours and the database's,
stands beside the clock's. The plan's buffers for what is read are shown at two sizes.
"""

import asyncio
import json
import os
import random
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
from expert_pool import BUILD, COST, DRAWING, EVALUATION, KNOWN_SINCE, Row, put_in, unit

from bench.house import House
from bench.table import Row as Line
from bench.table import Sample, in_turn, say
from experts import pool
from experts.pool import Listed, Terms
from experts.rules import OLDEST, Party, years_before
from kernel.db import TRADING, connected, reading
from kernel.proofs.draw import DrawList, Stratum, draw
from kernel.proofs.draw_salts import opened_leaves

GOAL = 0.5
"""Seconds for 20,000 candidates, avoidance and draw together."""
SIZES, QUICK = (2_000, 20_000), (500, 2_000)
BIDDERS = [unit(n) for n in range(1, 9)]
ROLES = ("operator", "regulator")
TERMS = Terms(
    at=DRAWING,
    professions=(BUILD,),
    scope="330000",
    category="A01",
    since=EVALUATION,
    until=EVALUATION + timedelta(hours=8),
    parties=tuple(Party("bidder", code, f"单位{code}") for code in BIDDERS),
)
_RANDOM = """
select e.id, s.name, s.title, s.employer_code, s.employer_name, s.region
from experts.practice p join experts.expert e on e.id = p.expert
join experts.standing s on s.expert = p.expert and s.known_until is null
where p.profession = $1 and p.known_until is null and s.region like '33%' and s.stage = 'admitted'
    and s.expires_on >= $2 and e.born > $3
    and not exists (select from experts.slot o where o.expert = e.id and o.known_until is null
        and o.until > $4 and o.since < $5)
    and not exists (select from experts.tie t where t.expert = e.id and t.known_until is null
        and (t.code = any($6) or t.name = any($7)))
    and not exists (select from experts.mark m where m.expert = e.id and m.known_until is null)
order by random()
"""
_TIES = """
insert into experts.tie (id, expert, kind, code, name, known_from)
select gen_random_uuid(), u.id, 'director', u.unit, '', $3 from unnest($1::uuid[], $2::text[]) as u(id, unit)
"""
_SLOTS = """
insert into experts.slot (id, expert, since, until, why, known_from)
select gen_random_uuid(), u.id, $2, $3, 'own', $4 from unnest($1::uuid[]) as u(id)
"""


async def rows(house: House, *, quick: bool) -> list[Line]:
    """Seconds for a whole draw, ours and plain, at the larger size; buffers at both."""
    small, large = QUICK if quick else SIZES
    rounds = 3 if quick else 9
    buffers, processor = [], list[float]()
    async with connected(house.databases.trading):
        for count in (small, large - small):
            await _fill(house, count)
            buffers.append(await _buffers(house))
        mine, plain = await in_turn([lambda: _ours(processor), lambda: _plain(house)], rounds, name="panel draw")
    limit = GOAL * large / SIZES[1]
    what = f"panel draw, {large:,} candidates, {len(BIDDERS)} bidders, all grounds"
    told = mine.text("ms", 1000)
    return [
        Line.at_most(what, told, f"limit {limit * 1000:g} ms", mine.median / limit, 1.0),
        Line.at_most(
            "its processor time, ours and the database's",
            Sample.of(processor).text("ms", 1000),
            f"limit {limit * 1000:g} ms",
            Sample.of(processor).median / limit,
            1.0,
        ),
        Line.lacking(what, told, f"order by random(), unchecked: {plain.text('ms', 1000)}", "-"),
        Line.at_most(
            f"its list's buffers a candidate, {large:,} beside {small:,}",
            f"{buffers[1] / large:.2f}",
            f"{buffers[0] / small:.2f}",
            (buffers[1] / large) / (buffers[0] / small),
            1.5,
        ),
    ]


async def _ours(processor: list[float]) -> float:
    """Seconds by the clock; those of the processor are put into the list."""
    async with reading(TRADING) as connection:
        server = connection.get_server_pid()
        since, worked = time.perf_counter(), time.process_time() + _server_time(server)
        listed = await pool.listed(connection, TERMS)
        _drawn(listed)
        processor.append(time.process_time() + _server_time(server) - worked)
        return time.perf_counter() - since


def _server_time(pid: int) -> float:
    """The processor's seconds of one process of the database (Linux; elsewhere 0)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _drawn(listed: Listed) -> None:
    leaves = tuple(one.leaf for one in opened_leaves(os.urandom(32), listed.candidates[BUILD]))
    listing = DrawList("bench", ROLES, (Stratum(BUILD, 7, leaves),))
    order = draw(listing, {role: [os.urandom(32), os.urandom(32)] for role in ROLES}).orders[BUILD]
    assert len(order) == len(leaves)


async def _plain(house: House) -> float:
    since = time.perf_counter()
    async with reading(TRADING) as connection:
        found = await connection.fetch(
            _RANDOM, BUILD, TERMS.day, years_before(TERMS.day, OLDEST), TERMS.since, TERMS.until, BIDDERS,
            [party.name for party in TERMS.parties],
        )  # fmt: skip
    assert found
    return time.perf_counter() - since


async def _fill(house: House, count: int) -> None:
    """So many builders, some of them of a bidder, with two more ties and a time they have none; as many others."""
    say(f"panel draw: {count} more experts")
    chance = random.Random(11)  # noqa: S311 - the same pool every time
    builders = [Row(employer=unit(chance.randrange(1, 900))) for _ in range(count)]
    others = [Row(professions=(COST,), employer=unit(chance.randrange(1, 900))) for _ in range(count)]
    ids = await put_in(house.databases.admin, builders + others)
    owner = await asyncpg.connect(house.databases.admin)
    try:
        units = [unit(chance.randrange(1, 900)) for _ in range(2 * len(ids))]
        await owner.execute(_TIES, [*ids, *ids], units, KNOWN_SINCE)
        begins = EVALUATION + timedelta(days=9)
        await owner.execute(_SLOTS, ids, begins, begins + timedelta(days=1), KNOWN_SINCE)
        await owner.execute("analyze")
    finally:
        await owner.close()


async def _buffers(house: House) -> int:
    """Shared buffers that the list's statements touch, by the plans of these very statements."""
    owner = await asyncpg.connect(house.databases.admin)
    seen: list[tuple[str, Any]] = []
    owner.add_query_logger(lambda logged: seen.append((logged.query, logged.args)))
    try:
        await pool.listed(owner, TERMS)
        await asyncio.sleep(0)  # the logger hears of a statement one turn of the loop later
        asked, total = list(seen), 0
        for query, values in asked:
            plan = await owner.fetchval(f"explain (analyze, buffers, format json) {query}", *values)
            found = json.loads(plan)[0]["Plan"]
            total += found["Shared Hit Blocks"] + found["Shared Read Blocks"]
    finally:
        await owner.close()
    return total
