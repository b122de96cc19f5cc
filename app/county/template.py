"""The county as a file: what was played once, through the real steps, is kept, so that a start need not play it again.

A template holds the rows of both databases with the shape of their tables, the vault, the demonstration's keys and
secrets. It is used while every table still takes its rows (`app.county.shape`). All is packed as one piece: the
packages in the vault hold much that stands in the rows as well, and in each other. Everything in it is a
demonstration's and marked so: a production start refuses it.
"""

import asyncio
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from app.county.shape import Shape, misfits, tables
from kernel.proofs.merkle import Frontier, append
from kernel.sequencer import place_of

FILE = Path(__file__).parent / "county.tar.xz"
KEPT = ("anchors.json", "secrets.json", "keys", "supervision/keys", "demo/holders")
"""Below the data folder, beside the vault: what belongs to the rows and cannot be made again."""
MANIFEST = "manifest.json"
LAST = "trading"
"""Filled after everything else and at once: who has people there has the whole county, or never had any of it."""
_SEQUENCES = """
select schemaname as schema, sequencename as name, last_value from pg_sequences
where schemaname <> 'public' and last_value is not null
"""

_CLOCK = "update kernel.clock set shift = shift + ($1 - clock_timestamp())"
"""The law's clock goes on from where it stood, however long the template has lain about."""
_PAST = "update kernel.log_checkpoint set at = least(at, clock_timestamp())"
"""A machine whose clock is behind the one that made the template would publish nothing until it had caught up."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a county lives: database → address of the server's superuser, the data folder, the vault's folder."""

    databases: Mapping[str, str]
    var: Path
    vault: Path


def save(place: Place, file: Path = FILE) -> None:
    """Keep the county of this place."""
    kept: dict[str, Any] = {}
    with tarfile.open(file, "w:xz", preset=9) as archive:
        for name, path in _files(place):
            _put(archive, f"files/{name}", path.read_bytes())
        for database, url in place.databases.items():
            rows, kept[database] = asyncio.run(_rows(url))
            for table, content in rows.items():
                _put(archive, f"rows/{database}/{table}", content)
        _put(archive, MANIFEST, json.dumps(kept).encode())


def load(place: Place, file: Path = FILE) -> bool:
    """Make this migrated place the county of the template; False when there is none that fits, or somebody lives here.

    A house that was lived in keeps what it has, also after its source has moved on.
    """
    if not file.exists():
        return False
    content = read(file)
    manifest = json.loads(content.pop(MANIFEST))
    if asyncio.run(unfit(place, manifest)):
        return False
    for name, body in content.items():
        if name.startswith("files/"):
            _write(_path(place, name.removeprefix("files/")), body)
    for database in sorted(place.databases, key=LAST.__eq__):
        kept = manifest[database]
        rows = {table: content[f"rows/{database}/{table}"] for table in kept["tables"]}
        asyncio.run(_fill(place.databases[database], rows, kept))
    return True


async def unfit(place: Place, manifest: Mapping[str, Any]) -> list[str]:
    """What hinders these rows from going into the tables of this place, one line each; empty when they fit."""
    found = []
    for database, url in place.databases.items():
        connection = await asyncpg.connect(url)
        try:
            found += misfits(manifest[database]["tables"], await tables(connection))
            if database == LAST and await connection.fetchval("select exists (select from accounts.person)"):
                found.append("somebody lives here")
        finally:
            await connection.close()
    return found


def read(file: Path = FILE) -> dict[str, bytes]:
    """Everything in a template, by name; `MANIFEST` tells of each database the shapes, counts, counters and clock."""
    with tarfile.open(file, "r:xz") as archive:
        members = ((member.name, archive.extractfile(member)) for member in archive)
        return {name: stream.read() for name, stream in members if stream is not None}


async def _rows(url: str) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Table → its rows as COPY writes them; and the shapes, counts, counters and the clock that go with them."""
    connection = await asyncpg.connect(url)
    try:
        rows: dict[str, bytes] = {}
        shapes: dict[str, Shape] = {}
        counts: dict[str, int] = {}
        for table, shape in (await tables(connection)).items():
            content, columns = io.BytesIO(), ", ".join(f'"{column}"' for column in shape)
            # In an order of their own: where a row lies in its table says nothing of the county.
            rows_of = f'select {columns} from {table} as one order by one::text collate "C"'  # noqa: S608 - our names
            said = await connection.copy_from_query(rows_of, output=content, format="binary")
            if count := int(said.split()[-1]):
                rows[table], shapes[table], counts[table] = content.getvalue(), shape, count
        counters = {f"{r['schema']}.{r['name']}": r["last_value"] for r in await connection.fetch(_SEQUENCES)}
        wall = (await connection.fetchval("select clock_timestamp()")).isoformat()
        return rows, {"tables": shapes, "counts": counts, "counters": counters, "wall": wall}
    finally:
        await connection.close()


async def _fill(url: str, rows: Mapping[str, bytes], kept: Mapping[str, Any]) -> None:
    """All or nothing; the rows were judged when they were played, so triggers and references rest meanwhile."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("set local session_replication_role = replica")
            for table, content in rows.items():
                schema, name = table.split(".")
                await connection.execute(f'delete from "{schema}"."{name}"')  # noqa: S608 - names of our own tables
                source, columns = io.BytesIO(content), list(kept["tables"][table])
                await connection.copy_to_table(
                    name, schema_name=schema, columns=columns, source=source, format="binary"
                )
            for sequence, value in kept["counters"].items():
                await connection.execute("select setval($1::regclass, $2)", sequence, value)
            await connection.execute(_CLOCK, datetime.fromisoformat(kept["wall"]))
            await connection.execute(_PAST)
            await _grow(connection)
    finally:
        await connection.close()


async def _grow(connection: asyncpg.Connection) -> None:
    """The nodes of the log's tree, which are not kept: they follow from its leaves, and no hash packs well."""
    leaves = await connection.fetch('select leaf from kernel.log_leaf order by "index"')
    _, made = append(Frontier(), (row["leaf"] for row in leaves))
    await connection.copy_records_to_table(
        "log_node", schema_name="kernel", columns=["place", "hash"], records=[(place_of(n.at), n.hash) for n in made]
    )


def _files(place: Place) -> Iterator[tuple[str, Path]]:
    for kept in KEPT:
        found = place.var / kept
        for path in [found] if found.is_file() else sorted(found.rglob("*")):
            if path.is_file():
                yield f"var/{path.relative_to(place.var).as_posix()}", path
    for path in sorted(place.vault.rglob("*")):
        if path.is_file():
            yield f"vault/{path.relative_to(place.vault).as_posix()}", path


def _path(place: Place, name: str) -> Path:
    root, _, rest = name.partition("/")
    return (place.vault if root == "vault" else place.var) / rest


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_bytes(content)
    path.chmod(0o600)


def _put(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    """A member without a moment or an owner: the same county makes the same file."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))
