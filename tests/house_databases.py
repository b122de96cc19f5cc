"""The databases of the tests: one shared server, a template, a copy a process, a fast reset."""

# ruff: noqa: S608 - the statements are put together from names of our own tables
import asyncio
import contextlib
import functools
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg

from app.embedded import DATABASES, EmbeddedPostgres
from app.migrate import DEMO_START, apply_grants, migrate_database

ROOT = Path(__file__).resolve().parent.parent
_LOCK = 7302


@dataclass(frozen=True, slots=True)
class Databases:
    """Addresses. `admin` and `supervision_admin` are the server's superuser in the two databases."""

    owner: str
    trading: str
    supervision_trading: str
    admin: str
    supervision_owner: str
    supervision: str
    supervision_admin: str

    def environment(self) -> dict[str, str]:
        """What a second process of the house needs to find these databases."""
        return {
            "YANGGUANG_MODE": "test",
            "DATABASE_URL": self.trading,
            "OWNER_DATABASE_URL": self.owner,
            "SUPERVISION_DATABASE_URL": self.supervision,
            "SUPERVISION_OWNER_DATABASE_URL": self.supervision_owner,
            "SUPERVISION_TRADING_URL": self.supervision_trading,
        }


def started_server() -> EmbeddedPostgres:
    """The server of this copy of the house and user, shared by its test processes; the last one stops it."""
    place = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    server = EmbeddedPostgres(Path(tempfile.gettempdir()) / f"yangguang-tests-{os.getuid()}-{place}", durable=False)
    server.start()
    return server


@contextlib.contextmanager
def made_databases(server: EmbeddedPostgres) -> Iterator[Databases]:
    """This process's two databases, copied from the templates, dropped at the end."""
    names = {database: f"t_{os.getpid()}_{database}" for database in DATABASES}
    asyncio.run(_copy(server, names))
    trading, watching = names["trading"], names["supervision"]
    try:
        yield Databases(
            owner=server.url("owner", trading),
            trading=server.url("trading", trading),
            supervision_trading=server.url("supervision", trading),
            admin=server.url("postgres", trading),
            supervision_owner=server.url("owner", watching),
            supervision=server.url("supervision", watching),
            supervision_admin=server.url("postgres", watching),
        )
    finally:
        asyncio.run(_drop(server, list(names.values())))


