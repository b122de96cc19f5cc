"""What is known of the catalogue, read only: items as they stand, their versions, what waits for the regulator."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from intermediaries.catalogue import ServiceItem
from kernel.db import TRADING, reading
from kernel.errors import NotFound, Problem

_PROPOSALS = """
select p.*, i.body as standing from intermediaries.item_proposal p left join intermediaries.item i on i.id = p.item
"""
_ITEMS = """
select i.id, i.state, i.version, i.since, i.sha256, i.body, coalesce(n.agencies, 0) as agencies
from intermediaries.item i left join lateral (
    select count(*) as agencies from intermediaries.promise p join intermediaries.agency a on a.id = p.agency
    where p.item = i.id and p.standing and a.stage = 'active') n on true
"""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item as it stands now: `state` is listed or withdrawn; `agencies` may serve it today."""

    id: UUID
    state: str
    version: int
    since: datetime
    sha256: str
    item: ServiceItem
    agencies: int = 0

    @property
    def listed(self) -> bool:
        return self.state == "listed"


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version: founded, approved or ended; by whom and why."""

    n: int
    kind: str
    sha256: str
    body: bytes
    decided_by: str
    says: str
    since: datetime

    @property
    def item(self) -> ServiceItem:
        return ServiceItem.of(json.loads(self.body))


@dataclass(frozen=True, slots=True)
class ProposalView:
    """What a department asks for; `row` is the whole item as it would be, `standing` as it is (None: new)."""

    id: UUID
    item: UUID
    code: str
    kind: str
    row: dict[str, Any]
    sha256: str
    says: str
    department: str
    region: str
    organisation: UUID
    organisation_name: str
    proposed_by: UUID
    proposed_at: datetime
    decided_at: datetime | None
    outcome: str
    standing: dict[str, Any] | None


async def item(id: UUID) -> ItemRow:
    """One item, listed or withdrawn; `NotFound` when there is none."""
    rows = await _items("i.id = $1", id)
    if not rows:
        raise NotFound(Problem("no_item", "没有这个服务事项", "请从服务事项清单进入"))
    return rows[0]


async def item_by_code(code: str) -> ItemRow:
    """One item by its code; `NotFound` when there is none."""
    rows = await _items("i.code = $1", code)
    if not rows:
        raise NotFound(Problem("no_item", "没有这个服务事项", "请从服务事项清单进入"))
    return rows[0]


async def listed_item(id: UUID) -> ItemRow:
    """One item that may be asked for now; a withdrawn one may not be demanded any more."""
    found = await item(id)
    if not found.listed:
        says = f"“{found.item.name}”已从服务事项清单中取消，不得再要求"
        raise NotFound(Problem("item_withdrawn", says, "请从现行清单中选择", "优化营商环境条例第四十三条"))
    return found


async def catalogue(*, withdrawn: bool = False) -> list[ItemRow]:
    """The whole list in order of code, with how many agencies serve each; withdrawn ones only when asked for."""
    return await _items("i.state = 'listed' or $1", withdrawn)


async def versions(item: UUID) -> list[VersionView]:
    """Every version of an item, the newest first."""
    rows = await _fetch(
        "select n, kind, sha256, body, decided_by, says, since from intermediaries.item_version"
        " where item = $1 order by n desc",
        item,
    )
    return [VersionView(**dict(row)) for row in rows]


async def waiting_items(department: str = "") -> list[ProposalView]:
    """What departments have proposed and nobody has decided yet, the oldest first."""
    return await _proposals("p.decided_at is null and ($1 = '' or p.department = $1)", department)


async def proposals_of(organisation: UUID) -> list[ProposalView]:
    """What one department has proposed, the newest last."""
    return await _proposals("p.organisation = $1", organisation)


async def proposal(id: UUID) -> ProposalView:
    """One proposal; `NotFound` when there is none."""
    rows = await _proposals("p.id = $1", id)
    if not rows:
        raise NotFound(Problem("no_proposal", "没有这项申请", "请从工作台进入"))
    return rows[0]


async def _proposals(where: str, *values: Any) -> list[ProposalView]:
    rows = await _fetch(f"{_PROPOSALS} where {where} order by p.proposed_at, p.id", *values)
    found = []
    for row in rows:
        values_ = dict(row)
        standing = values_.pop("standing")
        values_["row"] = json.loads(values_.pop("body"))
        found.append(ProposalView(**values_, standing=json.loads(standing) if standing else None))
    return found


async def _items(where: str, *values: Any) -> list[ItemRow]:
    return [_item(row) for row in await _fetch(f"{_ITEMS} where {where} order by i.code", *values)]


def _item(row: asyncpg.Record) -> ItemRow:
    item = ServiceItem.of(json.loads(row["body"]))
    return ItemRow(row["id"], row["state"], row["version"], row["since"], row["sha256"], item, row["agencies"])


async def _fetch(sql: str, *values: Any) -> list[asyncpg.Record]:
    async with reading(TRADING) as connection:
        return list(await connection.fetch(sql, *values))
