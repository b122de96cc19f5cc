"""The county as a file: what was played once, through the real steps, is kept, so that a start need not play it again.

A template holds the rows of both databases, the vault, the demonstration's keys and secrets, and the digest of the
migrations it was made under; under others it is worth nothing. All is packed as one piece: the packages in the vault
hold much that stands in the rows as well, and in each other. Everything in it is a demonstration's and marked so: a
production start refuses it.
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

FILE = Path(__file__).parent / "county.tar.xz"
KEPT = ("anchors.json", "secrets.json", "keys", "supervision/keys", "demo/holders")
"""Below the data folder, beside the vault: what belongs to the rows and cannot be made again."""
MANIFEST = "manifest.json"
_TABLES = """
select n.nspname as schema, c.relname as name,
    (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema|public)' order by 1, 2
"""
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


def save(place: Place, digest: str, file: Path = FILE) -> None:
    """Keep the county of this place; `digest` is that of the migrations it lives under."""
    kept: dict[str, Any] = {}
    with tarfile.open(file, "w:xz", preset=9) as archive:
        for name, path in _files(place):
            _put(archive, f"files/{name}", path.read_bytes())
        for database, url in place.databases.items():
            rows, kept[database] = asyncio.run(_rows(url))
            for table, content in rows.items():
                _put(archive, f"rows/{database}/{table}", content)
        _put(archive, MANIFEST, json.dumps({"digest": digest, "databases": kept}).encode())


def load(place: Place, digest: str, file: Path = FILE) -> bool:
    """Make this empty, migrated place the county of the template; False when there is none for these migrations."""
    if not file.exists():
        return False
    content = read(file)
    manifest = json.loads(content.pop(MANIFEST))
    if manifest["digest"] != digest:
        return False
    for database, url in place.databases.items():
        kept = manifest["databases"][database]
        rows = {table: content[f"rows/{database}/{table}"] for table in kept["tables"]}
        asyncio.run(_fill(url, rows, kept))
    for name, body in content.items():
        if name.startswith("files/"):
            _write(_path(place, name.removeprefix("files/")), body)
    return True


def read(file: Path = FILE) -> dict[str, bytes]:
    """Everything in a template, by name; `MANIFEST` tells digest, tables with their columns and counts, counters."""
    with tarfile.open(file, "r:xz") as archive:
        members = ((member.name, archive.extractfile(member)) for member in archive)
        return {name: stream.read() for name, stream in members if stream is not None}


async def _rows(url: str) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Table → its rows as COPY writes them; and the columns, counts, counters and the clock that go with them."""
    connection = await asyncpg.connect(url)
    try:
        rows, columns, counts = {}, {}, {}
        for table in await connection.fetch(_TABLES):
            content, name = io.BytesIO(), f"{table['schema']}.{table['name']}"
            said = await connection.copy_from_table(
                table["name"], schema_name=table["schema"], columns=table["columns"], output=content, format="binary"
            )
            if count := int(said.split()[-1]):
                rows[name], columns[name], counts[name] = content.getvalue(), table["columns"], count
        counters = {f"{r['schema']}.{r['name']}": r["last_value"] for r in await connection.fetch(_SEQUENCES)}
        wall = (await connection.fetchval("select clock_timestamp()")).isoformat()
        return rows, {"tables": columns, "counts": counts, "counters": counters, "wall": wall}
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
                source, columns = io.BytesIO(content), kept["tables"][table]
                await connection.copy_to_table(
                    name, schema_name=schema, columns=columns, source=source, format="binary"
                )
            for sequence, value in kept["counters"].items():
                await connection.execute("select setval($1::regclass, $2)", sequence, value)
            await connection.execute(_CLOCK, datetime.fromisoformat(kept["wall"]))
            await connection.execute(_PAST)
    finally:
        await connection.close()


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
