"""The witness signs consistent growth only, and names the log that forks, rolls back or says two things."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.proofs.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from kernel.proofs.merkle import Frontier, append, consistency_nodes, fold, root_of
from kernel.proofs.note_keys import COSIGNATURE_V1, Signer
from kernel.proofs.notes import parse_signature_lines
from kernel.proofs.witnessing import (
    AddCheckpoint,
    Cosigned,
    Head,
    Refused,
    Why,
    decide,
    origin_of,
    parse_add_checkpoint,
)

ORIGIN = "yg.example/log"
LOG = Signer.from_private(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
WITNESS = Signer.from_private("w.example", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32), COSIGNATURE_V1)
ENTRIES = [hashlib.sha256(bytes([n])).digest() for n in range(40)]
FORKED = [*ENTRIES[:10], b"\xff" * 32, *ENTRIES[11:]]


def request(
    old: int,
    size: int,
    entries: list[bytes] = ENTRIES,
    signer: Signer = LOG,
    proof: list[bytes] | None = None,
) -> AddCheckpoint:
    nodes = dict(append(Frontier(), entries)[1])
    note = sign_checkpoint(Checkpoint(ORIGIN, size, root_of(entries[:size])), signer)
    honest = fold(consistency_nodes(min(old, size), size), nodes)
    return AddCheckpoint(old, tuple(honest if proof is None else proof), note.to_bytes())


def head(size: int) -> Head:
    return Head(size, root_of(ENTRIES[:size]))


def answer(asked: AddCheckpoint, known: Head) -> Cosigned | Refused:
    return decide(asked.to_bytes(), [LOG.key], known, WITNESS, at=1_700_000_000)


def refusal(asked: AddCheckpoint, known: Head) -> tuple[int, Why]:
    given = answer(asked, known)
    assert isinstance(given, Refused)
    return given.status, given.why


@pytest.mark.parametrize(("old", "size"), [(0, 0), (0, 7), (7, 7), (7, 40), (32, 33)])
def test_consistent_growth_is_cosigned_and_becomes_the_new_head(old: int, size: int) -> None:
    asked = request(old, size)
    given = answer(asked, head(old))
    assert isinstance(given, Cosigned)
    assert given.head == head(size)
    note = open_checkpoint(asked.note, [LOG.key]).note.adding(parse_signature_lines(given.line))
    seen = open_checkpoint(note.to_bytes(), [LOG.key], [WITNESS.key], quorum=1)
    assert seen.cosignatures[0].at == 1_700_000_000


def test_a_fork_is_refused_with_422_and_raises_the_alarm() -> None:
    given = answer(request(20, 40, FORKED), head(20))
    assert isinstance(given, Refused)
    assert (given.status, given.why, given.why.alarms) == (422, Why.FORK, True)
    assert given.claimed is not None
    assert given.claimed.root == root_of(FORKED)


def test_the_same_size_with_another_root_is_refused_with_409_and_raises_the_alarm() -> None:
    for old in (0, 5, 20):
        given = answer(request(old, 20, FORKED), head(20))
        assert isinstance(given, Refused)
        assert (given.status, given.why, given.why.alarms) == (409, Why.SAME_SIZE_OTHER_ROOT, True)
        assert given.body == "20\n"


def test_a_rollback_is_refused_with_the_known_size_and_raises_the_alarm() -> None:
    given = answer(request(5, 12), head(20))
    assert isinstance(given, Refused)
    assert (given.status, given.why, given.body, given.why.alarms) == (409, Why.ROLLBACK, "20\n", True)


def test_a_log_that_does_not_know_the_head_is_told_it_without_alarm() -> None:
    given = answer(request(0, 40), head(20))
    assert isinstance(given, Refused)
    assert (given.status, given.why, given.body) == (409, Why.OTHER_OLD_SIZE, "20\n")
    assert not given.why.alarms


def test_a_proof_of_the_wrong_shape_is_422_without_accusing_the_log() -> None:
    for proof in ([], [bytes(32)] * 40):
        assert refusal(request(20, 40, proof=proof), head(20)) == (422, Why.BAD_PROOF)
    assert not Why.BAD_PROOF.alarms


def test_an_old_size_above_the_new_is_400() -> None:
    assert refusal(request(21, 20), head(20)) == (400, Why.OLD_ABOVE_NEW)


def test_another_key_is_403_and_an_unknown_log_404() -> None:
    stranger = Signer.from_private(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x09" * 32))
    assert refusal(request(20, 40, signer=stranger), head(20)) == (403, Why.UNKNOWN_KEY)
    given = decide(request(20, 40).to_bytes(), None, Head(), WITNESS, at=5)
    assert (given.status, isinstance(given, Refused)) == (404, True)


def test_a_request_reads_back_as_it_was_written() -> None:
    asked = request(7, 40)
    assert parse_add_checkpoint(asked.to_bytes()) == asked
    assert origin_of(asked) == ORIGIN


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 1\n",
        b"old 1\n\n",
        b"old 01\n\n" + request(0, 7).note,
        b"old -1\n\n" + request(0, 7).note,
        b"new 0\n\n" + request(0, 7).note,
        b"old 0\nAAAA\n\n" + request(0, 7).note,
        b"old 0\n" + b"A" * 43 + b"=\n\n",
        (b"old 0\n" + (b"A" * 43 + b"=\n") * 64 + b"\n") + request(0, 7).note,
        request(0, 7).to_bytes().replace(b"\n7\n", b"\n7 \n"),
    ],
)
def test_a_misspelt_request_is_400(body: bytes) -> None:
    given = decide(body, [LOG.key], Head(), WITNESS, at=5)
    assert isinstance(given, Refused)
    assert (given.status, given.why) == (400, Why.MALFORMED)


@settings(deadline=None)
@given(st.data())
def test_whatever_is_sent_only_an_extension_of_the_head_is_ever_cosigned(data: st.DataObject) -> None:
    old, size = data.draw(st.integers(0, 40)), data.draw(st.integers(0, 40))
    known = head(data.draw(st.integers(0, 40)))
    chosen = data.draw(st.sampled_from([ENTRIES, FORKED]))
    given = answer(request(old, size, chosen), known)
    continues = size >= known.size == old and root_of(chosen[: known.size]) == known.root
    assert isinstance(given, Cosigned) == continues
