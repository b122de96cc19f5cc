"""Puts committed events into the log's tree, in batches, one process at a time.

Two locks: a session's, so that only one sequencer works in the world while others wait to take over, and a
transaction's around every growth of the tree, so that padding by the publisher and a batch never cross. A
batch is one transaction on the very connection that holds the session's lock: lose either, and nothing has
happened.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Literal
from uuid import UUID

import asyncpg

from kernel.alone import alone, rest
from kernel.db import LOST, Engine, transaction
from kernel.proofs.merkle import At, Frontier, append, frontier_from, frontier_nodes

BATCH = 4000
_ALONE = 0x6574622F31_01
_TREE = 0x6574622F31_02

_PENDING = """
select p.id, e.id as event, e.leaf from kernel.log_pending p join kernel.log_event e on e.id = p.event
order by p.id limit $1
"""
_log = logging.getLogger("yangguang.sequencer")


async def sequence(db: Engine, *, limit: int = BATCH) -> int:
    """Put one batch of what is pending into the tree; the number of events taken."""
    async with transaction(db) as connection:
        return await take_pending(connection, limit)


async def run(db: Engine, stop: asyncio.Event, *, pause: float = 0.15) -> None:
    """Sequence until `stop` is set; an event waits at most `pause` seconds and one batch.

    Any number of processes may call this: one works, the others stand by. A lost server is waited for.
    """
    while not stop.is_set():
        try:
            async with alone(db, _ALONE) as connection:
                while connection is not None and not stop.is_set():
                    async with connection.transaction():
                        taken = await take_pending(connection, BATCH)
                    if taken < BATCH:
                        await rest(stop, pause)
        except LOST:
            _log.exception("the sequencer lost its database")
        await rest(stop, 1.0)


async def take_pending(connection: asyncpg.Connection, limit: int) -> int:
    """Inside a transaction: move up to `limit` pending events into the tree, oldest first."""
    await lock_tree(connection)
    rows = await connection.fetch(_PENDING, limit)
    if rows:
        await grow(connection, await frontier_of(connection), [(row["leaf"], row["event"]) for row in rows])
        await connection.execute(
            "delete from kernel.log_pending where id = any($1::bigint[])", [row["id"] for row in rows]
        )
    return len(rows)


async def lock_tree(connection: asyncpg.Connection) -> None:
    """Be the only one to grow the tree until the transaction ends."""
    await connection.execute("select pg_advisory_xact_lock($1)", _TREE)


async def frontier_of(connection: asyncpg.Connection) -> Frontier:
    """The tree as it stands; hold `lock_tree` to grow it."""
    size = await connection.fetchval('select coalesce(max("index") + 1, 0) from kernel.log_leaf')
    return frontier_from(size, await nodes_at(connection, frontier_nodes(size)))


async def grow(
    connection: asyncpg.Connection, frontier: Frontier, leaves: Sequence[tuple[bytes, UUID | None]]
) -> Frontier:
    """Append (entry, event or None for padding) pairs and every node they complete; the new frontier."""
    grown, made = append(frontier, (leaf for leaf, _ in leaves))
    await connection.copy_records_to_table(
        "log_leaf",
        schema_name="kernel",
        columns=["index", "leaf", "event"],
        records=[(frontier.size + i, leaf, event) for i, (leaf, event) in enumerate(leaves)],
    )
    await connection.copy_records_to_table(
        "log_node",
        schema_name="kernel",
        columns=["place", "hash"],
        records=[(place_of(node.at), node.hash) for node in made],
    )
    return grown


async def nodes_at(
    connection: asyncpg.Connection, wanted: Iterable[At], table: Literal["log_node", "published_node"] = "log_node"
) -> dict[At, bytes]:
    """The stored hashes of these nodes; one that is lost, or not yet under a published checkpoint, is not there."""
    places = {place_of(at): at for at in wanted}
    rows = await connection.fetch(
        f"select place, hash from kernel.{table} where place = any($1::bigint[])",  # noqa: S608 - one of two names
        list(places),
    )
    return {places[row["place"]]: row["hash"] for row in rows}


def place_of(at: At) -> int:
    """The in-order number of a node, its primary key."""
    level, position = at
    return (2 * position + 1 << level) - 1
