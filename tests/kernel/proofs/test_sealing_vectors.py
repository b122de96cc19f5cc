"""Every derived byte of the vectors made by an independent implementation comes out the same."""

import hashlib
from typing import Any

import pytest
from sealed_lot import VECTORS

from kernel.proofs.bid import Bid, build_bid, read_bid
from kernel.proofs.canonical import encode
from kernel.proofs.chain import carried, check_chain
from kernel.proofs.envelope import StageSecret, kid, open_envelope, public_of
from kernel.proofs.setup import Setup, build_setup, read_setup
from kernel.proofs.stage import open_stage, seal_stage, try_envelope

TRUSTEES = {number: bytes.fromhex(private) for number, private in VECTORS["trustee_sk"].items()}

CASES = [
    pytest.param(case, entry, stage, id=f"{case['mode']}-{entry['bid']['seq']}-{stage}")
    for case in VECTORS["cases"]
    for entry in case["bids"]
    for stage in entry["derived"]
]


def setup_of(case: dict[str, Any]) -> Setup:
    return read_setup(case["setup_json"].encode())


def bid_of(case: dict[str, Any], entry: dict[str, Any]) -> Bid:
    return read_bid(entry["bid_json"].encode(), setup_of(case))


def secret_of(case: dict[str, Any], entry: dict[str, Any], stage: str) -> StageSecret:
    seed = bytes.fromhex(entry["derived"][stage]["seed"])
    return StageSecret(seed, bid_of(case, entry).context(setup_of(case), stage))


def test_all_three_modes_two_bids_and_two_stages_are_in_the_vectors() -> None:
    assert [case["mode"] for case in VECTORS["cases"]] == ["bidder", "roles", "bidder-only"]
    assert len(CASES) == 12
    known = {"seed", "ctxh", "age_identity", "y"}
    assert all(set(d) == known for c in VECTORS["cases"] for e in c["bids"] for d in e["derived"].values())


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["mode"])
def test_the_set_up_is_read_and_built_to_the_same_bytes(case: dict[str, Any]) -> None:
    setup = setup_of(case)
    assert setup.sha256 == case["setup_sha256"] == hashlib.sha256(case["setup_json"].encode()).hexdigest()
    keys = {role.role: [key.pk for key in role.keys] for role in setup.roles}
    stages = [(stage.id, stage.to) for stage in setup.stages]
    place: dict[str, Any] = {"mode": setup.mode, "tender": setup.tender, "lot": setup.lot}
    built = build_setup(**place, keys=keys, stages=stages, k=setup.k, reason=setup.reason)
    assert built == case["setup_json"].encode()


def test_the_numbers_of_the_trustees_keys_come_out() -> None:
    assert [kid(public_of(private)).hex() for private in TRUSTEES.values()] == list(TRUSTEES)


@pytest.mark.parametrize(("case", "entry", "stage"), CASES)
def test_context_identity_and_shares_come_out(case: dict[str, Any], entry: dict[str, Any], stage: str) -> None:
    secret, expected = secret_of(case, entry, stage), entry["derived"][stage]
    assert secret.ctxh.hex() == expected["ctxh"]
    assert secret.identity == expected["age_identity"]
    shares = {role.role: secret.share(role.x).hex() for role in setup_of(case).roles}
    assert shares == expected["y"]


@pytest.mark.parametrize(("case", "entry", "stage"), CASES)
def test_the_sealed_stage_comes_out_whole(case: dict[str, Any], entry: dict[str, Any], stage: str) -> None:
    sealed = bid_of(case, entry).stage(stage)
    assert seal_stage(setup_of(case), secret_of(case, entry, stage), sealed.files) == sealed


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["mode"])
def test_the_bids_are_read_chained_and_built_to_the_same_bytes(case: dict[str, Any]) -> None:
    setup, last = setup_of(case), None
    for entry in case["bids"]:
        bid = bid_of(case, entry)
        check_chain(bid, last)
        assert bid.sha256 == entry["sha256"]
        assert bid.data == encode(entry["bid"])
        chain: dict[str, Any] = {"bidder": bid.bidder, "bid_id": bid.bid_id, "seq": bid.seq, "prev": bid.prev}
        rest: dict[str, Any] = {"notice": bid.notice, "fallback": bid.fallback, "stages": bid.stages}
        assert build_bid(setup, **chain, **rest) == bid.data
        last = bid
    assert last is not None
    assert [stage.id for stage in carried(last)] == ["documents"]


@pytest.mark.parametrize(("case", "entry", "stage"), CASES)
def test_every_trustee_opens_his_own_envelope_and_no_other(
    case: dict[str, Any], entry: dict[str, Any], stage: str
) -> None:
    setup, bid, expected = setup_of(case), bid_of(case, entry), entry["derived"][stage]["y"]
    for role in setup.roles:
        envelopes = dict(bid.stage(stage).shares[role.x - 1].env)
        for key in role.keys:
            y = open_envelope(secret_of(case, entry, stage).ctxh, role.x, TRUSTEES[key.kid], envelopes[key.kid])
            assert y.hex() == expected[role.role]
            assert try_envelope(setup, bid, stage, TRUSTEES[key.kid]) == y


@pytest.mark.parametrize(("case", "entry", "stage"), CASES)
def test_the_stage_opens_by_seed_and_by_shares_without_a_finding(
    case: dict[str, Any], entry: dict[str, Any], stage: str
) -> None:
    setup, bid, expected = setup_of(case), bid_of(case, entry), entry["derived"][stage]
    by_seed = open_stage(setup, bid, stage, seed=bytes.fromhex(expected["seed"]))
    assert by_seed.findings == ()
    assert by_seed.secret == secret_of(case, entry, stage)
    if setup.k:
        shares = {role.x: bytes.fromhex(expected["y"][role.role]) for role in setup.roles}
        assert open_stage(setup, bid, stage, shares=shares) == by_seed
        fewest = {x: shares[x] for x in sorted(shares)[-setup.k :]}
        assert open_stage(setup, bid, stage, shares=fewest) == by_seed
