"""Reads the whole log back, at start and on a schedule: an altered, lost or added row is found and named.

What can be recomputed is: every event's entry, every case's chain, every node, every published root. Whoever
rewrites all of that, cuts the end off, or restores an older copy is found out by the witness alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg

from kernel.db import HOME, Engine, transaction
from kernel.logcheck_events import Finding, check_events
from kernel.logcheck_tree import Tree, check_published, check_tree
from kernel.proofs.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint
from kernel.proofs.errors import ProofError
from kernel.proofs.note_keys import VerifierKey
from kernel.proofs.notes import parse_note
from kernel.proofs.witnessing import Head

__all__ = ["Finding", "read_back", "read_published"]

_CHECKPOINTS = "select size, root, note from kernel.log_checkpoint order by size"
_ORPHANS = """
select distinct size from kernel.log_cosignature s
where not exists (select from kernel.log_checkpoint c where c.size = s.size) order by size
"""


async def read_back(
    db: Engine = HOME, *, keys: Sequence[VerifierKey] = (), heads: Iterable[Head] = ()
) -> list[Finding]:
    """Everything that is wrong with the log; an empty list when nothing is.

    `keys` are those that may sign its checkpoints (none: signatures are not checked); `heads` the trees that
    a witness has cosigned for it. Reads one state of the database, without locks, in batches.
    """
    heads = list(heads)
    async with transaction(db, readonly=True, isolation="repeatable_read") as connection:
        await connection.execute("set local statement_timeout = 0")
        found = await check_events(connection)
        checkpoints = await connection.fetch(_CHECKPOINTS)
        sizes = [row["size"] for row in checkpoints] + [head.size for head in heads]
        tree = await check_tree(connection, sizes)
        found += tree.findings
        for row in checkpoints:
            found += _check_checkpoint(row, tree, keys)
        found += await _orphans(connection)
    published = {row["size"] for row in checkpoints}
    for head in heads:
        found += _check_head(head, tree, published)
    return found


async def read_published(db: Engine, *, keys: Sequence[VerifierKey] = (), heads: Iterable[Head] = ()) -> list[Finding]:
    """The same for who may see the published entries and checkpoints alone: the supervision site.

    Whether the events are what the entries commit to is checked where they may be read.
    """
    heads = list(heads)
    async with transaction(db, readonly=True, isolation="repeatable_read") as connection:
        await connection.execute("set local statement_timeout = 0")
        checkpoints = await connection.fetch(_CHECKPOINTS)
        tree = await check_published(connection, [r["size"] for r in checkpoints] + [head.size for head in heads])
        found = [*tree.findings, *await _orphans(connection)]
    found += [finding for row in checkpoints for finding in _check_checkpoint(row, tree, keys)]
    published = {row["size"] for row in checkpoints}
    return found + [finding for head in heads for finding in _check_head(head, tree, published)]


def _check_checkpoint(row: Mapping[str, Any], tree: Tree, keys: Sequence[VerifierKey]) -> list[Finding]:
    where = f"log_checkpoint {row['size']}"
    try:
        said = _opened(row["note"], keys)
    except ProofError as wrong:
        return [Finding("checkpoint_altered", where, f"检查点的签名或格式不对：{wrong.says}")]
    if (said.size, said.root) != (row["size"], row["root"]):
        return [Finding("checkpoint_altered", where, "行上的条数或树根与所签的不符")]
    if row["size"] > tree.frontier.size:
        says = f"签发时有 {row['size']} 条，现在只有 {tree.frontier.size} 条"
        return [Finding("tail_cut", where, says)] if tree.whole else []
    if tree.roots[row["size"]] != row["root"]:
        return [Finding("root_differs", where, "重算的树根与签发的不符：此前的内容被改写过")]
    return []


def _opened(note: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
    return open_checkpoint(note, keys).checkpoint if keys else parse_checkpoint(parse_note(note).text)


def _check_head(head: Head, tree: Tree, published: set[int]) -> list[Finding]:
    """What the witness has seen must be here, exactly as it saw it."""
    where = f"witness_head {head.size}"
    if head.size > tree.frontier.size:
        says = f"见证方签过 {head.size} 条，这里只有 {tree.frontier.size} 条：被截去了末尾，或恢复了旧的备份"
        return [Finding("behind_witness", where, says)] if tree.whole else []
    if tree.roots[head.size] != head.root:
        says = f"前 {head.size} 条与见证方签过的不是同一个日志：历史被整体改写过"
        return [Finding("contradicts_witness", where, says)]
    if head.size and head.size not in published:
        return [Finding("checkpoint_missing", f"log_checkpoint {head.size}", "见证方签过的检查点不见了")]
    return []


async def _orphans(connection: asyncpg.Connection) -> list[Finding]:
    rows = await connection.fetch(_ORPHANS)
    return [Finding("checkpoint_missing", f"log_checkpoint {row['size']}", "有联署而没有检查点") for row in rows]
