"""Whose fingerprint this is, among all that was published of requests; a sealed quote is nobody's. Read only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.clock import CHINA
from kernel.db import TRADING, reading

_PUBLISHED = """
select t.request, r.name, t.title as label, t.at from intermediaries.request_text t
    join intermediaries.request r on r.id = t.request where t.sha256 = $1
union all
select p.request, r.name, '公开证据包', p.at from intermediaries.request_package p
    join intermediaries.request r on r.id = p.request where p.sha256 = $1
union all
select g.request, r.name, '服务评价', g.at from intermediaries.rating g
    join intermediaries.request r on r.id = g.request where g.sha256 = $1
union all
select c.request, r.name, '业主选取时所见的机构列表', c.at from intermediaries.choice c
    join intermediaries.request r on r.id = c.request where c.sha256 = $1
order by 4
"""


@dataclass(frozen=True, slots=True)
class Published:
    """A published thing of a request: what it is, since when."""

    request: UUID
    name: str
    label: str
    at: datetime


async def published(sha256: str) -> list[Published]:
    """Everything published of requests under this SHA-256 (hex), oldest first."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(_PUBLISHED, sha256)
    return [Published(**{**dict(row), "at": row["at"].astimezone(CHINA)}) for row in rows]
