"""Whose fingerprint this is, among all that has been published; a sealed bid is nobody's until its record names it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bidding import records
from bidding.records import LotRow
from bidding.stages import PUBLIC
from kernel.box import records as box_records
from kernel.db import TRADING, transaction
from kernel.errors import NotFound

_PUBLISHED = """
select n.lot, case n.kind when 'notice' then '招标公告' when 'candidates' then '中标候选人公示'
    when 'award' then '中标结果公告' when 'failure' then '终止公告' when 'suspended' then '暂停公告'
    when 'resumed' then '恢复公告' else '变更公告' end as kind, n.title as label, n.published_at as at,
    case n.kind when 'candidates' then 'candidates' when 'award' then 'award' else '' end as href
    from bidding.notice n where n.sha256 = $1
union all
select d.lot, '招标文件', d.label, n.published_at, '' from bidding.document d
    join bidding.notice n on n.lot = d.lot and n.n = d.notice where d.sha256 = $1
union all
select o.lot, '开标记录', '开标记录', o.at, 'record' from bidding.opening o where o.sha256 = $1
union all
select p.lot, '中标通知书', '中标通知书', p.at, 'award' from bidding.paper p where p.kind = 'award' and p.sha256 = $1
union all
select p.lot, '公开证据包', '截至开标记录的公开证据包', p.at, 'evidence.zip' from bidding.paper p
    where p.kind = 'package' and convert_from(p.body, 'utf8')::jsonb ->> 'public' = $1
union all
select f."case", '录音录像', f.label, f.at, 'record' from rooms.recording f
    join rooms.booking b on b.id = f.booking where b.use = 'opening' and f.sha256 = $1
union all
select a.lot, '公开证据包', '公开证据包', a.at, 'evidence.zip' from bidding.archive a where a.public_sha256 = $1
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A published thing: what it is, of which lot, since when, and where on the lot's pages it is found."""

    lot: LotRow
    kind: str
    label: str
    at: datetime
    page: str


async def known(sha256: str) -> list[Known]:
    """Everything published under this SHA-256 (hex), oldest first."""
    async with transaction(TRADING) as connection:
        rows = await connection.fetch(_PUBLISHED, sha256)
    found = [await _known(row) for row in rows]
    bid = await _opened_bid(sha256)
    listed = [one for one in found if one.lot.stage in PUBLIC] + ([bid] if bid else [])
    return sorted(listed, key=lambda one: one.at)


async def _known(row: Any) -> Known:
    return Known(await records.lot(row["lot"]), row["kind"], row["label"], row["at"], row["href"])


async def _opened_bid(sha256: str) -> Known | None:
    """A bid that an opening record names; before that it is as unknown as any other number."""
    try:
        bid = await box_records.bid(sha256)
    except NotFound:
        return None
    record = await records.opening(bid.case)
    named = next((one for one in record[0]["bids"] if one["sha256"] == sha256), None) if record else None
    if named is None:
        return None
    return Known(await records.lot(bid.case), "投标文件（密封）", named["name"], bid.received, "record")
