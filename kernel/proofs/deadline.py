"""A lot's deadline: deadline.json of etb/1, chained, moving only later."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode
from kernel.proofs.errors import Malformed

BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Deadline:
    """A checked deadline.json; `at` is the instant that is already late."""

    tender: str
    lot: str
    at: datetime
    prev: str
    reason: str
    data: bytes = field(repr=False)
    sha256: str


def write_moment(at: datetime) -> str:
    """``2026-03-02T09:00:00.000+08:00``; what is finer than a millisecond is cut off, never rounded up."""
    if at.tzinfo is None:
        raise ValueError("a moment has a time zone")
    return at.astimezone(BEIJING).isoformat(timespec="milliseconds")


def build_deadline(*, tender: str, lot: str, at: datetime, prev: str = "", reason: str = "") -> bytes:
    """deadline.json; `prev` is the SHA-256 of the one it replaces, which needs a reason."""
    value = {"type": "etb.deadline/1", "tender": tender, "lot": lot, "at": write_moment(at)}
    data = encode(value | {"prev": prev, "reason": reason})
    read_deadline(data)
    return data


def read_deadline(data: bytes) -> Deadline:
    """The deadline in these bytes; a later one of the chain must give its reason."""
    value = decode(data)
    _DEADLINE(value, "")
    if value["prev"] and not value["reason"].strip():
        raise Malformed("reason_missing", "变更截止时间须写明理由", "reason")
    at = datetime.fromisoformat(value["at"])
    place = (value["tender"], value["lot"], at, value["prev"], value["reason"])
    return Deadline(*place, data=data, sha256=hashlib.sha256(data).hexdigest())


def check_later(new: Deadline, last: Deadline) -> None:
    """`Malformed` unless `new` follows `last` and is later. Whether `last` has passed, the caller knows."""
    if (new.tender, new.lot, new.prev) != (last.tender, last.lot, last.sha256):
        raise Malformed("broken_chain", "应接续同一标段的上一个截止时间", "prev")
    if new.at <= last.at:
        raise Malformed("not_later", "截止时间只能延后", "at")


_DEADLINE = shape.record(
    type=shape.one_of("etb.deadline/1"),
    tender=shape.name,
    lot=shape.name,
    at=shape.moment,
    prev=shape.sha256_or_empty,
    reason=shape.text(0, 2000),
)
