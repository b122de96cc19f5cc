"""C2SP checkpoints (c2sp.org/tlog-checkpoint): a log's size and root as a signed note."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kernel.proofs.canonical import from_base64, to_base64
from kernel.proofs.errors import BadSignature, Malformed
from kernel.proofs.merkle import HASH_SIZE, MAX_SIZE
from kernel.proofs.note_keys import COSIGNATURE_V1, ED25519, Signer, VerifierKey
from kernel.proofs.notes import Note, Verified, check_text, parse_note, sign_text, verify_note

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log claims: `size` entries with this root. `origin` names the log for ever."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.root) != HASH_SIZE:
            raise Malformed("hash_length", "树根应为 32 字节")
        if not 0 <= self.size <= MAX_SIZE:
            raise Malformed("size_out_of_range", "日志条数应为 0 至 2^63−1")
        if any(not line or "\n" in line for line in (self.origin, *self.extensions)):
            raise Malformed("checkpoint_malformed", "日志名和附加行应为非空的单行")
        check_text(self.text())

    def text(self) -> str:
        """The note text that is signed."""
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint whose log signature holds, with the cosignatures that hold."""

    checkpoint: Checkpoint
    note: Note
    cosignatures: tuple[Verified, ...] = ()


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's note text; nothing is verified."""
    lines = text.split("\n")
    if lines.pop() or len(lines) < 3:
        raise Malformed("checkpoint_malformed", "应有日志名、条数、树根三行")
    origin, size, root, *extensions = lines
    return Checkpoint(origin, parse_decimal(size), from_base64(root), tuple(extensions))


def parse_decimal(text: str) -> int:
    """A tree size or index: ASCII digits without leading zeros, at most 2^63-1."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise Malformed("number_malformed", "应为小于 2^63 的十进制数，无前导零")
    return int(text)


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> Note:
    """The log's own signature; the key's name must be the origin."""
    if signer.key.name != checkpoint.origin:
        raise Malformed("origin_differs", f"{signer.key.name} 不能为 {checkpoint.origin} 签名")
    return sign_text(checkpoint.text(), [signer])


def open_checkpoint(
    raw: bytes, log_keys: Iterable[VerifierKey], witness_keys: Iterable[VerifierKey] = (), quorum: int = 0
) -> Witnessed:
    """Read and verify a checkpoint: a signature of one of the log's keys, and `quorum` different witnesses.

    Two keys of one witness name count once; lines of unknown keys are passed over.
    Raises Malformed or BadSignature.
    """
    note = parse_note(raw)
    checkpoint = parse_checkpoint(note.text)
    log_keys = [key for key in log_keys if key.kind == ED25519 and key.name == checkpoint.origin]
    verify_note(note, log_keys)
    cosigned = open_cosignatures(note, witness_keys)
    names = {seen.key.name for seen in cosigned}
    if len(names) < quorum:
        raise BadSignature("not_enough_witnesses", f"须有 {quorum} 个见证方联署，现有 {len(names)} 个")
    return Witnessed(checkpoint, note, cosigned)


def open_cosignatures(note: Note, witness_keys: Iterable[VerifierKey]) -> tuple[Verified, ...]:
    """The cosignatures by known witnesses; a false one of a known witness is BadSignature, none is not."""
    keys = [key for key in witness_keys if key.kind == COSIGNATURE_V1]
    known = {(key.name, key.id) for key in keys}
    if not any((line.name, line.key_id) in known for line in note.signatures):
        return ()
    return verify_note(note, keys)
