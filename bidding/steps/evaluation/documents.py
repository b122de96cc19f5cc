"""查阅投标文件: what was sealed for the panel is opened for its live members, while it sits, and for nobody else.

Nothing opened is kept: a file is decrypted on its way out. Reading changes nothing and leaves no event, but for a file
that the store no longer has as it was sealed: that goes on record, once.
"""

from collections.abc import AsyncGenerator, Sequence
from uuid import UUID

from bidding import damage, judging, records, workbook
from bidding.case import Tools, check_reader, check_stage
from bidding.panel_files import PanelFile, Spoilt, listed, opened
from bidding.records import LotRow
from bidding.workbook import Pointer
from experts.records import Seat
from kernel.box import records as box_records
from kernel.box.damage import known
from kernel.box.records import BidView
from kernel.errors import Forbidden, NotFound, Problem, Unavailable
from kernel.identity import Actor
from kernel.proofs.errors import Malformed
from kernel.refusals import on_record


async def seat_for(actor: Actor, lot: UUID) -> tuple[LotRow, Seat]:
    """The lot and the seat of one who may read for the panel; a stranger's, or one who has left, may not."""
    row = await records.lot(lot)
    await check_reader("read_evaluation", actor, row)
    check_stage("review_bid", row)
    async with on_record("read_evaluation", actor, lot):
        seat = await judging.seat_of(actor, lot)
        if seat is None or seat.left_at is not None:
            raise Forbidden(Problem("not_on_panel", "您不是本标段评标委员会的在席成员", "凭签到码在评标席签到后办理"))
    return row, seat


async def documents_of(tools: Tools, actor: Actor, lot: UUID) -> dict[str, list[PanelFile]]:
    """Bidder → the documents of his panel stages."""
    await seat_for(actor, lot)
    box = await box_records.box(lot)
    stages = [stage["id"] for stage in box.stages if stage["to"] == "panel"]
    found: dict[str, list[PanelFile]] = {}
    for bid in (await box_records.standing(lot))[0]:
        found[bid.bidder] = [file for stage in stages for file in await _listed(tools, lot, bid, stage)]
    return found


async def damages_of(lot: UUID) -> dict[str, list[str]]:
    """Bidder → what the platform has lost of his files, in plain words."""
    bidders = {bid.sha256: bid.bidder for bid in (await box_records.standing(lot))[0]}
    found: dict[str, list[str]] = {}
    for one in await known(lot):
        found.setdefault(bidders[one.bid], []).append(one.says)
    return found


async def pointers_of(tools: Tools, lot: UUID, bidder: str, files: Sequence[PanelFile]) -> list[Pointer]:
    """Where this bid says that it answers each item; nothing where it has no workbook, or one that cannot be read.

    `files` are those of `documents_of`: who asks has been let in there.
    """
    found = next((file for file in files if file.name == workbook.NAME and file.size <= workbook.LARGEST), None)
    if found is None:
        return []
    bids = {bid.bidder: bid for bid in (await box_records.standing(lot))[0]}
    try:
        steps = await _opened(tools, lot, bids[bidder], found)
        return workbook.read(b"".join([step async for step in steps]))
    except (Malformed, Unavailable):
        return []


async def open_document(
    tools: Tools, actor: Actor, lot: UUID, bidder: str, stage: str, place: int
) -> tuple[PanelFile, AsyncGenerator[bytes, None]]:
    """One document, decrypted; `NotFound` where there is none, `Unavailable` where stored bytes are no longer it."""
    await seat_for(actor, lot)
    bids = {bid.bidder: bid for bid in (await box_records.standing(lot))[0]}
    files = await _listed(tools, lot, bids[bidder], stage) if bidder in bids else []
    found = next((file for file in files if file.place == place), None)
    if found is None:
        raise NotFound(Problem("no_document", "没有这个文件", "请从评审页面下载"))
    return found, await _opened(tools, lot, bids[bidder], found)


async def _listed(tools: Tools, lot: UUID, bid: BidView, stage: str) -> list[PanelFile]:
    """Of an index that is lost nothing is listed; the loss goes on record."""
    try:
        return await listed(tools, lot, bid, stage)
    except Spoilt as lost:
        await damage.report(tools, lot, lost.sealed)
        return []


async def _opened(tools: Tools, lot: UUID, bid: BidView, file: PanelFile) -> AsyncGenerator[bytes, None]:
    """The document's bytes; a loss goes on record and is refused."""
    try:
        return await opened(tools, lot, bid, file.stage, file.place)
    except Spoilt as lost:
        await damage.report(tools, lot, lost.sealed)
        raise
