"""Secret sharing in GF(2^8)."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.proofs import shamir
from kernel.proofs.errors import Malformed

SECRETS = st.binary(min_size=32, max_size=32)


@given(SECRETS, st.lists(SECRETS, max_size=4))
def test_any_k_shares_give_the_secret_back(secret: bytes, coefficients: list[bytes]) -> None:
    k = len(coefficients) + 1
    shares = {x: shamir.split(secret, coefficients, x) for x in (1, 2, 3, 77, 255)}
    for chosen in combinations(shares, k):
        assert shamir.combine({x: shares[x] for x in chosen}) == secret


@given(st.binary(min_size=3, max_size=3))
def test_two_of_three_shares_lead_to_every_secret_alike(drawn: bytes) -> None:
    """What two officers hold together says nothing: each third share leads from it to another secret."""
    secret, a1, a2 = (bytes([b]) for b in drawn)
    held = {x: shamir.split(secret, [a1, a2], x) for x in (1, 2)}
    assert len({shamir.combine({**held, 3: bytes([y])}) for y in range(256)}) == 256


def test_the_field_is_the_one_of_aes() -> None:
    """FIPS 197 §4.2: {57}·{13} = {fe}, and {53} is the inverse of {ca}."""
    assert shamir.split(b"\0", [b"\x57"], 0x13) == b"\xfe"
    assert shamir.split(b"\0", [b"\x53"], 0xCA) == b"\x01"


def test_one_wrong_share_gives_another_secret() -> None:
    shares = {x: shamir.split(b"s" * 32, [b"a" * 32, b"b" * 32], x) for x in (1, 2, 3)}
    shares[2] = bytes([shares[2][0] ^ 1]) + shares[2][1:]
    assert shamir.combine(shares) != b"s" * 32


@pytest.mark.parametrize("shares", [{}, {0: b"a"}, {256: b"a"}, {1: b"a", 2: b"ab"}])
def test_shares_that_cannot_be_are_refused(shares: dict[int, bytes]) -> None:
    with pytest.raises(Malformed):
        shamir.combine(shares)


@pytest.mark.parametrize(("coefficients", "x"), [([], 0), ([], 256), ([b"short"], 1)])
def test_the_share_at_zero_and_unequal_coefficients_are_refused(coefficients: list[bytes], x: int) -> None:
    with pytest.raises(ValueError, match=r"share|coefficient"):
        shamir.split(bytes(32), coefficients, x)
