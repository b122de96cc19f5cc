"""Turns what pydantic and Litestar say about bad input into Problems people can read; values are never repeated."""

from collections.abc import Iterable, Mapping
from typing import Any

import pydantic
from litestar.exceptions import ValidationException

from kernel.errors import Problem

# Beginning of pydantic's error type → what to say; `{…}` are filled from the error's own limits.
WORDS: dict[str, str] = {
    "missing": "这一项必须填写",
    "extra_forbidden": "没有这一项",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "格式不正确，或含有不可见字符",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "literal_error": "只能从给出的选项中选择",
    "enum": "只能从给出的选项中选择",
    "greater_than_equal": "不能小于 {ge}",
    "greater_than": "应大于 {gt}",
    "less_than_equal": "不能大于 {le}",
    "less_than": "应小于 {lt}",
    "decimal_max_places": "最多 {decimal_places} 位小数",
    "decimal": "应为数字",
    "int": "应为整数",
    "float": "应为数字",
    "bool": "应为是或否",
    "uuid": "编号格式不正确",
    "datetime": "日期时间格式不正确，应带时区",
    "timezone": "日期时间应带时区",
    "date": "日期格式不正确",
    "json": "不是正确的 JSON",
}
_OTHER = "格式不正确"


def of_pydantic(errors: Iterable[Mapping[str, Any]]) -> list[Problem]:
    """One Problem for each of pydantic's errors; `field` is the dotted path without Litestar's ``data``."""
    return [
        Problem(f"input_{error['type']}", _words(error), "请按要求改正这一项", field=_field(error.get("loc", ())))
        for error in errors
    ]


def of_litestar(error: ValidationException) -> list[Problem]:
    """The problems inside a refused request: pydantic's own where it judged, else the names of the parameters."""
    cause = error.__cause__
    judged = getattr(cause, "errors", None)
    if isinstance(cause, pydantic.ValidationError):
        return of_pydantic(cause.errors(include_input=False, include_url=False))
    if isinstance(judged, list) and judged:
        return of_pydantic(judged)
    named = error.extra if isinstance(error.extra, list) else []
    keys = [str(item.get("key", "")) for item in named if isinstance(item, dict)] or [""]
    remedy = "请按接口说明或页面提示改正"
    return [Problem("input_malformed", _OTHER, remedy, field=_field((key,))) for key in keys]


def _words(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    found = next((words for start, words in WORDS.items() if kind.startswith(start)), _OTHER)
    try:
        return found.format(**error.get("ctx", {}))
    except (KeyError, IndexError):
        return _OTHER


def _field(place: Iterable[Any]) -> str:
    parts = [str(part) for part in place if str(part)]
    return ".".join(parts[1:] if parts[:1] == ["data"] else parts)
