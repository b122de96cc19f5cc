"""The sealed box up to its close: set-up, deadlines, published texts, bids and receipts, and the list that stands."""

import hashlib
from itertools import pairwise

from kernel.proofs.anchored import check_close as require_countersigned
from kernel.proofs.anchored import check_deadline, check_setup
from kernel.proofs.close import read_close
from kernel.proofs.deadline import check_later, read_deadline
from kernel.proofs.dossier import Dossier, within
from kernel.proofs.errors import Malformed
from kernel.proofs.setup import read_setup
from kernel.proofs.verify_award import stood_still
from kernel.proofs.verify_bids import SUBMITTED, standing
from kernel.proofs.verify_ended import CLOSE, SETUP, check_never_closed, check_never_ready, is_signed
from kernel.proofs.verify_log import event_name

TEXT_ACTS = (
    "publish_notice",
    "amend_notice",
    "suspend_case",
    "resume_case",
    "publicise_candidates",
    "decide_award",
    "end_case",
)
"""Acts that publish a text."""


def check_the_setup(dossier: Dossier) -> str:
    """setup.json is of this lot, on record, and signed by as many anchored holders of each role as it has keys."""
    if dossier.ended and SETUP not in dossier.package:
        return check_never_ready(dossier)
    with within(SETUP):
        signed = dossier.signed(SETUP)
        event = dossier.recorded("box_setup", "setup", signed.sha256)
        setup = read_setup(signed.payload)
        _same_lot(dossier, setup.tender, setup.lot)
        if setup.mode != dossier.case.mode:
            raise Malformed("other_mode", "解密方式与 case.json 不同", "mode")
        if setup.roles:
            event = dossier.recorded("box_ready", "setup", setup.sha256)
        dossier.setup = check_setup(signed, dossier.anchors, event.moment)
        first = [e for e in dossier.acts(*SUBMITTED) if e.n < event.n]
        if first:
            raise Malformed("sealed_too_early", f"第 {first[0].n} 个事件在设定签齐之前就收了标书")
    keys = sum(len(role.keys) for role in setup.roles)
    return f"由三方 {keys} 名持钥人签署" if keys else "仅投标人自己能够解密，不设份额"


def check_deadlines(dossier: Dossier) -> str:
    """Every deadline is on record, moves only later and in time; the last is signed by the purchaser.

    A case may have been ended before he signed the last one: no list was closed by it.
    """
    names = dossier.under("deadlines")
    said = [e.hash_of("deadline") for e in dossier.acts("box_deadline") if e.fact("role") == "platform"]
    chain = [(name, dossier.signed(name)) for name in names]
    if not chain or [signed.sha256 for _, signed in chain] != said:
        raise Malformed("deadlines_differ", "截止时间与案件事件所记的不是同一串", "deadlines")
    parsed = []
    for name, signed in chain:
        with within(name):
            parsed.append(read_deadline(signed.payload))
            _same_lot(dossier, parsed[-1].tender, parsed[-1].lot)
    if parsed[0].prev:
        raise Malformed("broken_chain", "缺少在先的截止时间", names[0])
    for (last, new), name in zip(pairwise(parsed), names[1:], strict=True):
        with within(name):
            check_later(new, last)
            moved = dossier.recorded("box_deadline", "deadline", new.sha256).moment
            if moved >= last.at and not stood_still(dossier, moved, last.at):
                raise Malformed("moved_too_late", "原截止时间已过才变更", "at")
    if dossier.ended and not is_signed(dossier, said[-1]):
        dossier.deadline = parsed[-1]
        return f"{dossier.deadline.at:%Y-%m-%d %H:%M:%S}，终止时招标人尚未签署，变更 {len(parsed) - 1} 次"
    with within(names[-1]):
        dossier.deadline = check_deadline(chain[-1][1], dossier.anchors, keyless=dossier.keyless)
    signer = "平台按公告代业主" if dossier.keyless else "招标人"
    return f"{dossier.deadline.at:%Y-%m-%d %H:%M:%S}，由{signer}签署，变更 {len(parsed) - 1} 次"


