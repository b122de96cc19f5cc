"""Acts for the log's tests: who acts, and one event or many written as the steps write them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kernel import log
from kernel.clock import now
from kernel.db import TRADING, transaction
from kernel.identity import Actor

BIDDER = Actor(
    role="bidder",
    person=UUID("00000000-0000-7000-8000-000000000001"),
    name="李四",
    organisation_code="91440300MA5EXAMPLE",
    address="192.0.2.7",
    client="Firefox",
)


async def act(case: str, name: str = "submit_bid", **facts: Any) -> log.Recorded:
    """One event in a transaction of its own."""
    async with transaction(TRADING) as connection:
        at = await now()
        return await log.record(connection, case_key=case, act=name, actor=BIDDER, subject="lot 1", at=at, facts=facts)


async def acts(cases: Mapping[str, int]) -> None:
    """So many events in each of these cases."""
    for case, count in cases.items():
        for i in range(count):
            await act(case, i=i)
