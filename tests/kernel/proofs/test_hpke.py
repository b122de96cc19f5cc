"""HPKE against the RFC 9180 vectors of our suite, and against the library's own HPKE."""

import json
from typing import Any

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from kernel.proofs import hpke
from kernel.proofs.errors import Forged, Malformed

KEY = X25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()


def our_suite() -> dict[str, Any]:
    """The RFC 9180 vector: base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM."""
    with cryptography_vectors.open_vector_file("HPKE/test-vectors.json", "r") as file:
        vectors = json.load(file)
    wanted = {"mode": 0, "kem_id": 0x20, "kdf_id": 1, "aead_id": 2}
    [vector] = [v for v in vectors if all(v[name] == wanted[name] for name in wanted)]
    return dict(vector)


def test_keys_are_derived_as_in_rfc_9180() -> None:
    vector = our_suite()
    for ikm, private, public in (("ikmE", "skEm", "pkEm"), ("ikmR", "skRm", "pkRm")):
        key = hpke.derive_key_pair(bytes.fromhex(vector[ikm]))
        assert key.private_bytes_raw().hex() == vector[private]
        assert key.public_key().public_bytes_raw().hex() == vector[public]


def test_sealing_gives_the_bytes_of_rfc_9180() -> None:
    vector = our_suite()
    first = vector["encryptions"][0]
    sealed = hpke.seal(
        bytes.fromhex(vector["pkRm"]),
        bytes.fromhex(vector["ikmE"]),
        bytes.fromhex(vector["info"]),
        bytes.fromhex(first["pt"]),
        bytes.fromhex(first["aad"]),
    )
    assert sealed.hex() == vector["enc"] + first["ct"]


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(min_size=32, max_size=32))
def test_what_is_sealed_opens(plaintext: bytes, info: bytes, key_material: bytes) -> None:
    sealed = hpke.seal(PUBLIC, key_material, info, plaintext)
    assert len(sealed) == len(plaintext) + hpke.OVERHEAD
    assert hpke.open_sealed(b"k" * 32, sealed, info) == plaintext


def test_what_the_library_seals_we_open() -> None:
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    sealed = suite.encrypt(b"price", X25519PublicKey.from_public_bytes(PUBLIC), b"info")
    assert hpke.open_sealed(b"k" * 32, sealed, b"info") == b"price"


@pytest.mark.parametrize("change", [0, 31, 32, -1])
def test_one_changed_bit_anywhere_is_found_out(change: int) -> None:
    sealed = bytearray(hpke.seal(PUBLIC, b"m" * 32, b"info", b"price"))
    sealed[change] ^= 1
    with pytest.raises(Forged):
        hpke.open_sealed(b"k" * 32, bytes(sealed), b"info")


def test_another_key_other_info_or_too_few_bytes_do_not_open() -> None:
    sealed = hpke.seal(PUBLIC, b"m" * 32, b"info", b"price")
    for private, content, info in (
        (b"x" * 32, sealed, b"info"),
        (b"k" * 32, sealed, b"other"),
        (b"k" * 32, sealed[:40], b"info"),
        (b"k" * 32, b"", b"info"),
        (b"k" * 32, bytes(32) + sealed[32:], b"info"),
    ):
        with pytest.raises(Forged):
            hpke.open_sealed(private, content, info)


def test_nothing_is_sealed_to_a_key_that_everybody_can_open() -> None:
    with pytest.raises(Malformed, match="weak_key"):
        hpke.seal(bytes(32), b"m" * 32, b"info", b"price")
