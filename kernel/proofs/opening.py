"""What is signed to open a stage: attest, release, reveal and cure (etb/1), built and strictly read.

    etb.attest/1   {close, stage, role, kid, verdicts:[{bid, ok}]}   a role has tried its envelopes
    etb.release/1  {close, stage, role, kid, shares:[{bid, y}]}      a role gives all its shares of the list
    etb.reveal/1   {close, stage, bidder, bid, seed}                 a bidder gives his seed
    etb.cure/1     {close, stage, bidder, bid, x, kid, y, ikmE}      a bidder proves one envelope well made
    etb.audit/1    {close, stage, bid, role, kid, opens}             the auditor has tried one with the key shown to him

Each names the close by its SHA-256. `report` is a further member of the first three, the SHA-256 of the
signed report that opens the way to a later stage; where no report is needed it is left out.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode, from_base64, to_base64
from kernel.proofs.errors import Malformed


@dataclass(frozen=True, slots=True)
class Attest:
    """A role's verdict on each bid of the list, in its order: True where its envelope opens and meets c_x."""

    close: str
    stage: str
    role: str
    kid: str
    verdicts: dict[str, bool]
    report: str
    data: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class Release:
    """A role's shares (32 bytes each) by bid, in the list's order."""

    close: str
    stage: str
    role: str
    kid: str
    shares: dict[str, bytes] = field(repr=False)
    report: str
    data: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class Reveal:
    """A bidder's own seed of one stage."""

    close: str
    stage: str
    bidder: str
    bid: str
    seed: bytes = field(repr=False)
    report: str
    data: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What the auditor saw when the holder of `kid` showed him his stage key: whether the envelope opens to its c_x."""

    close: str
    stage: str
    bid: str
    role: str
    kid: str
    opens: bool
    data: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class Cure:
    """The share and ikmE of one envelope, which must make its logged bytes again; never the seed."""

    close: str
    stage: str
    bidder: str
    bid: str
    x: int
    kid: str
    y: bytes = field(repr=False)
    key_material: bytes = field(repr=False)
    data: bytes = field(repr=False)
    sha256: str


def build_attest(
    *, close: str, stage: str, role: str, kid: str, verdicts: Mapping[str, bool], report: str = ""
) -> bytes:
    """etb.attest/1; `verdicts` in the order of the close's list, `kid` of the stage key used (hex)."""
    listed = [{"bid": bid, "ok": ok} for bid, ok in verdicts.items()]
    head = {"type": "etb.attest/1", "close": close, "stage": stage, "role": role, "kid": kid}
    return _written(_ATTEST, head | {"verdicts": listed}, report)


def read_attest(data: bytes, *, close: str, stage: str, bids: Sequence[str]) -> Attest:
    """The attestation in these bytes; about this close and stage and exactly `bids`, in order."""
    value = _read(_ATTEST, data, close, stage)
    _check_list([v["bid"] for v in value["verdicts"]], bids, "verdicts")
    verdicts = {v["bid"]: v["ok"] for v in value["verdicts"]}
    return Attest(close, stage, value["role"], value["kid"], verdicts, *_rest(value, data))


def build_release(
    *, close: str, stage: str, role: str, kid: str, shares: Mapping[str, bytes], report: str = ""
) -> bytes:
    """etb.release/1; `shares` (32 bytes each) in the order of the list."""
    listed = [{"bid": bid, "y": to_base64(y)} for bid, y in shares.items()]
    head = {"type": "etb.release/1", "close": close, "stage": stage, "role": role, "kid": kid}
    return _written(_RELEASE, head | {"shares": listed}, report)


def read_release(data: bytes, *, close: str, stage: str, bids: Sequence[str]) -> Release:
    """The release in these bytes, exactly `bids` in order; each share must still pass `stage.check_share`."""
    value = _read(_RELEASE, data, close, stage)
    _check_list([s["bid"] for s in value["shares"]], bids, "shares")
    shares = {s["bid"]: from_base64(s["y"]) for s in value["shares"]}
    return Release(close, stage, value["role"], value["kid"], shares, *_rest(value, data))


def build_reveal(*, close: str, stage: str, bidder: str, bid: str, seed: bytes, report: str = "") -> bytes:
    """etb.reveal/1; `bid` is the SHA-256 of the standing bid.json, `seed` has 32 bytes."""
    head = {"type": "etb.reveal/1", "close": close, "stage": stage, "bidder": bidder, "bid": bid}
    return _written(_REVEAL, head | {"seed": to_base64(seed)}, report)


