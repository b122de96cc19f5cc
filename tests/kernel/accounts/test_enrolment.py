"""Many people at once: found by one query, put in by one statement, each on one side for good."""

import asyncpg
import pytest
from house_databases import Databases
from seeded_people import KEYS, identity, seeded
from statement_counter import statements

from kernel.accounts import records
from kernel.accounts.enrolment import Enrolling, enrol, known_sides
from kernel.db import TRADING, transaction


async def test_who_is_known_is_told_with_his_side(house: Databases) -> None:
    people = await seeded()
    async with transaction(TRADING) as connection:
        found = await known_sides(connection, [identity(3), identity(5), identity(99)], KEYS)
    assert found == {identity(3): (people["bidder"], "trade"), identity(5): (people["expert"], "judge")}


async def test_a_sheet_of_people_comes_in_by_one_statement(house: Databases) -> None:
    for count in (2, 300):
        rows = [Enrolling(identity(500 + n), f"专家{n}", "13800000000") for n in range(count)]
        async with statements() as seen, transaction(TRADING) as connection:
            fresh = [row for row in rows if row.identity not in await known_sides(connection, [row.identity], KEYS)]
            del seen[:]
            made = await enrol(connection, fresh, "judge", KEYS, None)
        assert len([text for text in seen if "insert" in text]) == 1
        view = await records.person(made[fresh[0].identity])
        assert view is not None
        assert (view.side, view.name) == ("judge", fresh[0].name)


async def test_nobody_comes_in_twice(house: Databases) -> None:
    await seeded()
    with pytest.raises(asyncpg.UniqueViolationError):
        async with transaction(TRADING) as connection:
            await enrol(connection, [Enrolling(identity(3), "某人", "138")], "judge", KEYS, None)
