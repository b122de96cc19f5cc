"""Opening a stage: what is seen, and who is at fault."""

import dataclasses
from typing import Any

import pytest
from sealed_lot import NOTICE, PRIVATE, PUBLIC, SealedBid, lot_setup, sealed_bid

from kernel.proofs import opening
from kernel.proofs.bid import Bid, SealedFile, SealedStage, Share, build_bid, read_bid
from kernel.proofs.envelope import StageSecret, share_commit
from kernel.proofs.errors import Forged, Malformed
from kernel.proofs.stage import Finding, check_cure, check_share, open_stage, seal_stage, try_envelope

SETUP = lot_setup()
SEALED = sealed_bid(SETUP)
BID, SECRET = SEALED.bid, SEALED.secrets["price"]
SHARES = {x: SECRET.share(x) for x in (1, 2, 3)}
CLOSE = "01" * 32


def with_price(stage: SealedStage, sealed: SealedBid = SEALED) -> Bid:
    """The same bid with another price stage in it, as a dishonest client would sign it."""
    bid = sealed.bid
    chain: dict[str, Any] = {"bidder": bid.bidder, "bid_id": bid.bid_id, "seq": bid.seq, "prev": bid.prev}
    data = build_bid(SETUP, **chain, notice=NOTICE, fallback=True, stages=(stage, bid.stages[1]))
    return read_bid(data, SETUP)


def with_share(x: int, **change: Any) -> Bid:
    stage = BID.stage("price")
    shares = tuple(dataclasses.replace(s, **change) if s.x == x else s for s in stage.shares)
    return with_price(dataclasses.replace(stage, shares=shares))


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.code, finding.fault) for finding in findings]


def test_an_honest_stage_opens_by_its_seed_and_by_its_shares() -> None:
    for opened in (open_stage(SETUP, BID, "price", seed=SECRET.seed), open_stage(SETUP, BID, "price", shares=SHARES)):
        assert opened.findings == ()
        assert opened.secret == SECRET


def test_a_seed_that_was_not_committed_is_the_bidders_fault() -> None:
    opened = open_stage(SETUP, BID, "price", seed=b"x" * 32)
    assert opened.secret is None
    assert codes(opened.findings) == [("seed_not_committed", "bidder")]
    assert opened.findings[0].fatal


def test_the_seed_of_another_stage_of_the_same_bid_does_not_open() -> None:
    assert open_stage(SETUP, BID, "price", seed=SEALED.secrets["documents"].seed).secret is None


@pytest.mark.parametrize("x", [1, 2, 3])
def test_a_released_share_that_is_not_the_committed_one_is_its_officers_fault(x: int) -> None:
    opened = open_stage(SETUP, BID, "price", shares=SHARES | {x: bytes(32)})
    assert opened.secret is None
    assert codes(opened.findings) == [("share_not_committed", SETUP.roles[x - 1].role)]


def test_the_share_of_one_role_is_refused_as_another_roles() -> None:
    opened = open_stage(SETUP, BID, "price", shares={1: SHARES[2], 2: SHARES[1], 3: SHARES[3]})
    assert codes(opened.findings) == [("share_not_committed", "operator"), ("share_not_committed", "regulator")]
    assert not check_share(SETUP, BID, "price", 1, SHARES[2])
    assert check_share(SETUP, BID, "price", 2, SHARES[2])


def test_shares_of_another_bid_are_refused() -> None:
    other = sealed_bid(SETUP, bidder="91350100M000100Y44")
    assert len(open_stage(SETUP, other.bid, "price", shares=SHARES).findings) == 3


@pytest.mark.parametrize("shares", [{}, {1: SHARES[1]}, {1: SHARES[1], 2: SHARES[2]}, SHARES | {4: bytes(32)}])
def test_too_few_or_foreign_shares_are_not_an_opening(shares: dict[int, bytes]) -> None:
    with pytest.raises(Malformed, match="too_few_shares"):
        open_stage(SETUP, BID, "price", shares=shares)


def test_nothing_is_combined_where_only_the_bidder_opens() -> None:
    alone = lot_setup(mode="bidder-only")
    sealed = sealed_bid(alone)
    assert open_stage(alone, sealed.bid, "price", seed=sealed.secrets["price"].seed).findings == ()
    with pytest.raises(Malformed, match="too_few_shares"):
        open_stage(alone, sealed.bid, "price", shares={})


