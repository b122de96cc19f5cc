"""A regulator's order on paper (etb.directive/1): its bytes, and what is wrong with it after those before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from kernel.clock import CHINA, iso
from kernel.errors import Problem
from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode
from kernel.proofs.errors import Malformed

KINDS = ("suspend", "resume", "correct")
GOVERNMENT_PROCUREMENT_LONGEST = timedelta(days=30)
"""政府采购法第五十七条、财政部令第94号第二十八条: a purchase stands suspended for 30 days at most in all."""

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class Order:
    """A checked directive. `lifts`: the order a `resume` ends; `until`: the instant it ends by itself."""

    id: UUID
    case: UUID
    kind: str
    lifts: UUID | None
    says: str
    article: str
    issued_by: str
    until: datetime | None
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Posted:
    """An order in the mailbox, as far as the next one must know it."""

    id: UUID
    kind: str
    posted_at: datetime
    until: datetime | None
    lifts: UUID | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(row["id"], row["kind"], row["posted_at"], row["until"], row["lifts"])


def build_order(
    *,
    id: UUID,
    case: UUID,
    kind: str,
    says: str,
    issued_by: str,
    article: str = "",
    lifts: UUID | None = None,
    until: datetime | None = None,
) -> bytes:
    """The bytes to be signed (DSSE) by the regulator; `Malformed` when they would not be read back."""
    data = encode({
        "type": "etb.directive/1", "id": str(id), "case": str(case), "kind": kind, "lifts": str(lifts or ""),
        "says": says, "article": article, "issued_by": issued_by, "until": iso(until) if until else "",
    })  # fmt: skip
    read_order(data)
    return data


def read_order(data: bytes) -> Order:
    """The directive in these bytes; `Malformed` for any other shape, or a `lifts` where there can be none."""
    value = decode(data)
    _ORDER(value, "")
    lifts = UUID(value["lifts"]) if value["lifts"] else None
    if (value["kind"] == "resume") != (lifts is not None):
        raise Malformed("lifts_misplaced", "恢复指令须且只有它可以写明所解除的指令", "lifts")
    until = datetime.fromisoformat(value["until"]).astimezone(CHINA) if value["until"] else None
    if until is not None and value["kind"] == "resume":
        raise Malformed("until_misplaced", "恢复指令没有期限", "until")
    who = (value["says"], value["article"], value["issued_by"])
    return Order(UUID(value["id"]), UUID(value["case"]), value["kind"], lifts, *who, until, data)


def problems(order: Order, at: datetime, before: Sequence[Posted], longest: timedelta | None) -> list[Problem]:
    """All that is wrong with posting this order at `at` after those of the same case.

    `longest` bounds the time a case may stand suspended in all, whoever ordered it; None: no bound.
    """
    if order.kind == "resume":
        lifted = any(p.id == order.lifts and _stands(p, at, before) for p in before)
        return [] if lifted else [_NOTHING_TO_LIFT]
    if order.until is not None and order.until <= at:
        return [Problem("until_passed", "指令的期限已经过去", "请填写更晚的期限", field="until")]
    if order.kind != "suspend" or longest is None:
        return []
    if order.until is None:
        return [Problem("until_missing", "政府采购暂停须写明期限", "请填写期限", _ARTICLE, "until")]
    if _suspended([*_stretches(before, at), (at, order.until)]) > longest:
        says = f"累计暂停时间超过 {longest.days} 日"
        return [Problem("suspended_too_long", says, "请缩短期限", _ARTICLE, "until")]
    return []


def _stands(order: Posted, at: datetime, all_posted: Sequence[Posted]) -> bool:
    ended = order.until is not None and order.until <= at
    return order.kind != "resume" and not ended and _lifted(order, all_posted) is None


def _lifted(order: Posted, all_posted: Sequence[Posted]) -> datetime | None:
    return min((p.posted_at for p in all_posted if p.lifts == order.id), default=None)


def _stretches(before: Sequence[Posted], at: datetime) -> list[tuple[datetime, datetime]]:
    """From when to when each suspension stood or will stand; one without an end counts until now."""
    found = []
    for order in before:
        if order.kind == "suspend":
            ends = [end for end in (order.until, _lifted(order, before)) if end is not None]
            found.append((order.posted_at, min(ends, default=at)))
    return found


def _suspended(stretches: list[tuple[datetime, datetime]]) -> timedelta:
    """The time in at least one of the stretches: days under two orders count once."""
    total, reached = timedelta(0), min(start for start, _ in stretches)
    for start, end in sorted(stretches):
        total += max(timedelta(0), end - max(start, reached))
        reached = max(reached, end)
    return total


_ARTICLE = "政府采购法第五十七条"
_NOTHING_TO_LIFT = Problem("nothing_to_lift", "所解除的指令不存在，或已经失效", "请核对指令编号", field="lifts")
_ORDER = shape.record(
    type=shape.one_of("etb.directive/1"),
    id=shape.matching(_UUID, "应为指令编号"),
    case=shape.matching(_UUID, "应为标段编号"),
    kind=shape.one_of(*KINDS),
    lifts=shape.matching(f"({_UUID})?", "应为所解除的指令编号，或空"),
    says=shape.text(1, 1000),
    article=shape.text(0, 200),
    issued_by=shape.text(1, 100),
    until=lambda value, where: None if value == "" else shape.moment(value, where),
)
