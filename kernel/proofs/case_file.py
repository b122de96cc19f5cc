"""case.json and the case's events in an evidence package (etb/1): built, and strictly read.

case.json         {"type":"etb.case/1","tender","lot","case","project","name","purchaser","procedure","mode",
                   "minimum","outcome":"opened"|"failed"|"ended" (by the purchaser, before anything could be opened)}
                  "later": stages that wait for the report on the others
events/0001.json  {"body": base64 of event.json, "salt": hex}, or {"leaf": hex} where the event is withheld
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.proofs import shape
from kernel.proofs.canonical import decode, encode, from_base64, to_base64
from kernel.proofs.envelope import StageSecret
from kernel.proofs.errors import Malformed
from kernel.proofs.merkle import entry_hash
from kernel.proofs.setup import MODES

OUTCOMES = ("opened", "failed", "ended")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What the platform says of the case; everything in it that can be compared with something is."""

    tender: str
    lot: str
    case: str
    project: str
    name: str
    purchaser: str
    procedure: str
    mode: str
    minimum: int
    outcome: str
    later: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """The n-th event of the case; of a withheld one only its log entry (`leaf`) is known, and `act` is empty."""

    n: int
    leaf: bytes
    act: str = ""
    at: datetime | None = None
    case: str = ""
    prev: str = ""
    organisation: str = ""
    subject: str = ""
    salt: str = ""
    hashes: Mapping[str, str] | None = None
    facts: Mapping[str, Any] | None = None

    @property
    def moment(self) -> datetime:
        """When it happened, of a disclosed event."""
        if self.at is None:
            raise Malformed("event_withheld", "这个事件没有公开")
        return self.at

    def hash_of(self, what: str) -> str:
        """The SHA-256 it names for `what`, or empty."""
        return (self.hashes or {}).get(what, "")

    def fact(self, what: str) -> Any:
        """The fact of this name, or None."""
        return (self.facts or {}).get(what)


def build_case(*, later: Sequence[str] = (), **members: str | int) -> bytes:
    """case.json of these members; `later` is left out where no stage is."""
    more = {"later": list(later)} if later else {}
    data = encode({"type": "etb.case/1", **members, **more})
    read_case(data)
    return data


def read_case(data: bytes) -> CaseFile:
    """The case in these bytes."""
    value = decode(data)
    _CASE(value, "")
    del value["type"]
    return CaseFile(**{**value, "later": tuple(value.get("later", ()))})


def show_event(body: bytes, salt: bytes) -> bytes:
    """The member that discloses an event."""
    return encode({"body": to_base64(body), "salt": salt.hex()})


def withhold_event(leaf: bytes) -> bytes:
    """The member that shows of an event only that it is there."""
    return encode({"leaf": leaf.hex()})


def read_event(data: bytes, n: int) -> ShownEvent:
    """The n-th event, as far as it is disclosed; its log entry is computed from its very bytes."""
    value = decode(data)
    if isinstance(value, dict) and "leaf" in value:
        _LEAF(value, "")
        return ShownEvent(n, bytes.fromhex(value["leaf"]))
    _SHOWN(value, "")
    body = from_base64(value["body"], "body")
    said = decode(body)
    _EVENT(said, "body")
    if said["n"] != n:
        raise Malformed("event_misplaced", f"应为第 {n} 个事件，内容写的是第 {said['n']} 个", "n")
    return ShownEvent(
        n,
        entry_hash(bytes.fromhex(value["salt"]), body),
        at=datetime.fromisoformat(said["at"]),
        salt=value["salt"],
        **{name: said[name] for name in ("act", "case", "prev", "organisation", "subject", "hashes", "facts")},
    )


def key_file(secret: StageSecret) -> bytes:
    """The text file with which ``age -d -i`` opens a stage's files."""
    at = secret.context
    lines = (
        f"# tender {at.tender} lot {at.lot} stage {at.stage} bidder {at.bidder}",
        f"# public key: {secret.recipient}",
        secret.identity,
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _object(value: object, where: str) -> None:
    if not isinstance(value, dict):
        raise Malformed("not_object", "应为对象", where)


def _hashes(value: object, where: str) -> None:
    _object(value, where)
    for name, inner in value.items() if isinstance(value, dict) else ():
        shape.sha256(inner, f"{where}.{name}")


_CASE = shape.record(
    "later",
    type=shape.one_of("etb.case/1"),
    tender=shape.name,
    lot=shape.name,
    case=shape.name,
    project=shape.text(0, 400),
    name=shape.text(0, 400),
    purchaser=shape.text(0, 400),
    procedure=shape.name,
    mode=shape.one_of(*MODES),
    minimum=shape.integer(1, 1000),
    outcome=shape.one_of(*OUTCOMES),
    later=shape.listed(shape.stage_id, 1),
)
_LEAF = shape.record(leaf=shape.sha256)
_SHOWN = shape.record(body=shape.base64_of(None), salt=shape.sha256)
_EVENT = shape.record(
    type=shape.one_of("etb.event/1"),
    case=shape.name,
    n=shape.integer(1),
    prev=shape.sha256_or_empty,
    act=shape.text(1, 100),
    role=shape.text(0, 100),
    organisation=shape.text(0, 200),
    subject=shape.text(0, 400),
    at=shape.moment,
    directive=shape.text(0, 200),
    hashes=_hashes,
    facts=_object,
    private=shape.sha256,
)
