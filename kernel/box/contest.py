"""A role calls an envelope bad: the auditor's word, the bidder's cure, and what is dropped so that the others open."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kernel.acts import Beat
from kernel.box import listed, messages, records
from kernel.box.records import BidView, BoxView
from kernel.box.submit import as_required, setup_of
from kernel.box.tables import Box
from kernel.errors import BadInput, Problem, TooLate
from kernel.proofs import contest, dsse
from kernel.proofs.bid import read_bid
from kernel.proofs.contest import CURE_MINUTES, Contest, Ruling
from kernel.proofs.opening import Attest, Cure, read_attest, read_audit, read_cure
from kernel.proofs.setup import ROLES
from kernel.proofs.stage import check_cure

RELEASE_MINUTES = 30
"""What the roles have at least, after the last cure could come, to release what is left."""


async def attests(box: BoxView, stage: str, bids: Sequence[str]) -> list[Attest]:
    """Every attestation of a stage, oldest first."""
    given = await records.messages(box.case, "attest", stage=stage)
    return [read_attest(m.body, close=box.close, stage=stage, bids=bids) for m in given]


async def rulings(box: BoxView, stage: str, bids: Sequence[str]) -> list[Ruling]:
    """What has become so far of every bid that a role calls bad; nothing when none is."""
    contested = contest.contests(await attests(box, stage, bids))
    if not contested:
        return []
    cured = {(cure.bid, _role_at(cure.x)) for cure in await _cures(box, stage)}
    found = {pair for pair, opens in (await shown(box, stage)).items() if not opens}
    return contest.rulings(contested, cured, found)


async def shown(box: BoxView, stage: str) -> dict[tuple[str, str], bool]:
    """(bid, kid) → whether the envelope opened when the auditor tried this key on it."""
    given = await records.messages(box.case, "audit", stage=stage)
    audits = [read_audit(m.body, close=box.close, stage=stage) for m in given]
    return {(one.bid, one.kid): one.opens for one in audits}


def settled(box: BoxView, found: Sequence[Ruling], at: datetime) -> bool:
    """Whether nothing more can change what is released: all cured, or the time for it over."""
    return all(ruling.outcome == "cured" for ruling in found) or (box.cure_until is not None and at >= box.cure_until)


async def shares(box: BoxView, stage: str, role: str) -> dict[str, bytes]:
    """Bid → this role's share of it, of those that a cure has brought: public, so that the role can release it."""
    return {cure.bid: cure.y for cure in await _cures(box, stage) if _role_at(cure.x) == role}


async def open_bids(box: BoxView, at: datetime) -> dict[str, list[tuple[str, Ruling]]]:
    """Bid → the stages in which a role calls it bad and nothing has answered that yet."""
    bids = await listed.to_open(box, box.reveal_until is not None and at >= box.reveal_until)
    found: dict[str, list[tuple[str, Ruling]]] = {}
    for stage in box.due if bids else ():
        for ruling in await rulings(box, stage, bids):
            if ruling.outcome != "cured":
                found.setdefault(ruling.bid, []).append((stage, ruling))
    return found


async def begin(beat: Beat, box: BoxView, attest: Attest) -> None:
    """A holder calls envelopes bad: from now the bidders have their time to answer, and the roles some after it."""
    bad = [bid for bid, ok in attest.verdicts.items() if not ok]
    until = beat.at + timedelta(minutes=CURE_MINUTES)
    after = until + timedelta(minutes=RELEASE_MINUTES)
    fallback = max(box.fallback_until, after) if box.fallback_until else None
    await Box.update({Box.cure_until: until, Box.fallback_until: fallback}).where(Box.case == beat.case)
    facts = {"role": attest.role, "kid": attest.kid, "stage": attest.stage, "bids": bad}
    await beat.record(f"contest:{attest.role}", act="box_contest", facts=facts)


async def take_cure(beat: Beat, box: BoxView, signed: dsse.Signed, stage: str, view: BidView) -> None:
    """The bidder proves that an envelope of his which a role calls bad is well made; never by his seed."""
    bids = await _in_time(beat, box, beat.at)
    with as_required():
        cure = read_cure(dsse.require(signed, [view.public_key]), close=box.close, stage=stage)
    said = {(one.bid, one.role) for one in await _contested(box, stage, bids)}
    if (cure.bid, cure.bidder) != (view.sha256, view.bidder) or (cure.bid, _role_at(cure.x)) not in said:
        raise BadInput(Problem("nothing_to_cure", "您的标书没有这样的密封件被认为有误", "请刷新后核对阶段和持钥方"))
    setup = await setup_of(box)
    with as_required():
        check_cure(setup, read_bid(view.body, setup), cure)
    author, subject = dsse.keyid_of(view.public_key), f"{cure.bid}:{_role_at(cure.x)}"
    await messages.put(beat, "cure", "bidder", signed, stage=stage, author=author, subject=subject)


async def take_audit(
    beat: Beat, box: BoxView, signed: dsse.Signed, stage: str, auditor: bytes, posted: datetime
) -> None:
    """The regulator's process was shown a stage key: whether the envelope that its holder calls bad is so.

    In time is what was `posted` in time: a worker that is late must not make a holder guilty.
    """
    bids = await _in_time(beat, box, posted)
    body = dsse.require(signed, [auditor])
    audit = read_audit(body, close=box.close, stage=stage)
    if not any((audit.bid, audit.role) == (one.bid, one.role) for one in await _contested(box, stage, bids)):
        raise BadInput(Problem("nothing_to_audit", "没有持钥人称这个密封件有误", "请核对标书和持钥方"))
    await messages.put(beat, "audit", "regulator", signed, stage=stage, author=dsse.keyid_of(auditor))


async def _in_time(beat: Beat, box: BoxView, at: datetime) -> list[str]:
    bids = await listed.by_roles(beat, box)
    if box.cure_until is not None and at >= box.cure_until:
        raise TooLate(Problem("cure_late", "答复的时间已过", "如有异议请在开标会上提出", "电子招标投标办法第三十一条"))
    return bids


async def _contested(box: BoxView, stage: str, bids: Sequence[str]) -> list[Contest]:
    return contest.contests(await attests(box, stage, bids))


def _role_at(x: int) -> str:
    return ROLES[x - 1]


async def _cures(box: BoxView, stage: str) -> list[Cure]:
    return [
        read_cure(m.body, close=box.close, stage=stage) for m in await records.messages(box.case, "cure", stage=stage)
    ]
