"""The opening itself: seeds regenerate every committed byte, the public index is read, and all is shown together."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from kernel.acts import Beat
from kernel.box import close, records, release, reveal
from kernel.box.records import BidView, BoxView
from kernel.box.submit import setup_of
from kernel.box.tables import Box, Verdict
from kernel.ids import secret_id
from kernel.proofs import age
from kernel.proofs.bid import Bid, read_bid
from kernel.proofs.errors import ProofError
from kernel.proofs.index import read_index
from kernel.proofs.setup import Setup
from kernel.proofs.stage import open_stage

Fetch = Callable[[str], Awaitable[bytes]]
"""SHA-256 → the stored bytes of a sealed index."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of one stage of one bid, and who is at fault (etb/1 §7; 电子招标投标办法 31)."""

    outcome: str
    culprit: str
    code: str
    says: str
    index: dict[str, Any] | None = None


NOT_REVEALED = Finding("revoked", "bidder", "not_revealed", "投标人未在规定时间内解密，视为撤销投标文件")
NOT_RELEASED = Finding(
    "withdrawn", "roles", "not_released", "补救方案未能在规定时间内完成，非投标人原因，视为撤回投标文件"
)
MISDEALT = Finding(
    "revoked", "bidder", "misdealt", "三方份额均与承诺相符但不能还原，系投标人封装错误，视为撤销投标文件"
)
ALTERED = Finding(
    "withdrawn", "operator", "ciphertext_altered", "存储的密文与递交时不符，非投标人原因，视为撤回投标文件"
)
UNREADABLE = Finding(
    "revoked", "bidder", "index_unreadable", "种子与密文均无误而内容不能读取，系投标人原因，视为撤销投标文件"
)
OPENED = Finding("opened", "", "opened", "已解密")


async def resolve(beat: Beat, box: BoxView, fetch: Fetch) -> bool:
    """Open the box when every bid is resolved: revealed, released, or out of time. True when it opened now."""
    bids = list((await close.fixed(box)).bids)
    missing = await reveal.unrevealed(box, bids)
    shut: dict[tuple[str, str], str] = {}
    if missing:
        window_over = box.reveal_until is None or beat.at >= box.reveal_until
        listed = await release.to_open(box, window_over) if window_over else []
        if listed:
            shut = await release.combine(beat, box, listed)
        still = [b for b in await reveal.unrevealed(box, bids) if not any((b, s["id"]) in shut for s in box.stages)]
        if not _time_is_up(beat, box, still, listed):
            return False
    await _judge(beat, box, bids, shut, fetch)
    return True


def _time_is_up(beat: Beat, box: BoxView, still: list[str], listed: list[str]) -> bool:
    """Whether nothing more can come for the bids that are still shut."""
    if not still:
        return True
    if box.mode == "roles":
        return False
    if box.reveal_until is None or beat.at < box.reveal_until:
        return False
    waits = set(still) & set(listed)
    return not waits or (box.fallback_until is not None and beat.at >= box.fallback_until)


async def _judge(beat: Beat, box: BoxView, bids: list[str], shut: dict[tuple[str, str], str], fetch: Fetch) -> None:
    setup, seeds = await setup_of(box), await records.seeds(box.case)
    for sha256 in bids:
        view = await records.bid(sha256)
        bid = read_bid(view.body, setup)
        for stage in box.stages:
            seed = seeds.get((sha256, stage["id"]))
            if seed is None:
                finding = await _unopened(box, view, shut.get((sha256, stage["id"])))
            else:
                finding = await _opened(setup, bid, stage, seed[0], fetch)
            await _write(beat, sha256, stage["id"], finding)
    await Box.update({Box.state: "opened"}).where(Box.case == beat.case)
    await beat.record("opened", act="box_opened", hashes={"close": box.close})


async def _unopened(box: BoxView, view: BidView, code: str | None) -> Finding:
    if code is not None:
        return MISDEALT
    if box.mode == "bidder" and await reveal.has_fallback(box, view.sha256):
        return NOT_RELEASED
    return NOT_REVEALED


async def _opened(setup: Setup, bid: Bid, stage: dict[str, str], seed: bytes, fetch: Fetch) -> Finding:
    secret = open_stage(setup, bid, stage["id"], seed=seed).secret
    assert secret is not None, "a kept seed met its commitment"
    if stage["to"] != "public":
        return OPENED
    sealed = bid.stage(stage["id"]).files[0]
    ciphertext = await fetch(sealed.sha256)
    if hashlib.sha256(ciphertext).hexdigest() != sealed.sha256:
        return ALTERED
    try:
        index = read_index(age.unlock(ciphertext, secret.identity), stage["id"])
    except ProofError:
        return UNREADABLE
    files = [{"n": f.n, "name": f.name, "media": f.media, "size": f.size, "sha256": f.sha256} for f in index.files]
    return Finding("opened", "", "opened", "已解密", {"files": files, "form": index.form or {}})


async def _write(beat: Beat, bid: str, stage: str, finding: Finding) -> None:
    await Verdict.insert(
        Verdict(
            id=secret_id(),
            bid=bid,
            case=beat.case,
            stage=stage,
            outcome=finding.outcome,
            culprit=finding.culprit,
            code=finding.code,
            says=finding.says,
            index=json.dumps(finding.index, ensure_ascii=False) if finding.index is not None else None,
        )
    )
