"""An opening with a cheat in it: a bidder who deals badly, an officer who slanders, the auditor, the bidder's proof."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from conftest import TestClock
from road import DEADLINE, PROCESS, Bidder, County, Holder, b64, post_as_regulator
from story import close

from bidding import records
from bidding.clockwork import turn
from bidding.schemas import RevealBid, SignedObject
from bidding.stages import Stage
from bidding.steps.open import answer_cure, hold_share
from bidding.steps.record import conclude_opening
from kernel.box import desk
from kernel.box import records as box_records
from kernel.box.submit import LARGEST_INDEX
from kernel.proofs import age, dsse
from kernel.proofs.bid import SealedFile, SealedStage, build_bid, read_bid
from kernel.proofs.canonical import decode, encode
from kernel.proofs.envelope import StageSecret, public_of
from kernel.proofs.errors import NoMatch
from kernel.proofs.opening import build_audit
from kernel.proofs.setup import ROLES, Setup
from kernel.proofs.stage import prove_envelope, seal_stage, try_envelope
from kernel.proofs.trustee import Answer, answer
from storage.folder import FolderVault
from storage.vault import Store

PRICES = ["38000000.00", "37500000.00", "39900000.00"]
WINDOW_OVER = DEADLINE + timedelta(hours=1, minutes=5)
FALLBACK_OVER = WINDOW_OVER + timedelta(hours=1)
Deal = Callable[[Bidder, SealedStage, Setup], SealedStage]


@dataclass
class Opening:
    """A lot whose bidders have sealed, and the cheat among them, who came last."""

    county: County
    clock: TestClock
    lot: UUID
    honest: list[Bidder]
    cheat: Bidder

    async def shut(self) -> None:
        await close(self.county, self.clock, self.lot)

    async def at(self, moment: datetime) -> None:
        await self.clock.freeze(moment)
        await turn(self.county.tools, self.lot)

    async def line(self) -> dict[str, Any]:
        """What the record says of the cheat's bid; everybody else's is opened."""
        record = await self.record()
        assert self.cheat.sealed is not None
        lines = {line["sha256"]: line for line in record["bids"]}
        mine = lines.pop(self.cheat.sealed.bid.sha256)
        assert {line["outcome"] for line in lines.values()} == {"opened"}, "the others are opened"
        assert {line["form"]["price"] for line in lines.values()} == set(PRICES[: len(lines)])
        return mine

    async def record(self) -> dict[str, Any]:
        if (await records.lot(self.lot)).stage == Stage.OPENING:
            await conclude_opening(self.county.tools, self.county.purchaser, self.lot)
        found = await records.opening(self.lot)
        assert found is not None
        return found[0]

    async def said(self) -> list[str]:
        return [incident["says"] for incident in (await self.record())["incidents"]]


async def opening(county: County, clock: TestClock, mode: str = "bidder", deal: Deal | None = None) -> Opening:
    """Two honest bidders and a third whose stages `deal` makes badly before he signs."""
    lot = await county.announced(mode)
    honest = await county.sealed_in(lot, PRICES[:2])
    cheat = await county.bidder(3)
    await cheat.seal(await county.setup(lot), (await box_records.box(lot)).notice, PRICES[2])
    if deal is not None:
        _deal_badly(cheat, await county.setup(lot), deal)
    await cheat.submit(county.tools, lot)
    return Opening(county, clock, lot, honest, cheat)


def _deal_badly(cheat: Bidder, setup: Setup, deal: Deal) -> None:
    assert cheat.sealed is not None
    bid = cheat.sealed.bid
    data = build_bid(
        setup, bidder=bid.bidder, bid_id=bid.bid_id, seq=bid.seq, prev=bid.prev, notice=bid.notice,
        fallback=bid.fallback, stages=[deal(cheat, stage, setup) for stage in bid.stages],
    )  # fmt: skip
    cheat.sealed = replace(cheat.sealed, bid=read_bid(data, setup), signed=dsse.sign(data, cheat.signer))


def with_bad_envelopes(role: str) -> Deal:
    """Every envelope of one role is random bytes."""
    x = ROLES.index(role) + 1

    def deal(cheat: Bidder, stage: SealedStage, setup: Setup) -> SealedStage:
        shares = [replace(s, env=tuple((kid, bytes(81)) for kid, _ in s.env)) if s.x == x else s for s in stage.shares]
        return replace(stage, shares=tuple(shares))

    return deal


def misdealt(cheat: Bidder, stage: SealedStage, setup: Setup) -> SealedStage:
    """Shares of another seed: each meets its commitment, and together they are not the seed committed to."""
    other = StageSecret(bytes(range(32)), secret_of(cheat, setup, stage.id).context)
    return replace(seal_stage(setup, other, stage.files), commit=stage.commit)


def with_one_odd_envelope(cheat: Bidder, stage: SealedStage, setup: Setup) -> SealedStage:
    """One envelope of one holder is not what the seed makes."""
    (kid, _), *rest = stage.shares[0].env
    odd = replace(stage.shares[0], env=((kid, bytes(81)), *rest))
    return replace(stage, shares=(odd, *stage.shares[1:]))


def sealed_to_another(cheat: Bidder, stage: SealedStage, setup: Setup) -> SealedStage:
    """The price's index is a proper age file, for a key that nobody will ever show."""
    return _with_index(cheat, stage, b"{}" + b" " * 16382)


