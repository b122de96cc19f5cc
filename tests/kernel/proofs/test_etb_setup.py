"""setup.json: what a set-up must be before anything is sealed under it."""

import pytest
from sealed_lot import PUBLIC, altered, lot_setup

from kernel.proofs.envelope import kid
from kernel.proofs.errors import Malformed
from kernel.proofs.setup import build_setup, read_setup

GOOD = lot_setup().data
ALONE = lot_setup(mode="bidder-only").data
PK = PUBLIC["operator"][0].hex()
SMALL_ORDER = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"
ABOVE_THE_PRIME = "f0" + "ff" * 30 + "7f"


def test_a_set_up_knows_its_roles_stages_and_hash() -> None:
    setup = read_setup(GOOD)
    assert [(r.role, r.x, len(r.keys)) for r in setup.roles] == [
        ("operator", 1, 2),
        ("regulator", 2, 2),
        ("purchaser", 3, 2),
    ]
    assert setup.role("regulator").keys[0].pk == PUBLIC["regulator"][0]
    assert (setup.k, setup.mode, setup.data) == (3, "bidder", GOOD)


def test_a_later_stage_has_its_turn_after_the_report_and_is_the_only_one_spelled_so() -> None:
    setup = lot_setup(later=["price"])
    assert (setup.turn(""), setup.turn("ab" * 32)) == (["documents"], ["price"])
    assert read_setup(altered(setup.data, "stages", 0, "later", to=...)).data == GOOD
    assert (read_setup(GOOD).turn(""), read_setup(GOOD).turn("ab" * 32)) == (["price", "documents"], [])
    with pytest.raises(Malformed, match="none_first"):
        lot_setup(later=["price", "documents"])


def test_two_of_three_need_a_reason() -> None:
    keys = PUBLIC
    with pytest.raises(Malformed, match="reason_missing"):
        build_setup(mode="roles", tender="T", lot="1", keys=keys, k=2)
    assert read_setup(build_setup(mode="roles", tender="T", lot="1", keys=keys, k=2, reason="本省规定")).k == 2


@pytest.mark.parametrize(
    ("path", "to", "code"),
    [
        (("type",), "etb.setup/2", "bad_value"),
        (("suite",), 2, "bad_value"),
        (("suite",), True, "bad_value"),
        (("mode",), "open", "bad_value"),
        (("tender",), "", "bad_length"),
        (("lot",), "1\n2", "bad_text"),
        (("k",), 1, "bad_k"),
        (("k",), 0, "bad_k"),
        (("k",), 4, "bad_value"),
        (("k",), 2, "reason_missing"),
        (("extra",), 1, "unknown_member"),
        (("reason",), ..., "missing_member"),
        (("prev",), "abc", "bad_value"),
        (("rehearsal",), 0, "bad_value"),
        (("roles",), [], "bad_roles"),
        (("roles", 2), ..., "bad_roles"),
        (("roles", 0, "role"), "regulator", "bad_roles"),
        (("roles", 0, "x"), 2, "bad_roles"),
        (("roles", 0, "keys", 1), ..., "bad_count"),
        (("roles", 0, "keys", 0, "kid"), "00" * 8, "wrong_kid"),
        (("roles", 0, "keys", 0, "pk"), PK.upper(), "bad_value"),
        (("roles", 0, "keys", 0, "extra"), 1, "unknown_member"),
        (("roles", 1, "keys", 0), {"kid": kid(bytes.fromhex(PK)).hex(), "pk": PK}, "key_twice"),
        (("roles", 0, "keys", 0, "pk"), "00" * 32, "weak_key"),
        (("roles", 0, "keys", 0, "pk"), SMALL_ORDER, "weak_key"),
        (("roles", 0, "keys", 0, "pk"), ABOVE_THE_PRIME, "weak_key"),
        (("stages",), [], "bad_count"),
        (("stages", 1, "id"), "price", "stage_twice"),
        (("stages", 0, "id"), "../price", "bad_value"),
        (("stages", 0, "to"), "all", "bad_value"),
        (("stages", 0, "later"), False, "bad_value"),
        (("stages", 0, "later"), 1, "bad_value"),
    ],
)
def test_a_set_up_is_refused_when(path: tuple[str | int, ...], to: object, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_setup(altered(GOOD, *path, to=to))
    assert refused.value.code == code


@pytest.mark.parametrize(("member", "to"), [("k", 0), ("roles", [])])
def test_bidder_only_has_no_shares_at_all(member: str, to: object) -> None:
    assert read_setup(ALONE).roles == ()
    with_shares = altered(GOOD, "mode", to="bidder-only")
    with pytest.raises(Malformed, match="shares_forbidden"):
        read_setup(altered(with_shares, member, to=to))


def test_a_context_of_a_stage_that_is_not_in_the_set_up_is_refused() -> None:
    with pytest.raises(Malformed, match="unknown_stage"):
        read_setup(GOOD).context("b", "00" * 16, "technical", 1)
    with pytest.raises(Malformed, match="unknown_role"):
        read_setup(GOOD).role("auditor")
