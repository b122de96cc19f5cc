"""The bids of a package: whose they are, in what order they came, that they came in time, and their receipts."""

from itertools import pairwise

from kernel.proofs import dsse
from kernel.proofs.anchored import check_receipt
from kernel.proofs.bid import Bid, read_bid
from kernel.proofs.case_file import ShownEvent
from kernel.proofs.chain import Withdrawal, read_withdrawal
from kernel.proofs.dossier import Dossier, within
from kernel.proofs.errors import Forged, Malformed
from kernel.proofs.verify_log import event_name

SUBMITTED = ("submit_bid", "submit_quote")
WITHDRAWN = ("withdraw_bid", "withdraw_quote")
RECEIVED = (*SUBMITTED, *WITHDRAWN)


def bid_name(sha256: str) -> str:
    """The member of a bid or withdrawal."""
    return f"bids/{sha256}.dsse.json"


def receipt_name(sha256: str) -> str:
    """The member of its receipt."""
    return f"receipts/{sha256}.dsse.json"


def check_chains(dossier: Dossier) -> str:
    """Every bidder's messages are numbered 1, 2, 3 …, signed by one key throughout, and came before the deadline."""
    for bidder, chain in _chains(dossier).items():
        for i, event in enumerate(chain, 1):
            with within(event_name(event.n)):
                if event.fact("seq") != i:
                    raise Malformed("broken_chain", f"投标人 {bidder} 的第 {i} 份递交缺失或次序不对", "facts.seq")
                if event.fact("key") != chain[0].fact("key"):
                    raise Forged("another_key", f"投标人 {bidder} 的签名密钥中途更换", "facts.key")
                if event.moment >= dossier.deadline.at:
                    raise Malformed("received_late", "不早于投标截止时间", "at")
        with within(event_name(chain[0].n)):
            dossier.keys[bidder] = _key(chain[0])
    return f"{len(dossier.keys)} 家投标人的递交均早于截止时间，各用同一密钥签名"


def check_bids(dossier: Dossier) -> str:
    """Every bid is signed by its bidder's key, made for this set-up, and the very one that its event put on record."""
    events = {_sha256(event): event for event in dossier.acts(*RECEIVED)}
    for name in dossier.under("bids"):
        with within(name):
            signed = dossier.signed(name)
            event = events.get(signed.sha256)
            if name != bid_name(signed.sha256) or event is None:
                raise Malformed("not_on_record", "案件事件中没有收到这份标书的记载，或文件名与摘要不符")
            _check_bid(dossier, signed, event)
    _check_complete(dossier, set(events))
    return f"{len(dossier.under('bids'))} 份标书（含撤回）的签名、次序和内容格式无误"


def check_receipts(dossier: Dossier) -> str:
    """Every bid shown has its receipt, which says when it was received and bears the platform's signature."""
    events = {_sha256(event): event for event in dossier.acts(*RECEIVED)}
    for name in dossier.under("bids"):
        sha256 = dossier.signed(name).sha256
        with within(receipt_name(sha256)):
            receipt = check_receipt(dossier.signed(receipt_name(sha256)), dossier.anchors)
            event = events[sha256]
            said = (receipt.sha256, receipt.bidder, receipt.seq, receipt.received, receipt.salt)
            known = (sha256, event.organisation, event.fact("seq"), event.moment, event.salt)
            if said != known or (receipt.tender, receipt.lot) != (dossier.case.tender, dossier.case.lot):
                raise Malformed("receipt_differs", "回执所写与标书或案件事件不符")
    return "每份标书都有平台签署的回执，收到时刻与事件一致"


def standing(dossier: Dossier) -> tuple[set[str], set[str]]:
    """(bids that stand, withdrawals) after all disclosed messages: the last of every chain."""
    last = [chain[-1] for chain in _chains(dossier).values()]
    bids = {event.hash_of("bid") for event in last if event.act in SUBMITTED}
    return bids, {event.hash_of("withdraw") for event in last if event.act in WITHDRAWN}


def _chains(dossier: Dossier) -> dict[str, list[ShownEvent]]:
    found: dict[str, list[ShownEvent]] = {}
    for event in dossier.acts(*RECEIVED):
        found.setdefault(event.organisation, []).append(event)
    return found


def _sha256(event: ShownEvent) -> str:
    return event.hash_of("bid" if event.act in SUBMITTED else "withdraw")


def _key(event: ShownEvent) -> bytes:
    key = event.fact("key")
    try:
        return bytes.fromhex(key)
    except (TypeError, ValueError):
        raise Malformed("no_key", "没有写明投标人的公钥", "facts.key") from None


def _check_bid(dossier: Dossier, signed: dsse.Signed, event: ShownEvent) -> None:
    payload = dsse.require(signed, [dossier.keys[event.organisation]])
    message: Bid | Withdrawal
    if event.act in SUBMITTED:
        message = dossier.bids[signed.sha256] = read_bid(payload, dossier.setup)
    else:
        message = read_withdrawal(payload, dossier.setup)
    if (message.bidder, message.seq) != (event.organisation, event.fact("seq")):
        raise Malformed("bid_of_another", "标书写的投标人或序号与事件不符")
    chain = [_sha256(e) for e in _chains(dossier)[event.organisation]]
    before = {b: a for a, b in pairwise(chain)}
    if message.prev != before.get(message.sha256, ""):
        raise Malformed("broken_chain", "没有接续上一份标书", "prev")


def _check_complete(dossier: Dossier, received: set[str]) -> None:
    """The archive holds every message; the public package those that stood at the close."""
    due = received
    if dossier.public:
        due = standing(dossier)[0]
    missing = sorted(due - {name.removeprefix("bids/").removesuffix(".dsse.json") for name in dossier.under("bids")})
    if missing:
        raise Malformed("member_missing", "包内缺少这份标书", bid_name(missing[0]))
    if dossier.public and len(dossier.under("bids")) != len(due):
        raise Malformed("shown_too_much", "公开包只应含截标时有效的标书", "bids")
