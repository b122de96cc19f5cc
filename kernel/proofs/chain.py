"""The chain of a bidder's messages on a lot: bids and withdrawals, seq 1, 2, 3 …, each naming the one before.

withdraw.json of etb/1 is built and read here.
"""

import hashlib
from dataclasses import dataclass, field

from kernel.proofs import shape
from kernel.proofs.bid import BID_ID, Bid, SealedStage
from kernel.proofs.canonical import decode, encode
from kernel.proofs.errors import Malformed
from kernel.proofs.setup import Setup


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A checked withdraw.json."""

    tender: str
    lot: str
    bidder: str
    bid_id: str
    seq: int
    prev: str
    data: bytes = field(repr=False)
    sha256: str


def build_withdrawal(setup: Setup, *, bidder: str, bid_id: str, seq: int, prev: str) -> bytes:
    """withdraw.json: the next message of the chain, after which nothing of it stands."""
    chain = {"bidder": bidder, "bid_id": bid_id, "seq": seq, "prev": prev}
    data = encode({"type": "etb.withdraw/1", "tender": setup.tender, "lot": setup.lot} | chain)
    read_withdrawal(data, setup)
    return data


def read_withdrawal(data: bytes, setup: Setup) -> Withdrawal:
    """The withdrawal in these bytes; `Malformed` for another shape, tender or lot."""
    value = decode(data)
    _WITHDRAWAL(value, "")
    if (value["tender"], value["lot"]) != (setup.tender, setup.lot):
        raise Malformed("other_context", "与本标段不符", "lot")
    rest = {name: value[name] for name in ("tender", "lot", "bidder", "bid_id", "seq", "prev")}
    return Withdrawal(**rest, data=data, sha256=hashlib.sha256(data).hexdigest())


def check_chain(new: Bid | Withdrawal, last: Bid | Withdrawal | None) -> None:
    """`Malformed` unless `new` follows `last`, or opens a chain where there is none.

    A stage that says it was sealed earlier must be the last bid's, unchanged; after a withdrawal none may be.
    """
    if last is None:
        if new.seq != 1 or isinstance(new, Withdrawal):
            raise Malformed("not_first", "尚无在先的标书，序号应为 1，且不能先撤回", "seq")
        return
    if (new.seq, new.prev) != (last.seq + 1, last.sha256):
        raise Malformed("broken_chain", "应紧接上一份：序号加一，并写明上一份的 SHA-256", "prev")
    if (new.bidder, new.bid_id) != (last.bidder, last.bid_id):
        raise Malformed("other_chain", "投标人或标书编号与上一份不同", "bid_id")
    if isinstance(new, Bid):
        _check_carried(new, last)


def carried(bid: Bid) -> tuple[SealedStage, ...]:
    """The stages taken over unchanged from an earlier bid of the chain: their files are not sent again."""
    return tuple(s for s in bid.stages if s.seq < bid.seq)


def _check_carried(new: Bid, last: Bid | Withdrawal) -> None:
    before = last.stages if isinstance(last, Bid) else ()
    for stage in carried(new):
        if stage not in before:
            raise Malformed("not_carried", f"阶段 {stage.id} 写明沿用，但与上一份不同", "stages")


_WITHDRAWAL = shape.record(
    type=shape.one_of("etb.withdraw/1"),
    tender=shape.name,
    lot=shape.name,
    bidder=shape.name,
    bid_id=BID_ID,
    seq=shape.integer(2, 2**32 - 1),
    prev=shape.sha256,
)