def read_reveal(data: bytes, *, close: str, stage: str) -> Reveal:
    """The reveal in these bytes; the seed still has to meet its commitment (`stage.open_stage`)."""
    value = _read(_REVEAL, data, close, stage)
    seed = from_base64(value["seed"])
    return Reveal(close, stage, value["bidder"], value["bid"], seed, *_rest(value, data))


def build_cure(
    *, close: str, stage: str, bidder: str, bid: str, x: int, kid: str, y: bytes, key_material: bytes
) -> bytes:
    """etb.cure/1: `y` and `key_material` are `StageSecret.share(x)` and `.envelope_key(x, pk)`."""
    head = {"type": "etb.cure/1", "close": close, "stage": stage, "bidder": bidder, "bid": bid}
    proof = {"x": x, "kid": kid, "y": to_base64(y), "ikmE": to_base64(key_material)}
    return _written(_CURE, head | proof, "")


def read_cure(data: bytes, *, close: str, stage: str) -> Cure:
    """The cure in these bytes; it still has to make the envelope again (`stage.check_cure`)."""
    value = _read(_CURE, data, close, stage)
    who = (value["bidder"], value["bid"], value["x"], value["kid"])
    secrets = (from_base64(value["y"]), from_base64(value["ikmE"]))
    return Cure(close, stage, *who, *secrets, data, hashlib.sha256(data).hexdigest())


def build_audit(*, close: str, stage: str, bid: str, role: str, kid: str, opens: bool) -> bytes:
    """etb.audit/1: `opens` is what `stage.try_envelope` said of the shown key; the key itself is in no message."""
    head = {"type": "etb.audit/1", "close": close, "stage": stage, "bid": bid, "role": role}
    return _written(_AUDIT, head | {"kid": kid, "opens": opens}, "")


def read_audit(data: bytes, *, close: str, stage: str) -> Audit:
    """The audit in these bytes; whose signature counts is the caller's question."""
    value = _read(_AUDIT, data, close, stage)
    said = (value["bid"], value["role"], value["kid"], value["opens"])
    return Audit(close, stage, *said, data, hashlib.sha256(data).hexdigest())


def _written(check: shape.Check, value: dict[str, Any], report: str) -> bytes:
    if report:
        value["report"] = report
    data = encode(value)
    check(value, "")
    return data


def _read(check: shape.Check, data: bytes, close: str, stage: str) -> dict[str, Any]:
    value: dict[str, Any] = decode(data)
    check(value, "")
    if (value["close"], value["stage"]) != (close, stage):
        raise Malformed("other_context", "说的是另一次截标或另一阶段", "close")
    return value


def _rest(value: dict[str, Any], data: bytes) -> tuple[str, bytes, str]:
    return value.get("report", ""), data, hashlib.sha256(data).hexdigest()


def _check_list(named: list[str], bids: Sequence[str], where: str) -> None:
    if named != list(bids):
        raise Malformed("other_list", "应逐一列出清单上的标书，次序一致，一份不多一份不少", where)


_HASH32 = shape.base64_of(32)
_VERDICT = shape.record(bid=shape.sha256, ok=shape.boolean)
_SHARE = shape.record(bid=shape.sha256, y=_HASH32)
_ATTEST = shape.record(
    "report",
    type=shape.one_of("etb.attest/1"),
    close=shape.sha256,
    stage=shape.stage_id,
    role=shape.role,
    kid=shape.kid,
    verdicts=shape.listed(_VERDICT, 1),
    report=shape.sha256,
)
_RELEASE = shape.record(
    "report",
    type=shape.one_of("etb.release/1"),
    close=shape.sha256,
    stage=shape.stage_id,
    role=shape.role,
    kid=shape.kid,
    shares=shape.listed(_SHARE, 1),
    report=shape.sha256,
)
_REVEAL = shape.record(
    "report",
    type=shape.one_of("etb.reveal/1"),
    close=shape.sha256,
    stage=shape.stage_id,
    bidder=shape.name,
    bid=shape.sha256,
    seed=_HASH32,
    report=shape.sha256,
)
_CURE = shape.record(
    type=shape.one_of("etb.cure/1"),
    close=shape.sha256,
    stage=shape.stage_id,
    bidder=shape.name,
    bid=shape.sha256,
    x=shape.integer(1, 3),
    kid=shape.kid,
    y=_HASH32,
    ikmE=_HASH32,
)
_AUDIT = shape.record(
    type=shape.one_of("etb.audit/1"),
    close=shape.sha256,
    stage=shape.stage_id,
    bid=shape.sha256,
    role=shape.role,
    kid=shape.kid,
    opens=shape.boolean,
)
