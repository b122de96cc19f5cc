"""A sealed bid: bid.json of etb/1, built and strictly read."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode, from_base64, to_base64
from kernel.proofs.envelope import ENVELOPE_SIZE, SUITE, Context
from kernel.proofs.errors import Malformed
from kernel.proofs.setup import Role, Setup


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One age file: its name ``<stage>-<number>.age``, size in bytes and SHA-256 (hex) of the ciphertext."""

    n: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Share:
    """A role's share: its commitment c (32 bytes) and one envelope (81 bytes) for each holder's kid."""

    x: int
    role: str
    c: bytes
    env: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class SealedStage:
    """One stage as committed; `seq` is the sequence at which it was sealed, `commit` has 32 bytes."""

    id: str
    seq: int
    commit: bytes
    shares: tuple[Share, ...]
    files: tuple[SealedFile, ...]


@dataclass(frozen=True, slots=True)
class Bid:
    """A checked bid.json; `data` are the exact bytes that were signed, `sha256` their hash in hex."""

    tender: str
    lot: str
    bidder: str
    bid_id: str
    seq: int
    prev: str
    setup: str
    notice: str
    fallback: bool
    stages: tuple[SealedStage, ...]
    data: bytes = field(repr=False)
    sha256: str

    def stage(self, stage: str) -> SealedStage:
        """The stage of this id."""
        for found in self.stages:
            if found.id == stage:
                return found
        raise Malformed("unknown_stage", f"标书中没有阶段 {stage}")

    def context(self, setup: Setup, stage: str) -> Context:
        """The context that a stage of this bid is bound to."""
        return setup.context(self.bidder, self.bid_id, stage, self.stage(stage).seq)


def build_bid(
    setup: Setup,
    *,
    bidder: str,
    bid_id: str,
    seq: int,
    prev: str,
    notice: str,
    fallback: bool,
    stages: Sequence[SealedStage],
) -> bytes:
    """bid.json from sealed stages; `bid_id` 16 random bytes in hex, made once for the chain.

    Raises `Malformed` for what `read_bid` would refuse.
    """
    chain = {"bidder": bidder, "bid_id": bid_id, "seq": seq, "prev": prev}
    place = {"tender": setup.tender, "lot": setup.lot, "setup": setup.sha256, "notice": notice}
    kind = {"type": "etb.bid/1", "suite": SUITE, "fallback": fallback}
    data = encode(kind | place | chain | {"stages": [_stage_json(s) for s in stages]})
    read_bid(data, setup)
    return data


def read_bid(data: bytes, setup: Setup) -> Bid:
    """The bid in these bytes; `Malformed` unless its shape is etb/1's and its context the set-up's.

    Stages, shares and envelopes must be exactly the set-up's, in its order. Not checked here: the signature,
    the chain (`chain.check_chain`), the files' bytes (`age_check.check_sealed`).
    """
    value = decode(data)
    _BID(value, "")
    for name, ours in (("tender", setup.tender), ("lot", setup.lot), ("setup", setup.sha256)):
        if value[name] != ours:
            raise Malformed("other_context", "与本标段或现行开标设定不符", name)
    _check_first(value["seq"], value["prev"])
    stages = tuple(_stage(s) for s in value["stages"])
    if [s.id for s in stages] != [s.id for s in setup.stages]:
        raise Malformed("other_stages", "阶段应与设定逐一相同，次序一致", "stages")
    for i, stage in enumerate(stages):
        _check_stage(stage, value["seq"], setup, f"stages[{i}]")
    rest = {name: value[name] for name in _PLAIN}
    return Bid(**rest, stages=stages, data=data, sha256=hashlib.sha256(data).hexdigest())


def _check_first(seq: int, prev: str) -> None:
    if (seq == 1) != (prev == ""):
        raise Malformed("broken_chain", "第一份的 prev 应为空，其后应写明上一份的 SHA-256", "prev")


def _check_stage(stage: SealedStage, seq: int, setup: Setup, where: str) -> None:
    if stage.seq > seq:
        raise Malformed("bad_seq", "阶段的序号晚于标书", f"{where}.seq")
    if [(s.x, s.role) for s in stage.shares] != [(r.x, r.role) for r in setup.roles]:
        raise Malformed("other_shares", "份额应与设定的三方逐一相同，次序一致", f"{where}.shares")
    for i, (share, role) in enumerate(zip(stage.shares, setup.roles, strict=True)):
        _check_envelopes(share, role, f"{where}.shares[{i}].env")
    for i, file in enumerate(stage.files):
        if file.n != f"{stage.id}-{i}.age":
            raise Malformed("bad_name", f"文件名应为 {stage.id}-{i}.age", f"{where}.files[{i}].n")


def _check_envelopes(share: Share, role: Role, where: str) -> None:
    if [kid for kid, _ in share.env] != [key.kid for key in role.keys]:
        raise Malformed("other_envelopes", "密封件应与设定的持钥人逐一相同，次序一致", where)


def _stage(value: dict[str, Any]) -> SealedStage:
    shares = tuple(_share(s) for s in value["shares"])
    files = tuple(SealedFile(f["n"], f["size"], f["sha256"]) for f in value["files"])
    return SealedStage(value["id"], value["seq"], bytes.fromhex(value["commit"]), shares, files)


def _share(value: dict[str, Any]) -> Share:
    envelopes = tuple((e["kid"], from_base64(e["e"])) for e in value["env"])
    return Share(value["x"], value["role"], bytes.fromhex(value["c"]), envelopes)


def _stage_json(stage: SealedStage) -> dict[str, Any]:
    shares = [_share_json(s) for s in stage.shares]
    files = [{"n": f.n, "size": f.size, "sha256": f.sha256} for f in stage.files]
    return {"id": stage.id, "seq": stage.seq, "commit": stage.commit.hex(), "shares": shares, "files": files}


def _share_json(share: Share) -> dict[str, Any]:
    envelopes = [{"kid": kid, "e": to_base64(e)} for kid, e in share.env]
    return {"x": share.x, "role": share.role, "c": share.c.hex(), "env": envelopes}


_PLAIN = ("tender", "lot", "bidder", "bid_id", "seq", "prev", "setup", "notice", "fallback")
SEQ = shape.integer(1, 2**32 - 1)
BID_ID = shape.matching(r"[0-9a-f]{32}", "标书编号应为 32 位小写十六进制")
_ENVELOPE = shape.record(kid=shape.kid, e=shape.base64_of(ENVELOPE_SIZE))
_SHARE = shape.record(x=shape.integer(1, 3), role=shape.role, c=shape.sha256, env=shape.listed(_ENVELOPE, 2, 16))
_FILE = shape.record(n=shape.text(1, 64), size=shape.integer(), sha256=shape.sha256)
_STAGE = shape.record(
    id=shape.stage_id,
    seq=SEQ,
    commit=shape.sha256,
    shares=shape.listed(_SHARE, 0, 3),
    files=shape.listed(_FILE, 1, 1000),
)
_BID = shape.record(
    type=shape.one_of("etb.bid/1"),
    suite=shape.one_of(SUITE),
    tender=shape.name,
    lot=shape.name,
    bidder=shape.name,
    bid_id=BID_ID,
    seq=SEQ,
    prev=shape.sha256_or_empty,
    setup=shape.sha256,
    notice=shape.sha256,
    fallback=shape.boolean,
    stages=shape.listed(_STAGE, 1, 8),
)


def sealed_size(message: bytes) -> int:
    """Bytes of all sealed files that the stored bid names; 0 for a withdrawal, which names none."""
    stages = decode(message).get("stages", [])
    return sum(file["size"] for stage in stages for file in stage["files"])
