"""Sealed quotes of a request in the electronic box: who quotes opens his own, and nobody else can."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from intermediaries.case import Tools
from intermediaries.records.draws import price_of
from intermediaries.request_case import RequestCase
from intermediaries.rules.requests import quote_problem
from kernel.box import progress
from kernel.box import records as box_records
from kernel.box import setup as box_setup
from kernel.box.setup import BoxPlan
from kernel.box.submit import LARGEST_INDEX
from storage import keeping

LOT = "01"
STAGES = (("price", "public"),)
REVEAL_MINUTES = 60
"""How long agencies have to open their quotes after the list is countersigned."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote after the opening; `shut` says why it cannot stand, empty when it does."""

    code: str
    organisation: UUID
    sha256: str
    price: Decimal | None
    received: datetime
    shut: str


async def open_box(tools: Tools, case: RequestCase, notice: str, minimum: int) -> None:
    """Make the request's box and open it for sealing at once.

    Mode `bidder-only`: nobody but the agency can open its quote. An owner holds no key (he may be a person with a
    telephone), so the platform's own key signs the deadline that his published notice states.
    """
    row = case.request
    assert row.apply_until is not None, "a mode with quotes has a deadline"
    plan = BoxPlan(
        tender=row.code, lot=LOT, region=row.region, purchaser=row.owner, mode="bidder-only", stages=STAGES,
        minimum=minimum, window_minutes=REVEAL_MINUTES, fallback_minutes=0,
    )  # fmt: skip
    await box_setup.prepare(case.beat, plan)
    await box_setup.set_notice(case.beat, notice)
    await box_setup.set_deadline(case.beat, row.apply_until)
    await box_setup.sign_deadline(case.beat, tools.receipts)


async def advance(tools: Tools, case: RequestCase) -> progress.Progress:
    """Let the box go as far as time and parties allow; where the log has a witness he sees the close first."""

    async def fetch(sha256: str) -> bytes:
        return await keeping.first_bytes(tools.store, sha256, LARGEST_INDEX)

    return await progress.advance(
        case.beat,
        regulator=tools.regulator,
        fetch=fetch,
        digest=partial(keeping.digest, tools.store),
        witnessed=tools.witnessed,
        steady=tools.steady,
    )


def due(box: box_records.BoxView) -> list[datetime]:
    """The moments at which time alone will do something to the box."""
    return progress.due(box)


async def opened(case: UUID, lowest: Decimal | None, highest: Decimal | None) -> list[Quote]:
    """Every quote of an opened box, in the order of the close, with why one cannot stand."""
    standing, _ = await box_records.standing(case)
    found = {v["bid"]: v for v in await box_records.verdicts(case)}
    return [_quote(bid, found[bid.sha256], lowest, highest) for bid in standing]


def _quote(bid: box_records.BidView, verdict: dict[str, Any], lowest: Decimal | None, highest: Decimal | None) -> Quote:
    price = price_of(verdict["index"])
    shut = verdict["says"] if verdict["outcome"] != "opened" else quote_problem(price, lowest, highest)
    return Quote(bid.bidder, bid.organisation, bid.sha256, price, bid.received, shut)
