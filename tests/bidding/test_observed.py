"""Signs that a lot may be wrong: marks far apart, bidders of one origin, a result; and the closed report."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from conftest import TestClock
from house_databases import Databases
from road import County
from story import close, reveal

from bidding import observed
from bidding.observed import marks_apart
from bidding.steps.record import conclude_opening
from kernel.box import records as box_records


@pytest.fixture
async def county(house: Databases, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


SUBJECTIVE = {"id": "technical", "kind": "subjective"}


def report(*marks: str, kind: str = "subjective") -> dict[str, Any]:
    """One bid, one item, so many members."""
    scores = {str(seat): {"A": {"technical": mark}} for seat, mark in enumerate(marks, 1)}
    return {"evaluation": {"items": [SUBJECTIVE | {"kind": kind}]}, "scores": scores}


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        (("20", "20", "20", "20", "20"), 0),
        (("24", "20", "20", "20", "16"), 20),
        (("24.1", "20", "20", "20", "15.9"), 20),
        (("30", "10", "10", "10", "10"), 114),
        (("0", "0", "0"), None),
    ],
)
def test_the_furthest_mark_is_measured_by_the_panels_mean(marks: tuple[str, ...], expected: int | None) -> None:
    assert marks_apart(report(*marks)) == expected


def test_what_is_counted_and_not_judged_is_no_sign_and_neither_is_a_method_without_marks() -> None:
    assert marks_apart(report("30", "10", kind="objective")) is None
    assert marks_apart({"evaluation": {}, "scores": {}}) is None


@pytest.mark.parametrize("address", ["203.0.113.7", "127.0.0.1"])
async def test_how_many_bidders_share_an_origin_is_a_number_and_known_only_once_the_box_is_open(
    county: County, house: Databases, clock: TestClock, address: str
) -> None:
    lot = await county.announced()
    bidders = []
    for n in (1, 2, 3):
        bidder = await county.bidder(n)
        person = bidders[0].actor.person if n == 3 else bidder.actor.person
        bidder.actor = replace(bidder.actor, person=person, address=address if n < 3 else "203.0.113.9")
        await bidder.seal(await county.setup(lot), (await box_records.box(lot)).notice, f"3{n}000000.00")
        await bidder.submit(county.tools, lot)
        bidders.append(bidder)
    assert await shared(house, lot) is None, "before the opening there is not even a row"
    await close(county, clock, lot)
    assert await shared(house, lot) is None
    await reveal(county, lot, bidders)
    await conclude_opening(county.tools, county.purchaser, lot)
    known = (await observed.facts([lot]))[lot]
    outside = address != "127.0.0.1"
    assert known["bidders_of_one_address"] == (2 if outside else 1), "a machine's own address says nothing"
    assert known["bidders_of_one_person"] == 2
    assert known["opening_begun"] >= known["opening_due"]  # type: ignore[operator]
    assert await shared(house, lot) == (2 if outside else 1, 2)


async def shared(house: Databases, lot: UUID) -> tuple[int, int] | None:
    """What the supervision side's own login is told; who and from where it may not read at all."""
    looking = await asyncpg.connect(house.supervision_trading)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await looking.fetch("select private from kernel.log_event")
        row = await looking.fetchrow('select one_address, one_person from box.shared_origin where "case" = $1', lot)
    finally:
        await looking.close()
    return None if row is None else (row["one_address"], row["one_person"])


async def test_a_few_cases_are_asked_about_without_reading_the_others(house: Databases) -> None:
    few = "{00000000-0000-7000-8000-000000000007}"
    connection = await asyncpg.connect(house.supervision_trading)
    try:
        await connection.execute("set enable_seqscan = off")  # on empty tables the planner would not bother
        lines = await connection.fetch(f"explain select * from box.shared_origin where \"case\" = any('{few}')")  # noqa: S608
    finally:
        await connection.close()
    plan = "\n".join(row[0] for row in lines)
    assert "CTE" not in plan
    assert 'Index Cond: ("case" = ANY' in plan, plan
