"""A holder's stage key for one lot: key.json of etb/1.

The private half, sealed (age) to his master, travels and is kept beside it, so that deleting it retires the lot for
good: key.json, which is kept for ever, names it by its SHA-256 alone.
"""

import hashlib
from dataclasses import dataclass, field

from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode
from kernel.proofs.envelope import kid


@dataclass(frozen=True, slots=True)
class StageKey:
    """A checked key.json: the raw X25519 public key, and the SHA-256 (hex) of its wrapped private half."""

    tender: str
    lot: str
    role: str
    pk: bytes
    wrap: str
    data: bytes = field(repr=False)

    @property
    def kid(self) -> str:
        return kid(self.pk).hex()


def build_key(*, tender: str, lot: str, role: str, pk: bytes, wrap: bytes) -> bytes:
    """key.json of this key and this wrapped private half; the holder signs it (DSSE)."""
    data = encode(
        {"type": "etb.key/1", "tender": tender, "lot": lot, "role": role, "pk": pk.hex()}
        | {"wrap": hashlib.sha256(wrap).hexdigest()}
    )
    read_key(data)
    return data


def read_key(data: bytes) -> StageKey:
    """The stage key in these bytes; `Malformed` for any other shape."""
    value = decode(data)
    _KEY(value, "")
    place = (value["tender"], value["lot"], value["role"], bytes.fromhex(value["pk"]))
    return StageKey(*place, wrap=value["wrap"], data=data)


_KEY = shape.record(
    type=shape.one_of("etb.key/1"),
    tender=shape.name,
    lot=shape.name,
    role=shape.role,
    pk=shape.sha256,
    wrap=shape.sha256,
)
