"""Bech32 (BIP 173) without its length limit, as age spells keys."""

from kernel.proofs.errors import Malformed

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def encode(prefix: str, content: bytes) -> str:
    """`content` under a lower-case `prefix`; upper-case the result where the upper form is wanted."""
    digits = _regroup(content, 8, 5, pad=True)
    checksum = _polymod([*_spread(prefix), *digits, 0, 0, 0, 0, 0, 0]) ^ 1
    digits += [checksum >> 5 * (5 - i) & 31 for i in range(6)]
    return f"{prefix}1" + "".join(_ALPHABET[d] for d in digits)


def decode(text: str) -> tuple[str, bytes]:
    """(lower-case prefix, content); `Malformed` for mixed case, foreign characters, a wrong checksum."""
    if text not in (text.lower(), text.upper()):
        raise Malformed("bad_bech32", "密钥大小写混用")
    prefix, one, rest = text.lower().rpartition("1")
    if not one or not prefix or len(rest) < 6 or any(c not in _ALPHABET for c in rest):
        raise Malformed("bad_bech32", "密钥写法不对：含有不认识的字符或不完整")
    if any(not 33 <= ord(c) <= 126 for c in prefix):
        raise Malformed("bad_bech32", "密钥写法不对：前缀含有不认识的字符")
    digits = [_ALPHABET.index(c) for c in rest]
    if _polymod([*_spread(prefix), *digits]) != 1:
        raise Malformed("bad_bech32", "密钥校验不符，可能抄错")
    return prefix, bytes(_regroup(digits[:-6], 5, 8, pad=False))


def _spread(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate(_GENERATORS):
            if top >> i & 1:
                check ^= generator
    return check


def _regroup(values: bytes | list[int], width: int, target: int, *, pad: bool) -> list[int]:
    held, bits, out = 0, 0, []
    for value in values:
        held = held << width | value
        bits += width
        while bits >= target:
            bits -= target
            out.append(held >> bits)
            held &= (1 << bits) - 1
    if pad and bits:
        out.append(held << target - bits)
    elif not pad and (held or bits >= width):
        raise Malformed("bad_bech32", "密钥末尾有多余的位")
    return out
