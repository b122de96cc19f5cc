"""Ed25519 signing keys kept in files: PEM under a passphrase, in age files."""

from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kernel.proofs import age
from kernel.proofs.dsse import keyid_of
from kernel.proofs.errors import Malformed


class Ed25519Signer:
    """A private key in memory; a `dsse.Signer`."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._public = key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> Self:
        """A fresh random key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """The key of RFC 8032's 32-byte private seed."""
        if len(seed) != 32:
            raise Malformed("bad_key", "签名私钥应为 32 字节")
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """The key in an unencrypted PKCS#8 PEM; `Malformed` for anything else."""
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError):
            raise Malformed("bad_key", "不是 PEM 私钥") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise Malformed("bad_key", "不是 Ed25519 私钥")
        return cls(key)

    @property
    def public(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self._public

    @property
    def keyid(self) -> str:
        """Its number, `dsse.keyid_of`."""
        return keyid_of(self._public)

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._key.sign(message)

    def to_pem(self) -> bytes:
        """PKCS#8 PEM, unprotected: only for `lock_signer` and for tests."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def lock_signer(signer: Ed25519Signer, passphrase: age.Passphrase) -> bytes:
    """The key file: the PEM under a passphrase."""
    return age.lock(signer.to_pem(), passphrase)


def unlock_signer(data: bytes, passphrase: age.Passphrase) -> Ed25519Signer:
    """The key in a key file; `NoMatch` for a wrong passphrase."""
    return Ed25519Signer.from_pem(age.unlock(data, passphrase))
