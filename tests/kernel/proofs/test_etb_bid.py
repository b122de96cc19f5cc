"""bid.json: exactly what the set-up asks for, in its order, and nothing else."""

import json

import pytest
from sealed_lot import altered, lot_setup, sealed_bid

from kernel.proofs.bid import read_bid
from kernel.proofs.canonical import to_base64
from kernel.proofs.errors import Malformed

SETUP = lot_setup()
BID = sealed_bid(SETUP).bid
OTHER = {"kid": "00" * 8, "e": to_base64(bytes(81))}
FILE = {"n": "price-1.age", "size": 1, "sha256": "00" * 32}


def test_a_bid_reads_back_with_its_exact_bytes() -> None:
    assert read_bid(BID.data, SETUP) == BID
    assert BID.context(SETUP, "price") == SETUP.context(BID.bidder, BID.bid_id, "price", 1)


@pytest.mark.parametrize(
    ("path", "to", "code"),
    [
        (("type",), "etb.bid/2", "bad_value"),
        (("suite",), 3, "bad_value"),
        (("tender",), "T-1", "other_context"),
        (("lot",), "02", "other_context"),
        (("setup",), "00" * 32, "other_context"),
        (("bid_id",), "00", "bad_value"),
        (("seq",), 0, "bad_value"),
        (("seq",), 2, "broken_chain"),
        (("prev",), "00" * 32, "broken_chain"),
        (("notice",), "", "bad_value"),
        (("fallback",), "yes", "bad_value"),
        (("extra",), "", "unknown_member"),
        (("stages",), [], "bad_count"),
        (("stages", 1), ..., "other_stages"),
        (("stages", 0, "id"), "documents", "other_stages"),
        (("stages", 0, "seq"), 2, "bad_seq"),
        (("stages", 0, "commit"), "00", "bad_value"),
        (("stages", 0, "extra"), 1, "unknown_member"),
        (("stages", 0, "shares"), [], "other_shares"),
        (("stages", 0, "shares", 2), ..., "other_shares"),
        (("stages", 0, "shares", 0, "x"), 2, "other_shares"),
        (("stages", 0, "shares", 0, "role"), "purchaser", "other_shares"),
        (("stages", 0, "shares", 0, "env", 1), ..., "bad_count"),
        (("stages", 0, "shares", 0, "env", 1), OTHER, "other_envelopes"),
        (("stages", 0, "shares", 0, "env", 0, "e"), to_base64(bytes(80)), "bad_value"),
        (("stages", 0, "shares", 0, "env", 0, "e"), "A" * 108 + "\n", "bad_base64"),
        (("stages", 0, "files"), [], "bad_count"),
        (("stages", 0, "files", 0, "n"), "documents-0.age", "bad_name"),
        (("stages", 0, "files", 0, "n"), "../price-0.age", "bad_name"),
        (("stages", 0, "files", 0), FILE, "bad_name"),
        (("stages", 0, "files", 0, "size"), -1, "bad_value"),
        (("stages", 0, "files", 0, "size"), True, "bad_value"),
        (("stages", 0, "files", 0, "sha256"), "AB" * 32, "bad_value"),
    ],
)
def test_a_bid_is_refused_when(path: tuple[str | int, ...], to: object, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_bid(altered(BID.data, *path, to=to), SETUP)
    assert refused.value.code == code


def test_stages_shares_and_envelopes_in_another_order_are_refused() -> None:
    value = json.loads(BID.data)
    share = value["stages"][0]["shares"][0]
    for path, to, code in (
        (("stages",), value["stages"][::-1], "other_stages"),
        (("stages", 0, "shares"), value["stages"][0]["shares"][::-1], "other_shares"),
        (("stages", 0, "shares", 0, "env"), share["env"][::-1], "other_envelopes"),
    ):
        with pytest.raises(Malformed) as refused:
            read_bid(altered(BID.data, *path, to=to), SETUP)
        assert refused.value.code == code


def test_shares_are_refused_where_only_the_bidder_opens() -> None:
    alone = lot_setup(mode="bidder-only")
    bid = sealed_bid(alone).bid
    assert all(stage.shares == () for stage in bid.stages)
    smuggled = altered(BID.data, "setup", to=alone.sha256)
    with pytest.raises(Malformed, match="other_shares"):
        read_bid(smuggled, alone)


def test_a_bid_for_another_set_up_of_the_same_lot_is_refused() -> None:
    with pytest.raises(Malformed, match="other_context"):
        read_bid(BID.data, lot_setup(rehearsal=True))


def test_a_stage_that_a_bid_does_not_have_is_named() -> None:
    with pytest.raises(Malformed, match="technical"):
        BID.stage("technical")
