"""attest, release, reveal and cure: exactly the close's list, in its order."""

from collections.abc import Callable
from typing import Any

import pytest
from sealed_lot import altered

from kernel.proofs import opening
from kernel.proofs.errors import Malformed

CLOSE, REPORT = "01" * 32, "02" * 32
BIDS = ["aa" * 32, "bb" * 32]
HEAD: dict[str, Any] = {"close": CLOSE, "stage": "price"}
OFFICER: dict[str, Any] = HEAD | {"role": "regulator", "kid": "00" * 8}
BIDDER: dict[str, Any] = HEAD | {"bidder": "91350100M000100Y43", "bid": BIDS[0]}

ATTEST = opening.build_attest(**OFFICER, verdicts={BIDS[0]: True, BIDS[1]: False})
RELEASE = opening.build_release(**OFFICER, shares={bid: bytes(32) for bid in BIDS}, report=REPORT)
REVEAL = opening.build_reveal(**BIDDER, seed=b"s" * 32)
CURE = opening.build_cure(**BIDDER, x=2, kid="00" * 8, y=b"y" * 32, key_material=b"k" * 32)

READERS: dict[str, tuple[bytes, Callable[..., Any], dict[str, Any]]] = {
    "attest": (ATTEST, opening.read_attest, HEAD | {"bids": BIDS}),
    "release": (RELEASE, opening.read_release, HEAD | {"bids": BIDS}),
    "reveal": (REVEAL, opening.read_reveal, HEAD),
    "cure": (CURE, opening.read_cure, HEAD),
}


def test_each_reads_back_what_was_said() -> None:
    attest = opening.read_attest(ATTEST, **HEAD, bids=BIDS)
    release = opening.read_release(RELEASE, **HEAD, bids=BIDS)
    reveal = opening.read_reveal(REVEAL, **HEAD)
    cure = opening.read_cure(CURE, **HEAD)
    assert (attest.role, list(attest.verdicts.items())) == ("regulator", [(BIDS[0], True), (BIDS[1], False)])
    assert (list(release.shares), release.report) == (BIDS, REPORT)
    assert (reveal.seed, reveal.bid, reveal.report) == (b"s" * 32, BIDS[0], "")
    assert (cure.x, cure.y, cure.key_material) == (2, b"y" * 32, b"k" * 32)


@pytest.mark.parametrize("kind", READERS)
def test_secrets_are_never_in_what_a_log_would_print(kind: str) -> None:
    data, read, context = READERS[kind]
    printed = repr(read(data, **context))
    assert "sss" not in printed
    assert "yyy" not in printed
    assert "kkk" not in printed
    assert "\\x00\\x00" not in printed


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(("member", "to"), [("close", "ff" * 32), ("stage", "documents")])
def test_one_about_another_close_or_stage_is_refused(kind: str, member: str, to: str) -> None:
    data, read, context = READERS[kind]
    with pytest.raises(Malformed, match="other_context"):
        read(altered(data, member, to=to), **context)


@pytest.mark.parametrize("kind", READERS)
def test_another_type_an_unknown_member_or_an_empty_report_is_refused(kind: str) -> None:
    data, read, context = READERS[kind]
    for member, to in (("type", "etb.other/1"), ("more", 1), ("report", "")):
        with pytest.raises(Malformed):
            read(altered(data, member, to=to), **context)


@pytest.mark.parametrize("kind", ["attest", "release"])
@pytest.mark.parametrize("bids", [BIDS[::-1], BIDS[:1], [*BIDS, "cc" * 32], [BIDS[0], "cc" * 32]])
def test_a_list_that_is_not_the_closes_is_refused_whole(kind: str, bids: list[str]) -> None:
    data, read, context = READERS[kind]
    with pytest.raises(Malformed, match="other_list"):
        read(data, **context | {"bids": bids})


def test_one_bid_named_twice_is_refused() -> None:
    twice = altered(ATTEST, "verdicts", 1, "bid", to=BIDS[0])
    with pytest.raises(Malformed, match="other_list"):
        opening.read_attest(twice, **HEAD, bids=BIDS)


def test_seeds_and_shares_of_another_size_are_refused() -> None:
    with pytest.raises(Malformed):
        opening.build_reveal(**BIDDER, seed=b"short")
    with pytest.raises(Malformed):
        opening.build_release(**OFFICER, shares={BIDS[0]: bytes(31)})
    with pytest.raises(Malformed):
        opening.build_attest(**OFFICER | {"role": "bidder"}, verdicts={BIDS[0]: True})
