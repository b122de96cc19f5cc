"""Opening the stored files of an opened stage, and whose fault it is when one does not open (etb/1 §7)."""

import hashlib
import io
from dataclasses import dataclass
from typing import Any

from kernel.proofs import age
from kernel.proofs.age_stream import Progress, Readable, Writable
from kernel.proofs.bid import SealedFile, SealedStage
from kernel.proofs.envelope import StageSecret
from kernel.proofs.errors import Malformed, ProofError
from kernel.proofs.index import Index, IndexedFile, read_index
from kernel.proofs.stage import Finding


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """The plaintext's size in bytes and SHA-256 (hex), and None; or whatever came out, and the finding."""

    size: int
    sha256: str
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class OpenedIndex:
    """The index, or None where a fatal finding stands."""

    index: Index | None
    finding: Finding | None


def open_file(
    secret: StageSecret, file: SealedFile, src: Readable, dst: Writable, progress: Progress | None = None
) -> OpenedFile:
    """Open one stored age file into `dst`, comparing the ciphertext with what the bid states.

    Another ciphertext is the operator's fault; the stated one that does not open is the bidder's. With a
    finding, what `dst` holds must be thrown away.
    """
    sealed, plain = _HashingReader(src), _HashingWriter(dst)
    opened = True
    try:
        age.unseal(sealed, plain, secret.opener, progress=progress)
    except ProofError:
        opened = False
    sealed.exhaust()
    finding = None
    if (sealed.size, sealed.sha256) != (file.size, file.sha256):
        finding = Finding("ciphertext_differs", "operator", f"存储的 {file.n} 与标书所列摘要不符", fatal=True)
    elif not opened:
        finding = Finding("file_not_opened", "bidder", f"{file.n} 的摘要相符，却不能解密", fatal=True)
    return OpenedFile(plain.size, plain.sha256, finding)


def open_index(secret: StageSecret, sealed: SealedStage, src: Readable) -> OpenedIndex:
    """Open and read a stage's index, its first file; an index that is no index is the bidder's fault."""
    plain = io.BytesIO()
    opened = open_file(secret, sealed.files[0], src, plain)
    if opened.finding:
        return OpenedIndex(None, opened.finding)
    try:
        index = read_index(plain.getvalue(), sealed.id)
    except Malformed as e:
        says = f"{sealed.files[0].n} 不是合规的目录：{e.says}"
        return OpenedIndex(None, Finding("bad_index", "bidder", says, fatal=True))
    finding = None
    if len(index.files) != len(sealed.files) - 1:
        says = f"目录列有 {len(index.files)} 个文件，标书附有 {len(sealed.files) - 1} 个"
        finding = Finding("index_differs", "bidder", says, fatal=False)
    return OpenedIndex(index, finding)


def check_plain(indexed: IndexedFile, opened: OpenedFile) -> Finding | None:
    """A finding where an opened document is not the one that the index describes."""
    if (indexed.size, indexed.sha256) == (opened.size, opened.sha256):
        return None
    says = f"{indexed.n} 解密后与目录所列大小或摘要不符"
    return Finding("document_differs", "bidder", says, fatal=False)


class _Hashed:
    """Counts and hashes the bytes that pass."""

    def __init__(self) -> None:
        self.size = 0
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def _pass(self, content: memoryview) -> None:
        self.size += len(content)
        self._digest.update(content)


class _HashingReader(_Hashed):
    def __init__(self, src: Readable) -> None:
        super().__init__()
        self._src = src

    def readinto(self, buffer: Any, /) -> int:
        count = self._src.readinto(buffer) or 0
        self._pass(memoryview(buffer)[:count])
        return count

    def exhaust(self) -> None:
        """Read on to the end, so that the hash is of the whole even where opening stopped early."""
        rest = bytearray(1)
        while self.readinto(rest):
            rest = bytearray(1 << 16)


class _HashingWriter(_Hashed):
    def __init__(self, dst: Writable) -> None:
        super().__init__()
        self._dst = dst

    def write(self, content: Any, /) -> int:
        view = memoryview(content)
        count = self._dst.write(view)
        written = len(view) if count is None else count
        self._pass(view[:written])
        return written
