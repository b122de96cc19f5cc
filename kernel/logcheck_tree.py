"""Reads the tree back: every entry in its place, every node recomputed, the root at each size asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from kernel.logcheck_events import Finding
from kernel.proofs.merkle import EMPTY_ROOT, At, Frontier, append, leaf_hash
from kernel.sequencer import nodes_at, place_of

_LEAVES = """
select l."index", l.leaf, l.event, e.leaf as event_leaf, e.case_key, e.n
from kernel.log_leaf l left join kernel.log_event e on e.id = l.event
where l."index" >= $1 order by l."index" limit $2
"""
_PUBLISHED = """
select "index", leaf from kernel.published_leaf where "index" >= $1 order by "index" limit $2
"""
_BATCH = 4096


@dataclass(slots=True)
class Tree:
    """What was recomputed: how far, the roots at the sizes asked for, and what is wrong."""

    frontier: Frontier = field(default_factory=Frontier)
    roots: dict[int, bytes] = field(default_factory=lambda: {0: EMPTY_ROOT})
    findings: list[Finding] = field(default_factory=list)
    whole: bool = True
    """False when a missing entry made it impossible to go on."""


async def check_tree(connection: asyncpg.Connection, sizes: Iterable[int]) -> Tree:
    """Recompute the whole tree; the connection's transaction must see one state."""
    tree, wanted, nodes = Tree(), sorted(set(sizes)), 0
    while tree.whole:
        rows = await connection.fetch(_LEAVES, tree.frontier.size, _BATCH)
        if not rows:
            break
        nodes += await _check_batch(connection, tree, rows, wanted)
    if tree.whole and nodes < await connection.fetchval("select count(*) from kernel.log_node"):
        tree.findings += await _superfluous(connection, tree.frontier.size)
    return tree


async def check_published(connection: asyncpg.Connection, sizes: Iterable[int]) -> Tree:
    """The roots recomputed from the published entries alone."""
    tree, wanted = Tree(), sorted(set(sizes))
    while tree.whole and (rows := await connection.fetch(_PUBLISHED, tree.frontier.size, _BATCH)):
        first = tree.frontier.size
        whole = [row["leaf"] for i, row in enumerate(rows) if row["index"] == first + i]
        if len(whole) < len(rows):
            tree.whole = False
            tree.findings.append(Finding("leaf_missing", f"log_leaf {first + len(whole)}", "缺少这一条"))
        _grow(tree, whole, wanted)
    return tree


async def _check_batch(
    connection: asyncpg.Connection, tree: Tree, rows: Sequence[Mapping[str, Any]], wanted: Sequence[int]
) -> int:
    """Take the batch into the tree, up to the first gap; the number of its nodes that are there."""
    first = tree.frontier.size
    stored = await nodes_at(connection, [At(0, first + i) for i in range(len(rows))])
    entries = []
    for i, row in enumerate(rows):
        if row["index"] != first + i:
            tree.whole = False
            tree.findings.append(Finding("leaf_missing", f"log_leaf {first + i}", "缺少这一条"))
            break
        entries.append(_entry(tree, row, stored.get(At(0, first + i))))
    made = _grow(tree, entries, wanted)
    kept = await nodes_at(connection, [node.at for node in made])
    for node in made:
        if kept.get(node.at) != node.hash:
            what = "node_missing" if node.at not in kept else "node_altered"
            says = f"第 {node.at.level} 层第 {node.at.position} 个节点与重算的不符"
            tree.findings.append(Finding(what, f"log_node {place_of(node.at)}", says))
    return len(kept)


def _entry(tree: Tree, row: Mapping[str, Any], stored: bytes | None) -> bytes:
    """The entry that was put in; where row and event differ, the stored node says which was altered."""
    leaf: bytes = row["leaf"]
    if row["event"] is None or row["event_leaf"] == leaf:
        return leaf
    where = f"log_leaf {row['index']}"
    if row["event_leaf"] is None:
        gone = f"log_event {row['event']} ({where})"
        tree.findings.append(Finding("event_deleted", gone, "树中有这一条，事件却不存在了"))
        return leaf
    event = f"log_event {row['event']} ({row['case_key']} #{row['n']})"
    if stored == leaf_hash(leaf):
        tree.findings.append(Finding("event_altered", event, f"与树中第 {row['index']} 条不符"))
        return leaf
    tree.findings.append(Finding("leaf_altered", where, f"与所指的事件不符：{event}"))
    event_leaf: bytes = row["event_leaf"]
    return event_leaf


def _grow(tree: Tree, entries: Sequence[bytes], wanted: Sequence[int]) -> list[Any]:
    """Append, stopping at each size whose root is asked for."""
    first = tree.frontier.size
    stops = [size - first for size in wanted if first < size < first + len(entries)]
    made = []
    for low, high in zip([0, *stops], [*stops, len(entries)], strict=True):
        tree.frontier, nodes = append(tree.frontier, entries[low:high])
        tree.roots[tree.frontier.size] = tree.frontier.root()
        made += nodes
    return made


async def _superfluous(connection: asyncpg.Connection, size: int) -> list[Finding]:
    found = []
    async for row in connection.cursor("select place from kernel.log_node order by place", prefetch=5000):
        level = (~row["place"] & row["place"] + 1).bit_length() - 1
        position = row["place"] + 1 >> level + 1
        if position + 1 << level > size:
            found.append(Finding("node_superfluous", f"log_node {row['place']}", "树中没有这个节点的位置"))
    return found