@functools.cache
def schema_digest() -> str:
    """Changes with whatever the templates are made from."""
    digest = hashlib.sha256()
    sources = [*(ROOT / "migrations").rglob("*.py"), *(ROOT / "migrations").rglob("*.sql")]
    sources += [path for path in ROOT.rglob("tables.py") if ".venv" not in str(path)]
    for path in sorted([*sources, ROOT / "app" / "migrate.py"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


async def _copy(server: EmbeddedPostgres, names: dict[str, str]) -> None:
    admin = await asyncpg.connect(server.url("postgres", "postgres"))
    try:
        await admin.execute(f"select pg_advisory_lock({_LOCK})")
        await _clear_away(admin)
        for database, name in names.items():
            template = f"template_{schema_digest()}_{database}"
            await _make_template(server, admin, template, database)
            await admin.execute(f"drop database if exists {name} with (force)")
            await admin.execute(f"create database {name} template {template} owner owner strategy file_copy")
    finally:
        await admin.close()
    for database, name in names.items():  # a copy does not inherit the rights on the database itself
        owner = await asyncpg.connect(server.url("owner", name))
        try:
            await apply_grants(owner, database)
        finally:
            await owner.close()


async def _make_template(server: EmbeddedPostgres, admin: asyncpg.Connection, template: str, database: str) -> None:
    if await admin.fetchval("select 1 from pg_database where datname = $1", template):
        return
    half_made = f"{template}_new"
    await admin.execute(f"drop database if exists {half_made} with (force)")
    await admin.execute(f"create database {half_made} owner owner")
    await migrate_database(database, server.url("owner", half_made), "test")
    await admin.execute(f"alter database {half_made} rename to {template}")


async def _clear_away(admin: asyncpg.Connection) -> None:
    """Drop templates of other schemas and the copies of processes that are no more."""
    rows = await admin.fetch("select datname from pg_database where datname ~ '^(t_|template_[0-9a-f])'")
    for name in (row["datname"] for row in rows):
        kept = f"_{schema_digest()}_" in name if name.startswith("template") else _lives(int(name.split("_")[1]))
        if not kept:
            await admin.execute(f"drop database if exists {name} with (force)")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def _drop(server: EmbeddedPostgres, names: list[str]) -> None:
    admin = await asyncpg.connect(server.url("postgres", "postgres"))
    try:
        for name in names:
            await admin.execute(f"drop database if exists {name} with (force)")
    finally:
        await admin.close()


_kept: dict[tuple[str, bool], list[asyncpg.Connection]] = {}
_tables: dict[str, dict[str, list[str]]] = {}
_TABLES = """
select format('%I.%I', n.nspname, c.relname) as name, array_agg(a.attname::text order by a.attnum) as columns
from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema|public$)'
    and format('%s.%s', n.nspname, c.relname) not in ('kernel.mark', 'kernel.clock')
group by 1 order by 1
"""
_AFRESH = (
    "update kernel.mark set mode = 'test' where mode <> 'test';"
    f" update kernel.clock set frozen_at = timestamptz '{DEMO_START.isoformat()}',"
    f" shift = timestamptz '{DEMO_START.isoformat()}' - clock_timestamp()"
)


@contextlib.asynccontextmanager
async def login(url: str, *, unchecked: bool = False) -> AsyncIterator[asyncpg.Connection]:
    """A connection to `url` for as long as the block runs, kept for the next who asks: opening one costs as much
    as fifty statements. Whoever changes the session's settings opens a connection of his own instead.

    `unchecked`: triggers and foreign keys sleep in it, for a superuser who writes whole tables. A session that turned
    them off and on again would plan all its statements anew each time.
    """
    kept = _kept.setdefault((url, unchecked), [])
    while kept and kept[-1].is_closed():
        kept.pop()
    connection = kept.pop() if kept else await _connected(url, unchecked)
    try:
        yield connection
    finally:
        kept.append(connection)


async def _connected(url: str, unchecked: bool) -> asyncpg.Connection:
    """The statements that look through all tables are long, and dear to plan: they are kept as well."""
    more = {"server_settings": {"session_replication_role": "replica"}} if unchecked else {}
    return await asyncpg.connect(url, max_cacheable_statement_size=0, **more)


async def empty(databases: Databases) -> None:
    """Both databases as they were made, in milliseconds."""
    for url in (databases.admin, databases.supervision_admin):
        names = await tables_of(url)
        async with login(url, unchecked=True) as admin:
            filled = await admin.fetchval(_filled_of(tuple(names)))
            deletes = "".join(f"delete from {name};" for name in filled)
            await admin.execute(deletes + _AFRESH)


async def set_clock(databases: Databases, moment: datetime, *, frozen: bool = True) -> None:
    """The law's clock of both databases: standing at this moment, or running from it."""
    for url in (databases.owner, databases.supervision_owner):
        async with login(url) as connection:
            await connection.execute(
                "update kernel.clock set shift = $1::timestamptz - clock_timestamp(),"
                " frozen_at = case when $2 then $1::timestamptz end",
                moment,
                frozen,
            )


async def tables_of(url: str) -> dict[str, list[str]]:
    """Table → its columns that are not computed, of every table that a test may fill."""
    if url not in _tables:
        async with login(url) as admin:
            _tables[url] = {row["name"]: row["columns"] for row in await admin.fetch(_TABLES)}
    return _tables[url]


@functools.cache
def _filled_of(tables: tuple[str, ...]) -> str:
    names = ",".join(f"case when exists (select from {name}) then '{name}' end" for name in tables)
    return f"select array_remove(array[{names}], null)"


async def let_go() -> None:
    """Close what `login` keeps open."""
    while _kept:
        for connection in _kept.popitem()[1]:
            await connection.close()
