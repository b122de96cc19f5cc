"""递交: a sealed bid comes in, is replaced or withdrawn; strictly before the deadline, with its receipt."""

import base64
from uuid import UUID

from bidding.case import SEALED_BID, LotCase, Tools, lot_act
from bidding.schemas import Receipt, SignedObject, SubmitBid, decoded
from kernel import inbox
from kernel.acts import answer, answered_before
from kernel.box import records as box_records
from kernel.box import submit as box
from kernel.box.records import BoxView
from kernel.clock import now, when
from kernel.errors import BadInput, NotFound, Problem, Refusal, WrongStage
from kernel.identity import Actor
from kernel.proofs.age import HEAD_SIZE
from kernel.proofs.bid import Bid
from kernel.proofs.dsse import Signed
from kernel.refusals import on_record
from storage import keeping, uploads
from storage.limits import bid_problems


async def submit_bid(tools: Tools, actor: Actor, lot: UUID, command: SubmitBid, request: UUID | None = None) -> Receipt:
    """Take a sealed bid, the first or a replacement. Nothing of a refused one is kept.

    Refuses late, unready, not sealed as required, another bidder's, out of order: each with its own code. Late is
    called late even when the uploads are gone: at the deadline those that no bid has claimed are erased.
    """
    asked = command.model_dump(mode="json")
    if (known := await answered_before("submit_bid", actor, request, asked)) is not None:
        return Receipt.model_validate(known)
    async with on_record("submit_bid", actor, lot):
        try:
            signed, bid = await _read(lot, command)
            arrived = await _arrived(tools, actor, command)
            return await _take(tools, actor, lot, command, signed, bid, arrived, request)
        except Refusal as refused:
            await _drop(tools, str(actor.organisation), command)
            if isinstance(refused, NotFound | WrongStage):
                box.refuse_late(await box_records.box(lot), await now())
            raise


async def withdraw_bid(
    tools: Tools, actor: Actor, lot: UUID, command: SignedObject, request: UUID | None = None
) -> Receipt:
    """Take the bidder's signed withdrawal, strictly before the deadline."""
    asked = command.model_dump(mode="json")
    if (known := await answered_before("withdraw_bid", actor, request, asked)) is not None:
        return Receipt.model_validate(known)
    async with lot_act("withdraw_bid", actor, lot, exclusive=False) as case:
        opened = await box.open_for_sealing(case.beat)
        given = await box.withdraw(case.beat, opened, decoded(command.envelope), tools.receipts)
        await _tell(case, "bid_withdrawn", given.seq)
        receipt = _receipt(opened, actor, given, case.beat.at.isoformat(timespec="milliseconds"))
        await answer(case.beat, request, asked, receipt.model_dump(mode="json"))
    return receipt


async def _read(lot: UUID, command: SubmitBid) -> tuple[Signed, Bid]:
    setup = await box.setup_of(await box_records.box(lot))
    return box.read_submission(setup, decoded(command.envelope), decoded(command.public_key))


async def _arrived(tools: Tools, actor: Actor, command: SubmitBid) -> dict[str, box.Arrived]:
    """Re-hash every upload and read its first bytes; what is not what it says is refused here."""
    sent = command.uploads
    files = await uploads.finish_all(tools.store, list(sent.values()), str(actor.organisation), head=HEAD_SIZE)
    found: dict[str, box.Arrived] = {}
    for sha256, upload in sent.items():
        digest, head = files[upload]
        if digest.sha256 != sha256:
            raise BadInput(Problem("upload_differs", "上传的文件与标书所写不符", "请重新上传", field=sha256))
        if not head:
            raise WrongStage(Problem("upload_already_used", "该文件已随另一次提交使用", "请重新上传", field=sha256))
        found[sha256] = box.Arrived(digest.size, head)
    return found


async def _take(
    tools: Tools,
    actor: Actor,
    lot: UUID,
    command: SubmitBid,
    signed: Signed,
    bid: Bid,
    arrived: dict[str, box.Arrived],
    request: UUID | None,
) -> Receipt:
    box.check_files(bid, arrived)
    refused = bid_problems([file.size for stage in bid.stages for file in stage.files])
    if refused:
        raise BadInput(*refused)
    async with lot_act("submit_bid", actor, lot, exclusive=False) as case:
        opened = await box.open_for_sealing(case.beat)
        chain = await box.admit(case.beat, opened, bid, decoded(command.public_key))
        files, owner = list(command.uploads.values()), str(actor.organisation)
        await uploads.claim_all(case.beat.connection, files, owner, f"{SEALED_BID}:{lot}")
        # Before the bid is written: from its event on every other bid of the lot waits.
        await _tell(case, "bid_received", bid.seq, digest=f"{bid.sha256[:16]}…")
        given = await box.take(case.beat, opened, signed, bid, chain, decoded(command.public_key), tools.receipts)
        receipt = _receipt(opened, actor, given, case.beat.at.isoformat(timespec="milliseconds"))
        await answer(case.beat, request, command.model_dump(mode="json"), receipt.model_dump(mode="json"))
    return receipt


async def _tell(case: LotCase, template: str, seq: int, **more: str) -> None:
    """Word to the bidder's own colleagues; the receipt itself is the answer (电子招标投标办法 27)."""
    fields = {"project": case.lot.project_name, "code": case.lot.code, "seq": str(seq), **more}
    fields["at"] = when(case.beat.at)
    link, whose = f"/lots/{case.lot.id}/receipt/{seq}", case.beat.actor.organisation
    await inbox.send(case.beat.connection, template, fields=fields, organisation=whose, link=link)


async def _drop(tools: Tools, owner: str, command: SubmitBid) -> None:
    """A refused bid leaves no bytes: the uploads it named are erased, unless another act already refers to them."""
    for upload in command.uploads.values():
        try:
            await keeping.erase(tools.store, upload, owner)
        except Refusal:
            continue


def _receipt(opened: BoxView, actor: Actor, given: box.Given, received: str) -> Receipt:
    return Receipt(
        tender=opened.tender,
        lot=opened.lot,
        bidder=actor.organisation_code,
        kind=given.kind,
        seq=given.seq,
        sha256=given.sha256,
        size=given.size,
        received=received,
        receipt=base64.b64encode(given.receipt).decode(),
        event=given.event,
        warnings=list(given.warnings),
    )
