"""What a bidder must not lose: recovery.json, the seeds of the stages he sealed (etb.recovery/1).

Whoever holds it can open the bid: it is only ever stored under a passphrase (`lock_recovery`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.proofs import age, shape
from kernel.proofs.bid import BID_ID, SEQ
from kernel.proofs.canonical import decode, encode, from_base64, to_base64
from kernel.proofs.envelope import Context, StageSecret
from kernel.proofs.errors import Malformed


@dataclass(frozen=True, slots=True)
class Recovery:
    """The stage secrets of one bid, each in its context; `bid_id` in hex."""

    bidder: str
    bid_id: str
    secrets: tuple[StageSecret, ...]

    def secret(self, stage: str) -> StageSecret:
        """The secret of this stage."""
        for found in self.secrets:
            if found.context.stage == stage:
                return found
        raise Malformed("unknown_stage", f"恢复文件中没有阶段 {stage}")


def build_recovery(secrets: Sequence[StageSecret]) -> bytes:
    """recovery.json of one bid's stages, in clear; all must be of the same bid."""
    if not secrets:
        raise Malformed("no_stage", "没有可保存的阶段")
    first = secrets[0].context
    if any(s.context.at(first.stage, first.seq) != first for s in secrets):
        raise Malformed("other_context", "各阶段不属于同一份标书")
    place = {"tender": first.tender, "lot": first.lot, "setup": first.setup.hex(), "k": first.k, "n": first.n}
    who = {"bidder": first.bidder, "bid_id": first.bid_id.hex()}
    stages = [{"id": s.context.stage, "seq": s.context.seq, "seed": to_base64(s.seed)} for s in secrets]
    data = encode({"type": "etb.recovery/1", "stages": stages} | place | who)
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
    return Recovery(value["bidder"], value["bid_id"], secrets)


def lock_recovery(secrets: Sequence[StageSecret], passphrase: age.Passphrase) -> bytes:
    """The recovery file as it is stored."""
    return age.lock(build_recovery(secrets), passphrase)


def unlock_recovery(data: bytes, passphrase: age.Passphrase) -> Recovery:
    """The secrets in a stored recovery file; `NoMatch` for a wrong passphrase."""
    return read_recovery(age.unlock(data, passphrase))


_STAGE = shape.record(id=shape.stage_id, seq=SEQ, seed=shape.base64_of(32))
_RECOVERY = shape.record(
    type=shape.one_of("etb.recovery/1"),
    tender=shape.name,
    lot=shape.name,
    bidder=shape.name,
    bid_id=BID_ID,
    setup=shape.sha256,
    k=shape.integer(0, 3),
    n=shape.integer(0, 3),
    stages=shape.listed(_STAGE, 1, 8),
)
