"""A bidder's chain: every message follows the one before, and only unchanged stages are carried over."""

import dataclasses
from typing import Any

import pytest
from sealed_lot import BID_ID, BIDDER, altered, lot_setup, sealed_bid

from kernel.proofs.bid import Bid, read_bid
from kernel.proofs.chain import Withdrawal, build_withdrawal, carried, check_chain, read_withdrawal
from kernel.proofs.errors import Malformed

SETUP = lot_setup()
FIRST = sealed_bid(SETUP)
SECOND = sealed_bid(SETUP, last=FIRST, again="price")


def withdrawal(after: Bid) -> Withdrawal:
    chain: dict[str, Any] = {"bidder": BIDDER, "bid_id": BID_ID, "seq": after.seq + 1, "prev": after.sha256}
    return read_withdrawal(build_withdrawal(SETUP, **chain), SETUP)


def test_first_second_withdrawal_and_a_whole_new_bid_are_a_chain() -> None:
    gone = withdrawal(SECOND.bid)
    check_chain(FIRST.bid, None)
    check_chain(SECOND.bid, FIRST.bid)
    check_chain(gone, SECOND.bid)


def test_a_changed_price_carries_the_documents_over() -> None:
    assert [stage.id for stage in carried(SECOND.bid)] == ["documents"]
    assert carried(FIRST.bid) == ()
    third = sealed_bid(SETUP, last=SECOND, again="price")
    check_chain(third.bid, SECOND.bid)
    assert third.bid.stage("documents") == FIRST.bid.stage("documents")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"seq": 3}, "broken_chain"),
        ({"prev": "00" * 32}, "broken_chain"),
        ({"bidder": "91350100M000100Y44"}, "other_chain"),
        ({"bid_id": "00" * 16}, "other_chain"),
    ],
)
def test_a_bid_that_does_not_follow_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Malformed) as refused:
        check_chain(dataclasses.replace(SECOND.bid, **change), FIRST.bid)
    assert refused.value.code == code


def test_a_chain_begins_with_a_first_bid() -> None:
    for early in (SECOND.bid, withdrawal(FIRST.bid)):
        with pytest.raises(Malformed, match="not_first"):
            check_chain(early, None)
    with pytest.raises(Malformed, match="broken_chain"):
        check_chain(FIRST.bid, FIRST.bid)


def test_a_carried_stage_that_differs_from_the_last_bids_is_refused() -> None:
    data = altered(SECOND.bid.data, "stages", 1, "commit", to="00" * 32)
    with pytest.raises(Malformed, match="not_carried"):
        check_chain(read_bid(data, SETUP), FIRST.bid)


def test_nothing_is_carried_over_a_withdrawal() -> None:
    gone = withdrawal(FIRST.bid)
    after = dataclasses.replace(SECOND.bid, seq=3, prev=gone.sha256)
    with pytest.raises(Malformed, match="not_carried"):
        check_chain(after, gone)


@pytest.mark.parametrize(
    ("path", "to", "code"),
    [
        ("lot", "02", "other_context"),
        ("seq", 1, "bad_value"),
        ("prev", "", "bad_value"),
        ("more", 1, "unknown_member"),
        ("type", "etb.bid/1", "bad_value"),
    ],
)
def test_a_withdrawal_is_refused_when(path: str, to: object, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_withdrawal(altered(withdrawal(FIRST.bid).data, path, to=to), SETUP)
    assert refused.value.code == code
