"""The sheet by which the centre brings experts in: its columns, and what is wrong with a row, row by row; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from experts.professions import Professions
from experts.rules import Candidate, admission_problems
from kernel import codes, regions
from kernel.errors import Problem
from kernel.paper.workbook import Column, SheetRead, Value, xlsx

NAME, IDENTITY, PHONE, REGION = "姓名", "公民身份号码", "手机号码", "地区代码"
LEVEL, TITLE, YEARS = "职称级别", "职称", "从业年限"
UNIT, UNIT_CODE, SINCE = "工作单位", "单位统一社会信用代码", "入职日期"
PROFESSIONS, EXPIRES = "专业代码", "有效期至"
COLUMNS = (
    Column(NAME), Column(IDENTITY, width=22), Column(PHONE, width=16), Column(REGION), Column(LEVEL), Column(TITLE),
    Column(YEARS, "whole"), Column(UNIT, width=36), Column(UNIT_CODE, required=False, width=24),
    Column(SINCE, "day", required=False, width=14), Column(PROFESSIONS, width=30),
    Column(EXPIRES, "day", required=False, width=14),
)  # fmt: skip
LEVELS = {"高级": "senior", "中级": "intermediate"}
_PHONE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
_SPLIT = re.compile(r"[、，,;；\s]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One expert of a sheet, checked."""

    number: int
    identity: str
    born: date
    values: Mapping[str, Any]
    professions: tuple[str, ...]
    employed_since: date | None


def template() -> bytes:
    """The empty sheet with one line that shows how it is filled in."""
    shown: list[Value] = [
        "张三（示例，请删除本行）",
        "110101199003078719",
        "13800000000",
        "330106",
        "高级",
        "高级工程师",
        12,
    ]
    shown += ["示例设计院有限公司", "", date(2015, 7, 1), "A080104、A060201", date(2029, 3, 1)]
    return xlsx("专家名册", COLUMNS, [shown])


def lines_of(read: SheetRead, day: date, known: Professions) -> tuple[list[Line], list[Problem]]:
    """The rows that are right, and every problem of those that are not: which row, which column, what, what to do."""
    good, problems = [], list(read.problems)
    seen: dict[str, int] = {}
    for number, row in zip(read.numbers, read.rows, strict=True):
        identity = codes.tidy(row[IDENTITY])
        found = [placed(problem, number) for problem in _problems(row, identity, day, known)]
        if (first := seen.setdefault(identity, number)) != number:
            found.append(cell(number, IDENTITY, "twice_in_sheet", f"与第{first}行是同一人", "请删除重复的一行"))
        problems += found
        if not found:
            good.append(_line(number, identity, row))
    return good, problems


def cell(number: int, column: str, code: str, says: str, remedy: str) -> Problem:
    """A problem of one cell."""
    return Problem(code, f"第{number}行“{column}”：{says}", remedy, field=f"第{number}行/{column}")


_FIELDS = {
    "identity": IDENTITY, "region": REGION, "title_level": LEVEL, "years": YEARS, "professions": PROFESSIONS,
    "employer_code": UNIT_CODE, "phone": PHONE, "expires": EXPIRES,
}  # fmt: skip


def placed(problem: Problem, number: int) -> Problem:
    """The same problem at its place in the sheet."""
    return cell(number, _FIELDS.get(problem.field, problem.field), problem.code, problem.says, problem.remedy)


def _problems(row: Mapping[str, Any], identity: str, day: date, known: Professions) -> list[Problem]:
    wrong = codes.check_identity_number(identity, day, "identity")
    born = codes.birth_date(identity) if wrong is None else day
    level = LEVELS.get(row[LEVEL], "")
    asked = Candidate(level, row[YEARS], born or day, _codes(row), evidence=1)
    found = [wrong, *admission_problems(asked, day, known), regions.check(row[REGION])]
    if row.get(UNIT_CODE):
        found.append(codes.check_credit_code(codes.tidy(row[UNIT_CODE]), "employer_code"))
    if not _PHONE.fullmatch(row[PHONE]):
        found.append(Problem("phone_wrong", "手机号码应为11位数字", "请填写本人的手机号码", field="phone"))
    if row.get(EXPIRES) and row[EXPIRES] < day:
        found.append(Problem("expired_already", "有效期已过", "请填写以后的日期，或留空", field="expires"))
    return [problem for problem in found if problem is not None]


def _codes(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code.upper() for code in _SPLIT.split(row[PROFESSIONS]) if code))


def _line(number: int, identity: str, row: Mapping[str, Any]) -> Line:
    born = codes.birth_date(identity)
    assert born is not None, "a checked number has a birth date"
    values = {
        "name": row[NAME][:80], "phone": row[PHONE], "region": row[REGION], "title_level": LEVELS[row[LEVEL]],
        "title": row[TITLE][:80], "years": row[YEARS], "employer_name": row[UNIT][:200],
        "employer_code": codes.tidy(row.get(UNIT_CODE) or ""), "expires_on": row.get(EXPIRES),
    }  # fmt: skip
    return Line(number, identity, born, values, _codes(row), row.get(SINCE))


def report(problems: Sequence[Problem]) -> bytes:
    """The problems as a sheet to work through."""
    columns = (Column("位置", width=24), Column("问题", width=60), Column("怎样改正", width=40))
    return xlsx("需要改正的行", columns, [(p.field, p.says, p.remedy) for p in problems])
