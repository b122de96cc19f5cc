"""The documents of a bid's panel stages, decrypted on their way out and kept nowhere."""

import asyncio
import io
import tempfile
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import IO
from uuid import UUID

from bidding.case import Tools
from kernel.box import records as box_records
from kernel.box.records import BidView
from kernel.box.submit import LARGEST_INDEX
from kernel.errors import NotFound, Problem, Unavailable
from kernel.proofs.bid import SealedFile, SealedStage, read_bid
from kernel.proofs.envelope import StageSecret
from kernel.proofs.index import IndexedFile
from kernel.proofs.opened_file import open_file, open_index
from kernel.proofs.stage import open_stage
from storage import keeping
from storage.vault import Damaged

STEP = 1024 * 1024
"""Bytes read at once."""


class Spoilt(Unavailable):
    """The store no longer has these bytes as they were sealed: `sealed` is their SHA-256."""

    def __init__(self, sealed: str) -> None:
        says = "这份文件在平台存储中已被改动或丢失，与递交时不符，责任在交易中心，与投标人无关"
        super().__init__(Problem("document_damaged", says, "已记录在案并由监督部门查看；请在评审意见中写明"))
        self.sealed = sealed


@dataclass(frozen=True, slots=True)
class PanelFile:
    """One document of a bid as the panel sees it: `place` numbers it within its stage, from 1."""

    bidder: str
    stage: str
    place: int
    name: str
    media: str
    size: int
    sha256: str


async def listed(tools: Tools, lot: UUID, bid: BidView, stage: str) -> list[PanelFile]:
    """The stage's documents by its index; a stage that never opened, or is not the panel's, has none.

    `Spoilt` where the index itself is no longer what was sealed.
    """
    box = await box_records.box(lot)
    known = {(v["bid"], v["stage"]) for v in await box_records.verdicts(lot) if v["outcome"] == "opened"}
    if (bid.sha256, stage) not in known or not any(s["id"] == stage and s["to"] == "panel" for s in box.stages):
        return []
    sealed, secret = await _unsealed(lot, bid, stage)
    kept = await keeping.first_bytes(tools.store, sealed.files[0].sha256, LARGEST_INDEX)
    opened = await asyncio.to_thread(open_index, secret, sealed, io.BytesIO(kept))
    if opened.finding is not None and opened.finding.fault == "operator":
        raise Spoilt(sealed.files[0].sha256)
    files = opened.index.files if opened.index else ()
    return [_shown(bid.bidder, stage, n, file) for n, file in enumerate(files, 1)]


def _shown(bidder: str, stage: str, place: int, file: IndexedFile) -> PanelFile:
    return PanelFile(bidder, stage, place, file.name, file.media, file.size, file.sha256)


async def _unsealed(lot: UUID, view: BidView, stage: str) -> tuple[SealedStage, StageSecret]:
    setup = await box_records.setup(await box_records.box(lot))
    bid, seeds = read_bid(view.body, setup), await box_records.seeds(lot)
    secret = open_stage(setup, bid, stage, seed=seeds[(view.sha256, stage)][0]).secret
    assert secret is not None, "a kept seed met its commitment"
    return bid.stage(stage), secret


async def opened(tools: Tools, lot: UUID, view: BidView, stage: str, place: int) -> AsyncGenerator[bytes, None]:
    """One document's bytes; `Spoilt` where what is stored is not what was sealed, `Unavailable` if it never opens."""
    sealed, secret = await _unsealed(lot, view, stage)
    return _steps(await _decrypted(tools, secret, sealed.files[place]))


async def part_of(steps: AsyncGenerator[bytes, None], start: int, length: int) -> AsyncGenerator[bytes, None]:
    """Of these bytes `length` from `start` on."""
    async for step in steps:
        piece = step[start : start + length]
        start, length = max(0, start - len(step)), length - len(piece)
        if piece:
            yield piece
        if not length:
            break
    await steps.aclose()


async def _decrypted(tools: Tools, secret: StageSecret, file: SealedFile) -> IO[bytes]:
    """The plaintext in a temporary file, at its beginning."""
    plain = await asyncio.to_thread(tempfile.TemporaryFile)
    with await asyncio.to_thread(tempfile.TemporaryFile) as stored:
        try:
            async for step in keeping.read(tools.store, file.sha256):
                await asyncio.to_thread(stored.write, step)
        except (NotFound, Damaged) as gone:
            plain.close()
            raise Spoilt(file.sha256) from gone
        await asyncio.to_thread(stored.seek, 0)
        opened = await asyncio.to_thread(open_file, secret, file, stored, plain)
    if opened.finding is not None:
        plain.close()
        raise Unavailable(Problem("document_unreadable", opened.finding.says, "请联系交易中心，并在评审意见中写明"))
    await asyncio.to_thread(plain.seek, 0)
    return plain


async def _steps(plain: IO[bytes]) -> AsyncGenerator[bytes, None]:
    with plain:
        while step := await asyncio.to_thread(plain.read, STEP):
            yield step