def test_it_is_either_the_seed_or_the_shares() -> None:
    with pytest.raises(ValueError, match="seed or by the shares"):
        open_stage(SETUP, BID, "price")
    with pytest.raises(ValueError, match="seed or by the shares"):
        open_stage(SETUP, BID, "price", seed=SECRET.seed, shares=SHARES)


def test_shares_that_meet_their_commitments_but_not_the_seed_are_the_bidders_misdealing() -> None:
    wrong = b"w" * 32
    bid = with_share(3, c=share_commit(SECRET.ctxh, 3, wrong))
    opened = open_stage(SETUP, bid, "price", shares=SHARES | {3: wrong})
    assert opened.secret is None
    assert codes(opened.findings) == [("misdealt", "bidder")]


def test_an_envelope_made_otherwise_is_noted_and_the_opened_bid_stands() -> None:
    [first, (kid, _)] = BID.stage("price").shares[1].env
    bid = with_share(2, env=(first, (kid, bytes(81))))
    opened = open_stage(SETUP, bid, "price", shares=SHARES)
    assert opened.secret == SECRET
    assert [(f.code, f.kid, f.fatal) for f in opened.findings] == [("envelope_differs", kid, False)]


def test_a_wrong_share_commitment_is_noted_when_the_seed_itself_opens() -> None:
    opened = open_stage(SETUP, with_share(1, c=bytes(32)), "price", seed=SECRET.seed)
    assert opened.secret == SECRET
    assert [(f.code, f.fatal) for f in opened.findings] == [("share_commit_differs", False)]


def test_every_holder_of_every_role_finds_his_share_and_a_stranger_is_refused() -> None:
    for x, role in enumerate(PRIVATE, 1):
        for private in PRIVATE[role]:
            assert try_envelope(SETUP, BID, "price", private) == SHARES[x]
    with pytest.raises(Malformed, match="unknown_key"):
        try_envelope(SETUP, BID, "price", b"z" * 32)


def test_an_envelope_copied_from_another_bid_is_bad() -> None:
    stranger = sealed_bid(SETUP, bidder="91350100M000100Y44")
    copied = with_price(dataclasses.replace(stranger.bid.stage("price"), commit=SECRET.commit))
    assert try_envelope(SETUP, copied, "price", PRIVATE["operator"][0]) is None


def test_an_envelope_whose_share_is_not_the_committed_one_is_bad() -> None:
    bid = with_share(1, c=bytes(32))
    assert try_envelope(SETUP, bid, "price", PRIVATE["operator"][0]) is None


def cure(**change: Any) -> opening.Cure:
    kid, public = SETUP.roles[1].keys[0].kid, PUBLIC["regulator"][0]
    true: dict[str, Any] = {"close": CLOSE, "stage": "price", "bidder": BID.bidder, "bid": BID.sha256, "x": 2}
    true |= {"kid": kid, "y": SECRET.share(2), "key_material": SECRET.envelope_key(2, public)}
    return opening.read_cure(opening.build_cure(**true | change), close=CLOSE, stage="price")


def test_a_cure_makes_the_envelope_again_without_showing_the_seed() -> None:
    shown = cure()
    assert check_cure(SETUP, BID, shown) == SECRET.share(2)
    assert SECRET.seed not in shown.data


@pytest.mark.parametrize("change", [{"y": bytes(32)}, {"key_material": bytes(32)}])
def test_a_cure_that_makes_other_bytes_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Forged, match="cure_differs"):
        check_cure(SETUP, BID, cure(**change))


@pytest.mark.parametrize("change", [{"bid": "00" * 32}, {"bidder": "91350100M000100Y44"}, {"x": 1}, {"kid": "00" * 8}])
def test_a_cure_of_another_bid_or_key_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match="other_context"):
        check_cure(SETUP, BID, cure(**change))


def test_a_seed_is_not_dealt_under_another_set_up() -> None:
    with pytest.raises(Malformed, match="other_context"):
        seal_stage(lot_setup(rehearsal=True), SECRET, [SealedFile("price-0.age", 1, "00" * 32)])


def test_two_stages_never_share_a_seed() -> None:
    seeds = {secret.seed for _ in range(3) for secret in sealed_bid(SETUP).secrets.values()}
    assert len(seeds) == 6
    assert isinstance(SEALED.secrets["documents"], StageSecret)
    assert isinstance(BID.stage("price").shares[0], Share)