def check_texts(dossier: Dossier) -> str:
    """Notice, amendments and the law of that day are byte for byte those put on record."""
    said = [e.hash_of("notice") for e in dossier.acts(*TEXT_ACTS) if e.hash_of("notice")]
    names = dossier.under("notices")
    for name, sha256 in zip(names, said, strict=False):
        if hashlib.sha256(dossier.read(name)).hexdigest() != sha256:
            raise Malformed("text_differs", "与案件事件所记的公告不同", name)
    if len(names) != len(said):
        raise Malformed("texts_differ", f"事件记有 {len(said)} 份公告，包内有 {len(names)} 份", "notices")
    with within("law.json"):
        dossier.recorded("publish_notice", "law", hashlib.sha256(dossier.read("law.json")).hexdigest())
    return f"{len(names)} 份公告及当日适用的法定时限与记载相符"


def check_close(dossier: Dossier) -> str:
    """The close follows from set-up, last deadline and bids, lies not before the deadline, and is countersigned."""
    if dossier.ended and CLOSE not in dossier.package:
        return check_never_closed(dossier)
    with within(CLOSE):
        signed = dossier.signed(CLOSE)
        close = read_close(signed.payload)
        _same_lot(dossier, close.tender, close.lot)
        if (close.setup, close.deadline) != (dossier.setup.sha256, dossier.deadline.sha256):
            raise Malformed("other_context", "截标名单所依据的设定或截止时间不是包内的")
        if close.at < dossier.deadline.at:
            raise Malformed("closed_too_early", "截标早于投标截止时间", "at")
        event = dossier.recorded("box_close", "close", close.sha256)
        if event.moment != close.at:
            raise Malformed("other_moment", "截标时刻与案件事件所记不同", "at")
    dossier.close = close
    _check_shown(dossier, event.n)
    _check_drafts(dossier)
    if dossier.opened:
        _check_countersigned(dossier)
    return f"有效标书 {len(close.bids)} 份，撤回 {len(close.withdrawn)} 份"


def check_standing(dossier: Dossier) -> str:
    """The list is what stands after all that was received; enough stand for an opening, or nothing was opened."""
    if dossier.ended and CLOSE not in dossier.package:
        return ""
    close = dossier.close
    bids, withdrawn = standing(dossier)
    if dossier.public and not dossier.opened:
        same = bids <= set(close.bids)
    elif dossier.public:
        same = bids == set(close.bids)
    else:
        same = (bids, withdrawn) == (set(close.bids), set(close.withdrawn))
    if not same:
        raise Malformed("list_differs", "截标名单与收到的标书不是同一组", CLOSE)
    if dossier.ended:
        return "名单会签之前招标已经终止，依法没有开标"
    enough = len(close.bids) >= dossier.case.minimum
    if enough != dossier.opened:
        raise Malformed("minimum_not_kept", f"最低 {dossier.case.minimum} 家，名单有 {len(close.bids)} 家", "case.json")
    return "名单正是截止时有效的全部标书" if enough else "投标不足法定家数，依法没有开标"


def _check_shown(dossier: Dossier, closed: int) -> None:
    """Nothing may be withheld of what came after the close: it decides who revealed, and who did not."""
    until = dossier.acts("end_case")[-1].n if dossier.ended else len(dossier.events)
    hidden = [event.n for event in dossier.events if closed < event.n <= until and not event.act]
    if hidden and (dossier.opened or dossier.ended):
        raise Malformed("event_withheld", "截标之后的事件不得隐去", event_name(hidden[0]))


def _check_drafts(dossier: Dossier) -> None:
    for name in dossier.under("list"):
        with within(name):
            draft = read_close(dossier.signed(name).payload)
            dossier.recorded("box_list", "list", draft.sha256)
            if name == dossier.under("list")[-1] and not set(draft.bids) <= set(dossier.close.bids):
                raise Malformed("left_off_again", "最后公布的名单草稿上有的标书，固定的名单上没有", "bids")


def _check_countersigned(dossier: Dossier) -> None:
    with within("countersign.dsse.json"):
        signed = dossier.signed("countersign.dsse.json")
        if require_countersigned(signed, dossier.anchors).sha256 != dossier.close.sha256:
            raise Malformed("other_close", "会签的是另一份截标名单")
        event = dossier.recorded("box_countersign", "countersign", signed.sha256)
        if event.n < dossier.recorded("box_close", "close", dossier.close.sha256).n:
            raise Malformed("out_of_order", "会签先于截标")


def _same_lot(dossier: Dossier, tender: str, lot: str) -> None:
    if (tender, lot) != (dossier.case.tender, dossier.case.lot):
        raise Malformed("other_lot", "不是本标段的")
