"""Looks around before a process of the house starts, and refuses to start on what is unsafe."""

import asyncio
from datetime import UTC, datetime

import asyncpg

from kernel.errors import Problem
from kernel.settings import Settings, Surroundings, UnsafeStart, refuse_unsafe_start
from storage.vault import VaultSettings, open_vault


def vault_settings(settings: Settings) -> VaultSettings:
    """Where this house keeps its bytes."""
    return VaultSettings.of(settings)


def check_start(settings: Settings, database_url: str) -> None:
    """Raise UnsafeStart with all that is wrong; `database_url` is the process's own login."""
    if not database_url:
        raise UnsafeStart(Problem("no_database", "没有设置数据库地址", "请按 yangguang settings 的说明设置"))
    asyncio.run(_check(settings, database_url))


async def _check(settings: Settings, database_url: str) -> None:
    vault = await open_vault(vault_settings(settings))
    try:
        marked, database_now = await _look(database_url)
        machine_now = datetime.now(UTC)
        refuse_unsafe_start(settings, Surroundings(marked, database_now, machine_now, vault.write_once))
    finally:
        await vault.close()


async def _look(database_url: str) -> tuple[str, datetime]:
    try:
        connection = await asyncpg.connect(database_url, timeout=10)
    except (OSError, asyncpg.PostgresError, ValueError) as error:
        problem = Problem("database_away", f"连不上数据库：{error}", "请检查数据库地址，并确认数据库已启动")
        raise UnsafeStart(problem) from error
    try:
        row = await connection.fetchrow("select mode, clock_timestamp() as now from kernel.mark")
    except asyncpg.UndefinedTableError:
        row = None
    finally:
        await connection.close()
    if row is None:
        raise UnsafeStart(Problem("not_migrated", "数据库还没有建好", "请先运行 yangguang migrate"))
    return row["mode"], row["now"]
