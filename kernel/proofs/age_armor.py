"""Reading age's ASCII armor, strictly, as a stream."""

import io
from typing import Any

from kernel.proofs.age_header import Lines
from kernel.proofs.canonical import from_base64
from kernel.proofs.errors import Malformed

_BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
_END = b"-----END AGE ENCRYPTED FILE-----"
_COLUMNS = 64
_WHITESPACE = 1024  # bytes of it before and after


def looks_armored(start: bytes) -> bool:
    """Whether a file beginning with these bytes is to be read as armor, be it broken."""
    return start.lstrip().startswith(b"-") or (not start.startswith(b"age-") and _BEGIN in start)


class ArmorReader(io.RawIOBase):
    """The binary file inside the armor; what is read raises `Malformed` where the armor is broken."""

    def __init__(self, source: Lines) -> None:
        super().__init__()
        self._source = source
        self._pending = b""
        self._short = False
        self._ended = False
        if self._skip_whitespace() != _BEGIN:
            raise _broken("起始行不符")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Up to one line's bytes; 0 at the end, after the end line and what follows it were checked."""
        if not self._pending and not self._ended:
            self._pending = self._next()
        view = memoryview(buffer)
        count = min(len(view), len(self._pending))
        view[:count] = self._pending[:count]
        self._pending = self._pending[count:]
        return count

    def _next(self) -> bytes:
        line = self._line()
        if line == _END:
            self._ended = True
            if self._skip_whitespace():
                raise _broken("结束行之后有多余内容")
            return b""
        if self._short or not 0 < len(line) <= _COLUMNS:
            raise _broken("行长不符")
        try:
            content = from_base64(line.decode("ascii"))
        except ValueError:
            raise _broken("不是规范的 base64") from None
        self._short = len(content) < _COLUMNS * 3 // 4
        return content

    def _line(self) -> bytes:
        line = self._source.readline(_WHITESPACE)
        if line.endswith(b"\r\n"):
            return line[:-2]
        return line.removesuffix(b"\n")

    def _skip_whitespace(self) -> bytes:
        """The first line that is not only whitespace, or nothing at the end of the file."""
        skipped = 0
        while raw := self._source.readline(_WHITESPACE):
            if raw.strip():
                return raw.removesuffix(b"\n").removesuffix(b"\r")
            skipped += len(raw)
            if skipped > _WHITESPACE:
                raise _broken("空白过多")
        return b""


def _broken(says: str) -> Malformed:
    return Malformed("bad_armor", f"age 文本封装不合规范：{says}")
