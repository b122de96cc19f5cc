"""Inclusion and consistency proofs of the log's tree, checked (RFC 9162 §2.1.3.2, §2.1.4.2)."""

from collections.abc import Sequence

from kernel.proofs.errors import Forged, Malformed
from kernel.proofs.merkle import EMPTY_ROOT, check_hashes, check_size, leaf_hash, node_hash


def root_from_inclusion(entry: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that this proof gives the entry (RFC 9162 §2.1.3.2).

    Raises Malformed when no proof of this index and size has that shape.
    """
    check_size(size)
    check_hashes(proof)
    if not 0 <= index < size:
        raise Malformed("index_outside_tree", f"{size} 条的日志中没有第 {index} 条")
    here, last, digest = index, size - 1, leaf_hash(entry)
    for step in proof:
        if last == 0:
            raise Malformed("proof_too_long", "证明的哈希多于树的高度")
        if here & 1 or here == last:
            digest = node_hash(step, digest)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            digest = node_hash(digest, step)
        here, last = here >> 1, last >> 1
    if last:
        raise Malformed("proof_too_short", "证明的哈希不足以算到树根")
    return digest


def verify_inclusion(entry: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Return when `entry` is number `index` (from 0) of this tree; else raise Malformed or Forged."""
    if root_from_inclusion(entry, index, size, proof) != root:
        raise Forged("inclusion_false", f"此内容不是该日志（{size} 条）的第 {index} 条")


def verify_consistency(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Return when the tree (old, old_root) is a prefix of (size, root), (RFC 9162 §2.1.4.2).

    Raises Malformed for an impossible shape, else Forged: `consistency_false` or `same_size_other_root`.
    """
    check_size(size)
    check_hashes([old_root, root, *proof])
    if not 0 <= old <= size:
        raise Malformed("old_size_above_size", f"日志不能从 {old} 条增长到 {size} 条")
    if old in (0, size):
        _trivially_consistent(old, old_root, size, root, proof)
        return
    if not proof:
        raise Malformed("proof_too_short", "日志增长须附证明")
    found_old, found_new = _roots_from_consistency(old, old_root, size, proof)
    if found_old != old_root:
        raise Forged("consistency_false", f"证明不是从已知的 {old} 条的树根出发")
    if found_new != root:
        raise Forged("consistency_false", f"{size} 条的日志不是 {old} 条的日志的延续")


def _trivially_consistent(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise Malformed("proof_too_long", "从零开始或条数相同时不应附证明")
    if (old == 0 and old_root != EMPTY_ROOT) or (size == 0 and root != EMPTY_ROOT):
        raise Forged("consistency_false", "空日志只有一个树根")
    if old == size and old_root != root:
        raise Forged("same_size_other_root", f"{size} 条的日志出现两个不同的树根")


def _roots_from_consistency(old: int, old_root: bytes, size: int, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    # A power of two is itself a node of the new tree, so the prover leaves its hash out.
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    here, last = old - 1, size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    was = now = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise Malformed("proof_too_long", "证明的哈希多于树的高度")
        if here & 1 or here == last:
            was, now = node_hash(step, was), node_hash(step, now)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            now = node_hash(now, step)
        here, last = here >> 1, last >> 1
    if last:
        raise Malformed("proof_too_short", "证明的哈希不足以算到树根")
    return was, now
