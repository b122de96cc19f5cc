"""终止招标: what a case ended before its opening may lack in its package, and what then may not rest on it."""

from kernel.proofs.dossier import Dossier, within
from kernel.proofs.errors import Malformed
from kernel.proofs.verify_bids import SUBMITTED

SETUP = "setup.dsse.json"
CLOSE = "close.dsse.json"


def check_never_ready(dossier: Dossier) -> str:
    """Ended before its holders had signed the set-up: then nothing can have been sealed for it."""
    if done := dossier.acts("box_ready", "box_close", *SUBMITTED):
        raise Malformed("member_missing", f"第 {done[0].n} 个事件以设定已经签齐为前提，包内却没有设定", SETUP)
    return "终止时开标设定尚未签齐，没有收过标书"


def is_signed(dossier: Dossier, deadline: str) -> bool:
    """Whether the purchaser's signature under the deadline of this SHA-256 is on record."""
    signed = [event for event in dossier.acts("box_deadline") if event.fact("role") == "purchaser"]
    return any(event.hash_of("deadline") == deadline for event in signed)


def check_never_closed(dossier: Dossier) -> str:
    """Ended before its list was fixed: a draft of it may have been published."""
    if dossier.acts("box_close"):
        raise Malformed("member_missing", "案件事件记有截标，包内却没有截标名单", CLOSE)
    for name in dossier.under("list"):
        with within(name):
            dossier.recorded("box_list", "list", dossier.signed(name).sha256)
    return "名单固定之前招标已经终止，收到的标书全部保持密封"
