"""Where something waits: for a holder's keys, or for the trading side to take."""

from collections.abc import Sequence
from uuid import UUID

from kernel.box.records import BoxView, view_of
from kernel.db import TRADING, reading

_FOR_HOLDER = """
select b.* from box.box b
where exists (select from box.holder h where h.person = $1 and h.until is null
        and (case h.role when 'purchaser' then h.organisation = b.purchaser else h.region = b.region end))
    and (b.state in ('setup', 'opening') or (b.state = 'ready' and (not b.deadline_signed or exists (
        select from box.message m where m."case" = b."case" and m.kind = 'test' and not exists (
            select from box.message t where t."case" = b."case" and t.kind = 'tested' and t.at >= m.at
                and t.author = any($2))))))
order by b."case"
"""


async def boxes_for(person: UUID, keyids: Sequence[str]) -> list[BoxView]:
    """The boxes in which something may wait for this holder's keys; those in which nothing can are not read."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(_FOR_HOLDER, person, list(keyids))
    return [view_of(row) for row in rows]


async def cases_with_untaken() -> list[UUID]:
    """The boxes on the road into which the regulator's side has put what nobody has taken yet."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select b.case from box.box b where b.state in ('setup', 'ready', 'listed', 'closed', 'opening')"
            " and exists (select from box.message m where m.case = b.case and m.role = 'regulator'"
            " and not exists (select from box.taken t where t.message = m.id))"
        )
    return [row["case"] for row in rows]
