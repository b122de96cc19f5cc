"""The list of a request's draw, found from its rows by whoever looks: the trading site, or the regulator's process."""

import json
from collections.abc import Mapping, Set
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from intermediaries.rules.draws import Applied, DrawList, draw_list, price_stands
from kernel.errors import BadInput
from kernel.money import read
from kernel.toss.schemas import Rebuilt, TossView

_REQUEST = "select mode_row, lowest, highest from intermediaries.request where id = $1"
_APPLIED = (
    "select code, controller, record, shut from intermediaries.applicant where request = $1 order by applied_at, id"
)
_QUOTED = (
    "select c.bidder, v.index from box.verdict v join box.bid b on b.sha256 = v.bid join box.chain c on c.id = b.chain"
    " where v.\"case\" = $1 and v.outcome = 'opened'"
)


async def list_of(connection: asyncpg.Connection, case: UUID) -> DrawList:
    """The list as the rows stand fixed after the close (and, with quotes, after their opening)."""
    row = await connection.fetchrow(_REQUEST, case)
    mode: dict[str, Any] = json.loads(row["mode_row"])
    applied = [
        Applied(one["code"], one["controller"], json.loads(one["record"]), one["shut"])
        for one in await connection.fetch(_APPLIED, case)
    ]
    quoted = await _quoted(connection, case, row["lowest"], row["highest"]) if mode["quotes"] else None
    return draw_list(case, mode, applied, quoted)


async def rebuild(connection: asyncpg.Connection, toss: TossView) -> Rebuilt:
    """What the regulator's process finds by itself, and compares with the list that the trading site fixed."""
    found = await list_of(connection, toss.case)
    return Rebuilt(candidates=found.candidates, avoided=found.avoided)


def price_of(index: Mapping[str, Any] | None) -> Decimal | None:
    """The price in an opened index; None where it says no amount."""
    form = (index or {}).get("form", {})
    try:
        return read(str(form.get("price", "")))
    except BadInput:
        return None


async def _quoted(
    connection: asyncpg.Connection, case: UUID, lowest: Decimal | None, highest: Decimal | None
) -> Set[str]:
    rows = await connection.fetch(_QUOTED, case)
    prices = {row["bidder"]: price_of(json.loads(row["index"] or "null")) for row in rows}
    return {code for code, price in prices.items() if price_stands(price, lowest, highest)}
