"""The bid workbook (响应索引): where in which file a bid answers each requirement and scoring item of the tender.

It travels sealed, as one more document of the stage the panel reads, and leads each judge to the file and page:

    {"type":"yangguang.workbook/1","notice":SHA-256,"items":[{"id","file","page"}]}
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.proofs import shape
from kernel.proofs.canonical import encode
from kernel.proofs.errors import Malformed

NAME = "响应索引.json"
"""The document of a panel stage that is the workbook."""
MEDIA = "application/json"
LARGEST = 1024 * 1024
MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where one item is answered: the document's name and its page, 0 where the file has no pages."""

    item: str
    file: str
    page: int


def rows(evaluation: Mapping[str, Any]) -> list[dict[str, str]]:
    """What a bid has to answer, in the tender's order: the panel's review items, then the scoring items.

    Each is {id, name, kind: review|score, article, maximum}. A price that is compared by itself is no row.
    """
    looked = [
        {"id": item["id"], "name": item["name"], "kind": "review", "article": item["article"], "maximum": ""}
        for item in evaluation.get("review", ())
    ]
    scored = [
        {"id": item["id"], "name": item["name"], "kind": "score", "article": "", "maximum": item["maximum"]}
        for item in evaluation.get("items", ())
    ]
    return looked + scored


def build(notice: str, pointers: Iterable[Pointer]) -> bytes:
    """The workbook's bytes; `notice` is the SHA-256 (hex) of the text whose items it answers."""
    items: list[dict[str, str | int]] = [{"id": p.item, "file": p.file, "page": p.page} for p in pointers]
    return encode({"type": "yangguang.workbook/1", "notice": notice, "items": items})


def read(data: bytes) -> list[Pointer]:
    """The pointers in these bytes, in any spelling of JSON; `Malformed` for what is no workbook."""
    if len(data) > LARGEST:
        raise Malformed("too_large", "响应索引过大")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise Malformed("not_json", "响应索引不是 JSON") from None
    _WORKBOOK(value, "")
    return [Pointer(item["id"], item["file"], item["page"]) for item in value["items"]]


def gaps(wanted: Sequence[Mapping[str, str]], pointers: Iterable[Pointer], files: Iterable[str]) -> list[str]:
    """What the bidder should know before he seals: items that point nowhere, or to a file that is not there."""
    placed, names = {p.item: p for p in pointers}, set(files)
    found = []
    for row in wanted:
        pointer = placed.get(row["id"])
        if pointer is None:
            found.append(f"“{row['name']}”没有指明在哪个文件")
        elif pointer.file not in names:
            found.append(f"“{row['name']}”指向的文件“{pointer.file}”不在投标文件中")
    return found


_ITEM = shape.record(
    id=shape.matching(r"[a-z][a-z0-9_]{0,31}", "评审项的编号不对"),
    file=shape.text(1, 255),
    page=shape.integer(0, MOST_PAGES),
)
_WORKBOOK = shape.record(
    type=shape.one_of("yangguang.workbook/1"),
    notice=shape.sha256_or_empty,
    items=shape.listed(_ITEM, 0, 500),
)
