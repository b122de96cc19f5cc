"""The rules about people that the database keeps by itself, whatever the program does."""

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
from house_databases import Databases
from seeded_people import BUILDER, BUREAU, CENTRE, marked, seeded

from app.migrate import GRANTS
from kernel.ids import new_id


@pytest.fixture
async def owner(house: Databases) -> AsyncIterator[asyncpg.Connection]:
    """The owner's connection: no row policy holds him back, only triggers and constraints."""
    connection = await asyncpg.connect(house.owner)
    yield connection
    await connection.close()


@pytest.fixture
async def people(house: Databases) -> dict[str, UUID]:
    return await seeded()


async def _organisation(connection: asyncpg.Connection, code: str) -> UUID:
    found: UUID = await connection.fetchval("select id from accounts.organisation where code = $1", code)
    return found


async def _add_person(connection: asyncpg.Connection, side: str, creator: UUID | None = None) -> UUID:
    id = new_id()
    await connection.execute(
        "insert into accounts.person values ($1, $2, 'sealed', '某人', '13800000000', $3, $4, now())",
        id,
        id.bytes * 2,
        side,
        creator,
    )
    return id


async def _add_membership(
    connection: asyncpg.Connection,
    person: UUID,
    side: str,
    role: str,
    organisation: UUID,
    asker: UUID | None = None,
    granter: UUID | None = None,
) -> None:
    await connection.execute(
        "insert into accounts.membership"
        " (id, person, side, organisation, role, departments, asked_by, asked_at, granted_by, since)"
        " values ($1, $2, $3, $4, $5, '{}', $6, now(), $7, now())",
        new_id(),
        person,
        side,
        organisation,
        role,
        asker,
        granter,
    )


