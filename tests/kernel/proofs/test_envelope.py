"""What follows from a seed, and that an envelope opens only where it belongs."""

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sealed_lot import BID_ID, BIDDER, PRIVATE, PUBLIC, lot_setup

from kernel.proofs import age, hpke, shamir
from kernel.proofs.canonical import u8
from kernel.proofs.envelope import ENVELOPE_SIZE, Context, StageSecret, kid, open_envelope, share_commit
from kernel.proofs.errors import Forged, Malformed

CONTEXT = lot_setup().context(BIDDER, BID_ID, "price", 1)
SECRET = StageSecret(b"s" * 32, CONTEXT)
HOLDER = PUBLIC["regulator"][0]
PRIVATE_KEY = PRIVATE["regulator"][0]

ELSEWHERE: dict[str, Callable[[Context], Context]] = {
    "another tender": lambda c: dataclasses.replace(c, tender="T-2026-000124"),
    "another lot": lambda c: dataclasses.replace(c, lot="02"),
    "another bidder": lambda c: dataclasses.replace(c, bidder="91350100M000100Y44"),
    "another sequence": lambda c: dataclasses.replace(c, seq=2),
    "another bid of the bidder": lambda c: dataclasses.replace(c, bid_id=bytes(16)),
    "another stage": lambda c: c.at("documents", 1),
    "another set-up": lambda c: dataclasses.replace(c, setup=bytes(32)),
    "another policy": lambda c: dataclasses.replace(c, k=2),
    "other roles": lambda c: dataclasses.replace(c, n=4),
}


def test_an_officer_opens_his_own_envelope() -> None:
    sealed = SECRET.envelope(2, HOLDER)
    assert len(sealed) == ENVELOPE_SIZE == 81
    assert open_envelope(SECRET.ctxh, 2, PRIVATE_KEY, sealed) == SECRET.share(2)


@pytest.mark.parametrize("change", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_copied_envelope_does_not_open_under(change: Callable[[Context], Context]) -> None:
    sealed = SECRET.envelope(2, HOLDER)
    with pytest.raises(Forged) as refused:
        open_envelope(change(CONTEXT).hash(), 2, PRIVATE_KEY, sealed)
    assert refused.value.code == "envelope_not_opened"


def test_another_holder_or_another_role_does_not_open_it() -> None:
    sealed = SECRET.envelope(2, HOLDER)
    for private, x in ((PRIVATE["regulator"][1], 2), (PRIVATE["operator"][0], 2), (PRIVATE_KEY, 1)):
        with pytest.raises(Forged):
            open_envelope(SECRET.ctxh, x, private, sealed)


def test_a_share_of_another_role_inside_a_fitting_envelope_is_refused() -> None:
    """A dishonest client seals the operator's share into the regulator's envelope, with everything else right."""
    info = b"etb/1/share\0" + SECRET.ctxh + u8(2) + kid(HOLDER)
    sealed = hpke.seal(HOLDER, b"k" * 32, info, u8(1) + SECRET.share(1))
    with pytest.raises(Forged) as refused:
        open_envelope(SECRET.ctxh, 2, PRIVATE_KEY, sealed)
    assert refused.value.code == "share_of_another_role"


@pytest.mark.parametrize("size", [0, 80, 82])
def test_an_envelope_of_another_size_is_malformed(size: int) -> None:
    with pytest.raises(Malformed):
        open_envelope(SECRET.ctxh, 2, PRIVATE_KEY, bytes(size))


@settings(max_examples=20)
@given(st.binary(min_size=32, max_size=32))
def test_the_same_seed_and_context_give_the_same_bytes_and_k_shares_the_seed(seed: bytes) -> None:
    secret, again = StageSecret(seed, CONTEXT), StageSecret(seed, CONTEXT)
    assert (secret.commit, secret.identity, secret.envelope(1, HOLDER)) == (
        again.commit,
        again.identity,
        again.envelope(1, HOLDER),
    )
    assert shamir.combine({x: secret.share(x) for x in (1, 2, 3)}) == seed


@pytest.mark.parametrize("change", ELSEWHERE.values(), ids=ELSEWHERE)
def test_every_derived_thing_differs_under(change: Callable[[Context], Context]) -> None:
    here, there = SECRET, StageSecret(SECRET.seed, change(CONTEXT))
    assert here.commit != there.commit
    assert here.identity != there.identity
    assert here.share(1) != there.share(1)
    assert here.envelope(1, HOLDER) != there.envelope(1, HOLDER)
    assert share_commit(here.ctxh, 1, here.share(1)) != share_commit(there.ctxh, 1, here.share(1))


def test_the_stages_identity_opens_what_is_sealed_to_its_recipient() -> None:
    assert age.recipient_of(SECRET.identity) == SECRET.recipient
    assert age.unlock(age.lock("报价".encode(), SECRET.recipient), SECRET.identity) == "报价".encode()


def test_names_cannot_slide_into_one_another() -> None:
    """(tender "ab", lot "c") and (tender "a", lot "bc") are different contexts."""
    one, two = (
        dataclasses.replace(CONTEXT, tender="ab", lot="c"),
        dataclasses.replace(CONTEXT, tender="a", lot="bc"),
    )
    assert one.hash() != two.hash()


def test_a_seed_is_never_in_what_a_log_would_print() -> None:
    assert repr(SECRET.seed) not in repr(SECRET)
    assert SECRET.seed.hex() not in repr(SECRET)


@pytest.mark.parametrize("x", [0, 4, 255])
def test_there_is_no_share_outside_the_roles(x: int) -> None:
    with pytest.raises(Malformed):
        SECRET.share(x)


def test_seeds_and_contexts_of_a_wrong_size_are_refused() -> None:
    with pytest.raises(Malformed):
        StageSecret(b"short", CONTEXT)
    with pytest.raises(Malformed):
        dataclasses.replace(CONTEXT, bid_id=b"x").hash()
    with pytest.raises(Malformed):
        dataclasses.replace(CONTEXT, setup=b"x").hash()
