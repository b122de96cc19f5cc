"""密封报价: a sealed quote comes in, is replaced or withdrawn in time, and opened by its own agency afterwards."""

import base64
from uuid import UUID

from intermediaries import quotes
from intermediaries.admission import admit
from intermediaries.case import Tools
from intermediaries.request_case import RequestCase, request_act
from intermediaries.schemas.request_views import QuoteReceipt
from intermediaries.schemas.requests import RevealQuote, SignedObject, SubmitQuote
from intermediaries.tables.requests import Application
from kernel.acts import answer, answered_before
from kernel.box import close, reveal
from kernel.box import records as box_records
from kernel.box import submit as box
from kernel.box.records import BoxView
from kernel.clock import now
from kernel.errors import BadInput, NotFound, Problem, Refusal, WrongStage
from kernel.identity import Actor
from kernel.proofs import dsse
from kernel.proofs.age import HEAD_SIZE
from kernel.proofs.bid import Bid
from kernel.proofs.canonical import decode
from kernel.proofs.dsse import Signed
from storage import keeping, uploads
from storage.limits import bid_problems

PURPOSE = "sealed_bid"
"""Purpose of the uploads of sealed quotes; a request's own are `sealed_bid:<request>`."""


async def submit_quote(
    tools: Tools, actor: Actor, case: UUID, command: SubmitQuote, request: UUID | None = None
) -> QuoteReceipt:
    """Take a sealed quote, the first or a replacement; with the first the agency has applied.

    Nothing of a refused one is kept. Late is called late even when the uploads are gone.
    """
    asked = command.model_dump(mode="json")
    if (known := await answered_before("submit_quote", actor, request, asked)) is not None:
        return QuoteReceipt.model_validate(known)
    try:
        setup = await box.setup_of(await box_records.box(case))
        signed, bid = box.read_submission(setup, _bytes(command.envelope), _bytes(command.public_key))
        arrived = await _arrived(tools, actor, command)
        return await _take(tools, actor, case, command, signed, bid, arrived, request)
    except Refusal as refused:
        await _drop(tools, str(actor.organisation), command)
        if isinstance(refused, NotFound | WrongStage):
            box.refuse_late(await box_records.box(case), await now())
        raise


async def withdraw_quote(
    tools: Tools, actor: Actor, case: UUID, command: SignedObject, request: UUID | None = None
) -> QuoteReceipt:
    """Take the agency's signed withdrawal, strictly before the deadline; it has not applied any more."""
    asked = command.model_dump(mode="json")
    if (known := await answered_before("withdraw_quote", actor, request, asked)) is not None:
        return QuoteReceipt.model_validate(known)
    async with request_act("withdraw_quote", actor, case, exclusive=False) as found:
        opened = await box.open_for_sealing(found.beat)
        own = (Application.request == case) & (Application.organisation == actor.organisation)
        await Application.update({Application.left_at: found.beat.at}).where(own)
        given = await box.withdraw(found.beat, opened, _bytes(command.envelope), tools.receipts)
        receipt = _receipt(opened, found, given)
        await answer(found.beat, request, asked, receipt.model_dump(mode="json"))
    return receipt


async def restore_quote(tools: Tools, actor: Actor, case: UUID, command: SignedObject) -> None:
    """Within five minutes of the close an agency shows our own receipt for a quote that the published list omits."""
    async with request_act("restore_quote", actor, case) as found:
        envelope, view = _bytes(command.envelope), await box_records.box(case)
        await close.restore(found.beat, view, envelope, tools.receipts.public)


async def reveal_quote(tools: Tools, actor: Actor, case: UUID, command: RevealQuote) -> int:
    """Show the seeds of one's own standing quote in the window; how many stages are revealed."""
    async with request_act("reveal_quote", actor, case) as found:
        view = await box_records.box(case)
        chain = await box_records.chain(case, actor.organisation_code)
        if not chain or chain[-1].kind != "bid":
            raise WrongStage(Problem("no_quote_to_reveal", "您在本项目没有有效的报价", "请核对项目"))
        for text in command.envelopes:
            signed = dsse.read(_bytes(text))
            await reveal.take(found.beat, view, signed, _stage_of(signed), chain[-1])
        await quotes.advance(tools, found)
    return len(command.envelopes)


async def _take(
    tools: Tools,
    actor: Actor,
    case: UUID,
    command: SubmitQuote,
    signed: Signed,
    bid: Bid,
    arrived: dict[str, box.Arrived],
    request: UUID | None,
) -> QuoteReceipt:
    box.check_files(bid, arrived)
    refused = bid_problems([file.size for stage in bid.stages for file in stage.files])
    if refused:
        raise BadInput(*refused)
    async with request_act("submit_quote", actor, case, exclusive=False) as found:
        opened = await box.open_for_sealing(found.beat)
        await admit(found)
        key = _bytes(command.public_key)
        chain = await box.admit(found.beat, opened, bid, key)
        files = list(command.uploads.values())
        await uploads.claim_all(found.beat.connection, files, str(actor.organisation), f"{PURPOSE}:{case}")
        given = await box.take(found.beat, opened, signed, bid, chain, key, tools.receipts)
        receipt = _receipt(opened, found, given)
        await answer(found.beat, request, command.model_dump(mode="json"), receipt.model_dump(mode="json"))
    return receipt


async def _arrived(tools: Tools, actor: Actor, command: SubmitQuote) -> dict[str, box.Arrived]:
    """Re-hash every upload and read its first bytes; what is not what it says is refused here."""
    sent = command.uploads
    files = await uploads.finish_all(tools.store, list(sent.values()), str(actor.organisation), head=HEAD_SIZE)
    found: dict[str, box.Arrived] = {}
    for sha256, upload in sent.items():
        digest, head = files[upload]
        if digest.sha256 != sha256:
            raise BadInput(Problem("quote_upload_differs", "上传的文件与报价所写不符", "请重新上传", field=sha256))
        if not head:
            raise WrongStage(Problem("upload_already_used", "该文件已随另一次提交使用", "请重新上传", field=sha256))
        found[sha256] = box.Arrived(digest.size, head)
    return found


async def _drop(tools: Tools, owner: str, command: SubmitQuote) -> None:
    """A refused quote leaves no bytes, unless another act already refers to them."""
    for upload in command.uploads.values():
        try:
            await keeping.erase(tools.store, upload, owner)
        except Refusal:
            continue


def _receipt(opened: BoxView, found: RequestCase, given: box.Given) -> QuoteReceipt:
    return QuoteReceipt(
        tender=opened.tender,
        lot=opened.lot,
        bidder=found.beat.actor.organisation_code,
        kind=given.kind,
        seq=given.seq,
        sha256=given.sha256,
        received=found.beat.at.isoformat(timespec="milliseconds"),
        receipt=base64.b64encode(given.receipt).decode(),
        event=given.event,
        size=given.size,
        warnings=list(given.warnings),
    )


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise BadInput(Problem("bad_base64", "内容不是标准 base64 编码", "请用本平台的工具生成")) from None


def _stage_of(signed: dsse.Signed) -> str:
    with box.as_required():
        value = decode(signed.payload)
    stage = value.get("stage") if isinstance(value, dict) else None
    if not isinstance(stage, str):
        raise BadInput(Problem("no_stage", "内容中没有写明阶段", "请用恢复文件重新生成"))
    return stage