def bloated(cheat: Bidder, stage: SealedStage, setup: Setup) -> SealedStage:
    """The price's index is larger than any that is read at the opening."""
    return _with_index(cheat, stage, b" " * LARGEST_INDEX)


def _with_index(cheat: Bidder, stage: SealedStage, content: bytes) -> SealedStage:
    if stage.id != "price":
        return stage
    sealed = age.lock(content, age.recipient_of(age.new_identity()))
    (cheat.folder / stage.files[0].n).write_bytes(sealed)
    index = SealedFile(stage.files[0].n, len(sealed), hashlib.sha256(sealed).hexdigest())
    return replace(stage, files=(index, *stage.files[1:]))


def damage(it: Opening, stage: str, *, lost: bool, n: int = 0) -> str:
    """What an operator does to one of the cheat's sealed files; number 0 is the index."""
    assert it.cheat.sealed is not None
    return spoil(it.county.tools.store, it.cheat.sealed.bid.stage(stage).files[n].sha256, lost=lost)


def spoil(store: Store, sha256: str, *, lost: bool) -> str:
    """A byte of a stored file is changed, or all of it is gone; the SHA-256 of what stands there then."""
    assert isinstance(store.vault, FolderVault)
    (stored,) = [p for p in store.vault.root.parent.rglob("*") if p.is_file() and sha256 in p.name]
    content = bytearray(stored.read_bytes())
    content[-1] ^= 1
    stored.chmod(0o600)
    stored.unlink()
    if lost:
        return ""
    stored.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def secret_of(bidder: Bidder, setup: Setup, stage: str) -> StageSecret:
    assert bidder.sealed is not None
    return StageSecret(bidder.sealed.seeds[stage], bidder.sealed.bid.context(setup, stage))


async def tasks(holder: Holder, do: str) -> list[dict[str, Any]]:
    waits = await desk.waiting(await desk.holders_of(holder.actor.person))
    return [task for task in waits if task["do"] == do]


async def post(county: County, holder: Holder, lot: UUID, answered: Answer) -> None:
    if holder.actor.role == "regulator":
        await post_as_regulator(lot, answered.kind, answered.stage, answered.signed)
        await turn(county.tools, lot)
        return
    command = SignedObject(envelope=b64(answered.signed.to_bytes()))
    await hold_share(county.tools, holder.actor, lot, answered.kind, answered.stage, command)


def slandering(holder: Holder, task: dict[str, Any], bid: str) -> Answer:
    """An honest attestation in which this bid alone is called bad."""
    answered = answer(holder.officer, task)
    value = decode(answered.signed.payload)
    for verdict in value["verdicts"]:
        verdict["ok"] = verdict["ok"] and verdict["bid"] != bid
    return replace(answered, signed=dsse.sign(encode(value), holder.officer.signer))


async def slandered(it: Opening, role: str) -> None:
    """Both holders of a role call the cheat's (well made) bid bad."""
    assert it.cheat.sealed is not None
    for holder in (h for h in it.county.holders if h.actor.role == role):
        for task in await tasks(holder, "attest"):
            await post(it.county, holder, it.lot, slandering(holder, task, it.cheat.sealed.bid.sha256))


async def prove(it: Opening, role: str) -> int:
    """The bidder answers every envelope that the role calls bad."""
    setup, box = await it.county.setup(it.lot), await box_records.box(it.lot)
    assert it.cheat.sealed is not None
    envelopes = []
    for stage in ("price", "documents"):
        secret = secret_of(it.cheat, setup, stage)
        for key in setup.role(role).keys:
            body = prove_envelope(setup, it.cheat.sealed.bid, box.close, secret, key.kid)
            envelopes.append(b64(dsse.sign(body, it.cheat.signer).to_bytes()))
    return await answer_cure(it.county.tools, it.cheat.actor, it.lot, RevealBid(envelopes=envelopes))


async def audited(it: Opening, role: str) -> None:
    """Every holder of the role shows the auditor his stage key of the lot."""
    setup, box = await it.county.setup(it.lot), await box_records.box(it.lot)
    assert it.cheat.sealed is not None
    bid = it.cheat.sealed.bid
    for holder in (h for h in it.county.holders if h.actor.role == role):
        for wrapped in (await box_records.wraps(it.lot)).values():
            try:
                private = age.unlock(wrapped, holder.officer.master)
            except NoMatch:
                continue
            for stage in ("price", "documents"):
                opens = try_envelope(setup, bid, stage, private) is not None
                kid = next(k.kid for k in setup.role(role).keys if k.pk == public_of(private))
                body = build_audit(close=box.close, stage=stage, bid=bid.sha256, role=role, kid=kid, opens=opens)
                await post_as_regulator(it.lot, "audit", stage, dsse.sign(body, PROCESS))
    await turn(it.county.tools, it.lot)
