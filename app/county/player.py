"""What the demo county's people do, through the same steps as everybody: publish, seal, sign, reveal."""

import base64
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from app.officer.home import Home
from bidding import records
from bidding.case import SEALED_BID, Tools
from bidding.schemas import PublishedFile, PublishNotice, RevealBid, SubmitBid
from bidding.steps.open import reveal_bid
from bidding.steps.publish import publish_notice
from bidding.steps.submit import submit_bid
from bidding.texts import PURPOSE
from kernel.box import records as boxes
from kernel.identity import Actor
from kernel.paper import as_pdf_document
from kernel.proofs.sealing import Content, Document, Sealed, reveal_all, seal_bid
from kernel.proofs.setup import Setup
from kernel.proofs.signers import Ed25519Signer
from storage import uploads
from storage.limits import PART_SIZE


@cache
def paper(title: str, text: str) -> bytes:
    """A sheet that many hand in alike."""
    return as_pdf_document(title, [text])


@dataclass(frozen=True, slots=True)
class Bid:
    """A demo bidder's sealed bid, with the key that signed it."""

    actor: Actor
    signer: Ed25519Signer
    sealed: Sealed


@dataclass(frozen=True, slots=True)
class Player:
    """Acts for everybody in turn, each with his own keys."""

    tools: Tools
    holders: Mapping[str, Home]
    people: Mapping[str, Actor]
    folder: Path

    async def publish(self, actor: Actor, lot: UUID, deadline: datetime) -> None:
        """The notice of a lot, with a real document."""
        row = await records.lot(lot)
        text = ["本招标文件由投标须知、评标办法、合同条款、技术标准和图纸目录组成。", f"工程名称：{row.project_name}。"]
        file = as_pdf_document(f"{row.project_name} 招标文件", text)
        command = PublishNotice(
            deadline=deadline,
            documents_until=deadline,
            requirements="具备市政公用工程施工总承包三级及以上资质\n项目负责人具备市政公用工程专业注册建造师资格",
            period_days=180,
            documents=[PublishedFile(label="招标文件.pdf", upload=await self.upload(actor, PURPOSE, file))],
        )
        await publish_notice(self.tools, actor, lot, command)

    async def bids(self, lot: UUID, bidders: Sequence[Actor], prices: Sequence[str]) -> list[Bid]:
        """Seal and submit one bid each."""
        box = await boxes.box(lot)
        setup = await boxes.setup(box)
        return [
            await self._bid(lot, b, p, setup=setup, notice=box.notice) for b, p in zip(bidders, prices, strict=True)
        ]

    async def reveal(self, lot: UUID, bids: Sequence[Bid]) -> None:
        box = await boxes.box(lot)
        for bid in bids:
            signed = reveal_all(bid.sealed.bid, box.close, bid.sealed.seeds, bid.signer)
            await reveal_bid(self.tools, bid.actor, lot, RevealBid(envelopes=[_b64(s.to_bytes()) for s in signed]))

    async def _bid(self, lot: UUID, actor: Actor, price: str, *, setup: Setup, notice: str) -> Bid:
        folder = self.folder / actor.organisation_code
        folder.mkdir(exist_ok=True)
        plan = folder / "技术方案.pdf"
        plan.write_bytes(paper("技术方案", "一、工程概况；二、施工部署；三、质量和安全保证措施。"))
        signer = Ed25519Signer.generate()
        sealed = seal_bid(
            setup,
            {
                "price": Content(form={"price": price, "period_days": 180}),
                "documents": Content([Document(plan, plan.name, "application/pdf")]),
            },
            bidder=actor.organisation_code,
            notice=notice,
            fallback=True,
            signer=signer,
            folder=folder,
        )
        sent = await self.sent(actor, f"{SEALED_BID}:{lot}", sealed, folder)
        command = SubmitBid(envelope=_b64(sealed.signed.to_bytes()), public_key=_b64(signer.public), uploads=sent)
        await submit_bid(self.tools, actor, lot, command)
        return Bid(actor, signer, sealed)

    async def sent(self, actor: Actor, purpose: str, sealed: Sealed, folder: Path) -> dict[str, UUID]:
        """Send every sealed file; SHA-256 → upload."""
        return {
            file.sha256: await self.upload(actor, purpose, (folder / file.n).read_bytes())
            for stage in sealed.bid.stages
            for file in stage.files
        }

    async def upload(self, actor: Actor, purpose: str, content: bytes) -> UUID:
        owner = str(actor.organisation)
        view = await uploads.register(owner, purpose, len(content))
        for n in range(1, view.parts + 1):
            part = content[(n - 1) * PART_SIZE : n * PART_SIZE]
            sha256 = hashlib.sha256(part).hexdigest()
            await uploads.receive(self.tools.store, view.id, owner, n, _once(part), sha256=sha256)
        return view.id


async def _once(part: bytes) -> AsyncIterator[bytes]:
    yield part


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()
