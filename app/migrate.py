"""Brings both databases to what this version needs: tables, triggers, grants and the mark; all or nothing.

For one database everything happens in one transaction that holds an advisory lock, so that two processes may
start it together and a crash leaves what was there before. The order: each duty's versioned migrations
(`migrations/<duty>/*.py`); each duty's `*.sql` (functions, triggers, views, policies, written so that they
can run again, and run every time); the database's section of `migrations/grants.sql`; the mark.
"""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import asyncpg
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.conf.apps import AppConfig

from app.failures import StartFailed
from kernel.clock import CHINA
from kernel.db import TRADING, transaction
from kernel.settings import Settings

GRANTS = Path(__file__).resolve().parent.parent / "migrations" / "grants.sql"
DUTIES = {
    "trading": (
        "kernel",
        "kernel.box",
        "kernel.toss",
        "kernel.rooms",
        "storage",
        "experts",
        "bidding",
        "intermediaries",
    ),
    "supervision": ("kernel", "supervision", "supervision.complaints"),
}
"""Database → the duties whose tables it holds, floor first."""

DEMO_START = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
"""Where the law's clock of a new demo or test database stands."""

_LOCK = 7301


class MigrationFailed(StartFailed):
    """A database could not be brought up to date; it is as it was before."""


@dataclass(frozen=True, slots=True)
class _Duty:
    """One duty's tables and the folder of its migrations."""

    config: AppConfig
    folder: Path


async def migrate(settings: Settings) -> None:
    """Both databases of these settings; one without an owner's address is left alone."""
    if settings.owner_database_url:
        await migrate_database("trading", settings.owner_database_url, settings.mode)
    if settings.supervision_owner_database_url:
        await migrate_database("supervision", settings.supervision_owner_database_url, settings.mode)


async def migrate_database(database: str, owner_url: str, mode: str) -> None:
    """One of DUTIES' databases. Raises MigrationFailed; the engine TRADING must not be in use."""
    async with _owned(owner_url), transaction(TRADING) as connection:
        await connection.execute(f"select pg_advisory_xact_lock({_LOCK})")
        await _check_logins(connection)
        duties = list(_duties(database))
        for duty in duties:
            await _run_versions(duty)
        for duty in duties:
            for script in sorted(duty.folder.glob("*.sql")):
                await _run_script(connection, script.name, script.read_text(encoding="utf-8"))
        await apply_grants(connection, database)
        await _mark(connection, mode)


async def apply_grants(connection: asyncpg.Connection, database: str) -> None:
    """What each login may touch in this database; also for a copy, which inherits no rights of its own."""
    await _run_script(connection, GRANTS.name, grants_section(GRANTS.read_text(encoding="utf-8"), database))


def grants_section(text: str, database: str) -> str:
    """The lines before the first `-- database: …` line, and those of the sections of this database."""
    kept, here = [], True
    for line in text.splitlines():
        if line.startswith("-- database:"):
            here = line.removeprefix("-- database:").strip() == database
        elif here:
            kept.append(line)
    return "\n".join(kept)


@contextlib.asynccontextmanager
async def _owned(url: str) -> AsyncIterator[None]:
    """TRADING, which Piccolo's migrations use, on the owner's address; no limits on time or locks."""
    if TRADING.pool is not None:
        raise MigrationFailed("the engine is in use")
    config = TRADING.config
    TRADING.config = {"dsn": url}
    try:
        TRADING.pool = await asyncpg.create_pool(url, min_size=1, max_size=1, timeout=30)
        yield
    finally:
        await TRADING.stop()
        TRADING.config = config


def _duties(database: str) -> list[_Duty]:
    found = []
    for name in DUTIES[database]:
        if _has_tables(name):
            config: AppConfig = import_module(f"{name}.piccolo_app").APP_CONFIG
            folder = Path(config.resolved_migrations_folder_path)
            if folder.is_dir():
                found.append(_Duty(config, folder))
    return found


def _has_tables(duty: str) -> bool:
    try:
        return find_spec(f"{duty}.piccolo_app") is not None
    except ModuleNotFoundError:  # the house stands without it
        return False


async def _check_logins(connection: asyncpg.Connection) -> None:
    wanted = {"trading", "supervision"}
    found = await connection.fetch("select rolname from pg_roles where rolname = any($1)", list(wanted))
    if missing := wanted - {row["rolname"] for row in found}:
        raise MigrationFailed(f"数据库服务器上缺少登录：{'、'.join(sorted(missing))}；请由管理员先行创建")


async def _run_versions(duty: _Duty) -> None:
    """The duty's migrations that have not run; Piccolo's chatter is kept for when it fails."""
    manager = ForwardsMigrationManager(app_name=duty.config.app_name)
    chatter = io.StringIO()
    try:
        with contextlib.redirect_stdout(chatter):
            await manager.create_migration_table()
            result = await manager.run_migrations(duty.config)
    except (asyncpg.PostgresError, ValueError, TypeError) as error:
        raise MigrationFailed(f"{duty.config.app_name}: {error}\n{chatter.getvalue()}") from error
    if not result.success:
        raise MigrationFailed(f"{duty.config.app_name}: {result.message}\n{chatter.getvalue()}")


async def _run_script(connection: asyncpg.Connection, name: str, sql: str) -> None:
    try:
        await connection.execute(sql)
    except asyncpg.PostgresError as error:
        raise MigrationFailed(f"{name}: {error}\n{error.context or ''}") from error


async def _mark(connection: asyncpg.Connection, mode: str) -> None:
    """Say once what the database is for; a database marked otherwise is refused."""
    marked = await connection.fetchval("select mode from kernel.mark")
    if marked is None:
        await connection.execute("insert into kernel.mark (id, mode, made_at) values (1, $1, clock_timestamp())", mode)
        await connection.execute(
            "insert into kernel.clock (id, shift)"
            " select 1, case when $1 = 'production' then interval '0' else $2 - clock_timestamp() end",
            mode,
            DEMO_START,
        )
    elif marked != mode:
        raise MigrationFailed(f"这个数据库标记为 {marked}，不能按 {mode} 使用")


def migrate_now(settings: Settings) -> None:
    """Run it from a process without an event loop."""
    asyncio.run(migrate(settings))
