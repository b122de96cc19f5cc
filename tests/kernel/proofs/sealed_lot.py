"""One lot of the box for tests: its officers' keys, its set-up, and bids sealed for it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel.proofs.bid import Bid, SealedFile, build_bid, read_bid
from kernel.proofs.canonical import encode
from kernel.proofs.envelope import StageSecret, public_of
from kernel.proofs.setup import Setup, build_setup, read_setup
from kernel.proofs.stage import new_secret, seal_stage

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "sealing.json").read_bytes())
NOTICE = "0e" * 32
BIDDER = "91350100M000100Y43"
BID_ID = "000102030405060708090a0b0c0d0e0f"

# Two holders for each role; any 32 bytes are a private key.
PRIVATE = {
    role: [hashlib.sha256(f"{role} {i}".encode()).digest() for i in (1, 2)]
    for role in ("operator", "regulator", "purchaser")
}
PUBLIC = {role: [public_of(private) for private in holders] for role, holders in PRIVATE.items()}


def lot_setup(*, mode: str = "bidder", tender: str = "T-2026-000123", lot: str = "01", **rest: Any) -> Setup:
    keys = {} if mode == "bidder-only" else PUBLIC
    return read_setup(build_setup(mode=mode, tender=tender, lot=lot, keys=keys, **rest))


@dataclass(frozen=True)
class SealedBid:
    """A bid and what its bidder keeps."""

    bid: Bid
    secrets: dict[str, StageSecret]


def sealed_bid(setup: Setup, *, bidder: str = BIDDER, last: "SealedBid | None" = None, again: str = "") -> SealedBid:
    """A bidder's first bid, or the one after `last`, in which only the stage `again` is sealed anew."""
    seq = last.bid.seq + 1 if last else 1
    secrets, stages = {}, []
    for stage in (rule.id for rule in setup.stages):
        if last and stage != again:
            secrets[stage] = last.secrets[stage]
            stages.append(last.bid.stage(stage))
            continue
        secret = new_secret(setup, bidder=bidder, bid_id=BID_ID, stage=stage, seq=seq)
        secrets[stage] = secret
        stages.append(seal_stage(setup, secret, [SealedFile(f"{stage}-0.age", 16600, "ab" * 32)]))
    chain: dict[str, Any] = {"bidder": bidder, "bid_id": BID_ID, "seq": seq, "prev": last.bid.sha256 if last else ""}
    data = build_bid(setup, **chain, notice=NOTICE, fallback=True, stages=stages)
    return SealedBid(read_bid(data, setup), secrets)


def altered(data: bytes, *path: str | int, to: object) -> bytes:
    """The same document with the member at `path` replaced (or removed: `to` is `...`)."""
    value = json.loads(data)
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    if to is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return encode(value)
