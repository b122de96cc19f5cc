"""Sealing and opening age v1 files (C2SP age.md), as streams and in memory; the `age` command reads the same.

The file key, the ephemeral key and the nonce are always fresh and random, never derived from anything.
"""

import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kernel.proofs.age_armor import ArmorReader, looks_armored
from kernel.proofs.age_header import Stanza, read_header, write_header
from kernel.proofs.age_keys import (
    FILE_KEY_SIZE,
    Identity,
    Passphrase,
    Recipient,
    check_x25519,
    new_identity,
    read_identity,
    read_recipient,
    recipient_of,
)
from kernel.proofs.age_stream import (
    CHUNK,
    NONCE_SIZE,
    PLAIN_BATCH,
    SEALED_BATCH,
    TAG,
    Progress,
    Readable,
    Writable,
    WriteBehind,
    decrypt,
    encrypt,
)
from kernel.proofs.errors import Malformed, NoMatch

__all__ = [
    "HEAD_SIZE",
    "Passphrase",
    "Sealed",
    "check_sealed",
    "lock",
    "new_identity",
    "recipient_of",
    "seal",
    "sealed_size",
    "unlock",
    "unseal",
]

# A header with one X25519 stanza has always this size: version, stanza (54 + 44), MAC line (48).
HEAD_SIZE = 168


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was written: size in bytes and SHA-256 (hex) of the whole age file."""

    size: int
    sha256: str


def seal(src: Readable, dst: Writable, recipient: str | Recipient, progress: Progress | None = None) -> Sealed:
    """Seal all of `src` into `dst` to one recipient (``age1…`` or a `Passphrase`), in constant memory.

    `progress` is told the plaintext bytes done so far, in this thread.
    """
    to = read_recipient(recipient) if isinstance(recipient, str) else recipient
    file_key, nonce = secrets.token_bytes(FILE_KEY_SIZE), secrets.token_bytes(NONCE_SIZE)
    head = write_header(file_key, [to.wrap(file_key)]) + nonce
    with WriteBehind(dst, SEALED_BATCH, hashing=True) as out:
        out.put(bytearray(head), len(head))
        encrypt(file_key, nonce, src, out, progress)
    return Sealed(out.written, out.sha256)


def unseal(src: Readable, dst: Writable, *identities: str | Identity, progress: Progress | None = None) -> int:
    """Open `src` into `dst` with the first identity that fits; the plaintext's size. Reads armor too.

    Raises `Malformed` (not an age file), `NoMatch` (none fits), `Forged` (altered, cut or extended). Payload
    errors come after earlier chunks were written: whoever catches one must throw `dst` away.
    """
    source: io.BufferedReader[io.RawIOBase] = io.BufferedReader(_Raw(src))
    if looks_armored(source.peek(1024)[:1024]):
        source = io.BufferedReader(ArmorReader(source))
    header = read_header(source)
    file_key = _file_key(header.stanzas, identities)
    header.check(file_key)
    nonce = source.read(NONCE_SIZE)
    if len(nonce) != NONCE_SIZE:
        raise Malformed("bad_header", "文件头不完整")
    with WriteBehind(dst, PLAIN_BATCH, hashing=False) as out:
        return decrypt(file_key, nonce, source, out, progress)


def lock(plain: bytes, recipient: str | Recipient) -> bytes:
    """A small thing sealed in memory."""
    sealed = io.BytesIO()
    seal(io.BytesIO(plain), sealed, recipient)
    return sealed.getvalue()


def unlock(sealed: bytes, *identities: str | Identity) -> bytes:
    """A small thing opened in memory; raises as `unseal` does."""
    plain = io.BytesIO()
    unseal(io.BytesIO(sealed), plain, *identities)
    return plain.getvalue()


def sealed_size(size: int) -> int:
    """How large `size` bytes become when sealed to one X25519 recipient."""
    return HEAD_SIZE + NONCE_SIZE + size + TAG * max(1, -(-size // CHUNK))


def check_sealed(head: bytes, size: int) -> None:
    """`Malformed` unless a file of `size` bytes that begins with `head` can be a bid's; needs no key.

    `head` are its first `HEAD_SIZE` bytes or more. Demanded: exactly one X25519 stanza, and a size that fits
    STREAM (an empty chunk stands only alone).
    """
    header = read_header(io.BytesIO(head))
    if [s.kind for s in header.stanzas] != ["X25519"]:
        raise Malformed("not_one_recipient", "应恰好加密给一个 X25519 公钥")
    check_x25519(header.stanzas[0])
    payload = size - HEAD_SIZE - NONCE_SIZE
    rest = payload % (CHUNK + TAG)
    if payload < TAG or (0 < rest <= TAG and payload != TAG):
        raise Malformed("bad_size", "文件大小不合加密格式，可能不完整")


def _file_key(stanzas: Sequence[Stanza], identities: tuple[str | Identity, ...]) -> bytes:
    for identity in identities:
        one = read_identity(identity) if isinstance(identity, str) else identity
        if file_key := one.unwrap(stanzas):
            return file_key
    raise NoMatch("no_matching_key", "现有密钥或口令打不开此文件")


class _Raw(io.RawIOBase):
    """Any readable as the raw file that a BufferedReader wants."""

    def __init__(self, src: Readable) -> None:
        super().__init__()
        self._src = src

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        return self._src.readinto(buffer) or 0
