"""A package is one file in one spelling: every byte is named by its manifest, and nothing else gets in."""

import hashlib
import io
import zipfile
import zlib
from datetime import datetime
from pathlib import Path

import pytest

from kernel.proofs import evidence, zip_store
from kernel.proofs.canonical import encode
from kernel.proofs.deadline import BEIJING
from kernel.proofs.errors import Malformed
from kernel.proofs.evidence import Listed, PackageWriter, build_manifest, listed, read_manifest
from kernel.proofs.package import Package
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.zip_store import Stored

AT = datetime(2026, 4, 20, 10, 0, tzinfo=BEIJING)
SIGNER = Ed25519Signer.generate()
MEMBERS = {"case.json": b"{}", "bids/one.json": b"a bid", "files/price/X/price-0.age": b"\0" * 5000, "empty.txt": b""}


def written(members: dict[str, bytes] = MEMBERS) -> bytes:
    out = io.BytesIO()
    evidence.write(out, kind="public", at=AT, members=members, withheld={"keys/a.key": "ab" * 32}, signer=SIGNER)
    return out.getvalue()


def refused(data: bytes) -> Malformed:
    with pytest.raises(Malformed) as error:
        Package.open(io.BytesIO(data)).check()
    return error.value


def test_what_was_written_is_read_back() -> None:
    package = Package.open(io.BytesIO(written()))
    package.check()
    assert {name: package.read(name) for name in package.names} == MEMBERS
    assert package.manifest.withheld == {"keys/a.key": "ab" * 32}
    assert (package.manifest.kind, package.manifest.at) == ("public", AT)


def test_the_same_members_make_the_same_bytes() -> None:
    assert written() == written(dict(reversed(MEMBERS.items())))


def test_any_zip_tool_opens_it() -> None:
    with zipfile.ZipFile(io.BytesIO(written())) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == ["manifest.json", "manifest.sig", *sorted(MEMBERS)]
        assert {opened.read(name) for name in MEMBERS} == set(MEMBERS.values())


def test_a_package_of_another_zip_tool_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as other, zipfile.ZipFile(io.BytesIO(written())) as ours:
        for name in ours.namelist():
            other.writestr(name, ours.read(name))
    assert refused(out.getvalue()).where == "manifest.json"


@pytest.mark.parametrize("more", [b"\0", b"PK\5\6" + bytes(18)], ids=["a byte", "a second end"])
def test_nothing_may_follow_the_end(more: bytes) -> None:
    assert refused(written() + more).code == "trailing_data"


def test_a_comment_is_refused() -> None:
    data = bytearray(written())
    data[-2:] = b"\x05\x00"
    assert refused(bytes(data) + b"hello").code == "zip_differs"


def test_a_cut_file_is_refused_and_the_member_named() -> None:
    data = written()
    start = data.index(MEMBERS["files/price/X/price-0.age"])
    assert refused(data[: start + 100]).where == "files/price/X/price-0.age"


def test_a_member_that_the_manifest_does_not_name_is_refused() -> None:
    data = written()
    extra = zip_store.local_header("zzz.txt", 2, zlib.crc32(b"hi")) + b"hi"
    at = data.index(b"PK\1\2")
    assert refused(data[:at] + extra + data[at:]).code == "zip_differs"


def test_every_byte_counts_and_its_member_is_named() -> None:
    data = written({"case.json": b"{}", "notices/01.json": b"text"})
    spans = {"case.json": data.index(b"{}"), "notices/01.json": data.index(b"text")}
    for name, at in spans.items():
        assert refused(data[:at] + b"X" + data[at + 1 :]).where == name
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        assert refused(bytes(changed)).where


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../x", "a/../b", "a//b", "a/", ".hidden", "a\\b", "价格.json", "c:x", "a/.x", "", "a b"]
)
def test_a_name_that_leaves_the_folder_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        build_manifest("public", AT, [Listed(name, 1, "ab" * 32)])


def altered(**members: object) -> bytes:
    row = {"name": "a", "size": 1, "sha256": "ab" * 32}
    value = {"type": "etb.manifest/1", "kind": "public", "at": "2026-04-20T10:00:00.000+08:00", "withheld": []}
    return encode(value | {"members": [row]} | members)


def rows(*names: str) -> list[dict[str, object]]:
    return [{"name": name, "size": 1, "sha256": "ab" * 32} for name in names]


