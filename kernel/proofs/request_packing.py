"""Which member of a package each piece of an ended request becomes; its package is public from the first.

Withheld: the events and messages of agencies that took their application back, and everything sealed of a request that
was never opened.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kernel.proofs import dsse
from kernel.proofs.bid import Bid, SealedFile, read_bid
from kernel.proofs.case_file import key_file, show_event, withhold_event
from kernel.proofs.close import read_close
from kernel.proofs.dossier import CLAIMED
from kernel.proofs.draw_package import DrawMaterial, draw_members
from kernel.proofs.envelope import StageSecret
from kernel.proofs.evidence import Listed
from kernel.proofs.packing import Contents, Happened, Received
from kernel.proofs.request_file import NAME
from kernel.proofs.setup import Setup, read_setup
from kernel.proofs.verify_bids import bid_name, receipt_name
from kernel.proofs.verify_log import CHECKPOINT, event_name, proof_name
from kernel.proofs.verify_record import file_name

APPLYING = ("apply_request", "withdraw_application", "submit_quote", "withdraw_quote")
"""Acts of those who apply; of an agency that is no applicant in the end they are nobody's to read."""


@dataclass(frozen=True, slots=True)
class BoxMaterial:
    """The box of sealed quotes: exact bytes, signed ones as DSSE; `reveals` are (stage, SHA-256 of a quote, bytes)."""

    setup: bytes
    deadlines: Sequence[bytes]
    lists: Sequence[bytes]
    close: bytes
    countersign: bytes
    received: Sequence[Received]
    reveals: Sequence[tuple[str, str, bytes]]
    seeds: Mapping[tuple[str, str], bytes]
    opened: bool
    lost: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RequestMaterial:
    """All of an ended request; `standing` are the credit codes of those who applied and stayed."""

    request: bytes
    law: bytes
    texts: Sequence[bytes]
    shortlists: Sequence[bytes]
    events: Sequence[Happened]
    checkpoint: bytes
    anchors: bytes = b""
    draws: Sequence[DrawMaterial] = ()
    standing: frozenset[str] = frozenset()
    box: BoxMaterial | None = field(default=None)


def pack_request(material: RequestMaterial) -> Contents:
    """The contents of a request's package."""
    members = {f"notices/{i:02}.json": body for i, body in enumerate(material.texts, 1)}
    members |= {f"shortlists/{i:02}.json": body for i, body in enumerate(material.shortlists, 1)}
    single = {NAME: material.request, "law.json": material.law, CHECKPOINT: material.checkpoint}
    members |= single | ({CLAIMED: material.anchors} if material.anchors else {})
    members |= draw_members(material.draws)
    files: dict[str, SealedFile | Listed] = {}
    withheld: dict[str, str] = {}
    if material.box is not None and material.box.close:
        shown, files, withheld = _box(material.box)
        members |= shown
    return Contents(members | _events(material), files, withheld)


def _box(box: BoxMaterial) -> tuple[dict[str, bytes], dict[str, SealedFile | Listed], dict[str, str]]:
    setup = read_setup(dsse.read(box.setup).payload)
    standing = set(read_close(dsse.read(box.close).payload).bids) if box.opened else set()
    members = {"setup.dsse.json": box.setup, "close.dsse.json": box.close}
    members |= {"countersign.dsse.json": box.countersign} if box.countersign else {}
    members |= {f"deadlines/{i:02}.dsse.json": body for i, body in enumerate(box.deadlines, 1)}
    members |= {f"list/{i:02}.dsse.json": body for i, body in enumerate(box.lists, 1)}
    withheld: dict[str, str] = {}
    for received in box.received:
        pair = {bid_name(received.sha256): received.envelope, receipt_name(received.sha256): received.receipt}
        if received.sha256 in standing:
            members |= pair
        else:
            withheld |= {name: hashlib.sha256(body).hexdigest() for name, body in pair.items()}
    members |= {f"reveal/{stage}-{sha256}.dsse.json": body for stage, sha256, body in box.reveals}
    files: dict[str, SealedFile | Listed] = {}
    for (sha256, stage), seed in box.seeds.items() if box.opened else ():
        bid = _bid(box, setup, sha256)
        members[f"keys/{stage}/{bid.bidder}.key"] = key_file(StageSecret(seed, bid.context(setup, stage)))
        kept = [file for file in bid.stage(stage).files if file.sha256 not in box.lost]
        files |= {file_name(stage, bid.bidder, file.n): file for file in kept}
    return members, files, withheld


def _events(material: RequestMaterial) -> dict[str, bytes]:
    found = {}
    for n, event in enumerate(material.events, 1):
        hidden = event.act in APPLYING and event.organisation not in material.standing
        found[event_name(n)] = withhold_event(event.leaf) if hidden else show_event(event.body, event.salt)
        found[proof_name(n)] = event.proof
    return found


def _bid(box: BoxMaterial, setup: Setup, sha256: str) -> Bid:
    envelope = next(r.envelope for r in box.received if r.sha256 == sha256)
    return read_bid(dsse.read(envelope).payload, setup)
