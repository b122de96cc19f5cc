"""A test before the opening: each key of a set-up gets an envelope made like a bid's, and its holder opens it.

test.json   etb.test/1   the platform's, for the keys of one set-up; holds for the deadline it names
tested.json etb.tested/1 a holder's (DSSE): what he found in the envelope of his own key
The context names a bidder and a stage that no bid can have: opening a test never opens anything of a bid.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode, from_base64, to_base64
from kernel.proofs.envelope import Context, StageSecret, open_envelope, share_commit
from kernel.proofs.errors import Forged, Malformed
from kernel.proofs.setup import Setup

NOBODY = "readiness:test"
"""The bidder of a test's context: no organisation's code has a colon."""
STAGE = "readiness"


@dataclass(frozen=True, slots=True)
class Tried:
    """What one key was given: the commitment to a share of nothing, and the envelope (81 bytes) that holds it."""

    role: str
    x: int
    kid: str
    c: bytes
    e: bytes


@dataclass(frozen=True, slots=True)
class KeyTest:
    """A checked test.json; `at` is the deadline before which it is opened, as written there."""

    tender: str
    lot: str
    setup: str
    at: str
    id: str
    k: int
    tried: Mapping[str, Tried]
    data: bytes = field(repr=False)

    @property
    def ctxh(self) -> bytes:
        return _context(self.tender, self.lot, self.id, self.setup, self.k).hash()

    def of(self, kid: str) -> Tried:
        """What this key was given; `Malformed` where the test has nothing for it."""
        if kid not in self.tried:
            raise Malformed("key_not_tested", "试开信封中没有这把密钥的")
        return self.tried[kid]


@dataclass(frozen=True, slots=True)
class Tested:
    """A checked tested.json."""

    role: str
    kid: str


def build_test(setup: Setup, at: str) -> bytes:
    """test.json for every key of a set-up; `at` is the deadline (`write_moment`). The secret is thrown away."""
    ident = os.urandom(16).hex()
    secret = StageSecret(os.urandom(32), _context(setup.tender, setup.lot, ident, setup.sha256, setup.k))
    keys = [
        {"role": role.role, "x": role.x, "kid": key.kid, "c": secret.share_commit(role.x).hex()}
        | {"e": to_base64(secret.envelope(role.x, key.pk))}
        for role in setup.roles
        for key in role.keys
    ]
    place = {"tender": setup.tender, "lot": setup.lot, "setup": setup.sha256}
    return encode({"type": "etb.test/1", "at": at, "id": ident, "k": setup.k, "keys": keys} | place)


def read_test(data: bytes) -> KeyTest:
    """The test in these bytes; `Malformed` for any other shape."""
    value = decode(data)
    _TEST(value, "")
    tried = {one["kid"]: _tried(one) for one in value["keys"]}
    rest = {name: value[name] for name in ("tender", "lot", "setup", "at", "id", "k")}
    return KeyTest(**rest, tried=tried, data=data)


def open_test(test: KeyTest, kid: str, private: bytes) -> bytes:
    """What lies in the envelope of this key; `Forged` when it does not open or is not what was committed to."""
    given = test.of(kid)
    y = open_envelope(test.ctxh, given.x, private, given.e)
    if share_commit(test.ctxh, given.x, y) != given.c:
        raise Forged("test_differs", "试开信封里的内容与承诺不符，请告知交易中心")
    return y


def build_tested(test: KeyTest, sha256: str, kid: str, y: bytes) -> bytes:
    """tested.json; `sha256` (hex) is of the exact bytes of test.json."""
    place = {"tender": test.tender, "lot": test.lot, "role": test.of(kid).role}
    return encode({"type": "etb.tested/1", "test": sha256, "kid": kid, "y": to_base64(y)} | place)


def read_tested(data: bytes, test: KeyTest, sha256: str) -> Tested:
    """What a holder says of his key; `Forged` unless it is what lay in the envelope."""
    value: dict[str, Any] = decode(data)
    _TESTED(value, "")
    given = test.of(value["kid"])
    if (value["tender"], value["lot"], value["test"], value["role"]) != (test.tender, test.lot, sha256, given.role):
        raise Malformed("other_context", "不是对这次试开的答复")
    if share_commit(test.ctxh, given.x, from_base64(value["y"])) != given.c:
        raise Forged("test_not_opened", "答复与试开信封里的内容不符，这把密钥没有打开信封")
    return Tested(value["role"], value["kid"])


def _context(tender: str, lot: str, ident: str, setup: str, k: int) -> Context:
    return Context(tender, lot, NOBODY, 1, bytes.fromhex(ident), STAGE, bytes.fromhex(setup), k, 3)


def _tried(value: dict[str, Any]) -> Tried:
    sealed = bytes.fromhex(value["c"]), from_base64(value["e"])
    return Tried(value["role"], value["x"], value["kid"], *sealed)


_KEY = shape.record(role=shape.role, x=shape.integer(1, 3), kid=shape.kid, c=shape.sha256, e=shape.base64_of(81))
_TEST = shape.record(
    type=shape.one_of("etb.test/1"),
    tender=shape.name,
    lot=shape.name,
    setup=shape.sha256,
    at=shape.moment,
    id=shape.matching(r"[0-9a-f]{32}", "应为 32 位小写十六进制"),
    k=shape.integer(2, 3),
    keys=shape.listed(_KEY, 6, 48),
)
_TESTED = shape.record(
    type=shape.one_of("etb.tested/1"),
    tender=shape.name,
    lot=shape.name,
    test=shape.sha256,
    role=shape.role,
    kid=shape.kid,
    y=shape.base64_of(32),
)
