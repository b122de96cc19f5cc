"""Checkpoints: only the log's own key under its own name counts, and witnesses count by name."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.proofs.checkpoints import (
    Checkpoint,
    open_checkpoint,
    open_cosignatures,
    parse_checkpoint,
    sign_checkpoint,
)
from kernel.proofs.errors import BadSignature, Malformed
from kernel.proofs.note_keys import COSIGNATURE_V1, Signer
from kernel.proofs.notes import Note, cosign, sign_text


def key(seed: int, name: str, kind: int = 1) -> Signer:
    return Signer.from_private(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32), kind)


LOG = key(1, "yg.example/log")
WITNESSES = [key(n, f"w{n}.example", COSIGNATURE_V1) for n in (2, 3)]
CLAIM = Checkpoint("yg.example/log", 64, b"\x07" * 32)
NOTE = sign_checkpoint(CLAIM, LOG)
COSIGNED = NOTE.adding(cosign(NOTE.text, witness, 100 + n) for n, witness in enumerate(WITNESSES))


def test_a_checkpoint_reads_back_with_its_extension_lines() -> None:
    claim = Checkpoint("yg.example/log", 0, bytes(32), ("period 7", "rehearsal"))
    assert parse_checkpoint(claim.text()) == claim
    assert open_checkpoint(sign_checkpoint(claim, LOG).to_bytes(), [LOG.key]).checkpoint == claim


def test_a_quorum_of_known_witnesses_is_counted_by_name() -> None:
    known = [witness.key for witness in WITNESSES]
    seen = open_checkpoint(COSIGNED.to_bytes(), [LOG.key], known, quorum=2)
    assert seen.checkpoint == CLAIM
    assert [(one.key.name, one.at) for one in seen.cosignatures] == [("w2.example", 100), ("w3.example", 101)]
    for raw, keys in ((NOTE, known), (COSIGNED, known[:1])):
        with pytest.raises(BadSignature) as refusal:
            open_checkpoint(raw.to_bytes(), [LOG.key], keys, quorum=2)
        assert refusal.value.code == "not_enough_witnesses"


def test_two_cosignatures_of_one_witness_are_one_witness() -> None:
    twice = NOTE.adding(cosign(NOTE.text, WITNESSES[0], at) for at in (5, 6))
    with pytest.raises(BadSignature):
        open_checkpoint(twice.to_bytes(), [LOG.key], [WITNESSES[0].key], quorum=2)


def test_a_known_key_of_another_name_cannot_speak_for_the_log() -> None:
    other = key(4, "other.example/log")
    forged = sign_text(CLAIM.text(), [other])
    with pytest.raises(BadSignature):
        open_checkpoint(forged.to_bytes(), [LOG.key, other.key])
    with pytest.raises(Malformed):
        sign_checkpoint(CLAIM, other)


def test_a_witness_key_is_not_a_log_key() -> None:
    witness = key(1, "yg.example/log", COSIGNATURE_V1)
    only = Note(CLAIM.text(), (cosign(CLAIM.text(), witness, 5),))
    with pytest.raises(BadSignature):
        open_checkpoint(only.to_bytes(), [witness.key])


def test_a_false_cosignature_of_a_known_witness_is_refused_and_none_is_not() -> None:
    false = cosign("other\n", WITNESSES[0], 5)
    assert open_cosignatures(NOTE, [WITNESSES[0].key]) == ()
    with pytest.raises(BadSignature):
        open_cosignatures(NOTE.adding([false]), [WITNESSES[0].key])


GOOD = CLAIM.text().split("\n")


@pytest.mark.parametrize(
    "lines",
    [
        ["", "64", GOOD[2], ""],
        ["yg.example/log", "064", GOOD[2], ""],
        ["yg.example/log", "-1", GOOD[2], ""],
        ["yg.example/log", "+1", GOOD[2], ""],
        ["yg.example/log", "٣", GOOD[2], ""],
        ["yg.example/log", "", GOOD[2], ""],
        ["yg.example/log", "9223372036854775808", GOOD[2], ""],
        ["yg.example/log", "9" * 5000, GOOD[2], ""],
        ["yg.example/log", "64", GOOD[2][:-4], ""],
        ["yg.example/log", "64", GOOD[2].rstrip("="), ""],
        ["yg.example/log", "64", GOOD[2], "", "extension", ""],
        ["yg.example/log", "64", GOOD[2]],
        ["yg.example/log", "64", ""],
        [""],
    ],
)
def test_a_misspelt_checkpoint_is_refused(lines: list[str]) -> None:
    with pytest.raises(Malformed):
        parse_checkpoint("\n".join(lines))


def test_a_checkpoint_that_cannot_be_written_cannot_be_made() -> None:
    for origin, size, root, extensions in (
        ("", 1, bytes(32), ()),
        ("two\nlines", 1, bytes(32), ()),
        ("log", -1, bytes(32), ()),
        ("log", 2**63, bytes(32), ()),
        ("log", 1, bytes(31), ()),
        ("log", 1, bytes(32), ("",)),
        ("\ud800", 1, bytes(32), ()),
    ):
        with pytest.raises(Malformed):
            Checkpoint(origin, size, root, extensions)
