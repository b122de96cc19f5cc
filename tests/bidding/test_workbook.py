"""The bid workbook: which items a bid must answer, where it says that it does, and what is still open."""

import json
from decimal import Decimal

import pytest

from bidding import workbook
from bidding.methods import build
from bidding.procedures import PROCEDURES
from bidding.workbook import Pointer
from kernel.proofs.errors import Malformed

WORKS = build(PROCEDURES["construction_open_tender"], "A01", Decimal(40_000_000), {})
ROWS = workbook.rows(WORKS)
NOTICE = "ab" * 32


def test_every_review_item_and_every_scoring_item_is_a_row_in_the_tenders_order() -> None:
    wanted = [item["id"] for item in (*WORKS["review"], *WORKS["items"])]
    assert [row["id"] for row in ROWS] == wanted
    assert {row["kind"] for row in ROWS} == {"review", "score"}
    assert next(row for row in ROWS if row["id"] == "technical")["maximum"] == "30"


def test_what_is_built_is_read_again() -> None:
    pointers = [Pointer("qualified", "资格证明.pdf", 12), Pointer("technical", "施工组织设计.docx", 0)]
    assert workbook.read(workbook.build(NOTICE, pointers)) == pointers


def test_a_workbook_typed_by_hand_is_read_in_any_spelling() -> None:
    text = {"type": "yangguang.workbook/1", "notice": "", "items": [{"page": 3, "file": "a.pdf", "id": "signed"}]}
    assert workbook.read(json.dumps(text, indent=2).encode()) == [Pointer("signed", "a.pdf", 3)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[1]",
        b"\xff",
        b"[" * 100_000,
        b'{"type":"yangguang.workbook/1","notice":"","items":[{"id":"signed","file":"a.pdf","page":-1}]}',
        b'{"type":"yangguang.workbook/1","notice":"","items":[{"id":"SIGNED","file":"a.pdf","page":1}]}',
        b'{"type":"yangguang.workbook/2","notice":"","items":[]}',
        b" " * (workbook.LARGEST + 1),
    ],
)
def test_what_is_no_workbook_is_refused_and_never_crashes_the_judge(data: bytes) -> None:
    with pytest.raises(Malformed):
        workbook.read(data)


def test_gaps_are_items_without_a_place_and_items_at_a_file_that_is_not_there() -> None:
    files = ["资格证明.pdf"]
    full = [Pointer(row["id"], "资格证明.pdf", 1) for row in ROWS]
    assert workbook.gaps(ROWS, full, files) == []
    open_items = workbook.gaps(ROWS, [Pointer("signed", "丢了.pdf", 1), *full[2:]], files)
    assert len(open_items) == 2
    assert "“丢了.pdf”不在投标文件中" in open_items[0]
    assert "没有指明" in open_items[1]
