"""The salts that hide who is on a list: all from one key, which the regulator's process commits to beforehand (D1).

A keeper who could choose salts after he has seen the others' pieces could choose the order; one key, fixed before,
leaves him nothing to choose. The auditor is shown the key and derives every leaf again.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from kernel.proofs.canonical import encode_each, lp
from kernel.proofs.draw import draw_leaf
from kernel.proofs.merkle import root_of

Record = Mapping[str, Any]


class Opening(NamedTuple):
    """What opens one leaf: 32 bytes of salt and the candidate's record."""

    leaf: bytes
    salt: bytes
    record: Record


def salts_commitment(draw_id: str, salt_key: bytes) -> str:
    """What D1 says of the key: hex SHA-256("etb/1/draw-salts\\0" ‖ lp(draw) ‖ key)."""
    return hashlib.sha256(b"etb/1/draw-salts\0" + lp(draw_id) + salt_key).hexdigest()


def opened_leaves(salt_key: bytes, records: Iterable[Record]) -> list[Opening]:
    """Every record with its salt, HMAC-SHA256(key, canonical JSON), in the order of the leaves."""
    keyed, found = hmac.new(salt_key, digestmod="sha256"), []
    records = list(records)
    for record, content in zip(records, encode_each(records), strict=True):
        salted = keyed.copy()
        salted.update(content)
        salt = salted.digest()
        found.append(Opening(draw_leaf(salt, content), salt, record))
    return sorted(found, key=attrgetter("leaf"))


def avoided_root(salt_key: bytes, avoided: Sequence[tuple[Record, str]]) -> str:
    """The root over who was left out and why, each hidden by its own salt; hex."""
    rows = [{"record": dict(record), "code": code} for record, code in avoided]
    return root_of([one.leaf for one in opened_leaves(salt_key, rows)]).hex()