@pytest.mark.parametrize(
    "data",
    [
        altered(members=rows("a", "a")),
        altered(members=rows("b", "a")),
        altered(members=rows("A", "a")),
        altered(members=rows("manifest.json")),
        altered(members=rows("manifest.sig")),
        altered(withheld=[{"name": "a", "sha256": "ab" * 32}]),
        altered(kind="secret"),
        altered(members=[{"name": "a", "size": 2**32, "sha256": "ab" * 32}]),
        altered(comment="x"),
    ],
    ids=["twice", "unsorted", "case", "manifest", "signature", "withheld too", "kind", "size", "unknown member"],
)
def test_a_manifest_of_another_shape_is_refused(data: bytes) -> None:
    read_manifest(altered())
    with pytest.raises(Malformed):
        read_manifest(data)


def test_the_writer_refuses_content_that_is_not_the_manifests() -> None:
    writer = PackageWriter(io.BytesIO(), build_manifest("public", AT, [listed("a", b"right")]), SIGNER)
    with pytest.raises(Malformed, match="content_differs"):
        writer.put("a", b"wrong")


def test_the_writer_refuses_another_order_and_a_missing_member() -> None:
    manifest = build_manifest("public", AT, [listed("a", b"1"), listed("b", b"2")])
    writer = PackageWriter(io.BytesIO(), manifest, SIGNER)
    with pytest.raises(Malformed, match="out_of_order"):
        writer.put("b", b"2")
    writer = PackageWriter(io.BytesIO(), manifest, SIGNER)
    writer.put("a", b"1")
    with pytest.raises(Malformed, match="member_missing"):
        writer.finish()


def test_a_large_member_goes_through_without_being_held() -> None:
    size, step = 200 * 1024 * 1024, bytes(1024 * 1024)
    hashed = hashlib.sha256()
    for _ in range(size // len(step)):
        hashed.update(step)
    out = Counting()
    manifest = build_manifest("archive", AT, [Listed("files/big.age", size, hashed.hexdigest())])
    writer = PackageWriter(out, manifest, SIGNER)
    with writer.member("files/big.age") as sink:
        for _ in range(size // len(step)):
            sink.write(step)
    writer.finish()
    Package.open(out).check()
    assert out.largest <= len(step)
    with pytest.raises(Malformed, match="member_too_large"):
        Package.open(out).read("files/big.age")


class Counting(io.BytesIO):
    """A file in which runs of zeros take no room; remembers the most that was read or written at once."""

    def __init__(self) -> None:
        super().__init__()
        self.largest = 0
        self._parts: dict[int, bytes] = {}
        self._at = self._size = 0

    def seek(self, at: int, whence: int = 0, /) -> int:
        self._at = at + (self._size if whence == 2 else 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def write(self, content: bytes, /) -> int:  # type: ignore[override]
        self.largest = max(self.largest, len(content))
        if any(content):
            self._parts[self._at] = bytes(content)
        self._at += len(content)
        self._size = max(self._size, self._at)
        return len(content)

    def read(self, size: int | None = -1, /) -> bytes:
        count = min(size if size is not None and size >= 0 else self._size, max(0, self._size - self._at))
        self.largest = max(self.largest, count)
        found = bytearray(count)
        for start, part in self._parts.items():
            low, high = max(start, self._at), min(start + len(part), self._at + count)
            if low < high:
                found[low - self._at : high - self._at] = part[low - start : high - start]
        self._at += count
        return bytes(found)


def test_beyond_four_gigabytes_other_tools_still_find_every_member(tmp_path: Path) -> None:
    first = Stored("a", 2**32 - 2, 0, 0)
    second = Stored("b", 2, zlib.crc32(b"hi"), first.end)
    with (tmp_path / "large.zip").open("wb") as out:  # a sparse file: the zeros of `a` take no room
        out.write(zip_store.local_header("a", first.size, 0))
        out.seek(second.offset)
        out.write(zip_store.local_header("b", 2, second.crc) + b"hi")
        for _, piece in zip_store.directory([first, second]):
            out.write(piece)
    with zipfile.ZipFile(tmp_path / "large.zip") as opened:
        assert [info.header_offset for info in opened.infolist()] == [0, second.offset]
        assert opened.read("b") == b"hi"
