"""The close: at the deadline the standing list, five minutes for an omitted receipt, then close.json for good."""

from dataclasses import replace
from datetime import datetime, timedelta

from kernel.acts import Beat
from kernel.box import messages, records
from kernel.box.records import BidView, BoxView
from kernel.box.tables import Box
from kernel.errors import BadInput, Forbidden, NotFound, Problem, TooLate, WrongStage
from kernel.proofs import dsse
from kernel.proofs.close import Close, build_close, read_close, read_receipt

LIST_MINUTES = 5
"""How long after the deadline a bidder may have a bid restored whose receipt is not in the list (etb/1 §6)."""


async def list_standing(beat: Beat, box: BoxView) -> None:
    """Publish the draft list (hashes only) at or after the deadline, once the purchaser has signed it."""
    if box.state != "ready" or not box.deadline_signed or box.deadline_at is None or beat.at < box.deadline_at:
        return
    await messages.put(beat, "list", "platform", dsse.sign(await _close_data(beat, box)))
    await Box.update({Box.state: "listed"}).where(Box.case == beat.case)


async def restore(beat: Beat, box: BoxView, envelope: bytes, platform: bytes) -> None:
    """A bidder shows a receipt of ours for a bid that the draft list omits: the list is drafted anew.

    `envelope` are the receipt's exact DSSE bytes, `platform` the public key that signs receipts.

    Our own rows decide what stands, so a list that omits a received bid can only be a stale draft; the receipt of a
    message that was replaced or taken back restores nothing, and would put a fault of nobody's on record.
    """
    bid = await _receipted(beat, envelope, platform)
    if box.state != "listed" or box.deadline_at is None:
        raise WrongStage(Problem("not_listed", "现在不是核对名单的时间", "截标后五分钟内可以核对"))
    if beat.at >= box.deadline_at + timedelta(minutes=LIST_MINUTES):
        raise TooLate(Problem("list_fixed", "核对名单的五分钟已过", "如有异议请在开标会上提出"))
    draft = await current_list(box)
    if bid.sha256 not in {one.sha256 for one in (await records.standing(beat.case))[0]}:
        says = "这份标书已被您后来的递交替换或撤回，不能补入"
        raise WrongStage(Problem("not_standing", says, "请核对最后一次递交的回执"))
    if bid.sha256 in draft.bids:
        raise WrongStage(Problem("listed_already", "您的标书已在名单中", "无需办理"))
    # Later than the draft it replaces, whose very bytes it might have else: then nothing would be put on record.
    at = max(beat.at, draft.at + timedelta(milliseconds=1))
    again = dsse.sign(await _close_data(replace(beat, at=at), box))
    await messages.put(beat, "list", "platform", again, subject=bid.sha256)


async def _receipted(beat: Beat, envelope: bytes, platform: bytes) -> BidView:
    """The actor's own bid in this box of which these bytes are our signed receipt."""
    receipt = read_receipt(dsse.require(dsse.read(envelope), [platform]))
    if receipt.bidder != beat.actor.organisation_code:
        raise Forbidden(Problem("receipt_of_another", "回执不是您单位的", "请出示本单位的回执"))
    bid = await records.bid(receipt.sha256)
    if bid.case != beat.case:
        raise BadInput(Problem("receipt_of_another_lot", "回执属于另一个标段", "请核对标段"))
    return bid


async def current_list(box: BoxView) -> Close:
    """The latest draft of the list."""
    drafts = await records.messages(box.case, "list")
    if not drafts:
        raise NotFound(Problem("no_list", "尚未截标", "截标后即公布名单"))
    return read_close(drafts[-1].body)


async def fix(beat: Beat, box: BoxView) -> bool:
    """Fix close.json when the five minutes are over. True when the box closed, False when too few bids stand.

    With fewer bids than the minimum the box has failed and nothing in it is ever opened (实施条例 44).
    """
    draft = dsse.sign(await _close_data(beat, box))
    await messages.put(beat, "close", "platform", draft)
    enough = len(read_close(draft.payload).bids) >= box.minimum
    await Box.update(
        {Box.state: "closed" if enough else "failed", Box.close: draft.sha256, Box.closed_at: beat.at}
    ).where(Box.case == beat.case)
    return enough


async def fixed(box: BoxView) -> Close:
    """The close of a closed box."""
    for message in await records.messages(box.case, "close"):
        if message.sha256 == box.close:
            return read_close(message.body)
    raise NotFound(Problem("no_close", "尚未截标", "名单核对结束后即固定"))


async def end(beat: Beat, box: BoxView) -> None:
    """The case is ended before its list was countersigned: no bid comes in any more, and nothing is ever opened."""
    if box.state not in ("setup", "ready", "listed", "closed"):
        remedy = "请待开标结束、开标记录公布后办理"
        raise WrongStage(Problem("opening_begun", "截标名单已经会签，开标正在进行，不能在此时终止", remedy))
    await Box.update({Box.state: "failed"}).where(Box.case == beat.case)


async def take_countersignature(beat: Beat, box: BoxView, signed: dsse.Signed, regulator: bytes) -> bool:
    """The regulator's process has seen the same list at or after the deadline by its own clock."""
    if box.state != "closed" or signed.sha256 != box.close:
        return False
    dsse.require(signed, [regulator])
    await messages.put(beat, "countersign", "regulator", signed, author=dsse.keyid_of(regulator))
    reveal_until, fallback_until = opening_clocks(box, beat.at)
    await Box.update(
        {
            Box.state: "opening",
            Box.countersigned_at: beat.at,
            Box.reveal_until: reveal_until,
            Box.fallback_until: fallback_until,
        }
    ).where(Box.case == beat.case)
    return True


def opening_clocks(box: BoxView, at: datetime) -> tuple[datetime | None, datetime | None]:
    """(until when bidders reveal, until when the roles release), None where the mode does not ask them, from `at` on.

    Where the roles open everything they have both stretches: an officer who refuses is named when they are over, and
    does not keep the box shut for ever.
    """
    window = at + timedelta(minutes=box.window_minutes)
    fallback = window + timedelta(minutes=box.fallback_minutes)
    return window if box.mode != "roles" else None, fallback if box.mode != "bidder-only" else None


async def _close_data(beat: Beat, box: BoxView) -> bytes:
    bids, withdrawn = await records.standing(beat.case)
    return build_close(
        tender=box.tender,
        lot=box.lot,
        setup=box.setup,
        deadline=box.deadline,
        at=beat.at,
        bids=[b.sha256 for b in bids],
        withdrawn=[w.sha256 for w in withdrawn],
    )
