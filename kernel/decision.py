"""A regulator's decision on paper (etb.decision/1): what he decides for a trading duty to carry out; its bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode
from kernel.proofs.errors import Malformed

KINDS = {
    "admit_expert": "准予入库",
    "refuse_expert": "不予入库",
    "suspend_expert": "暂停专家资格",
    "restore_expert": "恢复专家资格",
    "approve_item": "批准服务事项",
    "refuse_item": "不予列入服务事项",
    "withdraw_item": "取消服务事项",
    "suspend_agency": "暂停机构从业",
    "restore_agency": "恢复机构从业",
    "clear_agency": "清退机构",
    "rate_result": "审批部门评价成果",
}
"""Kind → its name. What a kind's `facts` must hold is checked by the duty that takes it."""

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class Paper:
    """A checked decision. `subject`: whom or what it is about; `says`: the reason, shown to the party."""

    id: UUID
    kind: str
    subject: UUID
    says: str
    facts: Mapping[str, Any]
    decided_by: str
    data: bytes = field(repr=False)


def build_decision(
    *, id: UUID, kind: str, subject: UUID, says: str, decided_by: str, facts: Mapping[str, Any] | None = None
) -> bytes:
    """The bytes to be signed (DSSE) by the regulator's process; `Malformed` when they would not be read back."""
    data = encode({
        "type": "etb.decision/1", "id": str(id), "kind": kind, "subject": str(subject), "says": says,
        "facts": dict(facts or {}), "decided_by": decided_by,
    })  # fmt: skip
    read_decision(data)
    return data


def read_decision(data: bytes) -> Paper:
    """The decision in these bytes; `Malformed` for any other shape or an unknown kind."""
    value = decode(data)
    _DECISION(value, "")
    words = value["says"], MappingProxyType(value["facts"]), value["decided_by"]
    return Paper(UUID(value["id"]), value["kind"], UUID(value["subject"]), *words, data)


def _facts(value: object, where: str) -> None:
    if not isinstance(value, dict):
        raise Malformed("facts_malformed", "决定所附事实应为对象", where)


_DECISION = shape.record(
    type=shape.one_of("etb.decision/1"),
    id=shape.matching(_UUID, "应为决定编号"),
    kind=shape.one_of(*KINDS),
    subject=shape.matching(_UUID, "应为对象编号"),
    says=shape.text(1, 1000),
    facts=_facts,
    decided_by=shape.text(1, 100),
)
