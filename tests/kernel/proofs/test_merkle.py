"""The tree from stored nodes against RFC 6962's own recursive definitions, at every size up to 130."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.proofs.errors import Forged, Malformed, ProofError
from kernel.proofs.merkle import (
    EMPTY_ROOT,
    At,
    Frontier,
    append,
    consistency_nodes,
    entry_hash,
    fold,
    frontier_from,
    inclusion_nodes,
    root_of,
)
from kernel.proofs.merkle_verify import verify_consistency, verify_inclusion

SIZES = range(131)
ENTRIES = [hashlib.sha256(n.to_bytes(2, "big")).digest() for n in SIZES]


def mth(entries: list[bytes]) -> bytes:
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\0" + entries[0]).digest()
    k = split(len(entries))
    return hashlib.sha256(b"\1" + mth(entries[:k]) + mth(entries[k:])).digest()


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, entries: list[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m: int, entries: list[bytes], whole: bool) -> list[bytes]:
    if m == len(entries):
        return [] if whole else [mth(entries)]
    k = split(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], False), mth(entries[:k])]


ROOTS = [mth(ENTRIES[:size]) for size in SIZES]
STORE = dict(append(Frontier(), ENTRIES)[1])


def test_the_roots_of_the_certificate_transparency_reference_tree_come_out() -> None:
    entries = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
    assert root_of(entries[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_of(entries[:3]).hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert root_of(entries).hex() == "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"


def test_every_size_has_the_root_of_rfc_6962() -> None:
    assert ROOTS[0] == EMPTY_ROOT
    for size in SIZES:
        assert root_of(ENTRIES[:size]) == ROOTS[size]
        assert frontier_from(size, STORE).root() == ROOTS[size]


def test_every_inclusion_proof_is_that_of_rfc_6962_and_holds() -> None:
    for size in SIZES:
        for index in range(size):
            proof = fold(inclusion_nodes(index, size), STORE)
            assert proof == path(index, ENTRIES[:size])
            verify_inclusion(ENTRIES[index], index, size, ROOTS[size], proof)


def test_every_consistency_proof_is_that_of_rfc_6962_and_holds() -> None:
    for size in SIZES:
        for old in range(size + 1):
            proof = fold(consistency_nodes(old, size), STORE)
            assert proof == (subproof(old, ENTRIES[:size], True) if old else [])
            verify_consistency(old, ROOTS[old], size, ROOTS[size], proof)


@settings(deadline=None)
@given(st.lists(st.integers(1, 32), min_size=1, max_size=4))
def test_appending_in_batches_stores_each_node_once_and_ends_in_the_same_tree(batches: list[int]) -> None:
    frontier, done = Frontier(), 0
    store: dict[At, bytes] = {}
    for batch in batches:
        taken = ENTRIES[done : done + batch]
        frontier, made = append(frontier, taken)
        assert not store.keys() & {node.at for node in made}
        store.update(made)
        done += len(taken)
    assert (frontier.size, frontier.root()) == (done, ROOTS[done])
    assert store == {at: STORE[at] for at in store}


@settings(deadline=None)
@given(size=st.integers(2, 130), data=st.data())
def test_no_altered_inclusion_proof_holds(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = fold(inclusion_nodes(index, size), STORE)
    at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    altered = [*proof]
    altered[at] = (int.from_bytes(proof[at]) ^ 1 << bit).to_bytes(32)
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))
    for wrong in (altered, proof[:-1], [*proof, proof[0]]):
        with pytest.raises(ProofError):
            verify_inclusion(ENTRIES[index], index, size, ROOTS[size], wrong)
    with pytest.raises(ProofError):
        verify_inclusion(ENTRIES[index], other, size, ROOTS[size], proof)
    with pytest.raises(Forged):
        verify_inclusion(ENTRIES[other], index, size, ROOTS[size], proof)


@settings(deadline=None)
@given(size=st.integers(2, 130), data=st.data())
def test_no_altered_consistency_proof_holds(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    proof = fold(consistency_nodes(old, size), STORE)
    at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    altered = [*proof]
    altered[at] = (int.from_bytes(proof[at]) ^ 1 << bit).to_bytes(32)
    for wrong in (altered, proof[:-1], [*proof, proof[0]]):
        with pytest.raises(ProofError):
            verify_consistency(old, ROOTS[old], size, ROOTS[size], wrong)
    with pytest.raises(Forged):
        verify_consistency(old, ROOTS[old - 1], size, ROOTS[size], proof)
    with pytest.raises(Forged):
        verify_consistency(old, ROOTS[old], size, ROOTS[size - 1], proof)


def test_the_same_size_with_another_root_is_named() -> None:
    with pytest.raises(Forged) as refusal:
        verify_consistency(5, ROOTS[5], 5, ROOTS[6], [])
    assert refusal.value.code == "same_size_other_root"


def test_an_empty_tree_has_one_root_and_growth_from_it_needs_no_proof() -> None:
    verify_consistency(0, EMPTY_ROOT, 7, ROOTS[7], [])
    with pytest.raises(Forged):
        verify_consistency(0, ROOTS[1], 7, ROOTS[7], [])
    with pytest.raises(Malformed):
        verify_consistency(0, EMPTY_ROOT, 7, ROOTS[7], [ROOTS[1]])


@pytest.mark.parametrize("index", [-1, 5, 2**63])
def test_an_entry_outside_the_tree_is_refused(index: int) -> None:
    with pytest.raises(Malformed):
        inclusion_nodes(index, 5)
    with pytest.raises(Malformed):
        verify_inclusion(ENTRIES[0], index, 5, ROOTS[5], [])


def test_impossible_sizes_and_hashes_are_refused() -> None:
    for wrong in (-1, 2**63):
        with pytest.raises(Malformed):
            consistency_nodes(0, wrong)
    with pytest.raises(Malformed):
        consistency_nodes(6, 5)
    with pytest.raises(Malformed):
        verify_consistency(6, ROOTS[6], 5, ROOTS[5], [])
    with pytest.raises(Malformed):
        verify_inclusion(ENTRIES[0], 0, 2, ROOTS[2], [b"short"])
    with pytest.raises(Malformed):
        Frontier(3, (ROOTS[1],))


def test_a_lost_node_is_named_by_its_place() -> None:
    with pytest.raises(ProofError, match="第 2 层第 1 个") as refusal:
        fold(inclusion_nodes(0, 8), {at: value for at, value in STORE.items() if at != At(2, 1)})
    assert refusal.value.code == "node_missing"


def test_an_entry_hides_its_event_behind_the_salt() -> None:
    event, salt = b'{"act":"submit"}', bytes(32)
    assert entry_hash(salt, event) == hashlib.sha256(b"etb/1/event\0" + salt + event).digest()
    assert entry_hash(salt, event) != entry_hash(b"\1" * 32, event)
    with pytest.raises(Malformed):
        entry_hash(b"", event)
