"""The regulator's process sees every close in clear and countersigns it: once a lot, never before the deadline.

It takes nothing from the trading side on trust: set-up and deadline are read with their signatures, the moment
is compared with this side's own clock, and what it has signed is kept in its own database.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from kernel import clock
from kernel.box import records
from kernel.box.posts import post_message
from kernel.box.records import BoxView, HolderView, MessageView
from kernel.db import HOME, transaction
from kernel.errors import Refusal
from kernel.identity import clockwork
from kernel.proofs import dsse
from kernel.proofs.close import Close, read_close
from kernel.proofs.deadline import check_later, read_deadline
from kernel.proofs.errors import ProofError
from kernel.proofs.setup import ROLES, read_setup
from supervision.acts import record, record_once

ACTOR = clockwork("supervision")
_log = logging.getLogger("yangguang.supervision")

_ONCE = """
insert into supervision.countersigned ("case", close, at) values ($1, $2, clock_timestamp())
on conflict ("case") do nothing returning close
"""
_SIGNED = 'select close from supervision.countersigned where "case" = $1'


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a close was not countersigned: a stable code and the words."""

    code: str
    says: str


async def countersign_due(process: dsse.Signer, platform: Sequence[bytes] = ()) -> int:
    """Countersign every close that waits and is in order; how many. One that fails does not hold up the others.

    `platform` are the trading site's own anchored keys: they sign the deadline of a purchaser who holds no key.
    """
    done = 0
    for box in await records.boxes("closed"):
        try:
            done += await countersign(box.case, process, platform)
        except Refusal:
            _log.exception("a close could not be looked at and is tried again")
    return done


async def countersign(case: UUID, process: dsse.Signer, platform: Sequence[bytes] = ()) -> bool:
    """Countersign one close, or put on supervision's own record, once, why not.

    Until the other side has taken the countersignature it is posted again: a crash in between loses nothing.
    """
    box = await records.box(case)
    messages = await records.messages(case, "close")
    current = next((m for m in messages if m.sha256 == box.close), None)
    if current is None:
        return False
    wrong = await objection(box, current, platform) or await _settle(case, current.sha256)
    if wrong is not None:
        hashes, facts = {"close": box.close}, {"says": wrong.says}
        await record_once("refuse_close", ACTOR, case, wrong.code, hashes=hashes, facts=facts)
        return False
    await post_message(case, "countersign", "regulator", "", dsse.sign(current.body, process))
    return True


async def objection(box: BoxView, message: MessageView, platform: Sequence[bytes] = ()) -> Objection | None:
    """What is wrong with this close, if anything: its shape, its set-up, its deadline, its time."""
    try:
        close = read_close(message.body)
        if (close.tender, close.lot) != (box.tender, box.lot):
            return Objection("other_lot", "截标名单不是本标段的")
        holders = await records.holders(box)
        wrong = await _setup_wrong(box, close, holders) or await _deadline_wrong(box, close, holders, platform)
        return wrong or await _left_off(box, close)
    except ProofError as error:
        return Objection(error.code, error.says)


async def _left_off(box: BoxView, close: Close) -> Objection | None:
    """A bid that the last published draft has, a restored one perhaps, and the close has not."""
    drafts = await records.messages(box.case, "list")
    gone = set(read_close(drafts[-1].body).bids) - set(close.bids) if drafts else set()
    return Objection("left_off", f"截标名单漏列了草稿上已有的 {len(gone)} 份标书") if gone else None


async def _setup_wrong(box: BoxView, close: Close, holders: list[HolderView]) -> Objection | None:
    parts = [m for m in await records.messages(box.case, "setup") if m.sha256 == close.setup]
    if not parts:
        return Objection("no_setup", "截标名单所依据的设定不存在")
    setup = read_setup(parts[0].body)
    publics = {h.keyid: h for h in holders}
    signers = [
        publics[m.author]
        for m in parts
        if m.author in publics and dsse.verify(m.signed, [publics[m.author].public_key])
    ]
    for name in ROLES if setup.roles else ():
        if sum(h.role == name for h in signers) < len(setup.role(name).keys):
            return Objection("setup_unsigned", f"设定缺少{name}方持钥人的签名")
    return None


async def _deadline_wrong(
    box: BoxView, close: Close, holders: list[HolderView], platform: Sequence[bytes]
) -> Objection | None:
    drafts = [m for m in await records.messages(box.case, "deadline") if not m.author]
    chain = [read_deadline(m.body) for m in drafts]
    for last, new in pairwise(chain):
        check_later(new, last)
    if not chain or chain[-1].sha256 != close.deadline:
        return Objection("other_deadline", "截标名单所依据的不是最新的截止时间")
    purchasers = [h.public_key for h in holders if h.role == "purchaser"]
    if box.mode == "bidder-only" and not purchasers:
        purchasers = list(platform)  # an owner in the supermarket: his published notice states the deadline
    signed = [m for m in await records.messages(box.case, "deadline") if m.sha256 == close.deadline and m.author]
    if not any(dsse.verify(m.signed, purchasers) for m in signed):
        return Objection("deadline_unsigned", "截止时间没有招标人的签名")
    return _early(chain[-1].at, close, await clock.now(HOME))


def _early(deadline: datetime, close: Close, own_now: datetime) -> Objection | None:
    if close.at < deadline or own_now < deadline:
        return Objection("too_early", "截标早于截止时间")
    return None


async def _settle(case: UUID, close: str) -> Objection | None:
    """Bind this side to this close of the lot, for good; an objection when it is bound to another."""
    async with transaction(HOME) as connection:
        if await connection.fetchval(_ONCE, case, close) is not None:
            await record("countersign", ACTOR, case, close, hashes={"close": close})
        elif await connection.fetchval(_SIGNED, case) != close:
            return Objection("other_close", "本标段已会签过另一份截标名单")
    return None
