"""A holder's stage key for one lot: key.json of etb/1, whose private half only his master opens."""

from dataclasses import dataclass, field

from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode, from_base64, to_base64
from kernel.proofs.envelope import kid


@dataclass(frozen=True, slots=True)
class StageKey:
    """A checked key.json: the raw X25519 public key, and its private half sealed (age) to the master."""

    tender: str
    lot: str
    role: str
    pk: bytes
    wrap: bytes
    data: bytes = field(repr=False)

    @property
    def kid(self) -> str:
        return kid(self.pk).hex()


def build_key(*, tender: str, lot: str, role: str, pk: bytes, wrap: bytes) -> bytes:
    """key.json; the holder signs it (DSSE)."""
    data = encode(
        {"type": "etb.key/1", "tender": tender, "lot": lot, "role": role, "pk": pk.hex(), "wrap": to_base64(wrap)}
    )
    read_key(data)
    return data


def read_key(data: bytes) -> StageKey:
    """The stage key in these bytes; `Malformed` for any other shape."""
    value = decode(data)
    _KEY(value, "")
    place = (value["tender"], value["lot"], value["role"], bytes.fromhex(value["pk"]))
    return StageKey(*place, wrap=from_base64(value["wrap"], "wrap"), data=data)


_KEY = shape.record(
    type=shape.one_of("etb.key/1"),
    tender=shape.name,
    lot=shape.name,
    role=shape.role,
    pk=shape.sha256,
    wrap=shape.base64_of(None),
)
