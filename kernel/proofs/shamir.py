"""Shamir's secret sharing, byte by byte in GF(2^8) modulo 0x11B, with coefficients that are given."""

from collections.abc import Mapping, Sequence
from functools import cache

from kernel.proofs.errors import Malformed


def split(secret: bytes, coefficients: Sequence[bytes], x: int) -> bytes:
    """The share at `x` (1…255): `secret + a_1·x + a_2·x² + …`; every coefficient as long as the secret.

    k shares open it where there are k-1 coefficients. The coefficients must be unpredictable.
    """
    if not 1 <= x <= 255:
        raise ValueError("a share stands at 1…255: the one at 0 is the secret itself")
    if any(len(a) != len(secret) for a in coefficients):
        raise ValueError("every coefficient is as long as the secret")
    share = bytes(len(secret))
    for part in (*reversed(coefficients), secret):
        share = _sum(share.translate(_row(x)), part)
    return share


def combine(shares: Mapping[int, bytes]) -> bytes:
    """The secret from exactly k shares by their x. A wrong share gives a wrong secret, not an error: compare
    with the commitment. Raises `Malformed` for no shares, unequal lengths or an x outside 1…255.
    """
    if not shares or len({len(y) for y in shares.values()}) != 1 or not all(1 <= x <= 255 for x in shares):
        raise Malformed("bad_shares", "份额为空、长短不一，或编号不在 1 至 255")
    secret = bytes(len(next(iter(shares.values()))))
    for x, y in shares.items():
        secret = _sum(secret, y.translate(_row(_weight(x, shares))))
    return secret


def _weight(x: int, xs: Mapping[int, bytes]) -> int:
    """Lagrange's basis polynomial of `x` at 0: the product of other/(other - x)."""
    weight = 1
    for other in xs:
        if other != x:
            weight = _times(weight, _times(other, _inverse(other ^ x)))
    return weight


def _sum(one: bytes, other: bytes) -> bytes:
    """Of two strings of one length, byte by byte."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))


@cache
def _row(factor: int) -> bytes:
    """Every byte times `factor`, in the order in which `bytes.translate` looks them up."""
    return bytes(_times(byte, factor) for byte in range(256))


def _tables() -> tuple[list[int], list[int]]:
    powers, logs, value = [0] * 510, [0] * 256, 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logs[value] = exponent
        value ^= (value << 1) ^ (0x11B if value & 0x80 else 0)
    return powers, logs


_POWERS, _LOGS = _tables()  # of the generator 3


def _times(a: int, b: int) -> int:
    return _POWERS[_LOGS[a] + _LOGS[b]] if a and b else 0


def _inverse(a: int) -> int:
    return _POWERS[255 - _LOGS[a]]
