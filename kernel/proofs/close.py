"""The receipt of a bid and the list that stands at the close: etb.receipt/1 and etb.close/1."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode
from kernel.proofs.deadline import write_moment
from kernel.proofs.errors import Malformed


@dataclass(frozen=True, slots=True)
class Close:
    """A checked close.json: SHA-256 of the bids that stand and of those withdrawn, each list sorted."""

    tender: str
    lot: str
    setup: str
    deadline: str
    at: datetime
    bids: tuple[str, ...]
    withdrawn: tuple[str, ...]
    data: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A checked receipt: `sha256` names the bid received; `salt` (32 bytes, hex) keeps it unguessable."""

    tender: str
    lot: str
    bidder: str
    seq: int
    sha256: str
    received: datetime
    salt: str
    data: bytes = field(repr=False)


def build_close(
    *,
    tender: str,
    lot: str,
    setup: str,
    deadline: str,
    at: datetime,
    bids: Iterable[str],
    withdrawn: Iterable[str],
) -> bytes:
    """close.json; the lists are sorted here. `setup` and `deadline` are SHA-256 in hex."""
    value = {"type": "etb.close/1", "tender": tender, "lot": lot, "setup": setup, "deadline": deadline}
    data = encode(value | {"at": write_moment(at), "bids": sorted(bids), "withdrawn": sorted(withdrawn)})
    read_close(data)
    return data


def read_close(data: bytes) -> Close:
    """The close in these bytes; `Malformed` unless both lists are sorted, without doubles, and apart."""
    value = decode(data)
    _CLOSE(value, "")
    bids, withdrawn = value["bids"], value["withdrawn"]
    for name, listed in (("bids", bids), ("withdrawn", withdrawn)):
        if listed != sorted(set(listed)):
            raise Malformed("not_sorted", "应排序且无重复", name)
    if set(bids) & set(withdrawn):
        raise Malformed("listed_twice", "同一标书既有效又撤回", "withdrawn")
    place = (value["tender"], value["lot"], value["setup"], value["deadline"])
    lists = (datetime.fromisoformat(value["at"]), tuple(bids), tuple(withdrawn))
    return Close(*place, *lists, data=data, sha256=hashlib.sha256(data).hexdigest())


def build_receipt(
    *, tender: str, lot: str, bidder: str, seq: int, sha256: str, received: datetime, salt: bytes
) -> bytes:
    """The receipt of one bid or withdrawal, `salt` 32 random bytes."""
    value = {"type": "etb.receipt/1", "tender": tender, "lot": lot, "bidder": bidder, "seq": seq}
    data = encode(value | {"sha256": sha256, "received": write_moment(received), "salt": salt.hex()})
    read_receipt(data)
    return data


def read_receipt(data: bytes) -> Receipt:
    """The receipt in these bytes."""
    value = decode(data)
    _RECEIPT(value, "")
    received = datetime.fromisoformat(value["received"])
    who = (value["tender"], value["lot"], value["bidder"], value["seq"])
    return Receipt(*who, value["sha256"], received, value["salt"], data=data)


_CLOSE = shape.record(
    type=shape.one_of("etb.close/1"),
    tender=shape.name,
    lot=shape.name,
    setup=shape.sha256,
    deadline=shape.sha256,
    at=shape.moment,
    bids=shape.listed(shape.sha256),
    withdrawn=shape.listed(shape.sha256),
)
_RECEIPT = shape.record(
    type=shape.one_of("etb.receipt/1"),
    tender=shape.name,
    lot=shape.name,
    bidder=shape.name,
    seq=shape.integer(1, 2**32 - 1),
    sha256=shape.sha256,
    received=shape.moment,
    salt=shape.sha256,
)
