"""证据包: collects what a request left behind and writes it as an evidence package that anybody can verify."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from intermediaries.case import Tools
from intermediaries.records import applicants
from intermediaries.records import requests as records
from intermediaries.records.requests import RequestRow
from intermediaries.stages import Stage
from kernel import log
from kernel.box import damage
from kernel.box import records as box_records
from kernel.box import setup as box_setup
from kernel.box.damage import Lost
from kernel.box.records import BoxView
from kernel.db import TRADING, transaction
from kernel.errors import NotFound
from kernel.log_proofs import proof_of
from kernel.proofs import dsse
from kernel.proofs.canonical import decode
from kernel.proofs.evidence import Listed, PackageWriter, Sink, build_manifest, listed
from kernel.proofs.log_proof import parse_log_proof
from kernel.proofs.packing import Happened, Received
from kernel.proofs.request_file import build_request
from kernel.proofs.request_packing import BoxMaterial, RequestMaterial, pack_request
from kernel.toss import transcript
from storage import keeping
from storage.vault import Bytes, Damaged, Store

STEP = 1024 * 1024
"""Bytes read of a package at once."""
OUTCOMES = {Stage.COMPLETED: "served", Stage.FAILED: "failed", Stage.WITHDRAWN: "withdrawn"}


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


async def collect(tools: Tools, row: RequestRow, last: int) -> RequestMaterial | None:
    """Everything up to event `last`; None while some event has no proof under one cosigned checkpoint."""
    events, checkpoint = await _events(row.id, last)
    if not checkpoint:
        return None
    async with transaction(TRADING) as connection:
        draws = await transcript.draws_of(connection, row.id, last)
    return RequestMaterial(
        request=_request(row),
        law=row.limits.to_json().encode(),
        texts=[text.body for text in await records.texts(row.id)],
        shortlists=[choice["body"] for choice in await records.choices(row.id)],
        events=events,
        checkpoint=checkpoint,
        anchors=tools.anchors,
        draws=draws,
        standing=await _named(row.id),
        box=await _box(row, events),
    )


@asynccontextmanager
async def written(tools: Tools, material: RequestMaterial, at: datetime) -> AsyncIterator[Written]:
    """The package in a temporary file, which goes when the block is left."""
    contents = await asyncio.to_thread(pack_request, material)
    file = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        members = [listed(name, content) for name, content in contents.members.items()]
        members += [Listed(name, sealed.size, sealed.sha256) for name, sealed in contents.files.items()]
        writer = PackageWriter(file, build_manifest("public", at, members, contents.withheld), tools.receipts)
        for member in writer.manifest.members:
            if member.name in contents.members:
                writer.put(member.name, contents.members[member.name])
                continue
            with writer.member(member.name) as sink:
                await _copy(tools.store, member.sha256, sink)
        writer.finish()
        yield Written(file, await asyncio.to_thread(file.seek, 0, 2))
    finally:
        file.close()


async def _copy(store: Store, sha256: str, sink: Sink) -> None:
    try:
        async for step in keeping.read(store, sha256):
            await asyncio.to_thread(sink.write, step)
    except (NotFound, Damaged) as gone:
        raise Lost(sha256) from gone


async def _named(case: UUID) -> frozenset[str]:
    """Codes of the applicants whom the public knows of: once quotes were opened or an agency selected; else nobody."""
    shown = any(text.kind in ("opening", "selection") for text in await records.texts(case))
    return frozenset(applicant.code for applicant in await applicants.applicants(case)) if shown else frozenset()


def _request(row: RequestRow) -> bytes:
    mode = row.mode_row
    return build_request(
        code=row.code, case=str(row.id), name=row.name, owner=row.owner_name, item=row.item_name, mode=row.mode,
        picks=mode["picks"], percents=list(mode["percents"]), drop_from=mode["drop_from"], quotes=mode["quotes"],
        least=int(mode["least"][row.funds]), lowest=str(row.lowest or ""), highest=str(row.highest or ""),
        outcome=OUTCOMES[row.stage],
    )  # fmt: skip


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


async def _box(row: RequestRow, events: list[Happened]) -> BoxMaterial | None:
    if not row.mode_row["quotes"]:
        return None
    try:
        box = await box_records.box(row.id)
    except NotFound:
        return None
    said = await box_records.messages(row.id, "deadline", "list", "close", "countersign", "reveal")
    received = [e for e in events if e.act in ("submit_quote", "withdraw_quote")]
    return BoxMaterial(
        setup=(await box_setup.signed_setup(box)).to_bytes(),
        deadlines=[m.to_bytes() for m in await _deadlines(box)],
        lists=[m.envelope for m in said if m.kind == "list"],
        close=next((m.envelope for m in said if m.kind == "close" and m.sha256 == box.close), b""),
        countersign=next((m.envelope for m in said if m.kind == "countersign" and m.sha256 == box.close), b""),
        received=[await _received(event) for event in received],
        reveals=[(m.stage, decode(m.body)["bid"], m.envelope) for m in said if m.kind == "reveal"],
        seeds={place: seed for place, (seed, _) in (await box_records.seeds(row.id)).items()},
        opened=box.state == "opened",
        lost=frozenset(one.sealed for one in await damage.known(row.id) if one.n <= len(events)),
    )


async def _deadlines(box: BoxView) -> list[dsse.Signed]:
    found = await box_records.merged(box.case, "deadline", box.deadline)
    return [found] if found else []


async def _received(event: Happened) -> Received:
    hashes = decode(event.body)["hashes"]
    view = await box_records.bid(hashes["bid" if event.act == "submit_quote" else "withdraw"])
    return Received(view.bidder, view.sha256, view.envelope, view.receipt)
