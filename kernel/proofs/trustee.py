"""What an officer's machine answers to each thing that waits for him; his keys never leave it.

A task is what the platform lists: {do, tender, lot, role, …}. The answer is (kind, stage, signed object). Everything
that is signed is first read and checked here: the platform is not believed.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kernel.proofs import age, dsse
from kernel.proofs.bid import Bid, read_bid
from kernel.proofs.canonical import from_base64, to_base64
from kernel.proofs.deadline import read_deadline
from kernel.proofs.envelope import kid, public_of
from kernel.proofs.errors import Forged, Malformed
from kernel.proofs.holding import build_key
from kernel.proofs.opening import build_attest, build_release
from kernel.proofs.readiness import build_tested, open_test, read_test
from kernel.proofs.setup import Setup, read_setup
from kernel.proofs.stage import check_share, try_envelope

Task = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Officer:
    """A holder's two keys: what signs, and the age identity of his master, under which stage keys are wrapped."""

    signer: dsse.Signer
    master: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the platform."""

    kind: str
    stage: str
    signed: dsse.Signed
    wrap: bytes = b""

    def message(self) -> dict[str, str]:
        """As it is posted: `wrap` goes with a key only, beside what is signed."""
        envelope, wrap = to_base64(self.signed.to_bytes()), to_base64(self.wrap)
        return {"kind": self.kind, "stage": self.stage, "envelope": envelope, "wrap": wrap}


def answer(officer: Officer, task: Task) -> Answer:
    """Do one task; `Malformed` for a task of unknown kind or of another lot, `Forged` for altered material."""
    if task["do"] == "key":
        return _key(officer, task)
    kinds = {"setup": _setup, "deadline": _deadline, "tested": _tested, "attest": _attest, "release": _release}
    if task["do"] not in kinds:
        raise Malformed("unknown_task", f"不认识的事项 {task['do']}，请更新工具")
    payload = kinds[task["do"]](officer, task)
    return Answer(task["do"], task.get("stage", ""), dsse.sign(payload, officer.signer))


def _key(officer: Officer, task: Task) -> Answer:
    private = X25519PrivateKey.generate()
    wrap = age.lock(private.private_bytes_raw(), age.recipient_of(officer.master))
    public = private.public_key().public_bytes_raw()
    key = build_key(tender=task["tender"], lot=task["lot"], role=task["role"], pk=public, wrap=wrap)
    return Answer("key", "", dsse.sign(key, officer.signer), wrap)


def _setup(officer: Officer, task: Task) -> bytes:
    setup = read_setup(from_base64(task["body"]))
    _same_lot(task, setup.tender, setup.lot)
    return setup.data


def _deadline(officer: Officer, task: Task) -> bytes:
    deadline = read_deadline(from_base64(task["body"]))
    _same_lot(task, deadline.tender, deadline.lot)
    return deadline.data


def _tested(officer: Officer, task: Task) -> bytes:
    """Opens an envelope made for this: nothing of a bid."""
    data = from_base64(task["body"])
    test = read_test(data)
    _same_lot(task, test.tender, test.lot)
    private = age.unlock(from_base64(task["wrap"]), officer.master)
    own = kid(public_of(private)).hex()
    return build_tested(test, hashlib.sha256(data).hexdigest(), own, open_test(test, own, private))


def _attest(officer: Officer, task: Task) -> bytes:
    setup, bids, private = _material(officer, task)
    verdicts = {bid.sha256: try_envelope(setup, bid, task["stage"], private) is not None for bid in bids}
    return build_attest(**_head(task, private), verdicts=verdicts)


def _release(officer: Officer, task: Task) -> bytes:
    setup, bids, private = _material(officer, task)
    shares = {bid.sha256: _share(task, setup, bid, private) for bid in bids}
    missing = [sha256 for sha256, share in shares.items() if share is None]
    if missing:
        raise Forged("share_does_not_open", f"标书 {missing[0][:12]} 的密封件不能用这把密钥打开")
    return build_release(**_head(task, private), shares={bid: y for bid, y in shares.items() if y is not None})


def _share(task: Task, setup: Setup, bid: Bid, private: bytes) -> bytes | None:
    """His share of this bid, out of his envelope; or out of the bidder's cure, if it is the one committed to."""
    cured = task.get("cures", {}).get(bid.sha256)
    if cured is None:
        return try_envelope(setup, bid, task["stage"], private)
    y = from_base64(cured)
    return y if check_share(setup, bid, task["stage"], setup.role(task["role"]).x, y) else None


def _material(officer: Officer, task: Task) -> tuple[Setup, list[Bid], bytes]:
    setup = read_setup(from_base64(task["setup"]))
    _same_lot(task, setup.tender, setup.lot)
    private = age.unlock(from_base64(task["wrap"]), officer.master)
    return setup, [read_bid(from_base64(body), setup) for body in task["bids"]], private


def _head(task: Task, private: bytes) -> dict[str, str]:
    return {
        "close": task["close"],
        "stage": task["stage"],
        "role": task["role"],
        "kid": kid(public_of(private)).hex(),
        "report": task.get("report", ""),
    }


def _same_lot(task: Task, tender: str, lot: str) -> None:
    if (task["tender"], task["lot"]) != (tender, lot):
        raise Malformed("other_context", "内容不是这个标段的")
