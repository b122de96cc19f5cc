"""Which member of a package each piece of a finished case becomes, and what the public package withholds.

Withheld from the public: seeds, shares, keys and files of the panel's stages; messages that no longer stand, and the
events of those who withdrew or only left an address. Of a lot that failed or was ended before its opening: every bid,
whose deposit went back, and who had a bid restored, with the draft of the list that was made for him.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kernel.proofs import dsse
from kernel.proofs.bid import Bid, SealedFile, read_bid
from kernel.proofs.canonical import decode
from kernel.proofs.case_file import key_file, show_event, withhold_event
from kernel.proofs.close import read_close
from kernel.proofs.dossier import CLAIMED
from kernel.proofs.envelope import StageSecret
from kernel.proofs.evidence import Listed
from kernel.proofs.setup import Setup, read_setup
from kernel.proofs.verify_bids import bid_name, receipt_name
from kernel.proofs.verify_log import CHECKPOINT, DAMAGED, event_name, proof_name
from kernel.proofs.verify_record import FIRST, RECORD, file_name

PRIVATE_ACTS = ("leave_contact",)
"""Acts whose events tell the public of people who never took part."""
SHUT_ACTS = (*PRIVATE_ACTS, "refund_deposit")
"""The same of a lot that nobody opened: who bid is told nowhere."""


@dataclass(frozen=True, slots=True)
class Received:
    """One message of a bidder's chain: SHA-256 of its payload, and the exact bytes of it and of its receipt (DSSE)."""

    bidder: str
    sha256: str
    envelope: bytes
    receipt: bytes


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the case, with what opens its log entry and the proof that it is in the log."""

    act: str
    organisation: str
    body: bytes
    salt: bytes
    leaf: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class Material:
    """All of a finished case: exact bytes, signed ones as DSSE; empty where there is none.

    `attests` and `releases` are (stage, role, bytes), `reveals` (stage, SHA-256 of the bid, bytes), `cures` and
    `audits` (stage, bytes), all oldest first;
    `seeds` is (bid, stage) → 32 bytes; `lost` are SHA-256 of ciphertexts that the store no longer has as they came.
    `papers` is name → bytes of all that came after the opening, `attached` name → what lies in the store beside it;
    of both, `private` are the names that the public package withholds. `shown`: of a package that goes out before the
    case has ended, the number of the last event that it may show; after it only which files were lost.
    """

    case: bytes
    law: bytes
    notices: Sequence[bytes]
    setup: bytes
    deadlines: Sequence[bytes]
    received: Sequence[Received]
    lists: Sequence[bytes]
    close: bytes
    events: Sequence[Happened]
    checkpoint: bytes
    countersign: bytes = b""
    attests: Sequence[tuple[str, str, bytes]] = ()
    releases: Sequence[tuple[str, str, bytes]] = ()
    reveals: Sequence[tuple[str, str, bytes]] = ()
    cures: Sequence[tuple[str, bytes]] = ()
    audits: Sequence[tuple[str, bytes]] = ()
    seeds: Mapping[tuple[str, str], bytes] | None = None
    opening: bytes = b""
    first_opening: bytes = b""
    paper: bytes = b""
    anchors: bytes = b""
    lost: frozenset[str] = frozenset()
    papers: Mapping[str, bytes] = field(default_factory=dict)
    attached: Mapping[str, Listed] = field(default_factory=dict)
    private: frozenset[str] = frozenset()
    shown: int = 0


@dataclass(frozen=True, slots=True)
class Contents:
    """What one package holds: small members as bytes, files of the store by their size and digest."""

    members: dict[str, bytes]
    files: dict[str, SealedFile | Listed]
    withheld: dict[str, str]


def pack(material: Material, kind: str) -> Contents:
    """The contents of the package of this kind, ``archive`` (all of it) or ``public``."""
    setup = read_setup(dsse.read(material.setup).payload) if material.setup else None
    standing = set(read_close(dsse.read(material.close).payload).bids) if material.opening else set()
    members: dict[str, bytes] = _texts(material) | _messages(material) | dict(material.papers)
    files: dict[str, SealedFile | Listed] = dict(material.attached)
    if setup is not None:
        _add_opened(material, setup, members, files)
    if kind == "archive":
        return Contents(members | _events(material, frozenset()), files, {})
    panel = tuple(s.id for s in setup.stages if s.to != "public") if setup else ()
    hidden = _hidden(material, standing)
    drafts = _drafts_of(material, hidden)
    names = (*members, *files)
    shut = {n for n in names if n in material.private or n in drafts or _is_shut(n, panel, standing)}
    withheld = {name: hashlib.sha256(members[name]).hexdigest() for name in shut if name in members}
    withheld |= {name: files[name].sha256 for name in shut if name in files}
    shown = {name: content for name, content in members.items() if name not in shut}
    left = {name: file for name, file in files.items() if name not in shut}
    return Contents(shown | _events(material, hidden), left, withheld)


def _add_opened(
    material: Material, setup: Setup, members: dict[str, bytes], files: dict[str, SealedFile | Listed]
) -> None:
    """The keys of all that was opened, and what they open."""
    for (sha256, stage), secret in _secrets(material, setup).items():
        bid = _bid(material, setup, sha256)
        members[f"keys/{stage}/{bid.bidder}.key"] = key_file(secret)
        for file in bid.stage(stage).files:
            if file.sha256 not in material.lost:
                files[file_name(stage, bid.bidder, file.n)] = file


def _texts(material: Material) -> dict[str, bytes]:
    found = {f"notices/{i:02}.json": body for i, body in enumerate(material.notices, 1)}
    single = {
        "case.json": material.case,
        "law.json": material.law,
        RECORD: material.opening,
        FIRST: material.first_opening,
        "opening.pdf": material.paper,
        CLAIMED: material.anchors,
        CHECKPOINT: material.checkpoint,
    }
    return found | {name: content for name, content in single.items() if content}


def _messages(material: Material) -> dict[str, bytes]:
    found = {
        "setup.dsse.json": material.setup,
        "close.dsse.json": material.close,
        "countersign.dsse.json": material.countersign,
    }
    found |= {f"deadlines/{i:02}.dsse.json": body for i, body in enumerate(material.deadlines, 1)}
    found |= {_list_name(i): body for i, body in enumerate(material.lists, 1)}
    for received in material.received:
        found[bid_name(received.sha256)] = received.envelope
        found[receipt_name(received.sha256)] = received.receipt
    for i, (stage, role, body) in enumerate(material.attests, 1):
        found[f"attest/{stage}-{role}-{i:02}.dsse.json"] = body
    for name, said in (("cure", material.cures), ("audit", material.audits)):
        for i, (stage, body) in enumerate(said, 1):
            found[f"{name}/{stage}-{i:02}.dsse.json"] = body
    for stage, role, body in material.releases:
        found.setdefault(f"release/{stage}-{role}.dsse.json", body)
    for stage, sha256, body in material.reveals:
        found.setdefault(f"reveal/{stage}-{sha256}.dsse.json", body)
    return {name: content for name, content in found.items() if content}


def _hidden(material: Material, standing: set[str]) -> frozenset[int]:
    """The numbers of the events that the public may not read.

    After the close of a lot that opened nothing is withheld: those events decide who revealed and who did not.
    """
    present = {r.bidder for r in material.received if r.sha256 in standing}
    absent = {r.bidder for r in material.received} - present
    private = PRIVATE_ACTS if material.opening else SHUT_ACTS
    closed = [n for n, event in enumerate(material.events, 1) if event.act == "box_close"]
    until = min(closed) if closed and material.opening else len(material.events)
    numbered = list(enumerate(material.events, 1))
    hidden = {n for n, event in numbered[: until - 1] if event.organisation in absent or event.act in private}
    return frozenset(hidden | {n for n, event in numbered if 0 < material.shown < n and event.act != DAMAGED})


def _drafts_of(material: Material, hidden: frozenset[int]) -> set[str]:
    """The members of the list's drafts that only a hidden event put on record: shown, they could not be explained."""
    recorded = {_draft(event) for n, event in enumerate(material.events, 1) if n in hidden}
    drafts = enumerate(material.lists, 1)
    return {_list_name(i) for i, body in drafts if dsse.read(body).sha256 in recorded}


