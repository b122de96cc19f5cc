"""Publishes the log's checkpoints: padded so that growth tells nothing, signed, kept for ever."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg

from kernel.clock import CHINA
from kernel.db import Engine, transaction
from kernel.proofs.checkpoints import Checkpoint, sign_checkpoint
from kernel.proofs.note_keys import Signer
from kernel.sequencer import BATCH, frontier_of, grow, lock_tree, take_pending
from kernel.signing_keys import site_key

BLOCK = 64
"""Checkpoints stand at multiples of this many entries; the rest is random padding (`specs/log.md`)."""


def log_signer(keys: Path, origin: str) -> Signer:
    """The log's own Ed25519 key: ``log.key`` in the folder `keys` (32 raw bytes, 0600), made when absent.

    `origin` names the log for ever, e.g. ``trading.example.gov.cn/log``. Whoever reads this file can sign a
    second history: only the witness's cosignature tells the two apart.
    """
    return Signer.from_private(origin, site_key(keys, "log"))


async def publish(db: Engine, signer: Signer) -> Checkpoint:
    """Take all that is pending into the tree, pad, sign and store the checkpoint.

    A checkpoint always stands one whole block or more above the last one, so that an idle hour and one with a
    few events look the same.
    """
    async with transaction(db) as connection:
        await lock_tree(connection)
        while await take_pending(connection, BATCH) == BATCH:
            continue
        frontier = await frontier_of(connection)
        padding = _padding(frontier.size, await newest_size(connection))
        frontier = await grow(connection, frontier, [(os.urandom(32), None) for _ in range(padding)])
        checkpoint = Checkpoint(signer.key.name, frontier.size, frontier.root())
        await connection.execute(
            "insert into kernel.log_checkpoint (size, root, note, at) values ($1, $2, $3, clock_timestamp())",
            checkpoint.size,
            checkpoint.root,
            sign_checkpoint(checkpoint, signer).to_bytes(),
        )
    return checkpoint


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint as people see it: the log's name, how many entries, the root in hex, and when it was signed."""

    origin: str
    size: int
    root: str
    at: datetime


async def newest(db: Engine) -> Published | None:
    """The newest checkpoint, None before the first."""
    async with transaction(db) as connection:
        row = await connection.fetchrow(
            "select size, root, note, at from kernel.log_checkpoint order by size desc limit 1"
        )
    if row is None:
        return None
    origin = bytes(row["note"]).split(b"\n", 1)[0].decode()
    return Published(origin, row["size"], row["root"].hex(), row["at"].astimezone(CHINA))


async def newest_size(connection: asyncpg.Connection) -> int:
    """The size of the newest checkpoint, 0 when there is none."""
    return int(await connection.fetchval("select coalesce(max(size), 0) from kernel.log_checkpoint"))


def _padding(size: int, published: int) -> int:
    least = max(size, published + 1)
    return -(-least // BLOCK) * BLOCK - size
