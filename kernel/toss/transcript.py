"""What a case's draws leave for its evidence package: their messages as logged, and the transcript of each order."""

from typing import Any
from uuid import UUID

import asyncpg

from kernel.proofs.draw_package import DrawMaterial, build_transcript, draw_members, hidden_members, transcript_of
from kernel.toss.messages import Row, story, tell_story

_LOGGED = """
select m.id, m.kind, m.role, m.envelope, t.leaf from toss.message m
join toss.taken t on t.message = m.id join kernel.log_event e on e.id = t.event
where m.toss = $1 and t.refused = '' and e.n <= $2 order by e.n
"""
_OF_CASE = """
select t.id from toss.toss t where t."case" = $1 order by t.begun_at, t.id
"""
_ALL = 2**31 - 1


async def collect(connection: asyncpg.Connection, toss: UUID, last: int | None = None) -> DrawMaterial | None:
    """One draw as logged up to the case's event `last` (None: all); None when it had not begun by then."""
    found = await connection.fetch(_LOGGED, toss, _ALL if last is None else last)
    rows = [Row(r["id"], r["kind"], r["role"], r["envelope"], r["leaf"]) for r in found]
    if not rows:
        return None
    return DrawMaterial(
        [(row.kind, row.role, row.envelope) for row in rows], build_transcript(tell_story(rows).ceremony)
    )


async def draws_of(connection: asyncpg.Connection, case: UUID, last: int | None = None) -> list[DrawMaterial]:
    """Every draw of a case, void ones too, oldest first."""
    tosses = await connection.fetch(_OF_CASE, case)
    found = [await collect(connection, row["id"], last) for row in tosses]
    return [draw for draw in found if draw is not None]


async def papers(
    connection: asyncpg.Connection, case: UUID, last: int | None = None
) -> tuple[dict[str, bytes], frozenset[str]]:
    """(the members of an evidence package, those of them that the public one withholds)."""
    draws = await draws_of(connection, case, last)
    return draw_members(draws, everyone=True), hidden_members(draws)


async def transcript(connection: asyncpg.Connection, toss: UUID) -> dict[str, Any] | None:
    """The public record (etb.draw/1) of a draw; None while there is no order."""
    return transcript_of((await story(connection, toss)).ceremony)
