"""Tables out and in: no formula ever, and every bad row named."""

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl  # type: ignore[import-untyped]
import pytest

from kernel.errors import BadInput, TooLarge
from kernel.paper import Column, read_rows, xlsx
from kernel.workdays import CHINA

COLUMNS = [
    Column("投标人"),
    Column("报价", "amount"),
    Column("工期", "whole"),
    Column("日期", "day"),
    Column("收到时间", "moment", required=False),
]
AT = datetime(2026, 3, 23, 9, 30, tzinfo=CHINA)
ROW: list[str | int | Decimal | date | datetime | None] = [
    "甲公司",
    Decimal("38012345.67"),
    540,
    date(2026, 3, 2),
    AT,
]


def a_book(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_what_is_written_reads_back() -> None:
    read = read_rows(xlsx("开标一览", COLUMNS, [ROW]), COLUMNS)
    assert read.problems == []
    assert read.rows == [dict(zip(("投标人", "报价", "工期", "日期", "收到时间"), ROW, strict=True))]


def test_the_same_rows_give_the_same_bytes() -> None:
    assert xlsx("表", COLUMNS, [ROW]) == xlsx("表", COLUMNS, [ROW])


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "+1", "@SUM(A1)", "https://example.org", "-1"])
def test_no_text_becomes_a_formula_or_a_link(text: str) -> None:
    content = xlsx("表", [Column("说明")], [[text]])
    cell = openpyxl.load_workbook(io.BytesIO(content)).active["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")


def test_an_amount_beyond_a_doubles_digits_stays_exact_as_text() -> None:
    exact = Decimal("9999999999999999.99")
    content = xlsx("表", [Column("金额", "amount")], [[exact], [Decimal("9999999999999.99")]])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [sheet["A2"].value, sheet["A3"].value] == ["9999999999999999.99", 9999999999999.99]


def test_control_characters_and_overlong_cells_do_not_spoil_the_file() -> None:
    content = xlsx("a/b[c]*?:'" + "长" * 40, [Column("说明")], [["甲\x00\ufffe乙"], ["字" * 40_000]])
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.active["A2"].value == "甲乙"
    assert len(book.active["A3"].value) == 32_767
    assert book.active["A3"].value.endswith("已截断）")


def test_every_bad_cell_is_named_and_good_rows_are_kept() -> None:
    content = a_book(
        ["报价", "投标人", "工期", "日期", "备注"],
        [100.5, "甲", 540, datetime(2026, 3, 2), "x"],  # noqa: DTZ001
        ["一百", "乙", 1.5, "2026-02-30", None],
        [None, None, None, None, None],
        ["1,000.00", "丙", "30", "2026-03-02", None],
        [7, None, 1, date(2026, 3, 2), None],
    )
    read = read_rows(content, COLUMNS)
    assert [row["投标人"] for row in read.rows] == ["甲", "丙"]
    assert [row["报价"] for row in read.rows] == [Decimal("100.50"), Decimal("1000.00")]
    assert [problem.field for problem in read.problems] == [
        "第3行/报价",
        "第3行/工期",
        "第3行/日期",
        "第6行/投标人",
    ]
    assert read.problems[-1].says == "第6行“投标人”不能为空"
    assert "应为金额" in read.problems[0].says


def test_a_formula_in_an_uploaded_cell_is_not_taken_for_its_text() -> None:
    read = read_rows(a_book(["投标人", "说明"], ["=1+1", "甲"]), [Column("投标人"), Column("说明")])
    assert read.rows == []
    assert [problem.field for problem in read.problems] == ["第2行/投标人"]


def test_more_than_two_decimals_are_not_rounded_away() -> None:
    read = read_rows(a_book(["报价"], [1.234], [0.1 + 0.2]), [Column("报价", "amount")])
    assert [problem.field for problem in read.problems] == ["第2行/报价"]
    assert read.rows == [{"报价": Decimal("0.30")}]


def test_all_missing_columns_are_named_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        read_rows(a_book(["投标人"]), COLUMNS)
    assert [problem.field for problem in refused.value.problems] == ["报价", "工期", "日期"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"name,price\n", a_book(["a"])[:-100]])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        read_rows(content, COLUMNS)
    assert refused.value.code == "workbook_unreadable"


def test_a_zip_that_is_no_workbook_or_unpacks_to_too_much_is_refused() -> None:
    def packed(size: int) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b"0" * size)
        return buffer.getvalue()

    with pytest.raises(BadInput):
        read_rows(packed(10), COLUMNS)
    with pytest.raises(TooLarge) as refused:
        read_rows(packed(101 * 1024 * 1024), COLUMNS)
    assert refused.value.code == "workbook_too_large"


def test_a_table_with_too_many_rows_is_refused_not_cut() -> None:
    content = xlsx("表", [Column("说明")], [["x"]] * 11)
    assert len(read_rows(content, [Column("说明")], max_rows=11).rows) == 11
    with pytest.raises(TooLarge) as refused:
        read_rows(content, [Column("说明")], max_rows=10)
    assert refused.value.code == "workbook_too_long"


def test_an_empty_workbook_lacks_its_columns() -> None:
    with pytest.raises(BadInput) as refused:
        read_rows(a_book(), [Column("说明")])
    assert refused.value.code == "column_missing"
