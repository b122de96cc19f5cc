"""The opening itself: seeds regenerate every committed byte, the public index is read, and all is shown together."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.acts import Beat
from kernel.box import checking, damage, listed, records, release
from kernel.box.damage import Ciphertext, Digest
from kernel.box.records import BoxView
from kernel.box.submit import setup_of
from kernel.box.tables import Box, Verdict
from kernel.ids import secret_id
from kernel.proofs import age
from kernel.proofs.anchored import TITLES
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
MISDEALT = Finding(
    "revoked", "bidder", "misdealt", "三方份额均与承诺相符但不能还原，系投标人封装错误，视为撤销投标文件"
)
ALTERED = Finding(
    "withdrawn", "operator", "ciphertext_altered", "存储的密文与递交时不符，非投标人原因，视为撤回投标文件"
)
UNREADABLE = Finding(
    "revoked", "bidder", "index_unreadable", "种子与密文均无误而内容不能读取，系投标人原因，视为撤销投标文件"
)


async def resolve(beat: Beat, box: BoxView, fetch: Fetch, digest: Digest | None = None) -> bool:
    """Open the box when every bid is resolved: revealed, released, dropped, or out of time. True when it opened now.

    `digest` reads the store: what was altered or lost is found before anything is judged; a rehearsal has no store.
    """
    shut: dict[tuple[str, str], str] = {}
    if await listed.unrevealed(box):
        window_over = box.reveal_until is None or beat.at >= box.reveal_until
        theirs = await listed.to_open(box, window_over) if window_over else []
        if theirs:
            shut = await release.combine(beat, box, theirs)
        if not await _is_time_up(beat, box, shut, theirs):
            return False
    if digest is not None and not await checking.is_settled(beat, box, digest):
        return False
    await _judge(beat, box, shut, fetch)
    return True


async def _is_time_up(beat: Beat, box: BoxView, shut: Mapping[tuple[str, str], str], theirs: Sequence[str]) -> bool:
    """Whether nothing more can come for the stages that are still shut."""
    there = await records.seeded(box.case)
    places = [(bid, stage) for bid in await listed.of_turn(box) for stage in box.due]
    still = {bid for bid, stage in places if (bid, stage) not in there and (bid, stage) not in shut}
    if not still:
        return True
    if box.reveal_until is not None and beat.at < box.reveal_until:
        return False
    waits = still & set(theirs)
    return not waits or (box.fallback_until is not None and beat.at >= box.fallback_until)


async def _judge(beat: Beat, box: BoxView, shut: Mapping[tuple[str, str], str], fetch: Fetch) -> None:
    setup = await setup_of(box)
    bids = [read_bid((await records.bid(sha256)).body, setup) for sha256 in await listed.of_turn(box)]
    stages = [stage for stage in box.stages if stage["id"] in box.due]
    spoilt = {(one.bid, one.stage) for one in await damage.known(box.case)}
    found = await _open_all(beat, box, bids, stages, spoilt, fetch)
    for bid in bids:
        faulty = any((bid.sha256, stage["id"]) in spoilt for stage in stages)
        for stage in stages:
            place = (bid.sha256, stage["id"])
            finding = found.get(place) or await _unopened(box, bid, shut.get(place, ""), faulty)
            await _write(beat, *place, finding)
    await Box.update({Box.state: "opened"}).where(Box.case == beat.case)
    await beat.record("opened", act="box_opened", hashes={"close": box.close})


async def _open_all(
    beat: Beat,
    box: BoxView,
    bids: Sequence[Bid],
    stages: Sequence[dict[str, str]],
    spoilt: set[tuple[str, str]],
    fetch: Fetch,
) -> dict[tuple[str, str], Finding]:
    """What is found of every stage whose seed is there; an index that is bad only now is added to what is spoilt."""
    setup, seeds = await setup_of(box), await records.seeds(box.case)
    found: dict[tuple[str, str], Finding] = {}
    for bid in bids:
        for stage in stages:
            place = (bid.sha256, stage["id"])
            if place in seeds and place not in spoilt:
                found[place] = await _opened(setup, bid, stage, seeds[place][0], fetch)
                if found[place] is ALTERED:
                    await _note_index(beat, box, bid, stage["id"], fetch)
                    spoilt.add(place)
            elif place in seeds:
                found[place] = ALTERED
    return found


async def _note_index(beat: Beat, box: BoxView, bid: Bid, stage: str, fetch: Fetch) -> None:
    """An index that went bad after the store had been read."""
    file = bid.stage(stage).files[0]
    stored = await fetch(file.sha256)
    found = hashlib.sha256(stored).hexdigest() if stored else ""
    organisation = (await records.bid(bid.sha256)).organisation
    await damage.note(beat, box, {Ciphertext(bid.sha256, organisation, stage, file): found})


async def _unopened(box: BoxView, bid: Bid, code: str, faulty: bool) -> Finding:
    """`faulty`: the platform has spoilt a file of this bid, and who did not reveal is not blamed for that."""
    kind, _, role = code.partition(":")
    if kind == "proved":
        return _bad_envelope(role)
    if kind == "unproved":
        return _unproved(role)
    if code:
        return MISDEALT
    if box.mode == "roles" or (box.mode == "bidder" and bid.fallback):
        return _not_released(box, await release.missing_roles(box))
    return ALTERED if faulty else NOT_REVEALED


def _not_released(box: BoxView, roles: Sequence[str]) -> Finding:
    """Named by role: who attested and did not release stops an opening visibly."""
    names, what = "、".join(TITLES[role] for role in roles), "共同解密" if box.mode == "roles" else "补救方案"
    says = f"{names}未在规定时间内办完{what}，责任在{names}，非投标人原因，视为撤回投标文件"
    return Finding("withdrawn", roles[0] if len(roles) == 1 else "roles", "not_released", says)


def _bad_envelope(role: str) -> Finding:
    says = f"交给{TITLES[role]}的密封件经核实不能打开，投标人未在规定时间内证明其无误，责任在投标人，视为撤销投标文件"
    return Finding("revoked", "bidder", "bad_envelope", says)


def _unproved(role: str) -> Finding:
    says = f"{TITLES[role]}称密封件有误，但未能证明，责任在{TITLES[role]}，非投标人原因，视为撤回投标文件"
    return Finding("withdrawn", role, "bad_unproved", says)


async def _opened(setup: Setup, bid: Bid, stage: dict[str, str], seed: bytes, fetch: Fetch) -> Finding:
    regenerated = open_stage(setup, bid, stage["id"], seed=seed)
    secret = regenerated.secret
    assert secret is not None, "a kept seed met its commitment"
    noted = _noted([finding.says for finding in regenerated.findings])
    sealed = bid.stage(stage["id"]).files[0]
    ciphertext = await fetch(sealed.sha256)
    if hashlib.sha256(ciphertext).hexdigest() != sealed.sha256:
        return ALTERED
    try:
        index = read_index(age.unlock(ciphertext, secret.identity), stage["id"])
    except ProofError:
        return UNREADABLE
    if stage["to"] != "public":  # what it lists is the panel's; that it is whole is said to all
        return Finding("opened", "", "opened", noted)
    files = [{"n": f.n, "name": f.name, "media": f.media, "size": f.size, "sha256": f.sha256} for f in index.files]
    return Finding("opened", "", "opened", noted, {"files": files, "form": index.form or {}})


def _noted(findings: Sequence[str]) -> str:
    """An envelope that comes out differently closes nothing: it is noted, and the opened bid stands."""
    return "已解密" + (f"；附注：{'；'.join(findings)}，不影响投标文件的效力" if findings else "")


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
