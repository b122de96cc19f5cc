"""Who may be drawn, from the pool as it stood at one instant; the same for both sides, at any size."""

from datetime import date, timedelta

import asyncpg
import pytest
import road
from conftest import TestClock
from expert_pool import BUILD, COST, DRAWING, EVALUATION, KNOWN_SINCE, Row, busy, put_in, tie, unit
from house_databases import Databases
from statement_counter import statements

from experts import pool
from experts.pool import Terms
from experts.rules import Party
from kernel.db import TRADING, reading

BIDDER = unit(7)


def terms(*, at: object = None, professions: tuple[str, ...] = (BUILD,), scope: str = "330000") -> Terms:
    parties = (Party("avoided", BIDDER, "东方建设有限公司"),)
    moment = at or DRAWING
    return Terms(moment, professions, scope, "A01", EVALUATION, EVALUATION + timedelta(hours=8), parties)  # type: ignore[arg-type]


@pytest.fixture
def pooled(house: Databases, clock: TestClock) -> Databases:
    road.ADMIN = house.admin
    return house


async def listed(asked: Terms) -> pool.Listed:
    async with reading(TRADING) as connection:
        return await pool.listed(connection, asked)


async def test_profession_region_expiry_age_and_time_decide_and_nothing_else(pooled: Databases) -> None:
    rows = [
        Row(),
        Row(professions=(COST,)),
        Row(region="500101"),
        Row(expires_on=date(2026, 4, 20)),
        Row(expires_on=date(2026, 4, 21)),
        Row(born=date(1956, 4, 21)),
        Row(born=date(1956, 4, 22)),
        Row(stage="suspended"),
        Row(stage="applied"),
        Row(),
    ]
    ids = await put_in(pooled.admin, rows)
    await busy(ids[9], EVALUATION + timedelta(hours=7), EVALUATION + timedelta(hours=9))
    await busy(ids[0], EVALUATION - timedelta(hours=2), EVALUATION)
    found = await listed(terms())
    assert {record["id"] for record in found.candidates[BUILD]} == {str(ids[n]) for n in (0, 4, 6)}
    assert found.avoided == []


async def test_who_must_avoid_is_named_with_the_ground_and_is_no_candidate(pooled: Databases) -> None:
    ids = await put_in(pooled.admin, [Row() for _ in range(4)] + [Row(employer=BIDDER)])
    await tie(ids[0], "shareholder", BIDDER)
    await tie(ids[1], "director", BIDDER, until=date(2022, 1, 1))
    found = await listed(terms())
    assert {(record["id"], code) for record, code in found.avoided} == {(str(ids[0]), "NAMED"), (str(ids[4]), "NAMED")}
    assert {record["id"] for record in found.candidates[BUILD]} == {str(ids[n]) for n in (1, 2, 3)}


async def test_a_candidate_shows_neither_telephone_nor_identity_number(pooled: Databases) -> None:
    await put_in(pooled.admin, [Row()])
    [record] = (await listed(terms())).candidates[BUILD]
    assert record.keys() == {"id", "profession", "name", "title", "employer", "employer_name", "region"}


async def test_the_list_can_be_made_again_as_it_was(pooled: Databases) -> None:
    ids = await put_in(pooled.admin, [Row() for _ in range(6)])
    before = await listed(terms())
    later = DRAWING + timedelta(minutes=1)
    async with reading(TRADING) as connection:
        await connection.execute("update experts.standing set known_until = $2 where expert = $1", ids[0], later)
        await connection.execute(
            "insert into experts.standing select gen_random_uuid(), expert, name, phone, region, title_level, title,"
            " years, employer_code, employer_name, 'suspended', expires_on, '', $2"
            " from experts.standing where expert = $1",
            ids[0], later,
        )  # fmt: skip
        await connection.execute(
            "insert into experts.tie (id, expert, kind, code, known_from)"
            " values (gen_random_uuid(), $1, 'staff', $2, $3)",
            ids[1], BIDDER, later,
        )  # fmt: skip
    assert await listed(terms()) == before
    after = await listed(terms(at=later))
    assert len(after.candidates[BUILD]) == 4
    assert [code for _, code in after.avoided] == ["NAMED"]
    assert after.root != before.root


async def test_what_was_known_is_never_rewritten(pooled: Databases) -> None:
    ids = await put_in(pooled.admin, [Row()])
    async with reading(TRADING) as connection:
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute("update experts.standing set name = '别人' where expert = $1", ids[0])
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute("delete from experts.tie where expert = $1", ids[0])


async def test_who_is_in_two_professions_is_listed_once(pooled: Databases) -> None:
    await put_in(pooled.admin, [Row(professions=(BUILD, COST)) for _ in range(3)] + [Row() for _ in range(5)])
    found = await listed(terms(professions=(BUILD, COST)))
    assert (len(found.candidates[BUILD]), len(found.candidates[COST])) == (5, 3)


@pytest.mark.parametrize("size", [200, 4000])
async def test_a_list_costs_the_same_statements_at_any_size(pooled: Databases, size: int) -> None:
    await put_in(pooled.admin, [Row() for _ in range(size)])
    async with statements() as seen:
        found = await listed(terms())
    assert len(found.candidates[BUILD]) == size
    assert len(seen) == 4


async def test_one_expert_is_screened_by_index_however_large_the_pool_is(pooled: Databases) -> None:
    ids = await put_in(pooled.admin, [Row() for _ in range(3000)])
    connection = await asyncpg.connect(pooled.admin)
    try:
        await connection.execute("analyze experts.standing, experts.tie, experts.practice, experts.expert")
        rows = await connection.fetch(
            f"explain {pool._STANDS}",
            DRAWING, ids[0],
        )  # fmt: skip
    finally:
        await connection.close()
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan" not in plan
    async with reading(TRADING) as found:
        assert await pool.screened(found, terms(), ids[0]) == ""
    assert KNOWN_SINCE < DRAWING