@pytest.mark.parametrize("side", ["operate", "supervise", "judge"])
async def test_nobody_ever_changes_sides(owner: asyncpg.Connection, people: dict[str, UUID], side: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("update accounts.person set side = $1 where id = $2", side, people["bidder"])


async def test_nobody_becomes_somebody_else_or_vanishes(owner: asyncpg.Connection, people: dict[str, UUID]) -> None:
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("update accounts.person set id_hash = $1 where id = $2", b"h" * 32, people["bidder"])
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("delete from accounts.person where id = $1", people["bidder"])


async def test_a_name_and_a_telephone_may_change(owner: asyncpg.Connection, people: dict[str, UUID]) -> None:
    done = await owner.execute("update accounts.person set name = '新名' where id = $1", people["bidder"])
    assert done == "UPDATE 1"


async def test_one_identity_is_one_person(owner: asyncpg.Connection, people: dict[str, UUID]) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute(
            "insert into accounts.person select $1, id_hash, id_sealed, name, phone, 'operate', null, now()"
            " from accounts.person where id = $2",
            new_id(),
            people["bidder"],
        )


async def test_a_role_of_another_side_than_the_persons_cannot_be_stored(
    owner: asyncpg.Connection, people: dict[str, UUID]
) -> None:
    centre = await _organisation(owner, CENTRE)
    with pytest.raises(asyncpg.CheckViolationError):
        await _add_membership(owner, people["bidder"], "trade", "operator", centre)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await _add_membership(owner, people["bidder"], "operate", "operator", centre)


async def test_who_asks_does_not_grant_and_nobody_grants_to_himself(
    owner: asyncpg.Connection, people: dict[str, UUID]
) -> None:
    centre, new = await _organisation(owner, CENTRE), await _add_person(owner, "operate")
    one, two = people["operator"], people["operator2"]
    with pytest.raises(asyncpg.CheckViolationError):
        await _add_membership(owner, new, "operate", "operator", centre, one, one)
    with pytest.raises(asyncpg.CheckViolationError):
        await _add_membership(owner, new, "operate", "operator", centre, one, new)
    await _add_membership(owner, new, "operate", "operator", centre, one, two)


async def test_who_made_an_account_neither_asks_nor_grants_its_roles(
    owner: asyncpg.Connection, people: dict[str, UUID]
) -> None:
    one, two = people["operator"], people["operator2"]
    centre, new = await _organisation(owner, CENTRE), await _add_person(owner, "operate", one)
    with pytest.raises(asyncpg.RestrictViolationError):
        await _add_membership(owner, new, "operate", "operator", centre, two, one)
    with pytest.raises(asyncpg.RestrictViolationError):
        await _add_membership(owner, new, "operate", "operator", centre, one, two)


async def test_in_a_production_database_an_official_role_needs_two_people(
    house: Databases, owner: asyncpg.Connection, people: dict[str, UUID]
) -> None:
    centre, new = await _organisation(owner, CENTRE), await _add_person(owner, "operate")
    async with marked(house.admin, "production"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await _add_membership(owner, new, "operate", "operator", centre)


async def test_a_grant_is_never_rewritten_and_an_end_is_final(
    owner: asyncpg.Connection, people: dict[str, UUID]
) -> None:
    rival = people["rival"]
    for change in ("since = now() - interval '1 year'", "role = 'purchaser'", "side = 'operate'"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute("update accounts.membership set " + change + " where person = $1", rival)  # noqa: S608
    await owner.execute("update accounts.membership set until = now() where person = $1", rival)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("update accounts.membership set until = null where person = $1", rival)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("delete from accounts.membership where person = $1", rival)


async def test_a_role_is_held_once_and_again_after_its_end(owner: asyncpg.Connection, people: dict[str, UUID]) -> None:
    builder, person = await _organisation(owner, BUILDER), people["bidder"]
    with pytest.raises(asyncpg.UniqueViolationError):
        await _add_membership(owner, person, "trade", "bidder", builder)
    await owner.execute("update accounts.membership set until = now() where person = $1", person)
    await _add_membership(owner, person, "trade", "bidder", builder)


async def test_the_trading_login_makes_no_supervisor(house: Databases) -> None:
    trading = await asyncpg.connect(house.trading)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _add_person(trading, "supervise")
    finally:
        await trading.close()


async def test_the_supervision_login_makes_no_trader(house: Databases) -> None:
    supervision = await asyncpg.connect(house.supervision_trading)
    try:
        for side in ("operate", "trade", "judge"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level"):
                await _add_person(supervision, side)
        await _add_person(supervision, "supervise")
    finally:
        await supervision.close()


async def test_the_supervision_login_asks_and_grants_for_no_trader(house: Databases, people: dict[str, UUID]) -> None:
    supervision = await asyncpg.connect(house.supervision_trading)
    try:
        builder = await _organisation(supervision, BUILDER)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level"):
            await _add_membership(supervision, people["rival"], "trade", "bidder", builder)
        done = await supervision.execute("update accounts.membership set until = now() where side <> 'judge'")
        assert done == "UPDATE 0"
    finally:
        await supervision.close()


@pytest.mark.parametrize("column", ["id_sealed", "phone"])
async def test_the_supervision_login_reads_nobodys_number_or_telephone(house: Databases, column: str) -> None:
    await seeded()
    supervision = await asyncpg.connect(house.supervision_trading)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await supervision.fetch(f"select {column} from accounts.person")  # noqa: S608
        assert await supervision.fetchval("select count(name) from accounts.person") > 0
    finally:
        await supervision.close()


@pytest.mark.parametrize(("login", "side"), [("trading", "supervise"), ("supervision_trading", "operate")])
async def test_each_login_decides_about_leave_on_its_own_side_only(
    house: Databases, owner: asyncpg.Connection, login: str, side: str
) -> None:
    role, code = ("operator", CENTRE) if side == "operate" else ("regulator", BUREAU)
    unit, held = await _bureau(owner, code), []
    for _ in range(2):
        person = await _add_person(owner, side)
        await _add_membership(owner, person, side, role, unit)
        held.append(await owner.fetchval("select id from accounts.membership where person = $1", person))
    leave = (
        "insert into accounts.delegation (id, absent, substitute, since, until, reason, decided_by, decided_at)"
        " values ($1, $2, $3, now(), now() + interval '1 day', '休假', $1, now())"
    )
    connection = await asyncpg.connect(getattr(house, login))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level"):
            await connection.execute(leave, new_id(), *held)
        await owner.execute(leave, new_id(), *held)
        assert await connection.execute("update accounts.delegation set revoked_at = now()") == "UPDATE 0"
    finally:
        await connection.close()


async def _bureau(connection: asyncpg.Connection, code: str) -> UUID:
    await connection.execute(
        "insert into accounts.organisation (id, code, name, region, kind, created_at)"
        " values ($1, $2, '某机关', '330106', 'government', now()) on conflict do nothing",
        new_id(),
        code,
    )
    return await _organisation(connection, code)


async def test_the_rules_can_be_laid_down_again(owner: asyncpg.Connection) -> None:
    sql = (GRANTS.parent / "kernel" / "accounts.sql").read_text(encoding="utf-8")
    await owner.execute(sql)
    count = await owner.fetchval("select count(*) from pg_constraint where conname = 'membership_on_the_persons_side'")
    assert count == 1
