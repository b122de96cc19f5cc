"""证据包: collects what a case left behind, and writes it as an evidence package (kernel/proofs/packing)."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from bidding import records, results
from bidding.case import Tools
from bidding.records import LotRow
from bidding.sheets import opening_sheet
from bidding.steps.aftermath import aftermath
from kernel import log
from kernel.box import damage
from kernel.box import records as box_records
from kernel.box import setup as box_setup
from kernel.box.damage import Lost
from kernel.box.records import BoxView, MessageView
from kernel.db import TRADING, transaction
from kernel.errors import NotFound
from kernel.law import LawInForce
from kernel.log_proofs import proof_of
from kernel.proofs import dsse
from kernel.proofs.canonical import decode
from kernel.proofs.case_file import build_case
from kernel.proofs.evidence import Listed, PackageWriter, Sink, build_manifest, listed
from kernel.proofs.log_proof import parse_log_proof
from kernel.proofs.packing import Contents, Happened, Material, Received, pack
from storage import keeping
from storage.vault import Bytes, Damaged, Store

STEP = 1024 * 1024
"""Bytes read of a package at once."""


@dataclass(frozen=True, slots=True)
class Written:
    """A package in a temporary file; `size` in bytes."""

    file: BinaryIO
    size: int

    async def steps(self) -> Bytes:
        """Its bytes from the beginning."""
        await asyncio.to_thread(self.file.seek, 0)
        while step := await asyncio.to_thread(self.file.read, STEP):
            yield step


async def collect(tools: Tools, lot: LotRow, last: int, *, shown: int = 0) -> Material | None:
    """Everything of the case up to event `last`; None while some event has no proof under one cosigned checkpoint.

    `shown`: of what came after this event only that files were lost.
    """
    events, checkpoint = await _events(lot.id, last)
    if not checkpoint:
        return None
    until = shown or last
    box = await box_records.box(lot.id)
    recorded = await records.opening_bytes(lot.id) or b""
    first = await results.first_opening(lot.id)
    named = {sha256 for event in events[:until] for sha256 in decode(event.body)["hashes"].values()}
    later = await aftermath(lot.id, named, until)
    return Material(
        case=_case(lot, box, _outcome(events, recorded)),
        law=LawInForce.from_json(lot.law or "").to_json().encode(),
        notices=[n.body for n in await records.notices(lot.id) if n.sha256 in named],
        setup=(await box_setup.signed_setup(box)).to_bytes() if _ready(box, events) else b"",
        deadlines=_merged(await box_records.messages(lot.id, "deadline")),
        received=[await _received(event) for event in events if event.act in ("submit_bid", "withdraw_bid")],
        close=next(iter(await _of_close(box, "close")), b""),
        countersign=next(iter(await _of_close(box, "countersign")), b""),
        events=events,
        checkpoint=checkpoint,
        opening=recorded,
        first_opening=first[0] if first and first[0] != recorded else b"",
        paper=await _paper(tools, lot.id),
        anchors=tools.anchors,
        papers=later.papers,
        attached=later.attached,
        private=later.private,
        shown=shown,
        lost=frozenset(one.sealed for one in await damage.known(lot.id) if one.n <= last),
        **await _opened(lot.id),
    )


@asynccontextmanager
async def written(tools: Tools, material: Material, kind: str, at: datetime) -> AsyncIterator[Written]:
    """The package of this kind in a temporary file, which goes when the block is left.

    `Lost` when the store no longer has a file as it came, and no event says so yet.
    """
    contents = await asyncio.to_thread(pack, material, kind)
    file = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        await _write(tools, contents, kind, at, file)
        yield Written(file, await asyncio.to_thread(file.seek, 0, 2))
    finally:
        file.close()


async def _write(tools: Tools, contents: Contents, kind: str, at: datetime, file: BinaryIO) -> None:
    members = [listed(name, content) for name, content in contents.members.items()]
    members += [Listed(name, sealed.size, sealed.sha256) for name, sealed in contents.files.items()]
    manifest = build_manifest(kind, at, members, contents.withheld)
    writer = PackageWriter(file, manifest, tools.receipts)
    for member in manifest.members:
        if member.name in contents.members:
            writer.put(member.name, contents.members[member.name])
            continue
        with writer.member(member.name) as sink:
            await _copy(tools.store, member.sha256, sink)
    writer.finish()


async def _copy(store: Store, sha256: str, sink: Sink) -> None:
    try:
        async for step in keeping.read(store, sha256):
            await asyncio.to_thread(sink.write, step)
    except (NotFound, Damaged) as gone:
        raise Lost(sha256) from gone


def _outcome(events: Iterable[Happened], recorded: bytes) -> str:
    """opened; or, where nothing was: ended by the purchaser, or failed for want of bids."""
    if recorded:
        return "opened"
    return "ended" if any(event.act == "end_case" for event in events) else "failed"


def _ready(box: BoxView, events: Iterable[Happened]) -> bool:
    """Whether all holders had signed the set-up: one without shares needs no signature."""
    return box.mode == "bidder-only" or any(event.act == "box_ready" for event in events)


def _case(lot: LotRow, box: BoxView, outcome: str) -> bytes:
    return build_case(
        tender=lot.project_code,
        lot=lot.number,
        case=str(lot.id),
        project=lot.project_name,
        name=lot.name,
        purchaser=lot.purchaser_name,
        procedure=lot.procedure,
        mode=lot.mode,
        minimum=box.minimum,
        outcome=outcome,
        later=[stage["id"] for stage in box.stages if stage.get("later")],
    )


async def _events(case: UUID, last: int) -> tuple[list[Happened], bytes]:
    """(the events with their proofs, the checkpoint they all speak of); the latter empty while there is none."""
    async with transaction(TRADING) as connection:
        kept = [event for event in await log.events_of(connection, str(case)) if event.n <= last]
        proofs = [await proof_of(TRADING, event.id) for event in kept]
    if not all(proofs) or len(kept) != last:
        return [], b""
    found = [_happened(event, proof) for event, proof in zip(kept, proofs, strict=True) if proof]
    checkpoints = {parse_log_proof(event.proof).checkpoint for event in found}
    return found, checkpoints.pop() if len(checkpoints) == 1 else b""


def _happened(event: log.Event, proof: bytes) -> Happened:
    said = decode(event.body)
    return Happened(event.act, said["organisation"], event.body, event.salt, event.leaf, proof)


async def _received(event: Happened) -> Received:
    hashes = decode(event.body)["hashes"]
    view = await box_records.bid(hashes["bid" if event.act == "submit_bid" else "withdraw"])
    return Received(view.bidder, view.sha256, view.envelope, view.receipt)


async def _of_close(box: BoxView, kind: str) -> list[bytes]:
    found = await box_records.messages(box.case, kind)
    return [message.envelope for message in found if message.sha256 == box.close]


async def _opened(case: UUID) -> dict[str, Any]:
    """What was signed to open, and the seeds that came of it."""
    said = await box_records.messages(case, "list", "attest", "release", "reveal", "cure", "audit")
    seeds = {place: seed for place, (seed, _) in (await box_records.seeds(case)).items()}
    return {
        "lists": [m.envelope for m in said if m.kind == "list"],
        "attests": [(m.stage, m.role, m.envelope) for m in said if m.kind == "attest"],
        "releases": [(m.stage, m.role, m.envelope) for m in said if m.kind == "release"],
        "reveals": [(m.stage, decode(m.body)["bid"], m.envelope) for m in said if m.kind == "reveal"],
        "cures": [(m.stage, m.envelope) for m in said if m.kind == "cure"],
        "audits": [(m.stage, m.envelope) for m in said if m.kind == "audit"],
        "seeds": seeds,
    }


def _merged(messages: Iterable[MessageView]) -> list[bytes]:
    """One DSSE envelope for each document, in order, with every signature given to it."""
    found: dict[str, dsse.Signed] = {}
    for message in messages:
        first = found.setdefault(message.sha256, dsse.Signed(message.body, dsse.PAYLOAD_TYPE, ()))
        known = {s.keyid for s in first.signatures}
        more = tuple(s for s in message.signed.signatures if s.keyid not in known)
        found[message.sha256] = dsse.Signed(first.payload, first.payload_type, (*first.signatures, *more))
    return [signed.to_bytes() for signed in found.values()]


async def _paper(tools: Tools, case: UUID) -> bytes:
    body, found = await records.opening_bytes(case), await records.opening(case)
    if body is None or found is None:
        return b""
    return await asyncio.to_thread(opening_sheet, body, found[1], tools.origin)
