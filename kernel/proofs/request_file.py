"""request.json in an evidence package: which request of the supermarket this is, and by what rule its agency is found.

{"type":"etb.request/1","code","case","name","owner","item","mode","picks","percents","drop_from","quotes","least",
 "lowest","highest","outcome":"served"|"failed"|"withdrawn"}      amounts in yuan as text, empty where there is none
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode
from kernel.proofs.errors import Malformed
from kernel.proofs.selection import PICKS, Rule

NAME = "request.json"
OUTCOMES = ("served", "failed", "withdrawn")


@dataclass(frozen=True, slots=True)
class RequestFile:
    """What the platform says of the request; everything in it that can be compared with something is."""

    code: str
    case: str
    name: str
    owner: str
    item: str
    mode: str
    picks: str
    percents: list[int]
    drop_from: int
    quotes: bool
    least: int
    lowest: str
    highest: str
    outcome: str

    @property
    def rule(self) -> Rule:
        return Rule(self.picks, tuple(self.percents), self.drop_from)


def build_request(**members: Any) -> bytes:
    """request.json of these members."""
    data = encode({"type": "etb.request/1", **members})
    read_request(data)
    return data


def read_request(data: bytes) -> RequestFile:
    """The request in these bytes."""
    value = decode(data)
    _REQUEST(value, "")
    del value["type"]
    return RequestFile(**value)


def money(text: str, where: str) -> Decimal | None:
    """An amount in yuan, None for an empty text; `Malformed` for anything else."""
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Malformed("bad_amount", "应为金额", where) from None


_REQUEST = shape.record(
    type=shape.one_of("etb.request/1"),
    code=shape.name,
    case=shape.name,
    name=shape.text(0, 400),
    owner=shape.text(0, 400),
    item=shape.text(0, 400),
    mode=shape.name,
    picks=shape.one_of(*PICKS),
    percents=shape.listed(shape.integer(1, 1000), 0, 100),
    drop_from=shape.integer(0, 1000),
    quotes=shape.boolean,
    least=shape.integer(1, 1000),
    lowest=shape.text(0, 30),
    highest=shape.text(0, 30),
    outcome=shape.one_of(*OUTCOMES),
)
