"""Canonical JSON has one spelling for one value, and refuses all others."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.proofs.canonical import DEEPEST, decode, encode, encode_each, from_base64, lp, to_base64, u8, u16, u32
from kernel.proofs.errors import Malformed

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_encoded_decodes_to_the_same_value(value: object) -> None:
    assert decode(encode(value)) == value


RECORDS = st.fixed_dictionaries({"%": TEXT | st.integers(0, 9), '"b': TEXT, "a": TEXT})


@given(st.lists(RECORDS | st.dictionaries(TEXT, TEXT, max_size=2)))
def test_many_records_are_each_encoded_as_one_alone(records: list[dict[str, object]]) -> None:
    assert list(encode_each(records)) == [encode(record) for record in records]


def test_a_record_of_many_without_a_spelling_is_refused_as_one_alone() -> None:
    with pytest.raises(Malformed) as refused:
        list(encode_each([{"a": "1", "b": "2"}, {"a": "1", "b": "\ud800"}]))
    assert refused.value.code == "bad_text"


@given(st.binary(max_size=60))
def test_any_bytes_either_are_canonical_or_are_refused(data: bytes) -> None:
    try:
        value = decode(data)
    except Malformed:
        return
    assert encode(value) == data


@given(VALUES)
def test_a_spaced_spelling_of_the_same_value_is_refused(value: object) -> None:
    spaced = json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    if spaced != encode(value):
        with pytest.raises(Malformed) as refused:
            decode(spaced)
        assert refused.value.code == "not_canonical"


def test_keys_are_sorted_and_chinese_stays_as_it_is() -> None:
    assert encode({"b": [True, 1], "a": "标书\n\x01\u2028"}) == '{"a":"标书\\n\\u0001\u2028","b":[true,1]}'.encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b'{"a":1}x', "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b"\xff", "not_utf8"),
        ('{"a":1}'.encode("utf-16"), "not_utf8"),
        (b"null", "bad_kind"),
        (b'{"a":null}', "bad_kind"),
        (b"1.0", "bad_kind"),
        (b"1e3", "bad_kind"),
        (b"NaN", "bad_kind"),
        (b"-Infinity", "bad_kind"),
        (b'{"a":1,"a":1}', "duplicate_key"),
        (b'{"b":1,"a":1}', "not_canonical"),
        (b'{"a": 1}', "not_canonical"),
        (b"{}\n", "not_canonical"),
        (b"-0", "not_canonical"),
        (b'"\\u0041"', "not_canonical"),
        (b'"\\/"', "not_canonical"),
        (b'"\\ud800"', "bad_text"),
        (b"9007199254740992", "great_integer"),
        (b"-9007199254740992", "great_integer"),
        (b"1" * 5000, "great_integer"),
        (b"[" * 40 + b"]" * 40, "too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
        (b'{"a":' * 100_000, "too_deep"),
    ],
)
def test_other_spellings_are_refused_with_their_own_code(data: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        decode(data)
    assert refused.value.code == code


@pytest.mark.parametrize("value", [None, 1.5, {1: 2}, b"x", {"a": {2}}, "\ud800", 2**53, {"\udc00": 1}])
def test_values_without_a_spelling_are_refused(value: object) -> None:
    with pytest.raises(Malformed):
        encode(value)


def test_the_deepest_allowed_value_passes_and_one_level_more_does_not() -> None:
    deepest = b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1)
    assert encode(decode(deepest)) == deepest
    with pytest.raises(Malformed):
        decode(b"[" + deepest + b"]")


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(Malformed):
        encode(loop)


def test_lengths_and_numbers_are_big_endian_and_bounded() -> None:
    assert lp("标") == b"\x00\x03\xe6\xa0\x87"
    assert (u8(255), u16(258), u32(1)) == (b"\xff", b"\x01\x02", b"\0\0\0\x01")


@pytest.mark.parametrize(("write", "value"), [(lp, bytes(65536)), (lp, "\ud800"), (u8, 256), (u16, -1), (u32, 2**32)])
def test_what_does_not_fit_is_refused(write: Callable[[Any], bytes], value: object) -> None:
    with pytest.raises(Malformed):
        write(value)


@given(st.binary(max_size=50))
def test_base64_comes_back(content: bytes) -> None:
    assert from_base64(to_base64(content)) == content


@pytest.mark.parametrize("text", ["YQ", "YR==", "YQ==\n", " YQ==", "Y Q==", "YQ==YQ==", "_-8=", "标"])
def test_base64_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        from_base64(text)
