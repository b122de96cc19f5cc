"""anchors.json: the public keys a verifier believes, published outside the platform and never taken from it.

    {"type":"etb.anchors/1","issuer","issued","quorum",
     "logs":[{"vkey","since","until"}],"witnesses":[…],
     "receipts":[{"pk","since","until"}],"processes":[…],"packages":[…],
     "officers":[{"role","name","pk","since","until"}]}

A successor has one member more, "prev": the SHA-256 of the anchors.json it follows (`kernel.proofs.succession`).
`pk` is a raw Ed25519 public key in hex; a key is believed from `since` to before `until` (empty: still in force).
`processes` are the regulator's, which countersign closes; `packages` sign an evidence package's manifest.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kernel.proofs import shape
from kernel.proofs.canonical import encode
from kernel.proofs.deadline import write_moment
from kernel.proofs.dsse import keyid_of
from kernel.proofs.errors import Malformed
from kernel.proofs.note_keys import VerifierKey

TYPE = "etb.anchors/1"
KEYS = ("receipts", "processes", "packages")
NOTE_KEYS = ("logs", "witnesses")


@dataclass(frozen=True, slots=True)
class Span:
    """From when to before when a key is believed; `until` is None while it is in force."""

    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class OfficerAnchor:
    """A share holder as published: his role and his raw Ed25519 public key."""

    role: str
    name: str
    public: bytes
    span: Span

    @property
    def keyid(self) -> str:
        return keyid_of(self.public)


@dataclass(frozen=True, slots=True)
class Anchors:
    """A checked anchors.json; every question names the instant (aware) at which the key must be in force."""

    issuer: str
    issued: datetime
    quorum: int
    data: bytes = field(repr=False)
    sha256: str
    prev: str
    _keys: Mapping[str, tuple[tuple[bytes, Span], ...]] = field(repr=False)
    _note_keys: Mapping[str, tuple[tuple[VerifierKey, Span], ...]] = field(repr=False)
    _officers: tuple[OfficerAnchor, ...] = field(repr=False)

    def officers(self, role: str, at: datetime) -> dict[str, OfficerAnchor]:
        """keyid → officer of this role."""
        return {o.keyid: o for o in self._officers if o.role == role and o.span.holds(at)}

    def receipts(self, at: datetime) -> list[bytes]:
        """Keys that sign receipts."""
        return [public for public, span in self._keys["receipts"] if span.holds(at)]

    def processes(self, at: datetime) -> list[bytes]:
        """Keys of the regulator's process, which countersigns closes."""
        return [public for public, span in self._keys["processes"] if span.holds(at)]

    def packages(self, at: datetime) -> list[bytes]:
        """Keys that sign evidence packages."""
        return [public for public, span in self._keys["packages"] if span.holds(at)]

    def logs(self, at: datetime) -> list[VerifierKey]:
        """Keys of the logs."""
        return [key for key, span in self._note_keys["logs"] if span.holds(at)]

    def witnesses(self, at: datetime) -> list[VerifierKey]:
        """Keys of the witnesses; `quorum` of them must have cosigned a checkpoint."""
        return [key for key, span in self._note_keys["witnesses"] if span.holds(at)]


def read_anchors(data: bytes) -> Anchors:
    """The anchors in these bytes, written by hand or by tool; `Malformed` for any other shape, or a key twice."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise Malformed("not_json", "锚点文件不是 JSON") from None
    _ANCHORS(value, "")
    officers = tuple(OfficerAnchor(o["role"], o["name"], bytes.fromhex(o["pk"]), _span(o)) for o in value["officers"])
    _refuse_twice("officers", [o.public for o in officers])
    keys = {name: tuple((bytes.fromhex(k["pk"]), _span(k)) for k in value[name]) for name in KEYS}
    note_keys = {name: tuple((VerifierKey.parse(k["vkey"]), _span(k)) for k in value[name]) for name in NOTE_KEYS}
    sha256 = hashlib.sha256(data).hexdigest()
    issued = datetime.fromisoformat(value["issued"])
    prev = value.get("prev", "")
    return Anchors(value["issuer"], issued, value["quorum"], data, sha256, prev, keys, note_keys, officers)


def build_anchors(
    *,
    issuer: str,
    issued: datetime,
    officers: Iterable[tuple[str, str, bytes]],
    receipts: Iterable[bytes] = (),
    processes: Iterable[bytes] = (),
    packages: Iterable[bytes] = (),
    logs: Iterable[VerifierKey] = (),
    witnesses: Iterable[VerifierKey] = (),
    quorum: int = 1,
) -> bytes:
    """anchors.json of keys all in force from `issued`; officers as (role, name, raw public key)."""
    span = {"since": write_moment(issued), "until": ""}
    plain = {"receipts": receipts, "processes": processes, "packages": packages}
    notes = {"logs": logs, "witnesses": witnesses}
    value: dict[str, Any] = {"type": TYPE, "issuer": issuer, "issued": write_moment(issued), "quorum": quorum}
    value |= {name: [{"pk": public.hex(), **span} for public in given] for name, given in plain.items()}
    value |= {name: [{"vkey": str(key), **span} for key in given] for name, given in notes.items()}
    value["officers"] = [{"role": role, "name": name, "pk": public.hex(), **span} for role, name, public in officers]
    data = encode(value)
    read_anchors(data)
    return data


def _span(value: Mapping[str, str]) -> Span:
    until = datetime.fromisoformat(value["until"]) if value["until"] else None
    return Span(datetime.fromisoformat(value["since"]), until)


def _refuse_twice(where: str, publics: list[bytes]) -> None:
    # One key under two names would let one officer sign for two.
    if len(set(publics)) != len(publics):
        raise Malformed("key_twice", "同一公钥出现两次", where)


def _until(value: object, where: str) -> None:
    if value != "":
        shape.moment(value, where)


_SPAN = {"since": shape.moment, "until": _until}
_KEY = shape.record(pk=shape.sha256, **_SPAN)
_NOTE_KEY = shape.record(vkey=shape.text(1, 300), **_SPAN)
_OFFICER = shape.record(role=shape.role, name=shape.name, pk=shape.sha256, **_SPAN)
_ANCHORS = shape.record(
    "prev",
    prev=shape.sha256,
    type=shape.one_of(TYPE),
    issuer=shape.text(0, 200),
    issued=shape.moment,
    quorum=shape.integer(0, 16),
    logs=shape.listed(_NOTE_KEY, 0, 64),
    witnesses=shape.listed(_NOTE_KEY, 0, 64),
    receipts=shape.listed(_KEY, 0, 64),
    processes=shape.listed(_KEY, 0, 64),
    packages=shape.listed(_KEY, 0, 64),
    officers=shape.listed(_OFFICER, 0, 10_000),
)
