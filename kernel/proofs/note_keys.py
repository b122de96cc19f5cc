"""Named note keys (c2sp.org/signed-note): what a verifier trusts, and the port behind which a key signs."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.proofs.canonical import from_base64, to_base64
from kernel.proofs.errors import Malformed

ED25519 = 0x01
COSIGNATURE_V1 = 0x04
SIGNATURE_BYTES = {ED25519: 64, COSIGNATURE_V1: 8 + 64}


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named public key with its signature type; written ``name+8 hex+base64(type ‖ key)``."""

    name: str
    public: bytes
    kind: int = ED25519

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if self.kind not in SIGNATURE_BYTES:
            raise Malformed("key_type_unknown", f"不认识的签名类型 {self.kind:#04x}")
        if len(self.public) != 32:
            raise Malformed("key_length", "Ed25519 公钥应为 32 字节")

    @property
    def id(self) -> bytes:
        """The 4-byte key ID; an identifier, not a commitment: never trust a key for its ID."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{to_base64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a verifier key; Malformed when it is misspelt or its ID does not fit."""
        name, first, rest = text.partition("+")
        key_id, second, encoded = rest.partition("+")
        if not first or not second:
            raise Malformed("key_malformed", "公钥应写作 名称+编号+公钥")
        material = from_base64(encoded)
        key = cls(name, material[1:], material[0] if material else 0)
        if key.id.hex() != key_id:
            raise Malformed("key_id_wrong", f"{name} 的编号与公钥不符")
        return key


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key behind a port: `sign` may be a file key, a token, or another process."""

    key: VerifierKey
    sign: Callable[[bytes], bytes]

    @classmethod
    def from_private(cls, name: str, private: Ed25519PrivateKey, kind: int = ED25519) -> Self:
        """A signer with the private key in memory."""
        return cls(VerifierKey(name, private.public_key().public_bytes_raw(), kind), private.sign)


def check_key_name(name: str) -> None:
    """A key name is not empty and has neither spaces nor ``+``."""
    no_controls(name)
    if not name or "+" in name or any(char.isspace() for char in name) or not is_unicode(name):
        raise Malformed("key_name_malformed", "密钥名不得为空，不得含空格和加号")


def no_controls(text: str) -> None:
    """Raise Malformed for an ASCII control character other than newline."""
    if any(char < " " and char != "\n" for char in text):
        raise Malformed("note_malformed", "不得含控制字符")


def is_unicode(text: str) -> bool:
    """True when the text can be written as UTF-8."""
    # A lone surrogate cannot be written as UTF-8.
    return not any("\ud800" <= char <= "\udfff" for char in text)
