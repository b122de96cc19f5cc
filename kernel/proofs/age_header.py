"""The textual header of an age v1 file (C2SP age.md): stanzas and the MAC over them."""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kernel.proofs import hkdf
from kernel.proofs.errors import Forged, Malformed

VERSION = b"age-encryption.org/v1\n"
_COLUMNS = 64
_GREATEST = 1 << 20  # of a whole header: room for hundreds of recipients, not for filling the memory
_OPENING = re.compile(rb"->((?: [\x21-\x7e]+)+)\n")
_CLOSING = re.compile(rb"--- ([A-Za-z0-9+/]{43})\n")


class Lines(Protocol):
    """What a header is read from."""

    def readline(self, limit: int = -1, /) -> bytes:
        """The next line with its end, of at most `limit` bytes."""


@dataclass(frozen=True, slots=True)
class Stanza:
    """One recipient's wrapping of the file key."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes

    def to_bytes(self) -> bytes:
        """The stanza as it stands in a header: the body in lines of 64 columns, the last one shorter."""
        text = to_raw_base64(self.body)
        lines = [text[i : i + _COLUMNS] for i in range(0, len(text) + 1, _COLUMNS)]
        return "\n".join([" ".join(("->", self.kind, *self.arguments)), *lines, ""]).encode("ascii")


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed header: `covered` are the exact bytes that the MAC is over."""

    stanzas: tuple[Stanza, ...]
    covered: bytes
    mac: bytes

    def check(self, file_key: bytes) -> None:
        """`Forged` unless the MAC was made with this file key."""
        if not hmac.compare_digest(_mac(file_key, self.covered), self.mac):
            raise Forged("header_altered", "文件头校验不符，内容被改动")


def write_header(file_key: bytes, stanzas: Sequence[Stanza]) -> bytes:
    """The whole header, up to and with the line end after the MAC."""
    covered = VERSION + b"".join(s.to_bytes() for s in stanzas) + b"---"
    return covered + b" " + to_raw_base64(_mac(file_key, covered)).encode("ascii") + b"\n"


def read_header(source: Lines) -> Header:
    """The header, leaving `source` at the first byte of the payload; `Malformed` if it is not exactly one."""
    read = [_line(source, 0)]
    if read[0] != VERSION:
        raise Malformed("not_age", "不是 age v1 加密文件")
    stanzas: list[Stanza] = []
    while not (line := _line(source, sum(map(len, read)))).startswith(b"---"):
        read.append(line)
        stanzas.append(_stanza(source, read))
    closing = _CLOSING.fullmatch(line)
    if not closing or not stanzas:
        raise Malformed("bad_header", "文件头的结束行不合规范")
    if any(s.kind == "scrypt" for s in stanzas) and len(stanzas) != 1:
        raise Malformed("bad_header", "口令加密不得与其他方式并用")
    return Header(tuple(stanzas), b"".join(read) + b"---", from_raw_base64(closing[1]))


def to_raw_base64(content: bytes) -> str:
    """Standard base64 without padding, as age spells it."""
    return base64.b64encode(content).rstrip(b"=").decode("ascii")


def from_raw_base64(text: bytes) -> bytes:
    """The bytes of unpadded base64 in its one canonical spelling."""
    try:
        content = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise Malformed("bad_header", "文件头中的 base64 不合规范") from None
    if to_raw_base64(content).encode("ascii") != text:
        raise Malformed("bad_header", "文件头中的 base64 不是规范写法")
    return content


def _stanza(source: Lines, read: list[bytes]) -> Stanza:
    opening = _OPENING.fullmatch(read[-1])
    if not opening:
        raise Malformed("bad_header", "文件头的接收方行不合规范")
    kind, *arguments = opening[1].decode("ascii").split()
    body = b""
    while True:
        read.append(_line(source, sum(map(len, read))))
        text = read[-1][:-1]
        if len(text) > _COLUMNS:
            raise Malformed("bad_header", "文件头有过长的行")
        body += text
        if len(text) < _COLUMNS:
            return Stanza(kind, tuple(arguments), from_raw_base64(body))


def _line(source: Lines, already: int) -> bytes:
    line = source.readline(_GREATEST - already)
    if not line.endswith(b"\n"):
        raise Malformed("bad_header", "文件头不完整或过长")
    return line


def _mac(file_key: bytes, covered: bytes) -> bytes:
    return hmac.digest(hkdf.expand(hkdf.extract(b"", file_key), b"header", 32), covered, "sha256")
