"""Every table class is what the migrations made, column by column, and Piccolo would write no further migration."""

import contextlib
import io
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import asyncpg
import pytest
from house_databases import Databases
from piccolo.apps.migrations.auto import AlterStatements
from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.conf.apps import AppConfig
from piccolo.table import Table, sort_table_classes

from app.migrate import DUTIES

_COLUMNS = """
select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped
"""
_RULES = """
select pg_get_constraintdef(o.oid) from pg_constraint o join pg_class c on c.oid = o.conrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2 and o.contype in ('p', 'u', 'f', 'c')
"""
_TABLES = """
select schemaname || '.' || tablename from pg_tables where schemaname = any($1)
"""


def configs(database: str) -> list[AppConfig]:
    """The apps whose tables this database holds."""
    names = [f"{duty}.piccolo_app" for duty in DUTIES[database] if find_spec(duty)]
    return [import_module(name).APP_CONFIG for name in names]


def tables(database: str) -> list[type[Table]]:
    return [table for config in configs(database) for table in config.table_classes]


@pytest.fixture(scope="module")
async def as_written(databases: Databases) -> Any:
    """A database that the table classes alone have made, to compare with."""
    admin = await asyncpg.connect(databases.admin)
    name = f"{await admin.fetchval('select current_database()')}_classes"
    await admin.execute(f"drop database if exists {name} with (force)")
    await admin.execute(f"create database {name}")
    url = databases.admin.replace(f"/{name.removesuffix('_classes')}?", f"/{name}?")
    made = await asyncpg.connect(url)
    try:
        yield made
    finally:
        await made.close()
        await admin.execute(f"drop database {name} with (force)")
        await admin.close()


async def make(connection: asyncpg.Connection, database: str) -> None:
    """App by app: Piccolo's sorting takes two tables of one name for one, whatever their schemas."""
    for schema in {table._meta.schema for table in tables(database)}:
        await connection.execute(f"drop schema if exists {schema} cascade; create schema {schema}")
    for config in configs(database):
        for table in sort_table_classes(config.table_classes):
            for ddl in table.create_table().ddl:
                await connection.execute(ddl)


async def looks(connection: asyncpg.Connection, table: type[Table]) -> tuple[dict[str, Any], set[str]]:
    """(column → type and whether it must be there, the rules as PostgreSQL writes them)."""
    place = table._meta.schema, table._meta.tablename
    columns = {row["name"]: (row["type"], row["required"]) for row in await connection.fetch(_COLUMNS, *place)}
    return columns, {row[0] for row in await connection.fetch(_RULES, *place)}


@pytest.mark.parametrize("database", DUTIES)
async def test_the_database_is_what_the_classes_say(
    databases: Databases, as_written: asyncpg.Connection, database: str
) -> None:
    url = databases.admin if database == "trading" else databases.supervision_admin
    await make(as_written, database)
    migrated = await asyncpg.connect(url)
    try:
        for table in tables(database):
            columns, rules = await looks(as_written, table)
            there, enforced = await looks(migrated, table)
            assert columns, f"{table.__name__} has columns"
            assert there == columns, table.__name__
            assert enforced >= rules, table.__name__
    finally:
        await migrated.close()


@pytest.mark.parametrize("database", DUTIES)
async def test_no_table_lies_in_a_duty_s_schema_without_its_class(databases: Databases, database: str) -> None:
    known = {f"{table._meta.schema}.{table._meta.tablename}" for table in tables(database)}
    connection = await asyncpg.connect(databases.admin if database == "trading" else databases.supervision_admin)
    try:
        found = {row[0] for row in await connection.fetch(_TABLES, list({name.split(".")[0] for name in known}))}
    finally:
        await connection.close()
    assert found == known


@pytest.mark.parametrize("database", DUTIES)
async def test_piccolo_would_generate_nothing_new(databases: Databases, database: str) -> None:
    for config in configs(database):
        with contextlib.redirect_stdout(io.StringIO()):
            changes: list[AlterStatements] = await AutoMigrationManager(auto_input="y").get_alter_statements(config)
        assert [statement for change in changes for statement in change.statements] == [], config.app_name
