"""Canonical JSON and the length-prefixed byte strings that every hash and signature is taken over."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any, NoReturn

from kernel.proofs.errors import Malformed

# Browsers hold integers exactly up to here; amounts beyond it travel as decimal strings.
GREATEST_INTEGER = 2**53 - 1
DEEPEST = 32
_TEXT = {str}
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def encode(value: object) -> bytes:
    """`value` as canonical JSON: UTF-8, keys in code point order, no spaces.

    Only dict with string keys, list, tuple, str, int (at most 2**53 - 1 in size) and bool; anything else,
    a lone surrogate or more than 32 levels is `Malformed`.
    """
    try:
        if isinstance(value, dict) and _TEXT.issuperset(map(type, chain(value, value.values()))):
            return _flat(value)
        _check(value, 0)
        return _ENCODER.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("bad_text", "文字中有不成对的代理码位") from None


def encode_each(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """`encode` of every record; in half the time where all are text under the same keys, as those of a draw are."""
    keys: tuple[str, ...] = ()
    write: Callable[[Mapping[str, Any]], bytes] = encode
    for record in records:
        if tuple(record) != keys:
            keys = tuple(record)
            write = _writer(keys)
        yield write(record)


def _writer(keys: Sequence[str]) -> Callable[[Mapping[str, Any]], bytes]:
    """What encodes records with these keys."""
    if len(keys) < 2 or not _TEXT.issuperset(map(type, keys)):
        return encode
    names = sorted(keys)
    values = itemgetter(*names)
    members = [encode_basestring(name).replace("%", "%%") + ":%s" for name in names]
    template = f"{{{','.join(members)}}}"

    def write(record: Mapping[str, Any]) -> bytes:
        if set(map(type, record.values())) != _TEXT:
            return encode(record)
        try:
            return (template % tuple(map(encode_basestring, values(record)))).encode()
        except UnicodeEncodeError:
            return encode(record)  # which says what is wrong

    return write


def _flat(value: dict[str, str]) -> bytes:
    """The same for a record of nothing but text, in half the time."""
    members = [f"{encode_basestring(key)}:{encode_basestring(value[key])}" for key in sorted(value)]
    return f"{{{','.join(members)}}}".encode()


def decode(data: bytes) -> Any:
    """The value of canonical JSON bytes, refusing every other spelling of the same value.

    Hashes are over the stored bytes, so one value must have one spelling. Raises `Malformed` for floats,
    null, duplicate or unsorted keys, spaces, other escapes, deep nesting, great integers, trailing bytes.
    """
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_pairs,
            parse_float=_no_float,
            parse_int=_integer,
            parse_constant=_no_float,
        )
    except UnicodeDecodeError:
        raise Malformed("not_utf8", "不是 UTF-8 编码") from None
    except RecursionError:
        raise Malformed("too_deep", f"嵌套超过 {DEEPEST} 层") from None
    except json.JSONDecodeError as e:
        raise Malformed("not_json", f"不是 JSON（第 {e.pos} 个字符处）") from None
    if encode(value) != data:
        raise Malformed("not_canonical", "不是规范形式的 JSON：键须排序，不得有空格或多余的转义")
    return value


def u8(number: int) -> bytes:
    """One byte; `Malformed` outside 0…255."""
    return _fixed(number, 1)


def u16(number: int) -> bytes:
    """Two bytes, big-endian."""
    return _fixed(number, 2)


def u32(number: int) -> bytes:
    """Four bytes, big-endian."""
    return _fixed(number, 4)


def lp(content: bytes | str) -> bytes:
    """`u16(length) ‖ content`; text as UTF-8. At most 65,535 bytes."""
    if isinstance(content, str):
        try:
            content = content.encode("utf-8")
        except UnicodeEncodeError:
            raise Malformed("bad_text", "文字中有不成对的代理码位") from None
    return u16(len(content)) + content


def to_base64(content: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(content).decode("ascii")


def from_base64(text: str, where: str = "") -> bytes:
    """The bytes of standard padded base64 in its one canonical spelling."""
    try:
        content = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Malformed("bad_base64", "不是标准 base64", where) from None
    if to_base64(content) != text:
        raise Malformed("bad_base64", "不是规范的 base64", where)
    return content


def _fixed(number: int, size: int) -> bytes:
    try:
        return number.to_bytes(size, "big")
    except OverflowError:
        raise Malformed("out_of_range", f"数值 {number} 超出 {size} 字节") from None


def _check(value: object, depth: int) -> None:
    if depth > DEEPEST:
        raise Malformed("too_deep", f"嵌套超过 {DEEPEST} 层")
    if isinstance(value, (str, bool)):
        return
    if isinstance(value, int):
        if abs(value) > GREATEST_INTEGER:
            raise Malformed("great_integer", "整数超出 ±(2^53−1)，大数请用字符串")
    elif isinstance(value, dict):
        for key, member in value.items():
            if not isinstance(key, str):
                raise Malformed("bad_key", "对象的键必须是字符串")
            if type(member) is not str or depth >= DEEPEST:  # most members are text
                _check(member, depth + 1)
    elif isinstance(value, (list, tuple)):
        for member in value:
            _check(member, depth + 1)
    else:
        says = f"不允许的值（{type(value).__name__}），只可用对象、数组、字符串、整数、真假"
        raise Malformed("bad_kind", says)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("duplicate_key", "对象中有重复的键")
    return members


def _no_float(text: str) -> NoReturn:
    raise Malformed("bad_kind", f"不允许的数：{text[:20]}，只可用整数")


def _integer(text: str) -> int:
    if len(text) > 17:
        raise Malformed("great_integer", "整数超出 ±(2^53−1)，大数请用字符串")
    return int(text)
