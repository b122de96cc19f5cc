"""The bidders of a rehearsal, played by the platform: what they seal, and that all but the last reveal."""

import asyncio
import base64
import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kernel.acts import Beat
from kernel.box import records, reveal, submit
from kernel.box.records import BoxView
from kernel.box.submit import setup_of
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.proofs import dsse
from kernel.proofs.bid import read_bid
from kernel.proofs.canonical import decode, from_base64, to_base64
from kernel.proofs.sealing import Content, Document, Sealed, reveal_all, seal_bid
from kernel.proofs.setup import Setup
from kernel.proofs.signers import Ed25519Signer

LAST = 3
"""How many bidders are played; the last of them does not reveal."""
Played = dict[str, dict[str, Any]]


async def play(beat: Beat, box: BoxView, receipts: dsse.Signer) -> tuple[dict[str, str], Played]:
    """Seal and submit the played bids: (sha256 → sealed index in base64, bidder → price, signing seed, stage seeds)."""
    setup, sealed, played = await setup_of(box), dict[str, str](), Played()
    for n in range(1, LAST + 1):
        bidder, price = f"REHEARSAL{n:09}", f"{1_000_000 + n * 1111}.00"
        key = hashlib.sha256(beat.case.bytes + bytes([n])).digest()
        signer = Ed25519Signer.from_seed(key)
        bid, files = await asyncio.to_thread(_seal, setup, bidder, price, box.notice, signer)
        actor = Actor("bidder", name=f"演练投标人{n}", organisation=new_id(), organisation_code=bidder)
        own = replace(beat, actor=actor, events=[])
        chain = await submit.admit(own, box, bid.bid, signer.public)
        await submit.take(own, box, bid.signed, bid.bid, chain, signer.public, receipts)
        sealed |= files
        seeds = {stage: to_base64(value) for stage, value in bid.seeds.items()}
        played[bidder] = {"price": price, "key": to_base64(key), "seeds": seeds}
    return sealed, played


async def reveals(beat: Beat, box: BoxView, played: Mapping[str, Any]) -> bool:
    """All but the last show their seeds, where bidders do; True when somebody did now."""
    if box.mode == "roles" or box.reveal_until is None or beat.at >= box.reveal_until:
        return False
    there, done = await records.seeded(box.case), False
    for bidder, kept in list(played.items())[: LAST - 1]:
        view = (await records.chain(box.case, bidder))[-1]
        if any(bid == view.sha256 for bid, _ in there):
            continue
        seeds = {stage: from_base64(value) for stage, value in kept["seeds"].items()}
        bid = read_bid(view.body, await setup_of(box))
        for signed in reveal_all(bid, box.close, seeds, Ed25519Signer.from_seed(from_base64(kept["key"]))):
            await reveal.take(beat, box, signed, _stage(signed), view)
        done = True
    return done


def _stage(signed: dsse.Signed) -> str:
    return str(decode(signed.payload)["stage"])


def _seal(setup: Setup, bidder: str, price: str, notice: str, signer: dsse.Signer) -> tuple[Sealed, dict[str, str]]:
    """The sealed bid, and the indexes of its stages: what is opened in a rehearsal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paper = folder / "演练文件.txt"
        paper.write_text(f"{bidder} 的演练文件")
        contents = {
            rule.id: Content(form={"price": price, "period_days": 180})
            if rule.to == "public"
            else Content([Document(paper, paper.name, "text/plain")])
            for rule in setup.stages
        }
        bid = seal_bid(setup, contents, bidder=bidder, notice=notice, fallback=True, signer=signer, folder=folder)
        files = [stage.files[0] for stage in bid.bid.stages]
        return bid, {file.sha256: base64.b64encode((folder / file.n).read_bytes()).decode() for file in files}
