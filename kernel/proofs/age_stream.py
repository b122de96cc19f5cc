"""The payload of an age file: STREAM, ChaCha20-Poly1305 over 64 KiB chunks, in constant memory.

Speed comes from overlap: while one batch of chunks is enciphered here, those before it are hashed or written by
another thread (the ciphers, SHA-256 and file writes all run without Python's lock).
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from kernel.proofs import hkdf
from kernel.proofs.errors import Forged

CHUNK = 64 * 1024
TAG = 16
NONCE_SIZE = 16
_BATCH = 16  # chunks
_FIRST = 1  # chunks in the first batch, and _GROWTH times as many in each following one: a small file needs little
_GROWTH = 4
_IN_FLIGHT = 8  # batches being hashed or written
_WRITE = 128 * 1024  # at once: a page cache short of large free blocks took three times as long for 1 MiB

Progress = Callable[[int], None]


class Readable(Protocol):
    """A binary file open for reading."""

    def readinto(self, buffer: Any, /) -> int | None:
        """Fill the buffer as far as possible; 0 at the end."""


class Writable(Protocol):
    """A binary file open for writing."""

    def write(self, content: Any, /) -> int | None:
        """Write what it can, and say how much (None: all)."""


class WriteBehind:
    """Writes, and hashes if asked, in order, with one thread of its own; leaving the block waits for all of it.

    Hashing takes longer than writing, so the thread hashes while the caller writes; without hashing it writes.
    A buffer from `take` belongs to the caller until it is given to `put`, and comes round again later.
    """

    def __init__(self, dst: Writable, size: int, *, hashing: bool) -> None:
        self._dst = dst
        self._size = size
        self._thread: ThreadPoolExecutor | None = None  # begun with the first full buffer
        self._flying: deque[tuple[bytearray, Future[None]]] = deque()
        self._digest = hashlib.sha256() if hashing else None
        self.written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        try:
            self._land_all()
        finally:
            if self._thread:
                self._thread.shutdown(cancel_futures=True)

    @property
    def sha256(self) -> str:
        """Of all that was put, in hex; only after the block, and only if hashing."""
        return self._digest.hexdigest() if self._digest else ""

    def take(self, count: int) -> bytearray:
        """A buffer for `count` bytes, of `size` at most."""
        if count < self._size:
            return bytearray(count)
        return self._land() if len(self._flying) >= _IN_FLIGHT else bytearray(self._size)

    def put(self, buffer: bytearray, count: int) -> None:
        """Write the first `count` bytes of the buffer. What is not full is done at once: it costs no thread."""
        self.written += count
        view = memoryview(buffer)[:count]
        if count < self._size:
            self._land_all()
            self._hash(view)
            _write_all(self._dst, view)
        elif self._digest:
            self._fly(buffer, self._digest.update, view)
            _write_all(self._dst, view)
        else:
            self._fly(buffer, _write_all, self._dst, view)

    def _fly(self, buffer: bytearray, act: Callable[..., None], *given: object) -> None:
        self._thread = self._thread or ThreadPoolExecutor(1)
        self._flying.append((buffer, self._thread.submit(act, *given)))

    def _hash(self, view: memoryview) -> None:
        if self._digest:
            self._digest.update(view)

    def _land_all(self) -> None:
        while self._flying:
            self._land()

    def _land(self) -> bytearray:
        buffer, task = self._flying.popleft()
        task.result()
        return buffer


def encrypt(file_key: bytes, nonce: bytes, src: Readable, out: WriteBehind, progress: Progress | None) -> int:
    """Seal all of `src`; the plaintext's size. `out` has buffers of `SEALED_BATCH` bytes."""
    aead, chunk, total = _cipher(file_key, nonce), 0, 0
    for plain, last in _batches(src, CHUNK):
        buffer = out.take(len(plain) + TAG * max(1, -(-len(plain) // CHUNK)))
        view, filled = memoryview(buffer), 0
        for piece, final in _pieces(plain, CHUNK, last):
            end = filled + len(piece) + TAG
            aead.encrypt_into(_nonce(chunk, final), piece, None, view[filled:end])
            chunk, filled = chunk + 1, end
        out.put(buffer, filled)
        total += len(plain)
        if progress:
            progress(total)
    return total


def decrypt(file_key: bytes, nonce: bytes, src: Readable, out: WriteBehind, progress: Progress | None) -> int:
    """Open all of `src`; the plaintext's size. `Forged` at the first chunk that is not in its place: those
    before it are put out, and only they. `out` has buffers of `PLAIN_BATCH` bytes.
    """
    aead, chunk, total = _cipher(file_key, nonce), 0, 0
    for sealed, last in _batches(src, CHUNK + TAG):
        buffer = out.take(len(sealed))
        view, filled = memoryview(buffer), 0
        try:
            for piece, final in _pieces(sealed, CHUNK + TAG, last):
                end = filled + max(0, len(piece) - TAG)
                in_place = _open(aead, chunk, piece, final, view[filled:end])
                chunk, filled = chunk + 1, end
                if not in_place:
                    raise Forged("payload_cut", "密文不完整，或末尾有多余内容")
        finally:
            out.put(buffer, filled)
        total += filled
        if progress:
            progress(total)
    return total


PLAIN_BATCH = _BATCH * CHUNK
SEALED_BATCH = _BATCH * (CHUNK + TAG)


def _open(aead: ChaCha20Poly1305, chunk: int, piece: memoryview, final: bool, into: memoryview) -> bool:
    """True where the chunk is genuine and in its place; False where it is a genuine whole chunk, but the file
    was cut after it or goes on behind its end. `Forged` for anything else.
    """
    if len(piece) < TAG or (len(piece) == TAG and chunk):
        raise Forged("payload_cut", "密文不完整，或末尾有多余内容")
    for mark in (final, not final)[: 2 if len(piece) == CHUNK + TAG else 1]:
        try:
            aead.decrypt_into(_nonce(chunk, mark), piece, None, into)
        except InvalidTag:
            continue
        return mark == final
    raise Forged("payload_altered", f"密文第 {chunk + 1} 块校验不符，内容被改动、截断或拼接")


def _cipher(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(hkdf.expand(hkdf.extract(nonce, file_key), b"payload", 32))


def _nonce(chunk: int, final: bool) -> bytes:
    """A counter and the mark of the last chunk. Safe because the key is this file's alone."""
    return chunk.to_bytes(11, "big") + (b"\1" if final else b"\0")


def _pieces(batch: memoryview, size: int, last: bool) -> Iterator[tuple[memoryview, bool]]:
    """The batch's chunks, and which is the file's final one; an empty file has one empty chunk."""
    for start in range(0, max(len(batch), 1), size):
        yield batch[start : start + size], last and start + size >= len(batch)


def _batches(src: Readable, chunk: int) -> Iterator[tuple[memoryview, bool]]:
    """The source in batches of whole chunks and a last one, reading one batch ahead to know which is the last."""
    now, spare = bytearray(_FIRST * chunk), bytearray()
    count = _fill(src, now)
    while count == len(now):
        ahead = spare if len(spare) == _BATCH * chunk else bytearray(min(_GROWTH * count, _BATCH * chunk))
        if not (following := _fill(src, ahead)):
            break
        yield memoryview(now), False
        spare, now, count = now, ahead, following
    yield memoryview(now)[:count], True


def _fill(src: Readable, buffer: bytearray) -> int:
    view, count = memoryview(buffer), 0
    while count < len(buffer) and (got := src.readinto(view[count:])):
        count += got
    return count


def _write_all(dst: Writable, view: memoryview) -> None:
    while len(view):
        piece = view[:_WRITE]
        count = dst.write(piece)
        view = view[len(piece) if count is None else count :]
