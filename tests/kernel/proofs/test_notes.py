"""Signed notes: published examples verify, and nothing misspelt or altered passes."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.proofs.errors import BadSignature, Malformed, ProofError
from kernel.proofs.note_keys import COSIGNATURE_V1, Signer, VerifierKey
from kernel.proofs.notes import (
    Note,
    SignatureLine,
    cosign,
    parse_note,
    parse_signature_lines,
    sign_text,
    verify_note,
)

# The worked example of Go's golang.org/x/mod/sumdb/note documentation.
NEUMANN = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
SAYING = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    SAYING + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6K"
    "E6RyyBwJnAM=\n"
).encode()

LOG = Signer.from_private("yg.example/log", Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
WITNESS = Signer.from_private("jg.example/witness", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32), COSIGNATURE_V1)
TEXT = "yg.example/log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
NOTE = sign_text(TEXT, [LOG])


def test_the_published_example_verifies() -> None:
    note = parse_note(SIGNED)
    assert note.text == SAYING
    assert [seen.key for seen in verify_note(note, [NEUMANN])] == [NEUMANN]
    assert str(NEUMANN).startswith("PeterNeumann+c74f20a3+")


def test_a_published_cosignature_line_gives_its_time() -> None:
    # The example of c2sp.org/tlog-cosignature, whose message says "time 1679315147".
    (line,) = parse_signature_lines(
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJs"
        "X3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    assert int.from_bytes(line.signature[:8]) == 1679315147
    assert len(line.signature) == 72


def test_a_note_reads_back_as_it_was_written() -> None:
    assert parse_note(NOTE.to_bytes()) == NOTE
    assert VerifierKey.parse(str(LOG.key)) == LOG.key
    assert VerifierKey.parse(str(WITNESS.key)) == WITNESS.key


def test_the_text_may_hold_empty_lines_and_ends_at_the_last_one() -> None:
    note = sign_text("first\n\nsecond\n", [LOG])
    assert parse_note(note.to_bytes()).text == "first\n\nsecond\n"


def test_a_cosignature_holds_with_its_time_and_with_no_other() -> None:
    line = cosign(TEXT, WITNESS, 1_700_000_000)
    (log, witness) = verify_note(NOTE.adding([line]), [LOG.key, WITNESS.key])
    assert (log.at, witness.at) == (None, 1_700_000_000)
    later = type(line)(line.name, line.key_id, (1_700_000_001).to_bytes(8) + line.signature[8:])
    with pytest.raises(BadSignature):
        verify_note(NOTE.adding([later]), [LOG.key, WITNESS.key])


def test_a_correctly_signed_time_beyond_the_format_s_limit_is_refused() -> None:
    message = f"cosignature/v1\ntime {2**63}\n{TEXT}".encode()
    line = SignatureLine(WITNESS.key.name, WITNESS.key.id, (2**63).to_bytes(8) + WITNESS.sign(message))
    with pytest.raises(BadSignature):
        verify_note(NOTE.adding([line]), [LOG.key, WITNESS.key])
    with pytest.raises(Malformed):
        cosign(TEXT, WITNESS, 2**63)


def test_a_cosignature_added_twice_stands_once() -> None:
    line = cosign(TEXT, WITNESS, 5)
    assert NOTE.adding([line, line]).adding([line]).signatures == (*NOTE.signatures, line)


def test_one_key_signs_differently_as_log_and_as_witness() -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
    plain = Signer.from_private("jg.example/witness", private)
    assert plain.key.id != WITNESS.key.id
    with pytest.raises(BadSignature, match="no_known_signature"):
        verify_note(sign_text(TEXT, [plain]), [WITNESS.key])
    with pytest.raises(Malformed):
        sign_text(TEXT, [WITNESS])
    with pytest.raises(Malformed):
        cosign(TEXT, plain, 5)


def test_unknown_keys_are_passed_over_and_are_not_enough() -> None:
    stranger = Signer.from_private("yg.example/log", Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))
    both = NOTE.adding(sign_text(TEXT, [stranger]).signatures)
    assert [seen.key for seen in verify_note(both, [LOG.key])] == [LOG.key]
    with pytest.raises(BadSignature) as refusal:
        verify_note(NOTE, [stranger.key])
    assert refusal.value.code == "no_known_signature"


def test_a_false_signature_of_a_known_key_refuses_the_note_even_beside_a_true_one() -> None:
    false = sign_text("other\n", [LOG]).signatures
    with pytest.raises(BadSignature) as refusal:
        verify_note(Note(TEXT, (*NOTE.signatures, *false)), [LOG.key])
    assert refusal.value.code == "signature_false"


@settings(deadline=None)
@given(st.data())
def test_no_changed_byte_of_a_note_verifies(data: st.DataObject) -> None:
    raw = bytearray(NOTE.to_bytes())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ProofError):
        verify_note(parse_note(bytes(raw)), [LOG.key])


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"a\n\n— {text}\n".encode()))
def test_any_bytes_are_a_note_or_a_named_refusal(raw: bytes) -> None:
    try:
        note = parse_note(raw)
    except ProofError:
        return
    assert note.to_bytes() == raw


SIGNATURE = str(NOTE.signatures[0])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\n\n",
        TEXT.encode(),
        f"{TEXT}\n".encode(),
        f"{TEXT}{SIGNATURE}".encode(),
        f"{TEXT}\n{SIGNATURE}".encode()[:-1],
        f"{TEXT}\n{SIGNATURE}\n".encode(),
        f"{TEXT}\n{SIGNATURE}junk\n".encode(),
        f"{TEXT}\n{SIGNATURE}".replace("— ", "- ").encode(),
        f"{TEXT}\n{SIGNATURE}".replace("— ", "—  ").encode(),
        f"{TEXT}\n{SIGNATURE}".replace("\n", "\r\n").encode(),
        f"{TEXT}\n{SIGNATURE}".replace("=\n", "\n").encode(),
        f"{TEXT}\n— a+b AAAAAAA=\n".encode(),
        f"{TEXT}\n— a AAAA\n".encode(),
        f"{TEXT}\n— a AAAAAAB=\n".encode(),
        b"\xff" + NOTE.to_bytes(),
        b"\x00" + NOTE.to_bytes(),
        f"{TEXT}\n{SIGNATURE * 101}".encode(),
        b"x" * 1_000_001,
    ],
)
def test_a_misspelt_note_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        parse_note(raw)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "a b+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhM",
        "PeterNeumann+c74f20a3+",
        "\ud800+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_misspelt_key_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        VerifierKey.parse(text)


@pytest.mark.parametrize("text", ["", "no newline", "tab\there\n", "\ud800\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(text: str) -> None:
    with pytest.raises(Malformed):
        sign_text(text, [LOG])
    with pytest.raises(Malformed):
        cosign(text, WITNESS, 5)
