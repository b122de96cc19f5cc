"""What a bidder must not lose: recovery.json, the seeds of the stages he sealed (etb.recovery/1).

Whoever holds it can open the bid: it is only ever stored under a passphrase (`lock_recovery`). A bid sealed in a page
leaves no other file behind: its recovery also holds the key that signed it, and the deadline it was sealed for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kernel.proofs import age, shape
from kernel.proofs.bid import BID_ID, SEQ
from kernel.proofs.canonical import decode, encode, from_base64, to_base64
from kernel.proofs.deadline import write_moment
from kernel.proofs.envelope import Context, StageSecret
from kernel.proofs.errors import Malformed


@dataclass(frozen=True, slots=True)
class Recovery:
    """The stage secrets of one bid, each in its context; `bid_id` in hex.

    `signer` is the private seed (32 bytes) of the chain's key, empty where that is kept in a file of its own;
    `deadline` the one sealed for: it only ever moves later, so a close before it is refused.
    """

    bidder: str
    bid_id: str
    secrets: tuple[StageSecret, ...]
    signer: bytes = field(default=b"", repr=False)
    deadline: datetime | None = None

    def secret(self, stage: str) -> StageSecret:
        """The secret of this stage."""
        for found in self.secrets:
            if found.context.stage == stage:
                return found
        raise Malformed("unknown_stage", f"恢复文件中没有阶段 {stage}")


def build_recovery(secrets: Sequence[StageSecret], *, signer: bytes = b"", deadline: datetime | None = None) -> bytes:
    """recovery.json of one bid's stages, in clear; all must be of the same bid."""
    if not secrets:
        raise Malformed("no_stage", "没有可保存的阶段")
    first = secrets[0].context
    if any(s.context.at(first.stage, first.seq) != first for s in secrets):
        raise Malformed("other_context", "各阶段不属于同一份标书")
    place = {"tender": first.tender, "lot": first.lot, "setup": first.setup.hex(), "k": first.k, "n": first.n}
    who = {"bidder": first.bidder, "bid_id": first.bid_id.hex()}
    stages = [{"id": s.context.stage, "seq": s.context.seq, "seed": to_base64(s.seed)} for s in secrets]
    more = {"signer": to_base64(signer)} if signer else {}
    if deadline is not None:
        more["deadline"] = write_moment(deadline)
    data = encode({"type": "etb.recovery/1", "stages": stages} | place | who | more)
    read_recovery(data)
    return data


def read_recovery(data: bytes) -> Recovery:
    """The secrets in a recovery.json in clear."""
    value = decode(data)
    _RECOVERY(value, "")
    bid_id, setup = bytes.fromhex(value["bid_id"]), bytes.fromhex(value["setup"])
    place = (value["tender"], value["lot"], value["bidder"])
    secrets = tuple(
        StageSecret(
            from_base64(s["seed"]),
            Context(*place, s["seq"], bid_id, s["id"], setup, value["k"], value["n"]),
        )
        for s in value["stages"]
    )
    until = datetime.fromisoformat(value["deadline"]) if "deadline" in value else None
    return Recovery(value["bidder"], value["bid_id"], secrets, from_base64(value.get("signer", "")), until)


def lock_recovery(
    secrets: Sequence[StageSecret],
    passphrase: age.Passphrase,
    *,
    signer: bytes = b"",
    deadline: datetime | None = None,
) -> bytes:
    """The recovery file as it is stored."""
    return age.lock(build_recovery(secrets, signer=signer, deadline=deadline), passphrase)


def unlock_recovery(data: bytes, passphrase: age.Passphrase) -> Recovery:
    """The secrets in a stored recovery file; `NoMatch` for a wrong passphrase."""
    return read_recovery(age.unlock(data, passphrase))


_STAGE = shape.record(id=shape.stage_id, seq=SEQ, seed=shape.base64_of(32))
_RECOVERY = shape.record(
    "signer",
    "deadline",
    type=shape.one_of("etb.recovery/1"),
    tender=shape.name,
    lot=shape.name,
    bidder=shape.name,
    bid_id=BID_ID,
    setup=shape.sha256,
    k=shape.integer(0, 3),
    n=shape.integer(0, 3),
    stages=shape.listed(_STAGE, 1, 8),
    signer=shape.base64_of(32),
    deadline=shape.moment,
)
