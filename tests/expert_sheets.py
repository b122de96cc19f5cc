"""Sheets of experts for tests: good rows, each of another person, and the workbook they make."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from experts.sheets import COLUMNS
from kernel.codes import make_identity_number
from kernel.paper.workbook import xlsx


def row(serial: int, **changes: Any) -> list[Any]:
    """A good row; `serial` makes another person of it."""
    born = date(1960 + serial % 30, 1 + serial // 1000 % 12, 1 + serial // 12000 % 28)
    values: dict[str, Any] = {
        "姓名": f"专家{serial}", "公民身份号码": make_identity_number("330106", born, serial % 1000),
        "手机号码": f"138{serial:08}", "地区代码": "330106", "职称级别": "高级", "职称": "高级工程师", "从业年限": 12,
        "工作单位": f"第{serial % 700}设计院", "单位统一社会信用代码": None, "入职日期": date(2010, 7, 1),
        "专业代码": "A080104、A060201", "有效期至": None, **changes,
    }  # fmt: skip
    return [values[column.title] for column in COLUMNS]


def sheet(rows: Sequence[Sequence[Any]]) -> bytes:
    return xlsx("专家名册", COLUMNS, rows)
