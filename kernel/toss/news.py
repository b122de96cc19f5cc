"""What a duty has to hear of its draws: written with what happened, taken by the duty in its own transaction."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from kernel.ids import new_id
from kernel.toss.schemas import News

WHAT = ("sealed", "listed", "refused", "ordered", "seat", "skip", "withdrawn", "exhausted", "walked", "opened", "void")

_TELL = """
insert into toss.news (id, toss, place, what, facts, at)
select $1, $2, count(*), $3, $4, kernel.law_now() from toss.news where toss = $2
"""
_UNTAKEN = """
select n.id, n.toss, t."case", n.what, n.facts from toss.news n join toss.toss t on t.id = n.toss
where t.kind = $1 and not exists (select from toss.news_taken x where x.news = n.id)
order by n.at, n.toss, n.place limit 200
"""
_TAKE = """
insert into toss.news_taken (news, at) values ($1, kernel.law_now()) on conflict (news) do nothing returning news
"""


async def tell(connection: asyncpg.Connection, toss: UUID, what: str, facts: Mapping[str, Any] | None = None) -> None:
    """Leave a piece of news, in the transaction of what happened."""
    assert what in WHAT
    await connection.execute(_TELL, new_id(), toss, what, json.dumps(dict(facts or {})))


async def news(connection: asyncpg.Connection, kind: str) -> list[News]:
    """What the duty with draws of this kind has not dealt with, the oldest first, at most 200."""
    rows = await connection.fetch(_UNTAKEN, kind)
    return [News(**{**row, "facts": json.loads(row["facts"])}) for row in rows]


async def take_news(connection: asyncpg.Connection, news_id: UUID) -> bool:
    """Dealt with, in the duty's own transaction; False when somebody else was quicker."""
    return await connection.fetchval(_TAKE, news_id) is not None
