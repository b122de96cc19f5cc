"""What the roles of a draw say to each other: the exact bytes of each message, built and strictly read.

Every message is canonical JSON {"type":"etb.draw-<kind>/1","draw","role", …}, signed (DSSE) by its role. All but
`begin` name the begin they belong to by its SHA-256, so that nothing can be carried from one draw into another.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from kernel.proofs import dsse, shape
from kernel.proofs.canonical import decode, encode
from kernel.proofs.draw import FIXED_ROLES
from kernel.proofs.draw_walk import ACCEPT, SKIPS
from kernel.proofs.errors import BadSignature, Malformed
from kernel.proofs.shape import Check

KINDS = ("panel", "agency")


@dataclass(frozen=True, slots=True)
class Message:
    """A checked message: what it is, of which draw, by whom; `value` are its other members."""

    kind: str
    draw: str
    role: str
    value: Mapping[str, Any]
    sha256: str
    data: bytes = field(repr=False)


def build_message(kind: str, draw: str, role: str, /, **members: object) -> bytes:
    """The bytes to be signed; `Malformed` when they would not be read back."""
    data = encode({"type": f"etb.draw-{kind}/1", "draw": draw, "role": role, **members})
    read_message(data)
    return data


def read_message(data: bytes) -> Message:
    """The message in these bytes; `Malformed` for any other shape, or a role that may not say this."""
    value = decode(data)
    kind = _kind(value)
    check, roles = _SHAPES[kind]
    shape.record(type=shape.text(), draw=shape.text(1, 200), role=shape.one_of(*roles), **check)(value, "")
    rest = {name: value[name] for name in check}
    return Message(kind, value["draw"], value["role"], MappingProxyType(rest), hashlib.sha256(data).hexdigest(), data)


def read_signed(envelope: bytes, key: bytes) -> Message:
    """The message in an envelope, signed by this raw Ed25519 key; `BadSignature` when it is not."""
    signed = dsse.read(envelope)
    if not dsse.verify(signed, [key]):
        raise BadSignature("signature_missing", "没有该角色的有效签名")
    return read_message(signed.payload)


def _kind(value: object) -> str:
    named = value.get("type") if isinstance(value, dict) else None
    for kind in _SHAPES:
        if named == f"etb.draw-{kind}/1":
            return kind
    raise Malformed("bad_type", "不是抽取的消息", "type")


def _object(value: object, where: str) -> None:
    if not isinstance(value, dict):
        raise Malformed("not_object", "应为对象", where)


_UUID = shape.matching(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "应为编号")
_UUID_OR_EMPTY = shape.matching(r"([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?", "应为编号或空")
_ROLE = shape.one_of(*FIXED_ROLES)
_STRATUM = shape.text(1, 64)
_COUNT = shape.integer(0, 2**32 - 1)
_QUOTA = shape.integer(1, 2**32 - 1)
_BOXES = shape.listed(shape.record(j=shape.integer(0, 1), to=_ROLE, box=shape.base64_of(80)), 0, 2)
_PIECES = shape.listed(shape.record(role=_ROLE, j=shape.integer(0, 1), piece=shape.sha256), 0, 8)
_OF = {"begin": shape.sha256}
_MANY = 2_000_000

_SHAPES: dict[str, tuple[dict[str, Check], tuple[str, ...]]] = {
    "begin": (
        {
            "case": _UUID,
            "kind": shape.one_of(*KINDS),
            "attended": shape.boolean,
            "roles": shape.listed(shape.record(role=_ROLE, pk=shape.sha256), 2, 3),
            "beacon_rule": shape.text(0, 500),
            "replaces": _UUID_OR_EMPTY,
            "at": shape.moment,
            "seal_by": shape.moment,
        },
        ("operator",),
    ),
    "commit": (
        _OF | {"commits": shape.listed(shape.sha256, 2, 2), "recipient": shape.sha256, "salts": shape.sha256_or_empty},
        FIXED_ROLES,
    ),
    "seal": (_OF | {"boxes": _BOXES}, FIXED_ROLES),
    "ready": (
        _OF
        | {
            "seals": shape.listed(shape.sha256, 2, 3),
            "wrong": shape.listed(shape.record(role=_ROLE, j=shape.integer(0, 1)), 0, 4),
        },
        FIXED_ROLES,
    ),
    "list": (
        _OF
        | {
            "listing": shape.sha256,
            "strata": shape.listed(shape.record(id=_STRATUM, quota=_QUOTA, size=_QUOTA), 1, 1000),
            "avoided": _COUNT,
            "pool_root": shape.sha256_or_empty,
            "employer_cap": _COUNT,
            "boxes": _BOXES,
        },
        ("operator",),
    ),
    "leaves": (
        _OF
        | {
            "listing": shape.sha256,
            "strata": shape.listed(
                shape.record(id=_STRATUM, quota=_QUOTA, leaves=shape.listed(shape.sha256, 1, _MANY)), 1, 1000
            ),
            "list_root": shape.sha256,
            "avoided": _COUNT,
            "avoided_root": shape.sha256,
        },
        ("regulator",),
    ),
    "refuse": (_OF | {"code": shape.text(1, 60), "says": shape.text(1, 500)}, ("regulator",)),
    "show": (_OF | {"pieces": _PIECES}, FIXED_ROLES),
    "beacon": (_OF | {"value": shape.text(1, 2000)}, ("operator", "regulator")),
    "outcome": (
        _OF
        | {
            "stratum": _STRATUM,
            "n": _COUNT,
            "leaf": shape.sha256,
            "outcome": shape.one_of(ACCEPT, *SKIPS),
            "code": shape.text(0, 60),
            "seat": shape.integer(0, 10_000),
            "slip": shape.sha256_or_empty,
            "evidence": shape.sha256_or_empty,
            "at": shape.moment,
        },
        ("operator", "regulator"),
    ),
    "confirm": (_OF | {"outcome": shape.sha256}, ("regulator",)),
    "replace": (
        _OF | {"stratum": _STRATUM, "n": _COUNT, "seat": shape.integer(1, 10_000), "reason": shape.text(1, 500)},
        ("operator",),
    ),
    "open": (_OF | {"everyone": shape.boolean, "seats": shape.integer(0, 10_000)}, ("operator",)),
    "names": (
        _OF | {"openings": shape.listed(shape.record(leaf=shape.sha256, salt=shape.sha256, record=_object), 0, _MANY)},
        ("regulator",),
    ),
    "audit": (
        _OF
        | {
            "salt_key": shape.sha256,
            "strata": shape.listed(shape.record(id=_STRATUM, records=shape.listed(_object, 1, _MANY)), 1, 1000),
            "avoided": shape.listed(shape.record(record=_object, code=shape.text(1, 60)), 0, _MANY),
        },
        ("regulator",),
    ),
    "void": (_OF | {"why": shape.text(1, 500), "missing": shape.text(0, 40)}, ("operator", "regulator")),
}
SAID = tuple(_SHAPES)
"""The kinds of message."""
