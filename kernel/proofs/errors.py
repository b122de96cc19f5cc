"""What a proof can refuse: one tree of errors, each with a stable code and a plain reason.

ProofError
 ├─ Malformed        the bytes are not what their format demands
 ├─ NoMatch          none of the keys at hand opens this; another key may
 ├─ Forged           it was altered, cut, extended, or made under another key or context
 └─ BadSignature     a signature that is demanded is missing or wrong
"""


class ProofError(ValueError):
    """A check that failed: `code` is lower_snake and stable, `says` is the reason in Chinese.

    `where` is the path of the member at fault (``stages[0].files[1].n``), empty when it is the whole.
    """

    def __init__(self, code: str, says: str, where: str = "") -> None:
        super().__init__(f"{code}: {where + '：' if where else ''}{says}")
        self.code = code
        self.says = says
        self.where = where


class Malformed(ProofError):
    """The bytes are not what their format demands."""


class NoMatch(ProofError):
    """None of the keys at hand opens this; trying the next key makes sense."""


class Forged(ProofError):
    """Authentication failed: altered, cut, extended, or made under another key or context."""


class BadSignature(ProofError):
    """A signature that is demanded is missing or wrong."""
