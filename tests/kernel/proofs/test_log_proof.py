"""A log proof stands alone: entry, path, checkpoint and witnesses in one file, and nothing altered passes."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.proofs.checkpoints import Checkpoint, sign_checkpoint
from kernel.proofs.errors import BadSignature, Forged, Malformed, ProofError
from kernel.proofs.log_proof import LogProof, parse_log_proof, verify_log_proof
from kernel.proofs.merkle import Frontier, append, fold, inclusion_nodes
from kernel.proofs.note_keys import COSIGNATURE_V1, Signer
from kernel.proofs.notes import cosign

LOG = Signer.from_private("yg.example/log", Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
WITNESS = Signer.from_private("w.example", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32), COSIGNATURE_V1)
ENTRIES = [hashlib.sha256(bytes([n])).digest() for n in range(21)]
FRONTIER, NODES = append(Frontier(), ENTRIES)
NOTE = sign_checkpoint(Checkpoint("yg.example/log", 21, FRONTIER.root()), LOG)
COSIGNED = NOTE.adding([cosign(NOTE.text, WITNESS, 1_700_000_000)]).to_bytes()


def proof_of(index: int, extra: bytes | None = None) -> LogProof:
    return LogProof(index, tuple(fold(inclusion_nodes(index, 21), dict(NODES))), COSIGNED, extra)


def test_every_entry_has_a_proof_that_reads_back_and_holds() -> None:
    for index, entry in enumerate(ENTRIES):
        proof = parse_log_proof(proof_of(index).to_bytes())
        assert proof == proof_of(index)
        seen = verify_log_proof(proof, entry, [LOG.key], [WITNESS.key], quorum=1)
        assert (seen.checkpoint.size, seen.cosignatures[0].at) == (21, 1_700_000_000)


def test_extra_data_travels_along_even_when_empty() -> None:
    for extra in (b"", b"salt and event"):
        assert parse_log_proof(proof_of(3, extra).to_bytes()).extra == extra
    assert proof_of(3).to_bytes().startswith(b"c2sp.org/tlog-proof@v1\nindex 3\n")


def test_a_tree_of_one_needs_no_path() -> None:
    frontier, _ = append(Frontier(), ENTRIES[:1])
    note = sign_checkpoint(Checkpoint("yg.example/log", 1, frontier.root()), LOG).to_bytes()
    proof = parse_log_proof(LogProof(0, (), note).to_bytes())
    assert verify_log_proof(proof, ENTRIES[0], [LOG.key]).checkpoint.size == 1


def test_another_entry_another_place_and_a_missing_witness_are_refused() -> None:
    with pytest.raises(Forged):
        verify_log_proof(proof_of(3), ENTRIES[4], [LOG.key])
    with pytest.raises(Forged):
        verify_log_proof(LogProof(2, proof_of(3).path, COSIGNED), ENTRIES[3], [LOG.key])
    bare = LogProof(3, proof_of(3).path, NOTE.to_bytes())
    verify_log_proof(bare, ENTRIES[3], [LOG.key])
    with pytest.raises(BadSignature):
        verify_log_proof(bare, ENTRIES[3], [LOG.key], [WITNESS.key], quorum=1)


@settings(deadline=None)
@given(st.data())
def test_no_changed_byte_of_a_proof_verifies(data: st.DataObject) -> None:
    raw = bytearray(proof_of(7).to_bytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ProofError):
        verify_log_proof(parse_log_proof(bytes(raw)), ENTRIES[7], [LOG.key], [WITNESS.key], quorum=1)


HEAD = "c2sp.org/tlog-proof@v1\n"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        HEAD,
        f"{HEAD}\n",
        f"{HEAD}index 3\n",
        f"{HEAD}index 03\n\nnote",
        f"{HEAD}index 3 \n\nnote",
        f"{HEAD}extra !\nindex 3\n\nnote",
        f"{HEAD}index 3\nextra AA==\n\nnote",
        f"{HEAD}index 3\nAAAA\n\nnote",
        f"{HEAD}index 3\n{'A' * 43}=\r\n\nnote",
        f"{HEAD}index 3\n" + f"{'A' * 43}=\n" * 64 + "\nnote",
        "c2sp.org/tlog-proof@v2\nindex 3\n\nnote",
        "日志\n\nnote",
        "x" * 2_000_001,
    ],
)
def test_a_misspelt_proof_is_refused(raw: str) -> None:
    with pytest.raises(Malformed):
        parse_log_proof(raw.encode())
