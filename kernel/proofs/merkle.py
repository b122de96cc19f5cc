"""The log's Merkle tree (RFC 6962 §2.1, RFC 9162 §2.1, SHA-256) as arithmetic over stored nodes.

A stored node is a *perfect* subtree: `At(level, position)` covers 2^level entries from position·2^level on
and never changes once it exists, so a database keeps it under that key for ever. Roots of other ranges are
folded from perfect ones. Every function here is pure; those named `…_nodes` say what to fetch.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kernel.proofs.errors import Malformed, ProofError

HASH_SIZE = 32
MAX_SIZE = 2**63 - 1
EMPTY_ROOT = hashlib.sha256(b"").digest()


class At(NamedTuple):
    """Where a perfect subtree stands: level 0 holds the leaf hashes; positions count from 0."""

    level: int
    position: int


Group = tuple[At, ...]
"""Perfect subtrees, left to right, that fold into one range's root: one hash of a proof."""


class Node(NamedTuple):
    """A perfect subtree's hash with its place: one row to store, never to be changed."""

    at: At
    hash: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the perfect subtrees that make up a tree of `size` entries, widest (leftmost) first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE or len(self.hashes) != self.size.bit_count():
            raise Malformed("frontier_malformed", f"{self.size} 条的树不应有 {len(self.hashes)} 个前沿哈希")
        check_hashes(self.hashes)

    def root(self) -> bytes:
        """The tree's root hash (RFC 6962 MTH)."""
        return _fold(self.hashes) if self.hashes else EMPTY_ROOT


def entry_hash(salt: bytes, event_json: bytes) -> bytes:
    """The 32-byte log entry of an event; its leaf hash is `leaf_hash` of this value.

    The salt (32 random bytes) is what lets an event stay secret while its entry is public.
    """
    if len(salt) != HASH_SIZE:
        raise Malformed("salt_length", "事件的盐应为 32 字节")
    return hashlib.sha256(b"etb/1/event\0" + salt + event_json).digest()


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 leaf hash: SHA-256(0x00 ‖ entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 inner hash: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def append(frontier: Frontier, entries: Iterable[bytes]) -> tuple[Frontier, list[Node]]:
    """Put entries (not yet leaf-hashed) at the end; the new frontier and every node that came into being.

    Nodes come in the order in which they became complete, each leaf first.
    """
    size, stack, made = frontier.size, list(frontier.hashes), []
    for entry in entries:
        at, digest = At(0, size), leaf_hash(entry)
        made.append(Node(at, digest))
        while at.position & 1:
            at, digest = At(at.level + 1, at.position >> 1), node_hash(stack.pop(), digest)
            made.append(Node(at, digest))
        stack.append(digest)
        size += 1
    return Frontier(size, tuple(stack)), made


def frontier_nodes(size: int) -> Group:
    """The places of the hashes of a `Frontier` of this size, in its order."""
    check_size(size)
    return _range_nodes(0, size)


def frontier_from(size: int, nodes: Mapping[At, bytes]) -> Frontier:
    """The frontier of a stored tree, from the nodes `frontier_nodes(size)` names."""
    return Frontier(size, tuple(_stored(nodes, at) for at in frontier_nodes(size)))


def root_of(entries: Sequence[bytes]) -> bytes:
    """MTH of a whole list of entries: the root without storing anything."""
    level = [leaf_hash(entry) for entry in entries]
    while len(level) > 1:
        # The last one of an odd row goes up as it is: the same tree as RFC 6962 §2.1 defines from above.
        odd = level[-1:] if len(level) % 2 else []
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)] + odd
    return level[0] if level else EMPTY_ROOT


def inclusion_nodes(index: int, size: int) -> list[Group]:
    """What an inclusion proof of entry `index` in a tree of `size` needs: a group per proof hash.

    Proof hashes run from the leaf's sibling up to the root's child (RFC 6962 §2.1.1).
    """
    check_size(size)
    if not 0 <= index < size:
        raise Malformed("index_outside_tree", f"{size} 条的日志中没有第 {index} 条")
    return _path(index, 0, size)


def consistency_nodes(old: int, size: int) -> list[Group]:
    """What a consistency proof from `old` to `size` needs (RFC 6962 §2.1.2): a group per proof hash.

    Empty when `old` is 0 or equals `size` (C2SP tlog-witness).
    """
    check_size(size)
    if not 0 <= old <= size:
        raise Malformed("old_size_above_size", f"日志不能从 {old} 条增长到 {size} 条")
    return _subproof(old, 0, size, whole=True) if 0 < old < size else []


def fold(groups: Iterable[Group], nodes: Mapping[At, bytes]) -> list[bytes]:
    """The proof's hashes, from the stored nodes its groups name.

    Raises ProofError `node_missing` when the store has lost one.
    """
    return [_fold([_stored(nodes, at) for at in group]) for group in groups]


def _path(index: int, low: int, high: int) -> list[Group]:
    if high - low == 1:
        return []
    middle = low + _split(high - low)
    if index < middle:
        return [*_path(index, low, middle), _range_nodes(middle, high)]
    return [*_path(index, middle, high), _range_nodes(low, middle)]


def _subproof(old: int, low: int, high: int, *, whole: bool) -> list[Group]:
    if old == high:
        return [] if whole else [_range_nodes(low, high)]
    middle = low + _split(high - low)
    if old <= middle:
        return [*_subproof(old, low, middle, whole=whole), _range_nodes(middle, high)]
    return [*_subproof(old, middle, high, whole=False), _range_nodes(low, middle)]


def _range_nodes(low: int, high: int) -> Group:
    """The perfect subtrees of [low, high), widest first; `low` is a multiple of the widest."""
    found = []
    while low < high:
        level = (high - low).bit_length() - 1
        found.append(At(level, low >> level))
        low += 1 << level
    return tuple(found)


def _split(size: int) -> int:
    """The largest power of two below `size` (RFC 6962 §2.1), for size ≥ 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _fold(hashes: Sequence[bytes]) -> bytes:
    digest = hashes[-1]
    for left in reversed(hashes[:-1]):
        digest = node_hash(left, digest)
    return digest


def _stored(nodes: Mapping[At, bytes], at: At) -> bytes:
    try:
        return nodes[at]
    except KeyError:
        raise ProofError("node_missing", f"缺少第 {at.level} 层第 {at.position} 个节点") from None


def check_size(size: int) -> None:
    """Raise Malformed unless a tree can have this many entries."""
    if not 0 <= size <= MAX_SIZE:
        raise Malformed("size_out_of_range", "日志条数应为 0 至 2^63−1")


def check_hashes(values: Iterable[bytes]) -> None:
    """Raise Malformed unless each value has a hash's length."""
    if any(len(value) != HASH_SIZE for value in values):
        raise Malformed("hash_length", "哈希应为 32 字节")