def _draft(event: Happened) -> str:
    """SHA-256 of the draft that this event put on record, or empty."""
    return str(decode(event.body)["hashes"].get("list", "")) if event.act == "box_list" else ""


def _list_name(i: int) -> str:
    return f"list/{i:02}.dsse.json"


def _events(material: Material, hidden: frozenset[int]) -> dict[str, bytes]:
    """Every event with its proof; of those that the public may not read, the log entry alone."""
    found = {}
    for n, event in enumerate(material.events, 1):
        found[event_name(n)] = withhold_event(event.leaf) if n in hidden else show_event(event.body, event.salt)
        found[proof_name(n)] = event.proof
    return found


def _secrets(material: Material, setup: Setup) -> dict[tuple[str, str], StageSecret]:
    seeds = material.seeds or {}
    return {
        (sha256, stage): StageSecret(seed, _bid(material, setup, sha256).context(setup, stage))
        for (sha256, stage), seed in seeds.items()
    }


def _bid(material: Material, setup: Setup, sha256: str) -> Bid:
    envelope = next(r.envelope for r in material.received if r.sha256 == sha256)
    return read_bid(dsse.read(envelope).payload, setup)


def _is_shut(name: str, panel: tuple[str, ...], standing: set[str]) -> bool:
    folder, _, rest = name.partition("/")
    if folder in ("bids", "receipts"):
        return rest.partition(".")[0] not in standing
    if folder in ("release", "reveal", "cure"):
        return rest.partition("-")[0] in panel
    return folder in ("keys", "files") and rest.partition("/")[0] in panel
