"""What real steps left in the trading database and the vault: played once in a process, then put back as it was.

A lot is announced by some nine hundred statements and judged by as many again, and hundreds of tests begin with one.
The first of a process plays it; the others get the same rows, files and clock, as long as nothing else has been done
in the house before.
"""

# ruff: noqa: S608 - the statements are put together from names of our own tables
import functools
import io
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from house_databases import Databases, login, set_clock, tables_of

T = TypeVar("T")
Files = dict[Path, tuple[bytes, int]]


@dataclass(frozen=True)
class Moment:
    """The tables that the steps changed, whole; the files they wrote and those they took away; where the clock stood;
    what they gave back."""

    rows: dict[str, bytes]
    files: Files
    gone: frozenset[Path]
    stands_at: datetime
    gave: Any


@dataclass(frozen=True)
class Standing:
    """The kept steps that made a house what it is, the trace that they left, and with what they were taken."""

    steps: tuple[Hashable, ...]
    trace: dict[str, str]
    by: Any


_MOMENTS: dict[Hashable, Moment] = {}


async def begun(house: Databases, folder: Path, name: Hashable, play: Callable[[], Awaitable[T]]) -> T:
    """What `play` gives: in an empty house played or put back, in any other played."""
    return await (lived(house, folder, name, play) if untouched(await trace(house.admin)) else play())


async def lived(house: Databases, folder: Path, name: Hashable, play: Callable[[], Awaitable[T]]) -> T:
    """What `play` gives, played or put back; house and folder must be as they were when it was played first.

    Nobody else may be at work in it meanwhile: whole tables are put back.
    """
    begun = await _stands_at(house)
    if begun is None:
        return await play()
    key = (house.admin, begun, name)
    if key not in _MOMENTS:
        return await _played(house, folder, key, play)
    moment = _MOMENTS[key]
    await _put_back(house.admin, moment.rows)
    if moment.stands_at != begun:
        await set_clock(house, moment.stands_at)
    _write(folder, moment)
    return moment.gave  # type: ignore[no-any-return]


async def _played(house: Databases, folder: Path, key: Hashable, play: Callable[[], Awaitable[T]]) -> T:
    rows, files = await trace(house.admin), _seen(folder)
    gave = await play()
    found, stands_at, written = await trace(house.admin), await _stands_at(house), _seen(folder)
    changed = [table for table in found if found[table] != rows[table]]
    if stands_at is not None and "kernel.log_leaf" not in changed:  # else somebody runs the log meanwhile
        kept = {path: _read(folder / path) for path in written if written[path] != files.get(path)}
        gone = frozenset(files.keys() - written.keys())
        _MOMENTS[key] = Moment(await _rows(house.admin, changed), kept, gone, stands_at, gave)
    return gave


async def _stands_at(house: Databases) -> datetime | None:
    async with login(house.admin) as connection:
        stands_at: datetime | None = await connection.fetchval("select frozen_at from kernel.clock")
        return stands_at


def _read(path: Path) -> tuple[bytes, int]:
    return path.read_bytes(), path.stat().st_mode


def _seen(folder: Path) -> dict[Path, tuple[int, int]]:
    """File → when it was changed, and its size."""
    found = ((path, path.stat()) for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): (seen.st_mtime_ns, seen.st_size) for path, seen in found}


async def trace(admin: str) -> dict[str, str]:
    """Table → what changes with every row that anybody puts in, changes or takes out; the clock may be set."""
    names = tuple(await tables_of(admin))
    async with login(admin) as connection:
        return dict(zip(names, await connection.fetchval(_traces_of(names)), strict=True))


@functools.cache
def _traces_of(tables: tuple[str, ...]) -> str:
    rows = (f"(select count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) from {name})" for name in tables)
    return f"select array[{','.join(rows)}]"


def untouched(found: dict[str, str]) -> bool:
    """Whether this is the trace of a house without a row."""
    return set(found.values()) == {"0:0"}


async def _rows(admin: str, names: list[str]) -> dict[str, bytes]:
    found, tables = {}, await tables_of(admin)
    async with login(admin) as connection:
        for table in names:
            rows, (schema, name) = io.BytesIO(), _parts(table)
            how: Any = {"schema_name": schema, "columns": tables[table], "output": rows, "format": "binary"}
            await connection.copy_from_table(name, **how)
            found[table] = rows.getvalue()
    return found


async def _put_back(admin: str, moment: dict[str, bytes]) -> None:
    tables = await tables_of(admin)
    deletes = "".join(f"delete from {table};" for table in moment)
    async with login(admin, unchecked=True) as connection, connection.transaction():
        await connection.execute(deletes)
        for table, rows in moment.items():
            schema, name = _parts(table)
            how: Any = {"schema_name": schema, "columns": tables[table], "source": io.BytesIO(rows), "format": "binary"}
            await connection.copy_to_table(name, **how)


def _parts(table: str) -> tuple[str, str]:
    schema, name = table.split(".")
    return schema.strip('"'), name.strip('"')


def _write(folder: Path, moment: Moment) -> None:
    for path in moment.gone:
        (folder / path).unlink(missing_ok=True)
    for path, (content, mode) in moment.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
        (folder / path).chmod(mode)
