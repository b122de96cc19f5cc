"""The one spelling of a ZIP file in evidence packages: stored, undated, in order, nothing between the members.

Names, sizes and CRCs decide every other byte, so a reader makes the structures again and compares them: nothing can
hide in a comment, an extra field, a gap, or behind the end (APPNOTE.TXT 6.3.10; Zip64 only where it must be).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

LARGEST_MEMBER = 2**32 - 2
"""Bytes of one member: none needs Zip64 sizes."""

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR = struct.Struct("<4sIQI")
_END = struct.Struct("<4sHHHHIIH")
_VERSION, _STORED, _NO_TIME, _FIRST_DAY = 20, 0, 0, 0x0021  # 1980-01-01, the first day a ZIP file knows
_UNIX_FILE = 0o100644 << 16
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Stored:
    """A member as it lies in the file: `offset` of its local header, `crc` of its bytes (CRC-32)."""

    name: str
    size: int
    crc: int
    offset: int

    @property
    def start(self) -> int:
        """Where its content begins."""
        return self.offset + local_size(self.name)

    @property
    def end(self) -> int:
        """Where the next member begins."""
        return self.start + self.size


def local_size(name: str) -> int:
    """Bytes of a local header."""
    return _LOCAL.size + len(name.encode())


def local_header(name: str, size: int, crc: int) -> bytes:
    """What stands before a member's content."""
    coded = name.encode()
    head = (b"PK\3\4", _VERSION, 0, _STORED, _NO_TIME, _FIRST_DAY, crc, size, size, len(coded), 0)
    return _LOCAL.pack(*head) + coded


def sizes_in(header: bytes) -> tuple[int, int]:
    """(size, CRC) that the first bytes of a local header claim; (0, 0) where they are too few."""
    if len(header) < _LOCAL.size:
        return 0, 0
    fields = _LOCAL.unpack_from(header)
    return fields[8], fields[6]


def directory(members: Sequence[Stored]) -> list[tuple[str, bytes]]:
    """All that follows the last member, in pieces: (name of the member it speaks of, or empty; bytes)."""
    start = members[-1].end if members else 0
    entries = [(member.name, _entry(member)) for member in members]
    return [*entries, ("", _end(len(members), sum(len(entry) for _, entry in entries), start))]


def _entry(member: Stored) -> bytes:
    coded, far = member.name.encode(), member.offset >= _FULL32
    extra = struct.pack("<HHQ", 1, 8, member.offset) if far else b""
    version = 45 if far else _VERSION
    head = (b"PK\1\2", 3 << 8 | version, version, 0, _STORED, _NO_TIME, _FIRST_DAY, member.crc)
    sizes = (member.size, member.size, len(coded), len(extra), 0, 0, 0, _UNIX_FILE)
    return _CENTRAL.pack(*head, *sizes, min(member.offset, _FULL32)) + coded + extra


def _end(count: int, size: int, start: int) -> bytes:
    last = _END.pack(b"PK\5\6", 0, 0, *[min(count, _FULL16)] * 2, min(size, _FULL32), min(start, _FULL32), 0)
    if count < _FULL16 and max(size, start) < _FULL32:
        return last
    end64 = _END64.pack(b"PK\6\6", _END64.size - 12, 3 << 8 | 45, 45, 0, 0, count, count, size, start)
    return end64 + _LOCATOR.pack(b"PK\6\7", 0, start + size, 1) + last
