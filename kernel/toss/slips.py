"""评标签到码: the code that a drawn expert shows at the desk; the trading side knows only its hash."""

import hashlib
import secrets

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_GROUPS, _LENGTH = 3, 4


def new_slip() -> str:
    """A fresh code like ABCD-EFGH-JKMN: 58 random bits, no letter that looks like another."""
    letters = [secrets.choice(_LETTERS) for _ in range(_GROUPS * _LENGTH)]
    return "-".join("".join(letters[i : i + _LENGTH]) for i in range(0, len(letters), _LENGTH))


def slip_digest(code: str) -> str:
    """Hex SHA-256 of the code, however it was typed: case, spaces and dashes do not matter."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(b"etb/1/draw-slip\0" + plain.encode()).hexdigest()
