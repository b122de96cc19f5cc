"""C2SP signed notes (c2sp.org/signed-note): signature lines, parsing, signing and verifying.

Two signature types are known: Ed25519 over the text (0x01, the log's) and `cosignature/v1` (0x04, a
witness's), which puts a POSIX time before the text (c2sp.org/tlog-cosignature).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kernel.proofs.canonical import from_base64, to_base64
from kernel.proofs.errors import BadSignature, Malformed
from kernel.proofs.note_keys import (
    COSIGNATURE_V1,
    ED25519,
    SIGNATURE_BYTES,
    Signer,
    VerifierKey,
    check_key_name,
    is_unicode,
    no_controls,
)

MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
_DASH = "\N{EM DASH} "


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line under a note. `signature` is what follows the key ID: in a cosignature, time ‖ signature."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text (ending in a newline) and its signature lines; nothing here has been verified."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def to_bytes(self) -> bytes:
        """The note as stored and sent."""
        return f"{self.text}\n{''.join(map(str, self.signatures))}".encode()

    def adding(self, lines: Iterable[SignatureLine]) -> "Note":
        """The same text with more signatures, those already there left out."""
        new = [line for line in dict.fromkeys(lines) if line not in self.signatures]
        return Note(self.text, (*self.signatures, *new))


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that holds; `at` is the POSIX second of a cosignature, None for a plain one."""

    key: VerifierKey
    at: int | None


def sign_text(text: str, signers: Iterable[Signer]) -> Note:
    """A note over `text` with one plain Ed25519 signature per signer."""
    check_text(text)
    lines = []
    for signer in signers:
        if signer.key.kind != ED25519:
            raise Malformed("key_type_unknown", "见证密钥不能签发普通签名")
        lines.append(SignatureLine(signer.key.name, signer.key.id, signer.sign(text.encode())))
    return Note(text, tuple(lines))


def cosign(text: str, signer: Signer, at: int) -> SignatureLine:
    """A witness's `cosignature/v1`: at POSIX second `at` this checkpoint was the newest one seen."""
    check_text(text)
    if signer.key.kind != COSIGNATURE_V1:
        raise Malformed("key_type_unknown", "联署须用 0x04 类型的密钥")
    if not 0 <= at < 2**63:
        raise Malformed("time_out_of_range", "时间应为小于 2^63 的 POSIX 秒")
    signature = at.to_bytes(8, "big") + signer.sign(_cosigned(text, at))
    return SignatureLine(signer.key.name, signer.key.id, signature)


def parse_note(raw: bytes) -> Note:
    """Split a note into text and signature lines, as strictly as Go's `sumdb/note`; nothing is verified."""
    if len(raw) > MAX_NOTE_BYTES:
        raise Malformed("note_too_large", f"不得超过 {MAX_NOTE_BYTES} 字节")
    try:
        whole = raw.decode()
    except UnicodeDecodeError:
        raise Malformed("note_malformed", "不是 UTF-8 编码") from None
    no_controls(whole)
    text, gap, below = whole.rpartition("\n\n")
    if not gap or not below.endswith("\n"):
        raise Malformed("note_malformed", "应为正文、空行、签名行")
    # The separator's first newline belongs to the text.
    check_text(text + "\n")
    return Note(text + "\n", parse_signature_lines(below))


def parse_signature_lines(text: str) -> tuple[SignatureLine, ...]:
    """Read signature lines, each ending in a newline: a note's, or a witness's whole answer."""
    lines = text.split("\n")
    if lines.pop() or not lines:
        raise Malformed("signature_malformed", "签名行应各以换行结束")
    if len(lines) > MAX_SIGNATURES:
        raise Malformed("too_many_signatures", f"签名不得超过 {MAX_SIGNATURES} 个")
    return tuple(map(_signature_line, lines))


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> tuple[Verified, ...]:
    """Every signature by one of `keys`, in the note's order; lines of other keys are passed over.

    Raises BadSignature when a known key's signature is false or when there is none of a known key.
    """
    known = {(key.name, key.id): key for key in keys}
    found = [
        Verified(key, _verify_line(note.text, line, key))
        for line in note.signatures
        if (key := known.get((line.name, line.key_id)))
    ]
    if not found:
        raise BadSignature("no_known_signature", "没有已知密钥的签名")
    return tuple(found)


def check_text(text: str) -> None:
    """A note's text is UTF-8 that ends in a newline and has no other control characters."""
    no_controls(text)
    if not text.endswith("\n") or not is_unicode(text):
        raise Malformed("note_malformed", "正文应为 UTF-8 并以换行结束")


def _signature_line(line: str) -> SignatureLine:
    name, gap, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not gap:
        raise Malformed("signature_malformed", "签名行应为破折号、密钥名、base64")
    check_key_name(name)
    value = from_base64(encoded)
    if len(value) < 5:
        raise Malformed("signature_malformed", "签名太短")
    return SignatureLine(name, value[:4], value[4:])


def _verify_line(text: str, line: SignatureLine, key: VerifierKey) -> int | None:
    if len(line.signature) != SIGNATURE_BYTES[key.kind]:
        raise BadSignature("signature_false", f"{key.name} 的签名长度不对")
    at = int.from_bytes(line.signature[:8], "big") if key.kind == COSIGNATURE_V1 else None
    if at is not None and at >= 2**63:
        raise BadSignature("signature_false", f"{key.name} 的联署时间超出范围")
    message = text.encode() if at is None else _cosigned(text, at)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(line.signature[-64:], message)
    except (InvalidSignature, ValueError):
        raise BadSignature("signature_false", f"{key.name} 的签名与正文不符") from None
    return at


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()
