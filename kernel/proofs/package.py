"""Reads an evidence package as an outsider does: nothing in it is believed before it has been compared.

Where a member begins follows from the manifest alone; the ZIP structures are made again and compared byte by byte.
Large members are never held in memory.
"""

import hashlib
import zlib
from collections.abc import Sequence
from typing import Any, BinaryIO, Self

from kernel.proofs import zip_store
from kernel.proofs.errors import Malformed
from kernel.proofs.evidence import MANIFEST, SIGNATURE, Listed, Manifest, read_manifest
from kernel.proofs.zip_store import Stored

STEP = 1024 * 1024
LARGEST_READ = 32 * 1024 * 1024
"""Bytes of a member that is read whole: manifest, signed messages, records."""


class Slice:
    """One member as a stream (`readinto`), starting at its first byte."""

    def __init__(self, src: BinaryIO, start: int, size: int) -> None:
        self._src, self._at, self._end = src, start, start + size

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer as far as the member goes; 0 at its end."""
        view = memoryview(buffer)[: max(0, self._end - self._at)]
        self._src.seek(self._at)
        content = self._src.read(len(view))
        view[: len(content)] = content
        self._at += len(content)
        return len(content)


class Package:
    """An opened package: the manifest and its signature are read, nothing is verified yet."""

    def __init__(self, src: BinaryIO, manifest: Manifest, signature: bytes, heads: Sequence[Stored]) -> None:
        self.manifest, self.signature = manifest, signature
        self._src, self._heads = src, tuple(heads)
        self._members = {member.name: member for member in manifest.members}
        self._starts: dict[str, int] = {}
        offset = heads[-1].end
        for member in manifest.members:
            self._starts[member.name] = offset + zip_store.local_size(member.name)
            offset = self._starts[member.name] + member.size

    @classmethod
    def open(cls, src: BinaryIO) -> Self:
        """Read manifest.json and manifest.sig, which come first; `Malformed` names which of them is wrong."""
        first, data = _head(src, MANIFEST, 0)
        second, signature = _head(src, SIGNATURE, first.end)
        try:
            manifest = read_manifest(data)
        except Malformed as e:
            raise Malformed(e.code, f"{e.says}（{e.where}）" if e.where else e.says, MANIFEST) from None
        return cls(src, manifest, signature, (first, second))

    @property
    def names(self) -> tuple[str, ...]:
        """The members' names, sorted; manifest and signature are not among them."""
        return tuple(self._members)

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def __getitem__(self, name: str) -> Listed:
        """How the manifest names this member; `Malformed` where there is none."""
        if name not in self._members:
            raise Malformed("member_missing", "包内缺少这个文件", name)
        return self._members[name]

    def stream(self, name: str) -> Slice:
        """A member's bytes, as a stream."""
        return Slice(self._src, self._starts[self[name].name], self[name].size)

    def read(self, name: str) -> bytes:
        """A member's bytes, compared with the manifest; `Malformed` for one of more than 32 MiB."""
        member = self[name]
        if member.size > LARGEST_READ:
            raise Malformed("member_too_large", f"不应大于 {LARGEST_READ} 字节", name)
        content = bytearray(member.size)
        got = self.stream(name).readinto(content)
        if got != member.size or hashlib.sha256(content).hexdigest() != member.sha256:
            raise Malformed("member_differs", "与清单所列摘要不符", name)
        return bytes(content)

    def check(self) -> None:
        """Compare every byte of the file with the manifest; `Malformed` names the first member at fault."""
        stored = list(self._heads)
        for member in self.manifest.members:
            stored.append(self._check_member(member, stored[-1].end))
        self._src.seek(stored[-1].end)
        for name, piece in zip_store.directory(stored):
            if self._src.read(len(piece)) != piece:
                raise Malformed("zip_differs", "ZIP 目录与清单不符", name or "ZIP 目录末尾")
        if self._src.read(1):
            raise Malformed("trailing_data", "ZIP 文件之后还有多余的内容", "ZIP 目录末尾")

    def _check_member(self, member: Listed, offset: int) -> Stored:
        start = self._starts[member.name]
        self._src.seek(offset)
        header = self._src.read(start - offset)
        crc = zip_store.sizes_in(header)[1]
        if header != zip_store.local_header(member.name, member.size, crc):
            raise Malformed("zip_differs", "ZIP 文件头与清单不符", member.name)
        sha256, really = _digest(Slice(self._src, start, member.size))
        if (sha256, really) != (member.sha256, crc):
            raise Malformed("member_differs", "与清单所列摘要不符", member.name)
        return Stored(member.name, member.size, crc, offset)


def _head(src: BinaryIO, name: str, offset: int) -> tuple[Stored, bytes]:
    """One of the two members before the manifest is known: its size is what its header says."""
    src.seek(offset)
    header = src.read(zip_store.local_size(name))
    size, crc = zip_store.sizes_in(header)
    if header != zip_store.local_header(name, size, crc):
        raise Malformed("zip_differs", "不是证据包：开头应是清单及其签名", name)
    if size > LARGEST_READ:
        raise Malformed("member_too_large", f"不应大于 {LARGEST_READ} 字节", name)
    content = src.read(size)
    if len(content) != size or zlib.crc32(content) != crc:
        raise Malformed("member_differs", "内容不完整或被改动", name)
    return Stored(name, size, crc, offset), content


def _digest(stream: Slice) -> tuple[str, int]:
    hashed, crc, buffer = hashlib.sha256(), 0, bytearray(STEP)
    while count := stream.readinto(buffer):
        piece = memoryview(buffer)[:count]
        hashed.update(piece)
        crc = zlib.crc32(piece, crc)
    return hashed.hexdigest(), crc
