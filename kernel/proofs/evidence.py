"""The evidence package (etb/1): a ZIP file in its one spelling, whose manifest names every byte and is signed.

manifest.json  {"type":"etb.manifest/1","kind":"public"|"archive","at",
                "members":[{"name","size","sha256"}],"withheld":[{"name","sha256"}]}
manifest.sig   the raw Ed25519 signature over exactly these bytes
then the members, sorted by name, none that the manifest does not name
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from kernel.proofs import shape, zip_store
from kernel.proofs.canonical import decode, encode
from kernel.proofs.deadline import write_moment
from kernel.proofs.dsse import Signer
from kernel.proofs.errors import Malformed
from kernel.proofs.zip_store import LARGEST_MEMBER, Stored

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
KINDS = ("public", "archive")
TYPE = "etb.manifest/1"


@dataclass(frozen=True, slots=True)
class Listed:
    """A member as the manifest names it; `size` in bytes, SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checked manifest. `withheld` is name → SHA-256 of what the other package holds and this one does not."""

    kind: str
    at: datetime
    members: tuple[Listed, ...]
    withheld: Mapping[str, str]
    data: bytes = field(repr=False)


def listed(name: str, content: bytes) -> Listed:
    """How the manifest names these bytes."""
    return Listed(name, len(content), hashlib.sha256(content).hexdigest())


def build_manifest(
    kind: str, at: datetime, members: Iterable[Listed], withheld: Mapping[str, str] | None = None
) -> Manifest:
    """The manifest of these members, sorted here; `at` is the moment of the archive event."""
    rows = [{"name": m.name, "size": m.size, "sha256": m.sha256} for m in sorted(members, key=lambda m: m.name)]
    kept = [{"name": name, "sha256": sha256} for name, sha256 in sorted((withheld or {}).items())]
    head = {"type": TYPE, "kind": kind, "at": write_moment(at)}
    return read_manifest(encode(head | {"members": rows, "withheld": kept}))


def read_manifest(data: bytes) -> Manifest:
    """The manifest in these bytes; `Malformed` unless its names are plain, sorted, each once, also in lower case."""
    value: dict[str, Any] = decode(data)
    _MANIFEST(value, "")
    for part in ("members", "withheld"):
        names = [row["name"] for row in value[part]]
        if names != sorted(names) or len({name.lower() for name in names}) != len(names):
            raise Malformed("names_unsorted", "成员应按名称排序，各列一次", part)
    members = tuple(Listed(**row) for row in value["members"])
    withheld = {row["name"]: row["sha256"] for row in value["withheld"]}
    twice = sorted({m.name for m in members} & ({MANIFEST, SIGNATURE} | withheld.keys()))
    if twice:
        raise Malformed("member_twice", f"{twice[0]} 不得列在此处", "members")
    return Manifest(value["kind"], datetime.fromisoformat(value["at"]), members, withheld, data)


class Sink:
    """Takes one member's bytes as they come."""

    def __init__(self, dst: BinaryIO) -> None:
        self._dst, self._hash = dst, hashlib.sha256()
        self.size = self.crc = 0

    def write(self, content: bytes) -> None:
        self._dst.write(content)
        self._hash.update(content)
        self.crc = zlib.crc32(content, self.crc)
        self.size += len(content)

    def is_as(self, member: Listed) -> bool:
        """Whether exactly what the manifest names has come."""
        return (self.size, self._hash.hexdigest()) == (member.size, member.sha256)


class PackageWriter:
    """Writes a package into an empty seekable file; the members must come in the manifest's order."""

    def __init__(self, dst: BinaryIO, manifest: Manifest, signer: Signer) -> None:
        self.manifest = manifest
        self._dst = dst
        self._stored: list[Stored] = []
        signature = signer.sign(manifest.data)
        heads = (listed(MANIFEST, manifest.data), listed(SIGNATURE, signature))
        self._waiting = iter((*heads, *manifest.members))
        self.put(MANIFEST, manifest.data)
        self.put(SIGNATURE, signature)

    def put(self, name: str, content: bytes) -> None:
        """A member that is in memory."""
        with self.member(name) as sink:
            sink.write(content)

    @contextmanager
    def member(self, name: str) -> Iterator[Sink]:
        """A member that comes in pieces; `Malformed` when they are not what the manifest names, or out of order."""
        due = next(self._waiting, None)
        if due is None or due.name != name:
            raise Malformed("out_of_order", f"应写入 {due.name if due else '完毕'}", name)
        offset = self._dst.tell()
        self._dst.write(zip_store.local_header(name, due.size, 0))
        sink = Sink(self._dst)
        yield sink
        if not sink.is_as(due):
            raise Malformed("content_differs", "内容与清单所列大小或摘要不符", name)
        self._dst.seek(offset)
        self._dst.write(zip_store.local_header(name, due.size, sink.crc))
        stored = Stored(name, due.size, sink.crc, offset)
        self._dst.seek(stored.end)
        self._stored.append(stored)

    def finish(self) -> None:
        """Write what closes the file; every member must have come."""
        missing = next(self._waiting, None)
        if missing is not None:
            raise Malformed("member_missing", "尚未写入", missing.name)
        for _, piece in zip_store.directory(self._stored):
            self._dst.write(piece)


def write(
    dst: BinaryIO,
    *,
    kind: str,
    at: datetime,
    members: Mapping[str, bytes],
    withheld: Mapping[str, str] | None = None,
    signer: Signer,
) -> Manifest:
    """A package whose members are all in memory."""
    manifest = build_manifest(kind, at, [listed(name, content) for name, content in members.items()], withheld)
    writer = PackageWriter(dst, manifest, signer)
    for member in manifest.members:
        writer.put(member.name, members[member.name])
    writer.finish()
    return manifest


_SEGMENT = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
MEMBER_NAME = shape.matching(rf"{_SEGMENT}(/{_SEGMENT}){{0,5}}", "成员名应为字母、数字、点、横线组成的相对路径")
_MEMBER = shape.record(name=MEMBER_NAME, size=shape.integer(0, LARGEST_MEMBER), sha256=shape.sha256)
_WITHHELD = shape.record(name=MEMBER_NAME, sha256=shape.sha256)
_MANIFEST = shape.record(
    type=shape.one_of(TYPE),
    kind=shape.one_of(*KINDS),
    at=shape.moment,
    members=shape.listed(_MEMBER),
    withheld=shape.listed(_WITHHELD),
)
