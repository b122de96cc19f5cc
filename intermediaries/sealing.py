"""What a sealing client needs before the deadline and a revealing one after it; an agency's own receipts."""

import json
from uuid import UUID

from intermediaries.records import requests as records
from intermediaries.schemas.request_views import OwnQuote, QuoteChain, QuoteClose, QuoteSealing, SealingRule
from kernel.box import close as box_close
from kernel.box import records as box_records
from kernel.box.records import BidView, BoxView
from kernel.box.submit import STALE
from kernel.clock import CHINA, now
from kernel.identity import Actor
from kernel.proofs import dsse
from kernel.proofs.bid import sealed_size
from kernel.proofs.canonical import to_base64


async def sealing_of(case: UUID, receipt_key: bytes) -> QuoteSealing:
    """The set-up, the deadline and the notice to seal for; `NotFound` where no quotes are asked."""
    await records.request(case)
    box, moment = await box_records.box(case), await now()
    return QuoteSealing(
        case=case,
        tender=box.tender,
        lot=box.lot,
        mode=box.mode,
        state=box.state,
        ready=box.ready and box.deadline_at is not None and moment < box.deadline_at,
        now=moment,
        setup=await _envelope(box, "setup", box.setup),
        setup_sha256=box.setup,
        deadline=await _envelope(box, "deadline", box.deadline),
        deadline_sha256=box.deadline,
        deadline_at=box.deadline_at,
        notice=box.notice,
        stages=[SealingRule(id=stage["id"], to=stage["to"]) for stage in box.stages],
        receipt_key=to_base64(receipt_key),
    )


async def closed_list(case: UUID) -> QuoteClose:
    """The list of the close; `NotFound` before the deadline."""
    await records.request(case)
    box = await box_records.box(case)
    listed = await (box_close.fixed(box) if box.close else box_close.current_list(box))
    return QuoteClose(
        fixed=bool(box.close),
        sha256=listed.sha256,
        body=to_base64(listed.data),
        bids=list(listed.bids),
        withdrawn=list(listed.withdrawn),
        countersignature=await _envelope(box, "countersign", box.close),
        reveal_until=box.reveal_until,
        state=box.state,
    )


async def own_quotes(actor: Actor, case: UUID) -> QuoteChain:
    """The agency's own messages in one box, oldest first."""
    box, chain = await box_records.box(case), await box_records.chain(case, actor.organisation_code)
    return QuoteChain(
        bid_id=chain[0].bid_id if chain else "",
        public_key=to_base64(chain[0].public_key) if chain else "",
        receipts=[_receipt(box, view) for view in chain],
    )


async def has_opened(actor: Actor, case: UUID) -> bool:
    """Whether the agency has shown the seeds of its standing quote."""
    box, chain = await box_records.box(case), await box_records.chain(case, actor.organisation_code)
    seeds = await box_records.seeds(case)
    return bool(chain) and all((chain[-1].sha256, stage["id"]) in seeds for stage in box.stages)


def _receipt(box: BoxView, view: BidView) -> OwnQuote:
    return OwnQuote(
        tender=box.tender,
        lot=box.lot,
        bidder=view.bidder,
        kind=view.kind,
        seq=view.seq,
        sha256=view.sha256,
        received=view.received.astimezone(CHINA).isoformat(timespec="milliseconds"),
        receipt=to_base64(view.receipt),
        event=view.event,
        size=sealed_size(view.body) if view.kind == "bid" else 0,
        warnings=[STALE] if view.kind == "bid" and json.loads(view.body)["notice"] != box.notice else [],
        envelope=to_base64(view.envelope),
    )


async def _envelope(box: BoxView, kind: str, sha256: str) -> str:
    """The document with all its signatures as DSSE in base64; empty while there is none."""
    signed: dsse.Signed | None = await box_records.merged(box.case, kind, sha256) if sha256 else None
    return to_base64(signed.to_bytes()) if signed else ""
