"""close.json and the receipt."""

from datetime import datetime
from typing import Any

import pytest
from sealed_lot import altered

from kernel.proofs.close import build_close, build_receipt, read_close, read_receipt
from kernel.proofs.deadline import BEIJING
from kernel.proofs.errors import Malformed

AT = datetime(2026, 3, 30, 9, 0, tzinfo=BEIJING)
A, B, C = "aa" * 32, "bb" * 32, "cc" * 32
PLACE: dict[str, Any] = {"tender": "T", "lot": "1", "setup": "01" * 32, "deadline": "02" * 32}
CLOSE = build_close(**PLACE, at=AT, bids=[B, A], withdrawn=[C])


def test_a_close_sorts_its_lists_and_reads_back() -> None:
    close = read_close(CLOSE)
    assert (close.bids, close.withdrawn, close.at) == ((A, B), (C,), AT)
    assert close.data == CLOSE


def test_a_close_may_be_empty() -> None:
    assert read_close(build_close(**PLACE, at=AT, bids=[], withdrawn=[])).bids == ()


@pytest.mark.parametrize(
    ("member", "to", "code"),
    [
        ("bids", [B, A], "not_sorted"),
        ("bids", [A, A], "not_sorted"),
        ("withdrawn", [A], "listed_twice"),
        ("bids", ["aa"], "bad_value"),
        ("at", "2026-03-30", "bad_value"),
        ("deadline", "", "bad_value"),
        ("more", 1, "unknown_member"),
        ("type", "etb.close/2", "bad_value"),
    ],
)
def test_a_close_is_refused_when(member: str, to: object, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_close(altered(CLOSE, member, to=to))
    assert refused.value.code == code


def test_a_receipt_names_the_bid_and_the_moment() -> None:
    who: dict[str, Any] = {"tender": "T", "lot": "1", "bidder": "91350100M000100Y43", "seq": 2}
    data = build_receipt(**who, sha256=A, received=AT, salt=bytes(32))
    receipt = read_receipt(data)
    assert (receipt.bidder, receipt.seq, receipt.sha256, receipt.received) == ("91350100M000100Y43", 2, A, AT)
    with pytest.raises(Malformed):
        read_receipt(altered(data, "salt", to="00"))
    with pytest.raises(Malformed):
        build_receipt(**who, sha256=A, received=AT, salt=b"short")
