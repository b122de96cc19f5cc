"""What real steps left in the trading database and the vault: played once in a process, then put back as it was.

A lot is announced by some nine hundred statements, and hundreds of tests begin with one. The first of a process plays
it; the others get the same rows and files, as long as nothing has been done in the house before.
"""

# ruff: noqa: S608 - the statements are put together from names of our own tables
import functools
import io
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from house_databases import login

T = TypeVar("T")
_TABLES = """
select format('%I.%I', n.nspname, c.relname) as name,
    string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema|public$)'
    and format('%s.%s', n.nspname, c.relname) not in ('kernel.mark', 'kernel.clock')
group by 1 order by 1
"""


@dataclass(frozen=True)
class Moment:
    """The tables that the steps changed, whole; the vault's files; what the steps gave back."""

    rows: dict[str, bytes]
    files: dict[Path, tuple[bytes, int]]
    gave: Any


_MOMENTS: dict[Hashable, Moment] = {}


async def lived(admin: str, vault: Path, name: Hashable, play: Callable[[], Awaitable[T]]) -> T:
    """What `play` gives, played or put back; the house must be as it was when it was played first.

    Nobody else may be at work in it meanwhile: whole tables are put back.
    """
    async with login(admin) as connection:
        stands_at = await connection.fetchval("select frozen_at from kernel.clock")
        if stands_at is None:
            return await play()
        key = (admin, stands_at, name)
        if key in _MOMENTS:
            await _put_back(connection, vault, _MOMENTS[key])
            return _MOMENTS[key].gave  # type: ignore[no-any-return]
        moment = await _played(connection, vault, play)
        if "kernel.log_leaf" not in moment.rows:  # else somebody runs the log meanwhile, as in few houses
            _MOMENTS[key] = moment
        return moment.gave  # type: ignore[no-any-return]


async def _played(connection: asyncpg.Connection, vault: Path, play: Callable[[], Awaitable[Any]]) -> Moment:
    before = await _rows(connection)
    gave = await play()
    changed = {table: rows for table, rows in (await _rows(connection)).items() if before[table] != rows}
    return Moment(changed, _files(vault), gave)


def _files(vault: Path) -> dict[Path, tuple[bytes, int]]:
    found = [path for path in vault.rglob("*") if path.is_file()]
    return {path.relative_to(vault): (path.read_bytes(), path.stat().st_mode) for path in found}


async def trace(admin: str) -> str:
    """Changes with every row that anybody puts in, changes or takes out; the clock may be set."""
    async with login(admin) as connection:
        return str(await connection.fetchval(_trace_of(tuple(await _tables(connection)))))


async def _tables(connection: asyncpg.Connection) -> dict[str, str]:
    """Table → its columns that are not computed."""
    found = await connection.fetch(_TABLES)
    return {row["name"]: row["columns"] for row in found}


def untouched(found: str) -> bool:
    """Whether this is the trace of a house without a row."""
    return set(found.split()) == {"0:0"}


@functools.cache
def _trace_of(tables: tuple[str, ...]) -> str:
    rows = " union all ".join(f"select count(*) as n, sum(xmin::text::bigint) as x from {name}" for name in tables)
    return f"select string_agg(n || ':' || coalesce(x, 0), ' ') from ({rows}) one"


async def _rows(connection: asyncpg.Connection) -> dict[str, bytes]:
    found = {}
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for table, columns in (await _tables(connection)).items():
            rows = io.BytesIO()
            await connection.copy_from_query(f"select {columns} from {table}", output=rows, format="binary")
            found[table] = rows.getvalue()
    return found


async def _put_back(connection: asyncpg.Connection, vault: Path, moment: Moment) -> None:
    tables = await _tables(connection)
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        for table, rows in moment.rows.items():
            schema, name = table.replace('"', "").split(".")
            columns = tables[table].replace('"', "").split(", ")
            await connection.execute(f"delete from {table}")
            source = io.BytesIO(rows)
            await connection.copy_to_table(name, schema_name=schema, columns=columns, source=source, format="binary")
    _write(vault, moment.files)


def _write(vault: Path, files: dict[Path, tuple[bytes, int]]) -> None:
    for path, (content, mode) in files.items():
        (vault / path).parent.mkdir(parents=True, exist_ok=True)
        (vault / path).write_bytes(content)
        (vault / path).chmod(mode)
