"""The sealed index of a stage: its files' names and the price form, padded so that its size tells nothing.

    {"type":"etb.index/1","stage","files":[{"n","name","media","size","sha256"}],"form":{…}}

It is the content of ``<stage>-0.age``: canonical JSON, then spaces (0x20) up to a multiple of 16 KiB, so that
the opened file is still plain JSON. `n` names the age file, `size` and `sha256` are those of the plaintext;
`form` stands only where the stage has one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode
from kernel.proofs.errors import Malformed

BLOCK = 16 * 1024


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A document before it was sealed: label (never a path), media type, size in bytes, SHA-256 in hex."""

    n: str
    name: str
    media: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Index:
    """A checked index; `form` is None where the stage has none."""

    stage: str
    files: tuple[IndexedFile, ...]
    form: dict[str, Any] | None


def build_index(stage: str, files: Sequence[IndexedFile], form: Mapping[str, object] | None = None) -> bytes:
    """The padded index; file i (from 1) is named ``<stage>-i.age``. Amounts in `form` are decimal strings."""
    listed = [{"n": f.n, "name": f.name, "media": f.media, "size": f.size, "sha256": f.sha256} for f in files]
    value: dict[str, object] = {"type": "etb.index/1", "stage": stage, "files": listed}
    if form is not None:
        value["form"] = dict(form)
    plain = encode(value)
    data = plain + b" " * (-len(plain) % BLOCK)
    read_index(data, stage)
    return data


def read_index(data: bytes, stage: str) -> Index:
    """The index in these bytes; `Malformed` for another stage, other padding, or a file out of its place."""
    plain = data.rstrip(b" ")
    if not plain or len(data) % BLOCK or len(data) - len(plain) >= BLOCK:
        raise Malformed("bad_padding", "目录应以空格补足到 16 KiB 的整数倍")
    value = decode(plain)
    _INDEX(value, "")
    if value["stage"] != stage:
        raise Malformed("other_stage", "目录属于另一阶段", "stage")
    files = tuple(IndexedFile(**f) for f in value["files"])
    for i, file in enumerate(files):
        if file.n != f"{stage}-{i + 1}.age":
            raise Malformed("bad_name", f"应为 {stage}-{i + 1}.age", f"files[{i}].n")
    return Index(stage, files, value.get("form"))


def _form(value: object, where: str) -> None:
    if not isinstance(value, dict):
        raise Malformed("not_object", "应为对象", where)


_FILE = shape.record(
    n=shape.text(1, 64),
    name=shape.matching(r"[^/\\\x00-\x1f\x7f-\x9f]{1,255}", "文件名应为 1 至 255 个字，不含斜杠和控制字符"),
    media=shape.matching(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}", "应为媒体类型"),
    size=shape.integer(),
    sha256=shape.sha256,
)
_INDEX = shape.record(
    "form",
    type=shape.one_of("etb.index/1"),
    stage=shape.stage_id,
    files=shape.listed(_FILE, 0, 999),
    form=_form,
)
