"""A bid's folder on the bidder's machine: what is in it, under which names."""

import base64
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.bidder.lot import Lot, read_lot
from kernel.errors import BadInput, Problem
from kernel.proofs import dsse
from kernel.proofs.bid import Bid, read_bid

BID = "bid.dsse.json"
RECOVERY = "recovery.json.age"
LOT = "lot.json"
PUBLIC_KEY = "bidder.pub"
PROGRESS = "submission.json"
RECEIPT = "receipt.json"
SIGNED_RECEIPT = "receipt.dsse.json"
PROOF = "receipt.tlog-proof"
WITHDRAWAL = "withdraw.dsse.json"
WITHDRAWAL_RECEIPT = "withdraw-receipt.json"


@dataclass(frozen=True, slots=True)
class BidFolder:
    """A sealed bid as it lies in its folder."""

    path: Path
    lot: Lot
    signed: dsse.Signed = field(repr=False)
    bid: Bid
    public_key: bytes

    @classmethod
    def open(cls, path: Path) -> "BidFolder":
        """The bid in this folder; `BadInput` where there is none."""
        if not (path / BID).is_file():
            raise BadInput(Problem("no_bid", f"{path} 中没有封装好的标书", "请先用 yangguang seal 封装"))
        lot = read_lot((path / LOT).read_bytes())
        signed = dsse.read((path / BID).read_bytes())
        public_key = base64.b64decode((path / PUBLIC_KEY).read_bytes())
        return cls(path, lot, signed, read_bid(dsse.require(signed, [public_key]), lot.setup), public_key)

    def to_send(self) -> dict[str, Path]:
        """SHA-256 → the age file, for the files that are not carried over from an earlier bid."""
        fresh = [stage for stage in self.bid.stages if stage.seq == self.bid.seq]
        return {file.sha256: self.path / file.n for stage in fresh for file in stage.files}

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file of ours in the folder, empty while there is none."""
        path = self.path / name
        return dict(json.loads(path.read_bytes())) if path.exists() else {}

    def write(self, name: str, value: object) -> None:
        """Replace a JSON file of ours, all or nothing."""
        write_whole(self.path / name, json.dumps(value, ensure_ascii=False, indent=1).encode())


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file so that a crash leaves the old one or the new one; private ones are readable by the owner only."""
    aside = path.with_name(f"{path.name}.part")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o644)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    aside.replace(path)
