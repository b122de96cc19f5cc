"""What an officer's machine demands of a task before it signs anything: the platform that lists it is not believed.

`check_task` raises `Malformed`, `Forged` or `BadSignature`. Without anchors only what is consistent in itself is seen.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from kernel.proofs import dsse
from kernel.proofs.age import recipient_of
from kernel.proofs.anchored import check_close, check_deadline
from kernel.proofs.anchors import Anchors
from kernel.proofs.canonical import from_base64
from kernel.proofs.close import Close, read_close
from kernel.proofs.deadline import Deadline, read_deadline
from kernel.proofs.errors import Forged, Malformed
from kernel.proofs.holding import read_key
from kernel.proofs.readiness import read_test
from kernel.proofs.report_proof import check_report
from kernel.proofs.setup import Setup, read_setup
from kernel.proofs.trustee import Officer, Task

WORK = ("key", "setup", "deadline", "tested", "attest", "release", "show")
_MEMBERS = {
    "key": ("recipient",),
    "setup": ("body", "key"),
    "deadline": ("body",),
    "tested": ("body", "wrap"),
    "attest": ("stage", "close", "countersigned", "deadline", "setup", "wrap", "bids"),
    "release": ("stage", "close", "countersigned", "deadline", "setup", "wrap", "bids"),
    "show": ("stage", "close", "countersigned", "deadline", "setup", "wrap", "bids", "said"),
}


@dataclass(frozen=True, slots=True)
class Trust:
    """What the officer believes besides his own keys: his role, the anchors, his own clock (None: not looked at)."""

    role: str
    anchors: Anchors | None = None
    now: datetime | None = None


def check_task(officer: Officer, task: Task, trust: Trust) -> None:
    """Refuse a task that this officer must not do."""
    if task.get("do") not in WORK:
        raise Malformed("unknown_task", f"不认识的事项 {task.get('do')}，请更新工具")
    lacking = [name for name in ("tender", "lot", "role", *_MEMBERS[task["do"]]) if not task.get(name)]
    if lacking:
        raise Malformed("task_incomplete", f"平台给出的材料不全，缺少 {'、'.join(lacking)}")
    if task["role"] != trust.role:
        raise Malformed("other_role", "事项不是这把密钥的角色的")
    checks = {"key": _key, "setup": _setup, "deadline": _deadline, "tested": _tested}
    checks |= {"attest": _opening, "release": _opening, "show": _opening}
    checks[task["do"]](officer, task, trust)


def _key(officer: Officer, task: Task, trust: Trust) -> None:
    if task["recipient"] != recipient_of(officer.master):
        raise Forged("other_master", "平台登记的主公钥不是您的，请重新登记并查明原因")


def _setup(officer: Officer, task: Task, trust: Trust) -> None:
    """His own key must stand in it under his own role: what makes as many signatures as keys mean anything."""
    setup = read_setup(from_base64(task["body"]))
    _same_lot(task, setup.tender, setup.lot)
    own = read_key(dsse.require(dsse.read(from_base64(task["key"])), [officer.signer.public]))
    _same_lot(task, own.tender, own.lot)
    if own.pk not in {key.pk for key in setup.role(trust.role).keys}:
        raise Forged("own_key_missing", "开标设定中没有您自己生成的密钥，不能签署")


def _deadline(officer: Officer, task: Task, trust: Trust) -> None:
    deadline = read_deadline(from_base64(task["body"]))
    _same_lot(task, deadline.tender, deadline.lot)


def _tested(officer: Officer, task: Task, trust: Trust) -> None:
    test = read_test(from_base64(task["body"]))
    _same_lot(task, test.tender, test.lot)


def _opening(officer: Officer, task: Task, trust: Trust) -> None:
    """Nothing is opened but bids of a countersigned close, at or after the purchaser's own deadline."""
    setup = read_setup(from_base64(task["setup"]))
    close, deadline = _close(task, trust), _signed_deadline(task, trust)
    for tender, lot in ((setup.tender, setup.lot), (close.tender, close.lot), (deadline.tender, deadline.lot)):
        _same_lot(task, tender, lot)
    _belongs(setup, close, deadline)
    _in_turn(setup, task)
    check_report(setup, task, trust.anchors, close.at)
    named = [hashlib.sha256(from_base64(body)).hexdigest() for body in task["bids"]]
    if [bid for bid in close.bids if bid in set(named)] != named:
        raise Forged("not_in_close", "要开启的标书不在会签的截标名单中")
    if trust.now is not None and trust.now < deadline.at:
        raise Forged("before_deadline", "按本机时钟，投标截止时间还没有到，不能开启")


def _close(task: Task, trust: Trust) -> Close:
    signed = dsse.read(from_base64(task["countersigned"]))
    if signed.sha256 != task["close"]:
        raise Forged("other_close", "会签的不是这份截标名单")
    return read_close(signed.payload) if trust.anchors is None else check_close(signed, trust.anchors)


def _signed_deadline(task: Task, trust: Trust) -> Deadline:
    signed = dsse.read(from_base64(task["deadline"]))
    return read_deadline(signed.payload) if trust.anchors is None else check_deadline(signed, trust.anchors)


def _belongs(setup: Setup, close: Close, deadline: Deadline) -> None:
    if (close.setup, close.deadline) != (setup.sha256, deadline.sha256):
        raise Forged("other_context", "截标名单与开标设定、截止时间不相符")
    if close.at < deadline.at:
        raise Forged("closed_early", "截标名单早于投标截止时间")


def _in_turn(setup: Setup, task: Task) -> None:
    """A later stage names the signed report that opened the way to it; a first one waits for none."""
    if task["stage"] not in setup.turn(str(task.get("report", ""))):
        raise Forged("not_its_turn", "按签署的开标设定，这个阶段应在评审报告签署之后（或之前）开启，不能办理")


def _same_lot(task: Task, tender: str, lot: str) -> None:
    if (task["tender"], task["lot"]) != (tender, lot):
        raise Malformed("other_context", "内容不是这个标段的")
