"""What is known of a lot after its opening, read only: the papers of award, contract, refund, and the facts they hold.

Every paper is canonical JSON, stored once, hashed as it stands, named by its event; nothing here is ever changed.

award         {bidder, name, rank, price, evaluated, period_days, quality, manager, passed_over, decided_by, at}
contract      {price, period_days, quality, bond, signed_on, late, file: {label, size, sha256}}
confirmation  {contract, bidder}
refund        {bidder, name, amount, interest, paid_on, of: winner | loser | withdrawn,
              left: how many who bid (of who withdrew: who withdrew) still wait for theirs; losers_left: of the losers;
              all_left: of both together}
statement     {…}: the written report to the supervisors (招标投标法 47)
suspension    {order, since, says, article, issued_by}      resumption  {orders, stretches, moved}
package       {public, size, last}: the public package as of the opening record
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from bidding.stages import TERMINATED
from kernel.box import records as box_records
from kernel.box.records import BidView
from kernel.clock import CHINA
from kernel.db import TRADING, reading
from kernel.watched import Fact
from kernel.workdays import midnight


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper: its exact bytes and their SHA-256 (hex)."""

    n: int
    kind: str
    body: bytes
    sha256: str
    at: datetime

    @property
    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


async def papers(case: UUID, *kinds: str) -> list[PaperView]:
    """The papers of a lot, all or of these kinds, oldest first."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select n, kind, body, sha256, at from bidding.paper"
            " where lot = $1 and (cardinality($2::text[]) = 0 or kind = any($2)) order by n",
            case,
            list(kinds),
        )
    return [PaperView(**{**dict(row), "at": row["at"].astimezone(CHINA)}) for row in rows]


async def paper(case: UUID, kind: str) -> PaperView | None:
    """The last paper of this kind, or None."""
    found = await papers(case, kind)
    return found[-1] if found else None


async def first_opening(case: UUID) -> tuple[bytes, str] | None:
    """双信封: (the exact bytes of the first envelope's record, their SHA-256), or None where there is none."""
    async with reading(TRADING) as connection:
        row = await connection.fetchrow("select body, sha256 from bidding.first_opening where lot = $1", case)
    return (bytes(row["body"]), row["sha256"]) if row else None


async def suspended(case: UUID) -> list[tuple[datetime, datetime]]:
    """The stretches, [since, until), for which the lot stood still and its clocks were moved."""
    said = [stretch for found in await papers(case, "resumption") for stretch in found.content["stretches"]]
    return [(datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in said]


async def unrefunded(case: UUID) -> list[BidView]:
    """Whose deposit has not come back: the bids that stood at the close, without those refunded."""
    paid = {found.content["bidder"] for found in await papers(case, "refund")}
    return [bid for bid in (await box_records.standing(case))[0] if bid.bidder not in paid]


async def unrefunded_withdrawn(case: UUID) -> list[BidView]:
    """The same of those who withdrew in time; only for a lot whose bids are opened: before, nobody knows of them."""
    paid = {found.content["bidder"] for found in await papers(case, "refund")}
    return [bid for bid in (await box_records.standing(case))[1] if bid.bidder not in paid]


async def is_settled(case: UUID, deposit: Decimal, *, reported: bool = True) -> bool:
    """Whether nothing is left to do: deposits are back, and the written report is filed where the law wants one."""
    if deposit and (await unrefunded(case) or await unrefunded_withdrawn(case)):
        return False
    return not reported or await paper(case, "statement") is not None


async def resumed_orders(case: UUID) -> set[str]:
    """The ids of the suspensions after which the lot's clocks were moved."""
    return {order for found in await papers(case, "resumption") for order in found.content["orders"]}


_FACTS = """
select n.lot, 'publicity_started' as measure, n.published_at as at, null::bytea as body from bidding.notice n
    where n.kind = 'candidates' and n.lot = any($1)
union all select l.id, 'publicity_ended', l.publicity_until, null from bidding.lot l
    where l.publicity_until is not null and l.id = any($1)
union all select o.lot, 'result_objected', o.raised_at, null from bidding.objection o
    where o.about = 'result' and o.lot = any($1) and o.answered_at is null
union all select l.id, 'tender_ended', e.at, null from bidding.lot l
    join box.seen_event e on e.case_key = l.id::text and e.act = 'end_case' and e.facts -> 'deposits' = 'true'
    where l.id = any($1) and starts_with(l.failure, $2)
union all select p.lot, p.kind, p.at, p.body from bidding.paper p where p.lot = any($1)
order by 1, 3
"""


async def facts(cases: Sequence[UUID]) -> dict[UUID, dict[str, Fact]]:
    """{lot: {measure of law.toml: moment or amount}} from the publicity on; what has not happened is not there.

    Of objections to the result the oldest that waits for its answer is told, as `result_objected`.
    """
    found: dict[UUID, dict[str, Fact]] = {case: {} for case in cases}
    paid: dict[UUID, dict[str, datetime]] = {case: {} for case in cases}
    async with reading(TRADING) as connection:
        rows = await connection.fetch(_FACTS, list(cases), TERMINATED)
    for row in rows:
        known = found[row["lot"]]
        told = _of_paper(row, paid[row["lot"]]) if row["body"] is not None else _at(row)
        if "result_objected" in told and "result_objected" in known:
            continue
        known |= told if "tender_ended" in known else {name: told[name] for name in told if name != "ended_refunded"}
    return found


def _at(row: asyncpg.Record) -> dict[str, Fact]:
    return {row["measure"]: row["at"].astimezone(CHINA)}


def _of_paper(row: asyncpg.Record, paid: dict[str, datetime]) -> dict[str, Fact]:
    """What one paper says in the measures of the law; `paid` is kept by `_of_refund`."""
    at, said = row["at"].astimezone(CHINA), json.loads(row["body"])
    if row["measure"] == "award":
        return {"winner_fixed": at, "award_notified": at}
    if row["measure"] == "contract":
        amounts = {"contract_price": Decimal(said["price"]), "performance_bond": Decimal(said["bond"])}
        return {"contract_signed": _day(said["signed_on"]), "contract_filed": at, **amounts}
    if row["measure"] == "confirmation":
        return {"contract_published": at}
    if row["measure"] == "refund":
        return _of_refund(said, paid)
    return {"report_filed": at} if row["measure"] == "statement" else {}


def _of_refund(said: dict[str, Any], paid: dict[str, datetime]) -> dict[str, Fact]:
    """Whose deposits are all back with this one, and the last day on which one of them was paid.

    `paid`: that day of each kind (winner, loser, withdrawn) among the refunds so far, this one included afterwards.
    """
    of, day = str(said.get("of", "")), _day(said["paid_on"])
    paid[of] = max(day, paid.get(of, day))
    bid, gone = max((d for kind, d in paid.items() if kind != "withdrawn"), default=day), of == "withdrawn"
    back = {
        "deposit_refunded": (not gone and not said["left"], bid),
        "winner_refunded": (of == "winner", paid[of]),
        "losers_refunded": (of == "loser" and not said["losers_left"], paid[of]),
        "withdrawal_refunded": (gone and not said["left"], paid[of]),
        "ended_refunded": (said.get("all_left") == 0, max(paid.values())),
    }
    return {measure: last for measure, (done, last) in back.items() if done}


def _day(text: str) -> datetime:
    return midnight(date.fromisoformat(text))
