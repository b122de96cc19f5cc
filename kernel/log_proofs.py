"""Reads proofs out of the stored tree: that an event is in it, and that it only ever grew."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from kernel.db import Engine, transaction
from kernel.proofs.log_proof import LogProof
from kernel.proofs.merkle import At, Group, consistency_nodes, fold, inclusion_nodes
from kernel.proofs.notes import parse_note, parse_signature_lines
from kernel.sequencer import nodes_at

_COVERING = """
select c.size, c.note, array_agg(s.line order by s.at) as lines
from kernel.log_checkpoint c join kernel.log_cosignature s using (size)
where c.size > $1 group by c.size, c.note order by c.size desc limit 1
"""
_COVERED = """
select exists (
    select from kernel.log_leaf l join kernel.log_cosignature s on s.size > l."index" where l.event = $1)
"""


async def proof_of(db: Engine, event: UUID, *, disclose: bool = False) -> bytes | None:
    """The C2SP tlog-proof of an event against the newest cosigned checkpoint, with all its cosignatures.

    None while it is provisional: not in the tree yet, or no cosigned checkpoint reaches so far. With `disclose`
    the event's exact bytes are in the extra line: only for one who may read the event.
    """
    async with transaction(db) as connection:
        index = await index_of(connection, event)
        body = await connection.fetchval("select body from kernel.log_event where id = $1", event) if disclose else None
        return await proof_at(connection, index, body)


async def proof_at(connection: asyncpg.Connection, index: int | None, extra: bytes | None) -> bytes | None:
    """The tlog-proof of entry `index` against the newest cosigned checkpoint; None where there is none that covers it.

    It reads nothing but what is public: the checkpoints, their cosignatures and the tree's nodes.
    """
    seen = None if index is None else await connection.fetchrow(_COVERING, index)
    if index is None or seen is None:
        return None
    path = await inclusion(connection, index, seen["size"])
    return LogProof(index, tuple(path), cosigned_note(seen["note"], seen["lines"]), extra).to_bytes()


async def is_cosigned(db: Engine, event: UUID) -> bool:
    """Whether a cosigned checkpoint covers the event, so that its receipt is final."""
    async with transaction(db) as connection:
        return bool(await connection.fetchval(_COVERED, event))


async def index_of(connection: asyncpg.Connection, event: UUID) -> int | None:
    """The event's place in the tree, or None while it waits for the sequencer."""
    index: int | None = await connection.fetchval('select "index" from kernel.log_leaf where event = $1', event)
    return index


async def inclusion(connection: asyncpg.Connection, index: int, size: int) -> list[bytes]:
    """The inclusion proof of entry `index` in the tree of `size` entries (RFC 9162 §2.1.3)."""
    groups = inclusion_nodes(index, size)
    return fold(groups, await nodes_at(connection, _wanted(groups), "published_node"))


async def consistency(connection: asyncpg.Connection, old: int, size: int) -> list[bytes]:
    """The proof that the tree of `old` entries grew into that of `size` (RFC 9162 §2.1.4)."""
    groups = consistency_nodes(old, size)
    return fold(groups, await nodes_at(connection, _wanted(groups)))


def cosigned_note(note: bytes, lines: Sequence[bytes]) -> bytes:
    """A stored checkpoint with its stored cosignatures under it."""
    signatures = [line for raw in lines for line in parse_signature_lines(raw.decode())]
    return parse_note(note).adding(signatures).to_bytes()


def _wanted(groups: list[Group]) -> set[At]:
    return {at for group in groups for at in group}
