"""Bech32 as age spells keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.proofs import bech32
from kernel.proofs.errors import Malformed


@given(st.binary(max_size=100))
def test_what_is_spelled_reads_back_in_either_case(content: bytes) -> None:
    text = bech32.encode("age-secret-key-", content)
    assert bech32.decode(text) == bech32.decode(text.upper()) == ("age-secret-key-", content)


@pytest.mark.parametrize(
    "text",
    ["A12UEL5L", "a12uel5l", "?1ezyfcl", "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w"],
)
def test_the_valid_strings_of_bip_173_whose_data_are_whole_bytes_have_good_checksums(text: str) -> None:
    prefix, content = bech32.decode(text)
    assert bech32.encode(prefix, content) == text.lower()


@pytest.mark.parametrize(
    "text",
    ["", "1nwldj5", "pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "A1G7SGD8", "a12UEL5L", "\x201nwldj5", "age1"],
)
def test_the_invalid_strings_of_bip_173_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        bech32.decode(text)


@given(st.integers(0, 61), st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l"))
def test_one_mistyped_letter_is_always_found_out(place: int, letter: str) -> None:
    text = "age1" + bech32.encode("age", bytes(range(32)))[4:]
    place = 4 + place % (len(text) - 4)
    mistyped = text[:place] + letter + text[place + 1 :]
    if mistyped != text:
        with pytest.raises(Malformed):
            bech32.decode(mistyped)


def test_leftover_bits_in_the_last_letter_are_refused() -> None:
    digits = [31, 31]
    checksum = bech32._polymod([*bech32._spread("age"), *digits, 0, 0, 0, 0, 0, 0]) ^ 1
    text = "age1" + "".join(bech32._ALPHABET[d] for d in digits + [checksum >> 5 * (5 - i) & 31 for i in range(6)])
    with pytest.raises(Malformed):
        bech32.decode(text)
