"""The shape of the tables that a template was made from, held against the tables it would go into."""

from collections.abc import Mapping
from typing import TypedDict

import asyncpg


class Column(TypedDict):
    """A column: its type as PostgreSQL writes it, and whether a row may come without it."""

    type: str
    free: bool


Shape = Mapping[str, Column]
"""Column → what it takes, in the order of the table."""

_TABLES = """
select n.nspname || '.' || c.relname as name, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
    not a.attnotnull or a.atthasdef or a.attidentity <> '' as free
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema|public)'
    and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    and (n.nspname, c.relname) <> ('kernel', 'log_node') order by 1, a.attnum
"""


async def tables(connection: asyncpg.Connection) -> dict[str, Shape]:
    """Every table of ours in this database, but the nodes of the log's tree, which follow from its leaves."""
    found: dict[str, dict[str, Column]] = {}
    for row in await connection.fetch(_TABLES):
        found.setdefault(row["name"], {})[row["column"]] = Column(type=row["type"], free=row["free"])
    return dict(found)


def misfits(kept: Mapping[str, Shape], present: Mapping[str, Shape]) -> list[str]:
    """Why rows of the kept shapes do not go into the present tables, one line each.

    A table that came later stays empty, a column that came later takes its default; what has gone, changed its type
    or must be filled stands in the way.
    """
    found = [f"{table} is gone" for table in kept if table not in present]
    for table in kept.keys() & present.keys():
        was, is_now = kept[table], present[table]
        found += [f"{table}.{name} is gone" for name in was.keys() - is_now.keys()]
        found += [f"{table}.{name} must be filled" for name in is_now.keys() - was.keys() if not is_now[name]["free"]]
        found += [
            f"{table}.{name} was {was[name]['type']} and is {is_now[name]['type']}"
            for name in was.keys() & is_now.keys()
            if was[name]["type"] != is_now[name]["type"]
        ]
    return sorted(found)
