"""The migrations' promises, tried out as each login: what may be touched, what never changes, the time."""

# ruff: noqa: S608 - the statements are put together from names of our own tables

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from conftest import START
from house_databases import ROOT, Databases
from house_faces import Faces

from app.migrate import GRANTS, MigrationFailed, grants_section, migrate_database
from kernel.clock import CHINA

SEALED = ("box.chain", "box.bid", "box.message")
FORBIDDEN = asyncpg.InsufficientPrivilegeError
OURS = "n.nspname !~ '^(pg_|information_schema|public$)'"
TABLES = f"""
select format('%I.%I', n.nspname, c.relname) as name, exists (
    select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'keep_rows') as kept
from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and {OURS} order by 1
"""


@asynccontextmanager
async def logged_in(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose every change is undone."""
    connection = await asyncpg.connect(url)
    try:
        async with _undone(connection):
            yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def _undone(connection: asyncpg.Connection) -> AsyncIterator[None]:
    change = connection.transaction()
    await change.start()
    try:
        yield
    finally:
        await change.rollback()


async def refused(connection: asyncpg.Connection, sql: str) -> bool:
    """Whether the statement is refused for want of a right; it leaves nothing behind."""
    async with _undone(connection):
        try:
            await connection.execute(sql)
        except FORBIDDEN:
            return True
    return False


async def tables(url: str, *, kept: bool | None = None) -> list[str]:
    async with logged_in(url) as connection:
        rows = await connection.fetch(TABLES)
    return [row["name"] for row in rows if kept in (None, row["kept"])]


async def test_append_only_rows_are_refused_by_trigger_to_the_owner_himself(house: Databases) -> None:
    kept = await tables(house.owner, kept=True)
    assert {"kernel.mark", "kernel.log_event", "kernel.log_leaf", "kernel.directive"} <= set(kept)
    async with logged_in(house.owner) as owner:
        for name in kept:
            assert await refused(owner, f"truncate {name} cascade"), name
        for change in ("update kernel.mark set mode = 'demo'", "delete from kernel.mark"):
            assert await refused(owner, change), change


async def test_no_login_may_change_append_only_rows(house: Databases) -> None:
    for url in (house.trading, house.supervision_trading):
        async with logged_in(url) as login:
            for name in await tables(house.owner, kept=True):
                for right in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER"):
                    assert not await login.fetchval("select has_table_privilege($1, $2)", name, right), name


async def test_every_table_can_be_read_by_the_site_it_serves(house: Databases) -> None:
    async with logged_in(house.trading) as trading:
        for name in await tables(house.owner):
            assert await trading.fetchval("select has_table_privilege($1, 'SELECT')", name), name


async def test_every_table_named_in_the_grants_exists(house: Databases) -> None:
    for database, url in (("trading", house.owner), ("supervision", house.supervision_owner)):
        section = grants_section(GRANTS.read_text(encoding="utf-8"), database)
        asked = [line.split("'") for line in section.splitlines() if line.startswith("SELECT pg_temp.allow(")]
        named = {f"{parts[5]}.{table}" for parts in asked for table in parts[7].split() if table != "*"}
        async with logged_in(url) as owner:
            for name in named:
                assert await owner.fetchval("select to_regclass($1) is not null", name), name


@pytest.mark.parametrize(
    "sql",
    [
        "create table kernel.extra (id int)",
        "create table public.extra (id int)",
        "create temporary table extra (id int)",
        "create schema extra",
        "create function public.extra() returns int language sql as 'select 1'",
        "alter table kernel.log_event disable trigger keep_rows",
        "alter table kernel.log_event add column extra int",
        "drop table kernel.job",
        "set session_replication_role = replica",
        "set role owner",
        "create role extra",
        "select kernel.keep_forever('kernel.job')",
        "select * from public.migration",
        "select pg_read_file('pg_hba.conf')",
    ],
)
async def test_a_site_can_change_nothing_but_rows(house: Databases, sql: str) -> None:
    for url in (house.trading, house.supervision_trading, house.supervision):
        async with logged_in(url) as login:
            assert await refused(login, sql)


async def test_the_trading_login_cannot_enter_the_supervision_database(house: Databases) -> None:
    password = house.trading.split(":", 2)[2].partition("@")[0]
    with pytest.raises(FORBIDDEN):
        await asyncpg.connect(house.supervision, user="trading", password=password)


async def test_supervision_may_write_in_trading_only_its_posts_its_messages_and_its_people(house: Databases) -> None:
    async with logged_in(house.supervision_trading) as supervision:
        rows = await supervision.fetch(
            "select format('%I.%I', n.nspname, c.relname) as name from pg_class c"
            f" join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'v') and {OURS}"
            " and (has_any_column_privilege(c.oid, 'INSERT, UPDATE') or has_table_privilege(c.oid, 'DELETE, TRUNCATE'))"
        )
    writable = [row["name"] for row in rows]
    people = {f"accounts.{table}" for table in ("person", "organisation", "membership", "delegation")}
    posted = {f"kernel.{mailbox}" for mailbox in ("directive", "decision", "letter")}
    spoken = {"box.message", "box.holder", "box.wrap", "toss.message"}
    assert set(writable) == {*posted, *spoken, *people}


async def test_the_trading_login_cannot_post_an_order(house: Databases) -> None:
    async with logged_in(house.trading) as trading:
        assert await refused(trading, "insert into kernel.directive select * from kernel.directive where false")


@pytest.mark.parametrize(
    ("login", "role", "allowed"),
    [
        ("supervision_trading", "regulator", True),
        ("supervision_trading", "operator", False),
        ("supervision_trading", "bidder", False),
        ("trading", "operator", True),
        ("trading", "regulator", False),
    ],
)
async def test_each_side_speaks_to_a_box_only_for_itself(
    house: Databases, login: str, role: str, allowed: bool
) -> None:
    async with logged_in(getattr(house, login)) as connection:
        assert await refused(connection, _message(uuid4(), role)) is not allowed


@pytest.mark.parametrize("state", ["setup", "ready", "listed", "closed"])
async def test_supervision_sees_neither_bids_nor_bidders_of_a_sealed_box(house: Databases, state: str) -> None:
    await _fill_box(house, state)
    async with logged_in(house.trading) as trading:
        assert [await trading.fetchval(f"select count(*) from {name}") for name in SEALED] == [1, 1, 1]
    async with logged_in(house.supervision_trading) as supervision:
        assert [await supervision.fetchval(f"select count(*) from {name}") for name in SEALED] == [0, 0, 0]


async def test_supervision_sees_the_bids_of_an_opened_box(house: Databases) -> None:
    await _fill_box(house, "opened")
    async with logged_in(house.supervision_trading) as supervision:
        assert [await supervision.fetchval(f"select count(*) from {name}") for name in SEALED] == [1, 1, 1]


async def test_every_event_waits_for_its_place_in_the_tree(house: Databases) -> None:
    async with logged_in(house.trading) as trading:
        event = uuid4()
        zeros = "decode(repeat('00', 32), 'hex')"
        await trading.execute(
            "insert into kernel.log_event (id, case_key, n, act, body, salt, private, private_salt, leaf, at)"
            f" values ($1, 'x', 1, 'try', '', {zeros}, '', {zeros}, {zeros}, clock_timestamp())",
            event,
        )
        assert await trading.fetchval("select event from kernel.log_pending") == event
        assert await refused(trading, f"insert into kernel.log_pending (event) values ('{uuid4()}')")


async def test_the_law_has_no_time_of_its_own_in_a_production_database(house: Databases) -> None:
    async with logged_in(house.admin) as admin:
        assert await admin.fetchval("select kernel.law_now()") == START
        await admin.execute("set local session_replication_role = replica")
        await admin.execute("update kernel.mark set mode = 'production'")
        await admin.execute("set local session_replication_role = origin")
        assert abs(await admin.fetchval("select kernel.law_now()") - datetime.now(UTC)) < timedelta(minutes=1)
        assert await refused(admin, "update kernel.clock set shift = interval '1 day'")


async def test_a_database_without_a_mark_has_no_time(house: Databases) -> None:
    async with logged_in(house.admin) as admin:
        await admin.execute("set local session_replication_role = replica; delete from kernel.mark")
        with pytest.raises(asyncpg.NoDataFoundError):
            await admin.fetchval("select kernel.law_now()")


async def test_migrating_again_changes_nothing(house: Databases, faces: Faces) -> None:
    await faces.close()
    async with logged_in(house.owner) as owner:
        before = await _shape(owner)
        made_at = await owner.fetchval("select made_at from kernel.mark")
    await migrate_database("trading", house.owner, "test")
    async with logged_in(house.owner) as owner:
        assert await _shape(owner) == before
        assert await owner.fetchval("select made_at from kernel.mark") == made_at


async def test_a_database_marked_for_one_use_cannot_be_put_to_another(house: Databases, faces: Faces) -> None:
    await faces.close()
    with pytest.raises(MigrationFailed, match="test"):
        await migrate_database("trading", house.owner, "production")


async def test_two_processes_may_migrate_a_new_database_at_once(house: Databases) -> None:
    name = f"t_{os.getpid()}_fresh"
    admin = await asyncpg.connect(house.admin)
    try:
        await admin.execute(f"create database {name} owner owner")
        url = house.owner.replace(f"/t_{os.getpid()}_trading?", f"/{name}?")
        environment = {**_clean(), "OWNER_DATABASE_URL": url, "YANGGUANG_MODE": "demo"}
        command = [sys.executable, "-m", "app.cli", "migrate"]
        both = [
            await asyncio.create_subprocess_exec(*command, env=environment, cwd=ROOT, stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        for process in both:
            _, wrong = await process.communicate()
            assert process.returncode == 0, wrong.decode()
        async with logged_in(url) as owner:
            assert await owner.fetchval("select mode from kernel.mark") == "demo"
            law = await owner.fetchval("select kernel.law_now()")
            assert timedelta(0) < law - datetime(2026, 3, 2, 9, tzinfo=CHINA) < timedelta(minutes=5)
    finally:
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.close()


def test_a_section_of_the_grants_holds_what_is_common_and_its_own() -> None:
    text = "common\n-- database: trading\nfirst\n-- database: supervision\nsecond\n-- database: trading\nthird"
    assert grants_section(text, "trading").split() == ["common", "first", "third"]
    assert grants_section(text, "supervision").split() == ["common", "second"]


async def _fill_box(house: Databases, state: str) -> None:
    """A box in this state with one bidder, his bid and his message."""
    case, chain = uuid4(), uuid4()
    async with _kept(house.admin) as admin:
        await admin.execute(
            'insert into box.box ("case", tender, lot, region, purchaser, mode, stages, minimum,'
            " window_minutes, fallback_minutes, state)"
            " values ($1, 'T', '1', '330100', $1, 'bidder', '[]', 3, 60, 60, $2)",
            case,
            state,
        )
        await admin.execute(
            'insert into box.chain (id, "case", bidder, organisation, bid_id, public_key)'
            " values ($1, $2, '91330100', $2, 'b', '')",
            chain,
            case,
        )
        columns = await admin.fetch(
            "select attname::text as name, format_type(atttypid, atttypmod) as kind from pg_attribute"
            " where attrelid = 'box.bid'::regclass and attnum > 0 and not attisdropped"
        )
        given = {"case": f"'{case}'", "chain": f"'{chain}'", "kind": "'bid'"}
        values = [given.get(row["name"], _anything(row["kind"])) for row in columns]
        names = ", ".join(f'"{row["name"]}"' for row in columns)
        await admin.execute(f"insert into box.bid ({names}) values ({', '.join(values)})")
        await admin.execute(_message(case, "bidder"))


def _anything(kind: str) -> str:
    """A value of that type, for a column the test does not look at."""
    if kind.startswith("timestamp"):
        return "clock_timestamp()"
    if kind.startswith("character") or kind in ("text", "bytea"):
        return "''"
    return {"uuid": "gen_random_uuid()", "jsonb": "'[]'", "boolean": "false"}.get(kind, "1")


def _message(case: UUID, role: str) -> str:
    return (
        'insert into box.message (id, "case", kind, role, stage, author, sha256, body, envelope, at)'
        f" values ('{uuid4()}', '{case}', 'key', '{role}', '', '', '', '', '', clock_timestamp())"
    )


@asynccontextmanager
async def _kept(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose changes stay until the next test, with triggers asleep."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("set session_replication_role = replica")
        yield connection
    finally:
        await connection.close()


def _clean() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


async def _shape(owner: asyncpg.Connection) -> list[asyncpg.Record]:
    """Every column, constraint, trigger, policy and right there is."""
    parts = (
        "select n.nspname || c.relname || a.attname || format_type(a.atttypid, a.atttypmod) || a.attnotnull"
        " from pg_attribute a join pg_class c on c.oid = a.attrelid"
        f" join pg_namespace n on n.oid = c.relnamespace where {OURS}",
        "select conrelid::regclass || pg_get_constraintdef(oid) from pg_constraint where conrelid <> 0",
        "select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal",
        "select tablename || policyname || coalesce(qual, '') || coalesce(with_check, '') from pg_policies",
        "select c.relname || coalesce(c.relacl::text, '') from pg_class c",
    )
    return await owner.fetch(" union all ".join(parts) + " order by 1")
