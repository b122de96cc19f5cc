"""Who can open an age file: X25519 keys and passphrases, each wrapping the file key in its own stanza."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from kernel.proofs import bech32, hkdf
from kernel.proofs.age_header import Stanza, from_raw_base64, to_raw_base64
from kernel.proofs.errors import Malformed

FILE_KEY_SIZE = 16
_BODY_SIZE = FILE_KEY_SIZE + 16
_NONCE = bytes(12)  # fixed: every wrapping key is used for one file key only
_X25519 = b"age-encryption.org/v1/X25519"
_SCRYPT = b"age-encryption.org/v1/scrypt"
_GREATEST_WORK = 20  # 2^20 takes 1 GiB and seconds; a file that asks for more is refused, not obeyed


class Recipient(Protocol):
    """To whom a file is sealed."""

    def wrap(self, file_key: bytes) -> Stanza:
        """The stanza that lets the recipient find the file key."""


class Identity(Protocol):
    """By whom a file is opened."""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key, or None where no stanza is for this identity; `Malformed` for a broken stanza."""


@dataclass(frozen=True, slots=True)
class X25519Recipient:
    """A public key, 32 bytes; spelled ``age1…``."""

    public: bytes

    def wrap(self, file_key: bytes) -> Stanza:
        """A stanza under a fresh ephemeral key."""
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        key = _agreed(ephemeral, self.public, share + self.public)
        return Stanza("X25519", (to_raw_base64(share),), ChaCha20Poly1305(key).encrypt(_NONCE, file_key, None))


@dataclass(frozen=True)
class X25519Identity:
    """A private key, 32 bytes; spelled ``AGE-SECRET-KEY-1…``."""

    private: bytes = field(repr=False)

    @cached_property
    def _key(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(self.private)

    @cached_property
    def public(self) -> bytes:
        """The raw public key."""
        return self._key.public_key().public_bytes_raw()

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key from the first X25519 stanza that this key opens."""
        keys = (self._open(s) for s in stanzas if s.kind == "X25519")
        return next((key for key in keys if key), None)

    def _open(self, stanza: Stanza) -> bytes | None:
        share = check_x25519(stanza)
        key = _agreed(self._key, share, share + self.public)
        return _unwrapped(key, stanza.body)


@dataclass(frozen=True, slots=True)
class Passphrase:
    """A passphrase, as recipient and as identity; 2^`work` rounds of scrypt, 18 taking about a second."""

    text: str = field(repr=False)
    work: int = 18

    def wrap(self, file_key: bytes) -> Stanza:
        """A stanza under a fresh salt; it must be the only one of its file."""
        salt = secrets.token_bytes(16)
        body = ChaCha20Poly1305(self._key(salt, self.work)).encrypt(_NONCE, file_key, None)
        return Stanza("scrypt", (to_raw_base64(salt), str(self.work)), body)

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key, or None where the file is not under this passphrase."""
        for stanza in stanzas:
            if stanza.kind == "scrypt":
                return _unwrapped(self._key(*_scrypt_parts(stanza)), stanza.body)
        return None

    def _key(self, salt: bytes, work: int) -> bytes:
        return Scrypt(salt=_SCRYPT + salt, length=32, n=1 << work, r=8, p=1).derive(self.text.encode("utf-8"))


def read_recipient(text: str) -> X25519Recipient:
    """The recipient spelled ``age1…``."""
    prefix, public = bech32.decode(text)
    if prefix != "age" or len(public) != 32 or text != text.lower():
        raise Malformed("bad_recipient", "不是 age1… 形式的公钥")
    return X25519Recipient(public)


def read_identity(text: str) -> X25519Identity:
    """The identity spelled ``AGE-SECRET-KEY-1…``."""
    prefix, private = bech32.decode(text)
    if prefix != "age-secret-key-" or len(private) != 32 or text != text.upper():
        raise Malformed("bad_identity", "不是 AGE-SECRET-KEY-1… 形式的私钥")
    return X25519Identity(private)


def new_identity() -> str:
    """A fresh random identity, spelled out."""
    return bech32.encode("age-secret-key-", secrets.token_bytes(32)).upper()


def recipient_of(identity: str) -> str:
    """The recipient ``age1…`` of an identity ``AGE-SECRET-KEY-1…``."""
    return bech32.encode("age", read_identity(identity).public)


def check_x25519(stanza: Stanza) -> bytes:
    """The ephemeral share of an X25519 stanza; `Malformed` unless it is of the right sizes."""
    if len(stanza.arguments) != 1 or len(stanza.body) != _BODY_SIZE:
        raise Malformed("bad_header", "X25519 接收方行不合规范")
    share = from_raw_base64(stanza.arguments[0].encode("ascii"))
    if len(share) != 32:
        raise Malformed("bad_header", "X25519 接收方行不合规范")
    return share


def _scrypt_parts(stanza: Stanza) -> tuple[bytes, int]:
    salt = from_raw_base64(stanza.arguments[0].encode("ascii")) if len(stanza.arguments) == 2 else b""
    if len(salt) != 16 or len(stanza.body) != _BODY_SIZE:
        raise Malformed("bad_header", "口令接收方行不合规范")
    if not re.fullmatch("[1-9][0-9]?", stanza.arguments[1]) or int(stanza.arguments[1]) > _GREATEST_WORK:
        raise Malformed("bad_header", f"口令运算强度应为 1 至 {_GREATEST_WORK}")
    return salt, int(stanza.arguments[1])


def _agreed(private: X25519PrivateKey, public: bytes, salt: bytes) -> bytes:
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:  # a point of small order would make a secret that everybody knows
        raise Malformed("weak_key", "公钥不可用") from None
    return hkdf.expand(hkdf.extract(salt, shared), _X25519, 32)


def _unwrapped(key: bytes, body: bytes) -> bytes | None:
    try:
        return ChaCha20Poly1305(key).decrypt(_NONCE, body, None)
    except InvalidTag:
        return None
