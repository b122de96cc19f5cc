"""Strict shapes of JSON objects: what members there are, and nothing else."""

import re
from collections.abc import Callable
from datetime import datetime

from kernel.proofs.canonical import from_base64
from kernel.proofs.errors import Malformed

Check = Callable[[object, str], None]


def record(*optional: str, **members: Check) -> Check:
    """An object with exactly these members; those named in `optional` may be absent."""

    def check(value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise Malformed("not_object", "应为对象", where)
        for name in sorted(value.keys() - members.keys()):
            raise Malformed("unknown_member", f"不认识的成员 {name[:40]}", where)
        for name in sorted(members.keys() - value.keys() - set(optional)):
            raise Malformed("missing_member", f"缺少成员 {name}", where)
        for name, inner in value.items():
            members[name](inner, f"{where}.{name}" if where else name)

    return check


def listed(each: Check, least: int = 0, most: int = 100_000) -> Check:
    """An array of `least` to `most` values that each pass `each`."""

    def check(value: object, where: str) -> None:
        if not isinstance(value, list):
            raise Malformed("not_array", "应为数组", where)
        if not least <= len(value) <= most:
            raise Malformed("bad_count", f"应有 {least} 至 {most} 项，现有 {len(value)} 项", where)
        for i, inner in enumerate(value):
            each(inner, f"{where}[{i}]")

    return check


def one_of(*allowed: str | int) -> Check:
    """One of these constants, of the very type (1 is not true)."""

    def check(value: object, where: str) -> None:
        if not any(type(value) is type(a) and value == a for a in allowed):
            raise Malformed("bad_value", f"应为 {' 或 '.join(map(str, allowed))}", where)

    return check


def matching(pattern: str, says: str) -> Check:
    """A string that the pattern matches whole."""
    whole = re.compile(pattern)

    def check(value: object, where: str) -> None:
        if not isinstance(value, str) or not whole.fullmatch(value):
            raise Malformed("bad_value", says, where)

    return check


def text(least: int = 0, most: int = 2000) -> Check:
    """A string of `least` to `most` characters without control characters."""

    def check(value: object, where: str) -> None:
        if not isinstance(value, str):
            raise Malformed("not_text", "应为文字", where)
        if not least <= len(value) <= most:
            raise Malformed("bad_length", f"应为 {least} 至 {most} 个字", where)
        if any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in value):
            raise Malformed("bad_text", "不得含控制字符", where)

    return check


def integer(least: int = 0, most: int = 2**53 - 1) -> Check:
    """An integer from `least` to `most`; a boolean is none."""

    def check(value: object, where: str) -> None:
        if type(value) is not int or not least <= value <= most:
            raise Malformed("bad_value", f"应为 {least} 至 {most} 的整数", where)

    return check


def base64_of(size: int | None) -> Check:
    """Canonical base64 of exactly `size` bytes, or of any number of them."""

    def check(value: object, where: str) -> None:
        if not isinstance(value, str):
            raise Malformed("bad_base64", "应为 base64 文字", where)
        if len(from_base64(value, where)) != size and size is not None:
            raise Malformed("bad_value", f"应为 {size} 字节的 base64", where)

    return check


def boolean(value: object, where: str) -> None:
    """true or false."""
    if not isinstance(value, bool):
        raise Malformed("bad_value", "应为真或假", where)


def moment(value: object, where: str) -> None:
    """An instant as ``2026-03-02T09:00:00.000+08:00``: milliseconds, Beijing time, that spelling only."""
    _moment_spelling(value, where)
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        raise Malformed("bad_value", "没有这个时刻", where) from None


_moment_spelling = matching(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}\+08:00",
    "时间应写作 2026-03-02T09:00:00.000+08:00",
)
sha256 = matching(r"[0-9a-f]{64}", "应为 SHA-256 的 64 位小写十六进制")
sha256_or_empty = matching(r"([0-9a-f]{64})?", "应为 SHA-256 的 64 位小写十六进制，或空")
kid = matching(r"[0-9a-f]{16}", "应为 16 位小写十六进制的密钥编号")
name = text(1, 128)
stage_id = matching(r"[a-z][a-z0-9_]{0,31}", "阶段名应以小写字母开头，只含小写字母、数字、下划线")
role = one_of("operator", "regulator", "purchaser")
