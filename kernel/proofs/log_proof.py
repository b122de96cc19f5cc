"""C2SP log proofs (c2sp.org/tlog-proof): one file proves, offline, that a witnessed log holds an entry."""

from collections.abc import Iterable
from dataclasses import dataclass

from kernel.proofs.canonical import from_base64, to_base64
from kernel.proofs.checkpoints import Witnessed, open_checkpoint, parse_decimal
from kernel.proofs.errors import Malformed
from kernel.proofs.merkle import check_hashes
from kernel.proofs.merkle_verify import verify_inclusion
from kernel.proofs.note_keys import VerifierKey
from kernel.proofs.notes import MAX_NOTE_BYTES

_MAGIC = "c2sp.org/tlog-proof@v1"
MAX_PROOF_HASHES = 63


@dataclass(frozen=True, slots=True)
class LogProof:
    """Entry number `index` (from 0), its path to the root, and the signed checkpoint verbatim.

    `extra` is opaque and unauthenticated; None when there is none.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def to_bytes(self) -> bytes:
        """The ``.tlog-proof`` file."""
        lines = [_MAGIC]
        if self.extra is not None:
            lines.append(f"extra {to_base64(self.extra)}")
        lines += [f"index {self.index}", *map(to_base64, self.path), "", ""]
        return "\n".join(lines).encode() + self.checkpoint


def parse_log_proof(raw: bytes) -> LogProof:
    """Read a log proof; nothing is verified."""
    lines, checkpoint = split_head(raw)
    if lines[0] != _MAGIC:
        raise Malformed("log_proof_malformed", f"首行应为 {_MAGIC}")
    lines, extra = lines[1:], None
    if lines and lines[0].startswith("extra "):
        lines, extra = lines[1:], from_base64(lines[0].removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise Malformed("log_proof_malformed", "应有 index 行")
    index = parse_decimal(lines[0].removeprefix("index "))
    return LogProof(index, parse_hashes(lines[1:]), checkpoint, extra)


def verify_log_proof(
    proof: LogProof,
    entry: bytes,
    log_keys: Iterable[VerifierKey],
    witness_keys: Iterable[VerifierKey] = (),
    quorum: int = 0,
) -> Witnessed:
    """The verified checkpoint, when the log holds `entry` and enough witnesses saw it; else ProofError."""
    seen = open_checkpoint(proof.checkpoint, log_keys, witness_keys, quorum)
    verify_inclusion(entry, proof.index, seen.checkpoint.size, seen.checkpoint.root, proof.path)
    return seen


def split_head(raw: bytes) -> tuple[list[str], bytes]:
    """The lines before the first empty line, and the bytes after it (the checkpoint); ASCII lines only."""
    if len(raw) > 2 * MAX_NOTE_BYTES:
        raise Malformed("note_too_large", f"不得超过 {2 * MAX_NOTE_BYTES} 字节")
    head, gap, rest = raw.partition(b"\n\n")
    try:
        text = head.decode("ascii")
    except UnicodeDecodeError:
        raise Malformed("log_proof_malformed", "检查点之前的各行应为 ASCII") from None
    if not gap:
        raise Malformed("log_proof_malformed", "检查点之前应有空行")
    return text.split("\n"), rest


def parse_hashes(lines: list[str]) -> tuple[bytes, ...]:
    """Base64 hashes, one a line, at most 63."""
    if len(lines) > MAX_PROOF_HASHES:
        raise Malformed("proof_too_long", f"证明的哈希不得超过 {MAX_PROOF_HASHES} 个")
    hashes = tuple(map(from_base64, lines))
    check_hashes(hashes)
    return hashes
