"""Tables as XLSX: written so that no cell becomes a formula or a link, read so that every bad row is named.

A workbook from outside is untrusted: its unpacked size, rows and columns are limited before it is read, and a
cell's value is taken, never its formula.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Final, Literal

import xlsxwriter  # type: ignore[import-untyped]

from kernel import money
from kernel.errors import BadInput, Problem, TooLarge
from kernel.workdays import CHINA

Kind = Literal["text", "amount", "whole", "day", "moment"]
Value = str | int | Decimal | date | datetime | None

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_UNPACKED: Final = 100 * 1024 * 1024
MAX_ROWS: Final = 20_000
_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001  a fixed stamp: the same rows, the same bytes
_MAX_COLUMNS: Final = 200
_MAX_CELL: Final = 32_767
_CUT: Final = "……（内容过长，已截断）"
_FORMATS: Final = {"amount": "#,##0.00", "whole": "0", "day": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm:ss"}
_SPOKEN: Final = {"amount": "金额", "whole": "整数", "day": "日期，例如2026-03-02", "moment": "时间"}
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title in the first row, what its cells are, whether they may be empty; its width."""

    title: str
    kind: Kind = "text"
    required: bool = True
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class SheetRead:
    """The rows that could be read, each keyed by column title, and a problem for each cell that could not.

    `numbers` are the sheet's own line numbers of the rows, the title's being 1.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def xlsx(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> bytes:
    """One worksheet with a bold, frozen, filtered first row; numbers of over 15 digits become text."""
    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": _clean(title)[:200], "created": _MADE})
    sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", _clean(title))[:31].strip() or "表")
    head = book.add_format({"bold": True, "bg_color": "#EEF2F6", "bottom": 1, "text_wrap": True})
    formats = [book.add_format({"num_format": _FORMATS[c.kind]} if c.kind in _FORMATS else {}) for c in columns]
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width or max(12, 2.2 * len(column.title)), formats[at])
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, _clean(column.title), head)
    count = 0
    for count, row in enumerate(rows, 1):
        for at, value in enumerate(row):
            _write(sheet, count, at, value, formats[at])
    sheet.autofilter(0, 0, count, max(len(columns) - 1, 0))
    book.close()
    return buffer.getvalue()


def read_rows(content: bytes, columns: Sequence[Column], *, max_rows: int = MAX_ROWS) -> SheetRead:
    """Read the first worksheet by the titles in its first row; other columns and empty rows are skipped.

    `BadInput` when it is no workbook or a required column is missing; `TooLarge` beyond the limits. A row
    with a bad cell is left out, and each of its bad cells becomes a problem whose field is 第5行/报价.
    """
    lines = _lines(content, max_rows)
    places = _places(lines[0] if lines else (), columns)
    read = SheetRead()
    for number, line in enumerate(lines[1:], 2):
        if all(value is None or str(value).strip() == "" for value in line):
            continue
        _read_line(read, number, line, places)
    return read


def _write(sheet: Any, row: int, at: int, value: Value, cell_format: Any) -> None:
    if value is None:
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, at, value.astimezone(CHINA).replace(tzinfo=None), cell_format)
    elif isinstance(value, date):
        sheet.write_datetime(row, at, value, cell_format)
    elif isinstance(value, int | Decimal) and len(f"{Decimal(value):f}".replace(".", "").strip("-0")) <= 15:
        sheet.write_number(row, at, value, cell_format)
    else:
        sheet.write_string(row, at, _clean(str(value)), cell_format)


def _clean(text: str) -> str:
    clean = _FORBIDDEN.sub("", text)
    return clean if len(clean) <= _MAX_CELL else clean[: _MAX_CELL - len(_CUT)] + _CUT


def _lines(content: bytes, max_rows: int) -> list[Sequence[Any]]:
    if len(content) > MAX_BYTES:
        raise TooLarge(Problem("workbook_too_large", "表格文件超过10MB", "请分成几个文件上传"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        if unpacked > MAX_UNPACKED:
            raise TooLarge(Problem("workbook_too_large", "表格展开后超过100MB", "请分成几个文件上传"))
        import openpyxl  # type: ignore[import-untyped]  # noqa: PLC0415 - only whoever reads a sheet waits for it

        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        lines = book.worksheets[0].iter_rows(values_only=True, max_col=_MAX_COLUMNS)
        read = list(islice(lines, max_rows + 2))
    except TooLarge:
        raise
    except Exception as error:  # a hostile workbook may fail anywhere inside the library
        raise BadInput(
            Problem("workbook_unreadable", "文件不是可读的Excel表格", "请用xlsx格式另存后重新上传")
        ) from error
    if len(read) > max_rows + 1:
        raise TooLarge(Problem("workbook_too_long", f"表格超过{max_rows}行", "请分成几个文件上传"))
    return read


def _places(first: Sequence[Any], columns: Sequence[Column]) -> list[tuple[int, Column]]:
    titles = {str(value).strip(): at for at, value in enumerate(first) if value is not None}
    missing = [column for column in columns if column.required and column.title not in titles]
    if missing:
        raise BadInput(
            *(
                Problem(
                    "column_missing",
                    f"表格缺少“{c.title}”列",
                    "请使用平台提供的模板，不要改动第一行",
                    field=c.title,
                )
                for c in missing
            )
        )
    return [(titles[column.title], column) for column in columns if column.title in titles]


def _read_line(read: SheetRead, number: int, line: Sequence[Any], places: list[tuple[int, Column]]) -> None:
    row: dict[str, Any] = {}
    problems: list[Problem] = []
    for at, column in places:
        value = line[at] if at < len(line) else None
        try:
            row[column.title] = _cell(value, column)
        except ValueError:
            missing = value is None or str(value).strip() == ""
            wanted = "不能为空" if missing else f"应为{_SPOKEN[column.kind]}"
            says = f"第{number}行“{column.title}”{wanted}"
            where = f"第{number}行/{column.title}"
            problems.append(Problem("cell_wrong", says, "请改正后重新上传", field=where))
    read.problems.extend(problems)
    if not problems:
        read.rows.append(row)
        read.numbers.append(number)


def _cell(value: Any, column: Column) -> Value:
    text = "" if value is None else str(value).strip()
    if not text:
        if column.required:
            raise ValueError("empty")
        return None
    match column.kind:
        case "text":
            return str(int(value)) if isinstance(value, float) and value.is_integer() else _clean(text)
        case "amount":
            return _amount(value, text)
        case "whole":
            return _whole(value, text)
        case "day":
            return value.date() if isinstance(value, datetime) else date.fromisoformat(text)
        case "moment":
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def _amount(value: Any, text: str) -> Decimal:
    # A number in a workbook is a double: it is read to the two decimals its author saw.
    typed = f"{value:.2f}" if isinstance(value, float) else text
    if isinstance(value, float) and abs(value - float(typed)) > 1e-6:
        raise ValueError("more than two decimals")
    try:
        return money.read(typed)
    except BadInput as refused:
        raise ValueError(refused.code) from None


def _whole(value: Any, text: str) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError("not whole")
    return int(value) if isinstance(value, float) else int(text)
