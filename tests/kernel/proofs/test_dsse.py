"""Signed statements: the exact bytes, who has signed, and who has not."""

import pytest

from kernel.proofs import dsse
from kernel.proofs.canonical import encode
from kernel.proofs.errors import BadSignature, Malformed
from kernel.proofs.signers import Ed25519Signer

ANN, BEN = Ed25519Signer.from_seed(b"a" * 32), Ed25519Signer.from_seed(b"b" * 32)
PAYLOAD = encode({"type": "etb.test/1", "says": "你好"})


def test_what_is_signed_is_the_pre_authentication_encoding_of_the_dsse_specification() -> None:
    assert dsse.pre_authentication(b"hello world", "http://example.com/HelloWorld") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_the_exact_bytes_survive_storing_and_reading() -> None:
    signed = dsse.sign(PAYLOAD, ANN, BEN)
    again = dsse.read(signed.to_bytes())
    assert again == signed
    assert again.payload == PAYLOAD
    assert dsse.verify(again, [ANN.public, BEN.public]) == (ANN.keyid, BEN.keyid)
    assert dsse.require(again, [BEN.public, ANN.public]) == PAYLOAD


def test_unknown_signers_are_left_out_and_a_missing_one_is_named() -> None:
    signed = dsse.sign(PAYLOAD, ANN)
    assert dsse.verify(signed, [BEN.public]) == ()
    with pytest.raises(BadSignature, match=BEN.keyid):
        dsse.require(signed, [ANN.public, BEN.public])


def test_no_keys_at_all_never_count_as_enough() -> None:
    with pytest.raises(BadSignature):
        dsse.require(dsse.sign(PAYLOAD, ANN), [])


def test_a_signature_does_not_pass_for_another_payload_or_type() -> None:
    signed = dsse.sign(PAYLOAD, ANN)
    other = dsse.Signed(PAYLOAD + b" ", signed.payload_type, signed.signatures)
    typed = dsse.Signed(PAYLOAD, "application/json", signed.signatures)
    assert dsse.verify(other, [ANN.public]) == dsse.verify(typed, [ANN.public]) == ()


def test_a_signature_under_another_keys_number_does_not_pass() -> None:
    [theirs] = dsse.sign(PAYLOAD, BEN).signatures
    forged = dsse.Signed(PAYLOAD, dsse.PAYLOAD_TYPE, (dsse.Signature(ANN.keyid, theirs.sig),))
    assert dsse.verify(forged, {ANN.keyid: ANN.public, BEN.keyid: BEN.public}) == ()


def test_a_map_of_keys_cannot_lend_a_number_to_another_key() -> None:
    signed = dsse.sign(PAYLOAD, BEN)
    assert dsse.verify(signed, {ANN.keyid: BEN.public}) == (BEN.keyid,)


def test_signing_again_replaces_the_earlier_signature() -> None:
    twice = dsse.add_signature(dsse.sign(PAYLOAD, ANN, BEN), ANN)
    assert [s.keyid for s in twice.signatures] == [BEN.keyid, ANN.keyid]


@pytest.mark.parametrize(
    "envelope",
    [
        {},
        {"payload": "e30=", "payloadType": "text/plain", "signatures": []},
        {"payload": "e30", "payloadType": dsse.PAYLOAD_TYPE, "signatures": []},
        {"payload": "e30=", "payloadType": dsse.PAYLOAD_TYPE, "signatures": [], "more": 1},
        {"payload": "e30=", "payloadType": dsse.PAYLOAD_TYPE, "signatures": [{"keyid": "x", "sig": ""}]},
        {"payload": "e30=", "payloadType": dsse.PAYLOAD_TYPE, "signatures": {}},
        [],
    ],
)
def test_envelopes_of_another_shape_are_refused(envelope: object) -> None:
    with pytest.raises(Malformed):
        dsse.read(encode(envelope))


def test_one_key_signing_twice_in_an_envelope_is_refused() -> None:
    signed = dsse.sign(PAYLOAD, ANN)
    twice = dsse.Signed(PAYLOAD, signed.payload_type, signed.signatures * 2)
    with pytest.raises(Malformed, match="signed_twice"):
        dsse.read(twice.to_bytes())
