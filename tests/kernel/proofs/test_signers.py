"""Signing keys in files under a passphrase."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kernel.proofs import dsse
from kernel.proofs.age import Passphrase
from kernel.proofs.errors import Malformed, NoMatch
from kernel.proofs.signers import Ed25519Signer, lock_signer, unlock_signer

QUICK = Passphrase("七月流火九月授衣", work=4)


def test_a_locked_key_signs_again_after_unlocking_and_its_pem_is_not_to_be_seen() -> None:
    signer = Ed25519Signer.generate()
    stored = lock_signer(signer, QUICK)
    again = unlock_signer(stored, QUICK)
    assert dsse.require(dsse.sign(b"{}", again), [signer.public]) == b"{}"
    assert b"PRIVATE KEY" not in stored


def test_a_wrong_passphrase_does_not_unlock() -> None:
    stored = lock_signer(Ed25519Signer.generate(), QUICK)
    with pytest.raises(NoMatch):
        unlock_signer(stored, Passphrase("wrong", work=4))


def test_a_seed_gives_the_key_of_rfc_8032() -> None:
    signer = Ed25519Signer.from_seed(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    assert signer.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


def test_other_keys_and_other_bytes_are_refused() -> None:
    other = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for bad in (other, b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(Malformed):
            Ed25519Signer.from_pem(bad)
    with pytest.raises(Malformed):
        Ed25519Signer.from_seed(b"short")
